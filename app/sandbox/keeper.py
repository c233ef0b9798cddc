"""The process that owns the servers and ends with its caller: the pipe between them closes, all is stopped.

One way out serves every ending: a caller that returns, is interrupted, terminated or killed closes its end of
the pipe, be it by dying. The keeper itself is in a session of its own, where no Ctrl-C reaches it.
"""

import fcntl
import json
import shlex
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol

from sandbox import root
from sandbox.postgres import APP, OWNER, Postgres
from sandbox.process import end
from sandbox.valkey import BROKER_DB, RESULTS_DB, Valkey

LOCK_TIMEOUT_S = 15


class Server(Protocol):
    """What the keeper asks of a server."""

    def start(self) -> None: ...
    def stop(self) -> None: ...


def keep(data_dir: Path, *, fresh: bool, discard: bool) -> None:
    """Run the servers on `data_dir` until standard input ends, and obey its lines.

    They are `start NAME`, `stop NAME [MODE]`, and `adopt PID` of a session that has to end before the servers
    do. The answers are lines of JSON: first `{"env": {…}}`, then for every line `{}` or `{"error": "…"}`.

    Args:
        data_dir: where data, logs and the variables of `env` are.
        fresh: delete what an earlier sandbox left there.
        discard: delete `data_dir` at the end.
    """
    # TMPDIR may be too long for a socket's path or, for root, closed to the account Postgres runs as.
    with tempfile.TemporaryDirectory(prefix="matins-", dir="/tmp") as socket_dir, _locked(data_dir / "lock"):
        if fresh:
            _forget(data_dir)
        postgres = Postgres(data_dir / "postgres", Path(socket_dir), data_dir / "postgres.log")
        valkey = Valkey(data_dir / "valkey.log")
        adopted: list[int] = []
        try:
            postgres.start()
            valkey.start()
            env = _env(postgres, valkey, data_dir)
            with _published(env, data_dir / "env"):
                _answer(env=env)
                _obey({"postgres": postgres, "broker": valkey}, adopted)
        finally:
            end(adopted)
            valkey.stop()
            postgres.stop()
            if discard:
                _forget(data_dir)
                shutil.rmtree(data_dir, ignore_errors=True)


def _forget(data_dir: Path) -> None:
    root.discard(data_dir / "postgres")
    shutil.rmtree(data_dir / "files", ignore_errors=True)
    (data_dir / "clock").unlink(missing_ok=True)


def _obey(servers: dict[str, Server], adopted: list[int]) -> None:
    for line in sys.stdin:
        verb, name, *arguments = line.split()
        try:
            if verb == "adopt":
                adopted.append(int(name))
            else:
                getattr(servers[name], verb)(*arguments)
        except Exception as error:  # The caller raises it.
            _answer(error=str(error))
        else:
            _answer()


def _env(postgres: Postgres, valkey: Valkey, data_dir: Path) -> dict[str, str]:
    return {
        "DATABASE_URL": postgres.url(APP),
        "DATABASE_OWNER_URL": postgres.url(OWNER),
        "REDIS_URL": valkey.url(BROKER_DB),
        "REDIS_RESULT_URL": valkey.url(RESULTS_DB),
        "MATINS_SANDBOX": "1",
        "MATINS_CLOCK_FILE": str(data_dir / "clock"),  # While nobody writes it, the time is the real one.
        "MATINS_FILES": str(data_dir / "files"),
    }


@contextmanager
def _published(env: dict[str, str], path: Path) -> Iterator[None]:
    """Leave the variables in a file for a second terminal, for as long as the servers run."""
    path.write_text("".join(f"{name}={shlex.quote(value)}\n" for name, value in env.items()))
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def _answer(**facts: object) -> None:
    print(json.dumps(facts), flush=True)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold the data directory; a sandbox that is just ending is waited for."""
    with path.open("w") as lock:
        give_up = time.monotonic() + LOCK_TIMEOUT_S
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > give_up:
                    raise RuntimeError(f"Another sandbox runs on {path.parent}; stop it first.") from None
                time.sleep(0.1)
            else:
                yield
                return


def main(data_dir: str, *options: str) -> None:
    """Keep servers until the caller is gone; report as an answer why they could not start."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        keep(Path(data_dir), fresh="--fresh" in options, discard="--discard" in options)
    except Exception as error:  # The caller raises it, if it still lives.
        with suppress(BrokenPipeError):
            _answer(error=str(error))


if __name__ == "__main__":
    main(*sys.argv[1:])
