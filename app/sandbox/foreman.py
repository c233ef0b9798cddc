"""Runs commands on the servers of the environment or else of the sandbox, and leaves none behind."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

from sandbox.process import dying_with_parent
from sandbox.servers import APP_DIR, Sandbox

GIVEN = ("DATABASE_URL", "REDIS_URL")
ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
STOP_TIMEOUT_S = 15
COLOURS = ("36", "33", "35", "32")
DEFAULT_PORT = 8000
# Of no use on a laptop or in a container, and ten lines long.
QUIET_ROOT = ("-W", "ignore:You're running the worker with superuser privileges")

Child = subprocess.Popen[str]


def run(command: Sequence[str], *, data_dir: Path, fresh: bool) -> int:
    """Run one command on the servers and return its exit code; it gets the signals that this process gets."""
    with _environment(data_dir, fresh=fresh) as env:
        child = _start(command, env)
        for each in ENDINGS:
            signal.signal(each, lambda number, _: child.send_signal(number))
        try:
            return child.wait()
        finally:
            _kill_group(child)


def dev(*, data_dir: Path, port: int | None) -> int:
    """Migrate, then run web, worker and beat together until one of them ends or this process is told to."""
    python = sys.executable
    port = port or _free_port(DEFAULT_PORT)
    commands = {
        "web": [python, "-m", "uvicorn", "config.asgi:application", "--port", str(port)],
        "worker": [python, *QUIET_ROOT, "-m", "celery", "-A", "config", "worker", "-l", "info"],
        "beat": [python, "-m", "celery", "-A", "config", "beat", "-l", "info"],
    }
    with _environment(data_dir, fresh=False) as env:
        subprocess.run([python, "manage.py", "migrate"], cwd=APP_DIR, env=env, check=True)
        return _run_together(commands, env)


@contextmanager
def _environment(data_dir: Path, *, fresh: bool) -> Iterator[dict[str, str]]:
    """Yield the environment for the commands: as given when it names servers, else with the sandbox's."""
    given = [name for name in GIVEN if name in os.environ]
    if len(given) == len(GIVEN):
        yield {**os.environ}
    elif given:
        raise SystemExit(f"{given[0]} is set; set both of {' and '.join(GIVEN)}, or neither to use the sandbox.")
    else:
        with Sandbox(data_dir, fresh=fresh) as sandbox:
            yield {**os.environ, **sandbox.env}


def _run_together(commands: dict[str, list[str]], env: dict[str, str]) -> int:
    ended, told = threading.Event(), threading.Event()

    def end(_: int, __: FrameType | None) -> None:
        told.set()
        ended.set()

    for each in ENDINGS:
        signal.signal(each, end)
    children = {name: _start(command, env, output=subprocess.PIPE) for name, command in commands.items()}
    relays = [
        threading.Thread(target=_relay, args=(child, f"{name:>6} | ", colour, ended))
        for (name, child), colour in zip(children.items(), COLOURS, strict=False)
    ]
    for relay in relays:
        relay.start()
    ended.wait()
    _stop(children)
    for relay in relays:
        relay.join()
    return 0 if told.is_set() else 1


def _start(command: Sequence[str], env: dict[str, str], *, output: int | None = None) -> Child:
    return subprocess.Popen(
        command,
        cwd=APP_DIR if output else None,
        env={**env, "PYTHONUNBUFFERED": "1"},
        stdout=output,
        stderr=subprocess.STDOUT if output else None,
        text=True,
        start_new_session=True,  # Ctrl-C reaches this process only, which passes it on once.
        preexec_fn=dying_with_parent,  # noqa: PLW1509 - children are started before the threads.
    )


def _relay(child: Child, prefix: str, colour: str, ended: threading.Event) -> None:
    """Print a child's lines behind its coloured name until it ends."""
    if sys.stdout.isatty() and "NO_COLOR" not in os.environ:
        prefix = f"\x1b[{colour}m{prefix}\x1b[0m"
    for line in child.stdout or ():
        print(f"{prefix}{line}", end="", flush=True)
    print(f"{prefix}ended with exit code {child.wait()}", flush=True)
    ended.set()


def _stop(children: dict[str, Child]) -> None:
    """Ask every child to end; kill what has not after a while, and whatever a child left behind."""
    for child in children.values():
        child.terminate()
    for child in children.values():
        with suppress(subprocess.TimeoutExpired):
            child.wait(STOP_TIMEOUT_S)
        _kill_group(child)


def _kill_group(child: Child) -> None:
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)


def _free_port(wanted: int) -> int:
    for port in (wanted, 0):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return int(probe.getsockname()[1])
    raise SystemExit("No free port for the web process.")
