"""A web process of its own, as production starts it, for whoever comes from outside."""

import socket
import urllib.error
import urllib.request
from contextlib import contextmanager

from tests.processes import Process, wait_until


@contextmanager
def web(env):
    """Start uvicorn on a free port; yield its address, and what it has said so far as a function."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
    process = Process("uvicorn", "config.asgi:application", "--port", port, env=env)
    address = f"http://localhost:{port}"
    try:
        wait_until(lambda: _answers(address) or not process.is_alive, what="uvicorn to answer", process=process)
        assert process.is_alive, process.log.read_text()
        yield address, process.log.read_text
    finally:
        process.stop()


def _answers(address):
    try:
        with urllib.request.urlopen(f"{address}/healthz", timeout=1):
            return True
    except (urllib.error.URLError, OSError):
        return False
