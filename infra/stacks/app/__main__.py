"""The stack app: web, a worker for every queue, beat, the monitor, and the migrations before them."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT), str(ROOT / "app")]  # Pulumi starts this file in its own folder.

from infra.programs import app

app.program()
