"""The process's environment, read once: its variables and, on a laptop, those of the running sandbox."""

import os
from pathlib import Path

from environs import Env

ROOT = Path(__file__).resolve().parents[2]
# `make dev` and `make demo` keep their servers' data here and leave the addresses in a file, so that
# `manage.py windows` in a second terminal finds them. A deployment names its own and has no such file.
STATE_DIR = ROOT / ".matins"

env = Env()
if "DATABASE_URL" not in os.environ:
    env.read_env(str(STATE_DIR / "env"), recurse=False)
