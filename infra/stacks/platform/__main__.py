"""The stack platform: where images lie, services run and the internet reaches them."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT), str(ROOT / "app")]  # Pulumi starts this file in its own folder.

from infra.programs import platform

platform.program()
