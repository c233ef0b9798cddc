"""The stack data: Postgres, the Redis DBs, the bucket of files, and the secrets that open them."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT), str(ROOT / "app")]  # Pulumi starts this file in its own folder.

from infra.programs import data

data.program()
