"""The sandbox as its users see it: inside `with Sandbox(data_dir)`, Postgres and Valkey are running."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Self

import redis

APP_DIR = Path(__file__).resolve().parents[1]


class SandboxError(Exception):
    """The sandbox could not do what was asked; the message holds the server's own words."""


class Sandbox:
    """Postgres and Valkey of this machine's user, gone when the block ends or this process dies in any way.

    Args:
        data_dir: directory of data and logs, made when missing; what Postgres holds is found again next time.
        fresh: start without what is in `data_dir`.
        discard: delete `data_dir` at the end.

    Raises:
        SandboxError: if a server does not start.
    """

    def __init__(self, data_dir: Path, *, fresh: bool = False, discard: bool = False) -> None:
        self.data_dir = Path(data_dir).resolve()
        self.options = [*["--fresh"] * fresh, *["--discard"] * discard]
        #: The variables that lead settings to the servers: DATABASE_URL, REDIS_URL, ….
        self.env: dict[str, str] = {}
        self._keeper: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> None:
        """Start both servers and fill `env`."""
        self.data_dir.mkdir(parents=True, exist_ok=True)
        self._keeper = subprocess.Popen(
            [sys.executable, "-m", "sandbox.keeper", str(self.data_dir), *self.options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
            cwd=APP_DIR,
            env={**os.environ, "PYTHONPATH": str(APP_DIR)},
        )
        try:
            self.env = self._answer()["env"]
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Stop both servers and wait until they are gone."""
        if self._keeper is not None:
            self._keeper.communicate()
            self._keeper = None

    def adopt(self, leader: int) -> None:
        """Have the session of this leader end with the sandbox, before its servers do."""
        self._ask(f"adopt {leader}")

    def stop_postgres(self, mode: str = "fast") -> None:
        """Stop Postgres: `fast` as an operator does, `immediate` as a crash."""
        self._ask(f"stop postgres {mode}")

    def start_postgres(self) -> None:
        """Start Postgres again, at the same address."""
        self._ask("start postgres")

    def restart_postgres(self, mode: str = "fast") -> None:
        """Stop Postgres in the given mode and start it again."""
        self.stop_postgres(mode)
        self.start_postgres()

    def stop_broker(self) -> None:
        """Stop Valkey; the messages and results in it are lost."""
        self._ask("stop broker")

    def start_broker(self) -> None:
        """Start Valkey again, empty, at the same address."""
        self._ask("start broker")

    def restart_broker(self) -> None:
        """Stop Valkey and start it again."""
        self.stop_broker()
        self.start_broker()

    def flush_broker(self) -> None:
        """Delete every message from the broker; results stay."""
        with redis.Redis.from_url(self.env["REDIS_URL"]) as client:
            client.flushdb()

    def _ask(self, command: str) -> None:
        if self._keeper is None or self._keeper.stdin is None:
            raise SandboxError("The sandbox is not running.")
        self._keeper.stdin.write(f"{command}\n")
        self._keeper.stdin.flush()
        self._answer()

    def _answer(self) -> dict[str, Any]:
        line = self._keeper.stdout.readline() if self._keeper and self._keeper.stdout else ""
        answer: dict[str, Any] = json.loads(line or '{"error": "The sandbox ended unexpectedly."}')
        if "error" in answer:
            raise SandboxError(answer["error"])
        return answer
