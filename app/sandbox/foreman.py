"""Runs commands on the servers of the environment or else of the sandbox, and leaves none behind."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any

from sandbox import watchers
from sandbox.process import end
from sandbox.servers import APP_DIR, Sandbox

GIVEN = ("DATABASE_URL", "REDIS_URL")
ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
COLOURS = ("36", "33", "35", "32", "34", "31")
#: Where everything is served, unless that is taken or a variable says otherwise.
PORTS = {
    "web": ("PORT", 8000),
    "monitor": ("MATINS_MONITOR_PORT", 9464),
    "worker": ("MATINS_WORKER_METRICS_PORT", 9465),
    "prometheus": ("PROMETHEUS_PORT", 9090),
    "alertmanager": ("ALERTMANAGER_PORT", 9093),
}
# Of no use on a laptop or in a container, and ten lines long.
QUIET_ROOT = ("-W", "ignore:You're running the worker with superuser privileges")
PYTHON = sys.executable
MANAGE = (PYTHON, str(APP_DIR / "manage.py"))
#: What there is to see first.
PAGES = {"web": "/night/", "monitor": "/metrics", "worker": "/metrics"}

Child = subprocess.Popen[str]


def run(command: Sequence[str], *, data_dir: Path, fresh: bool) -> int:
    """Run one command on the servers and return its exit code; it gets the signals that this process gets."""
    with _servers(data_dir, fresh=fresh) as sandbox:
        child = _start(command, sandbox)
        for each in ENDINGS:
            signal.signal(each, lambda number, _: child.send_signal(number))
        code = child.wait()
        end([child.pid])
        return code


def dev(*, data_dir: Path) -> int:
    """Migrate, then run all that makes and watches the night until one of them ends or this process is told to."""
    data_dir, ports = data_dir.resolve(), choose_ports()
    own = {"MATINS_HEARTBEATS": str(data_dir / "heartbeats")}
    env = {variable: str(ports[name]) for name, (variable, _) in PORTS.items()} | own
    with _servers(data_dir, fresh=False) as sandbox:
        migration = _start([*MANAGE, "migrate"], sandbox, env)
        if code := migration.wait():
            return code
        _start([*MANAGE, "board_user", "dev", "--role", "administrator"], sandbox, env).wait()
        return _run_together(_commands(data_dir, ports), sandbox, env)


def _commands(data_dir: Path, ports: Mapping[str, int]) -> dict[str, list[str]]:
    """Return how to start each part, and say where it is to be found."""
    watching = watchers.commands(data_dir, ports)
    for name, port in ports.items():
        if name in watching or name not in watchers.PROGRAMS:
            print(f"{name:>12} : http://localhost:{port}{PAGES.get(name, '/')}", flush=True)
    return {
        "web": [PYTHON, "-m", "uvicorn", "config.asgi:application", "--port", str(ports["web"])],
        "worker": [PYTHON, *QUIET_ROOT, "-m", "celery", "-A", "config", "worker", "-l", "info"],
        "beat": [PYTHON, "-m", "celery", "-A", "config", "beat", "-l", "info"],
        "monitor": [*MANAGE, "serve_metrics", "--host", "127.0.0.1"],
        **watching,
    }


@contextmanager
def _servers(data_dir: Path, *, fresh: bool) -> Iterator[Sandbox | None]:
    """Run the sandbox for the block, or nothing where the environment names servers."""
    given = [name for name in GIVEN if name in os.environ]
    if len(given) == len(GIVEN):
        yield None
    elif given:
        raise SystemExit(f"{given[0]} is set; set both of {' and '.join(GIVEN)}, or neither to use the sandbox.")
    else:
        with Sandbox(data_dir, fresh=fresh) as sandbox:
            yield sandbox


def _start(
    command: Sequence[str], sandbox: Sandbox | None, env: Mapping[str, str] | None = None, **options: Any
) -> Child:
    """Start a command in a session of its own: Ctrl-C reaches this process only, which passes it on once."""
    env = {**os.environ, **(sandbox.env if sandbox else {}), **(env or {}), "PYTHONUNBUFFERED": "1"}
    child = subprocess.Popen(command, env=env, text=True, start_new_session=True, **options)
    if sandbox:
        sandbox.adopt(child.pid)
    return child


def _run_together(commands: dict[str, list[str]], sandbox: Sandbox | None, env: Mapping[str, str]) -> int:
    ended, told = threading.Event(), threading.Event()

    def finish(_: int, __: FrameType | None) -> None:
        told.set()
        ended.set()

    for each in ENDINGS:
        signal.signal(each, finish)
    piped = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "cwd": APP_DIR}
    children = {name: _start(command, sandbox, env, **piped) for name, command in commands.items()}
    relays = [
        threading.Thread(target=_relay, args=(child, f"{name:>12} | ", colour, ended))
        for (name, child), colour in zip(children.items(), COLOURS, strict=False)
    ]
    for relay in relays:
        relay.start()
    ended.wait()
    end(child.pid for child in children.values())
    for relay in relays:
        relay.join()
    return 0 if told.is_set() else 1


def _relay(child: Child, prefix: str, colour: str, ended: threading.Event) -> None:
    """Print a child's lines behind its coloured name until it ends."""
    if sys.stdout.isatty() and "NO_COLOR" not in os.environ:
        prefix = f"\x1b[{colour}m{prefix}\x1b[0m"
    for line in child.stdout or ():
        print(f"{prefix}{line}", end="", flush=True)
    print(f"{prefix}ended with exit code {child.wait()}", flush=True)
    ended.set()


def choose_ports() -> dict[str, int]:
    """Return where each part is served: where its variable says, else at its usual port, else at any free one."""
    chosen: dict[str, int] = {}
    for name, (variable, usual) in PORTS.items():
        chosen[name] = int(os.environ.get(variable) or _free_port(usual, taken=chosen.values()))
    return chosen


def _free_port(wanted: int, *, taken: Collection[int]) -> int:
    for port in (wanted, *[0] * (len(taken) + 1)):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            found = int(probe.getsockname()[1])
            if found not in taken:
                return found
    raise SystemExit(f"No free port in place of {wanted}.")
