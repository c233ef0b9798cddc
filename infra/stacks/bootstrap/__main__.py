"""The stack bootstrap: the bucket of the state, its key, and the role of the CI."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT), str(ROOT / "app")]  # Pulumi starts this file in its own folder.

from infra.programs import bootstrap

bootstrap.program()
