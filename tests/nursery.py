"""Forks the platform's processes from one that has imported everything: a start costs a third of a second, not three.

What is forked is an ordinary `celery`, `manage.py` or `uvicorn` in a session of its own. The nursery reads one order a
line from its standard input, answers with the new process's id, and when its caller is gone, however that ended, it
kills what it started. A process that ends by itself leaves its exit code beside its log.
"""

import importlib
import json
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

PROGRAMS = {
    "celery": ("celery.bin.celery", "main"),
    "manage.py": ("manage", "main"),
    "uvicorn": ("uvicorn", "main"),
}
PRELOADED = (
    "celery.apps.beat",
    "celery.apps.worker",
    "celery.backends.redis",
    "celery.bin.celery",
    "celery.concurrency.prefork",
    "celery.concurrency.solo",
    "celery.worker.consumer",
    "kombu.transport.redis",
    "schedules.beat",
)


def main():
    _preload()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # The kernel reaps them: whether one lives is asked by its id.
    started = []
    print("ready", flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _run(order["command"], order["log"], order["env"])
        started.append(pid)
        print(pid, flush=True)
    for pid in started:
        with suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)


def _preload():
    import django

    django.setup()
    from config.celery import app

    app.loader.import_default_modules()
    app.finalize()
    for name in PRELOADED:
        importlib.import_module(name)


def _run(command, log, env):
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    _set(env)
    null, file = os.open(os.devnull, os.O_RDONLY), os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    for source, target in ((null, 0), (file, 1), (file, 2)):
        os.dup2(source, target)
    code = 1
    try:
        code = _exit_code(command)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        Path(f"{log}.code").write_text(str(code))
        os._exit(code)


def _set(env):
    """Give a process settings of its own, of those that are read when they are used."""
    from django.conf import settings

    os.environ.update(env)
    read = importlib.reload(importlib.import_module(settings.SETTINGS_MODULE))
    for name in env:
        setattr(settings, name, getattr(read, name))


def _exit_code(command):
    module, function = PROGRAMS[command[0]]
    sys.argv = command
    try:
        getattr(importlib.import_module(module), function)()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


if __name__ == "__main__":
    main()
