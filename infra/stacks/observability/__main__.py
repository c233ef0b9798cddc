"""The stack observability: metrics and alerts, who is told, who may look, and alarms for when none of it works."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT), str(ROOT / "app")]  # Pulumi starts this file in its own folder.

from infra.programs import observability

observability.program()
