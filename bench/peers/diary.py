"""Which body began, where and when: a file that processes of both sides append to, and that no rollback empties."""

import json
import os
import time
from pathlib import Path
from typing import Any


def write(who: str, **said: Any) -> None:
    """Add a line."""
    with Path(os.environ["PEERS_DIARY"]).open("a") as diary:
        diary.write(json.dumps({"who": who, "at": time.time(), **said}) + "\n")


def read(who: str) -> list[dict[str, Any]]:
    """Return the lines of somebody, in order."""
    path = Path(os.environ["PEERS_DIARY"])
    lines = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    return [line for line in lines if line["who"] == who]
