"""A migrated Postgres that each session begins with a copy of: to migrate takes longer than most files of tests."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sandbox import root
from sandbox.servers import Sandbox

REPOSITORY = Path(__file__).resolve().parents[1]
KEPT = REPOSITORY / ".matins" / "tests"

#: What decides on the outcome of `migrate`; a change in any of it makes another pattern.
SOURCES = ("app/**/*.py", "tests/nightjobs/**/*.py", "tests/pattern.py", "uv.lock")


def copy_into(data_dir: Path) -> None:
    """Put a migrated Postgres where the sandbox of `data_dir` looks for its own; make the pattern if there is none."""
    home = root.reachable(data_dir / "postgres")
    with _alone():
        pattern = KEPT / _fingerprint()
        if not pattern.exists():
            _make(pattern)
        shutil.copytree(pattern, home / "data")
    root.hand_over(home, account=root.account(home))


def environment(scratch: Path) -> dict[str, str]:
    """Return the variables with which the tests' processes read their settings, as the owner of the database."""
    return {
        "MATINS_ENV": "test",
        "MATINS_DB_ROLE": "owner",
        "MATINS_CLOCK_FILE": str(scratch / "clock"),
        "MATINS_FILES": str(scratch / "files"),
        "MATINS_HEARTBEATS": str(scratch / "heartbeats"),
        "MATINS_EXTRA_APPS": "tests.nightjobs",
        "MATINS_CATALOG": "tests.nightjobs.catalog.NIGHTLY",
        "MATINS_TEST_ORDERS": str(scratch / "orders"),
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }


@contextmanager
def _alone() -> Iterator[None]:
    """Let one session at a time look for a pattern: what one makes, the others wait for."""
    KEPT.mkdir(parents=True, exist_ok=True)
    with (KEPT / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _fingerprint() -> str:
    known = hashlib.sha256()
    for path in sorted(path for source in SOURCES for path in REPOSITORY.glob(source)):
        known.update(f"{path.relative_to(REPOSITORY)} {path.stat().st_size}\n".encode())
        known.update(path.read_bytes())
    return known.hexdigest()[:16]


def _make(pattern: Path) -> None:
    """Migrate a new Postgres in a process whose settings lead to it, and keep its files once it has stopped."""
    for outdated in KEPT.glob("*/"):
        shutil.rmtree(outdated)
    with tempfile.TemporaryDirectory(prefix="matins-tests-") as scratch:
        try:
            with Sandbox(Path(scratch)) as servers:
                _migrate({**os.environ, **environment(Path(scratch)), **servers.env})
            shutil.copytree(Path(scratch, "postgres", "data"), unfinished := pattern.with_suffix(".new"))
        finally:
            root.discard(Path(scratch, "postgres"))
    unfinished.rename(pattern)


def _migrate(env: dict[str, str]) -> None:
    env["PYTHONPATH"] = os.pathsep.join([str(REPOSITORY / "app"), str(REPOSITORY)])
    manage = REPOSITORY / "app" / "manage.py"
    subprocess.run([sys.executable, str(manage), "migrate", "--verbosity=0"], env=env, check=True)
