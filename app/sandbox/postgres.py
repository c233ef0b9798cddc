"""The embedded Postgres: made once per data directory, started, stopped, crashed on request."""

import shutil
import signal
import subprocess
import time
from pathlib import Path
from urllib.parse import quote

import psycopg

from sandbox import root
from sandbox.process import dying_with_parent

SUPERUSER = "postgres"
OWNER, APP, DATABASE = "matins_owner", "matins_app", "matins"
PORT = 5432  # Of the socket's name; said everywhere, because PGPORT may say something else.
START_TIMEOUT_S = STOP_TIMEOUT_S = 60
STOP_SIGNALS = {"fast": signal.SIGINT, "immediate": signal.SIGQUIT}

CONFIGURATION = {
    "listen_addresses": "",  # The Unix socket only: no port to be taken, nothing on the network.
    "port": str(PORT),
    "max_connections": "120",
    "max_locks_per_transaction": "512",  # A transaction over many tenants locks tenants x tables.
    "shared_buffers": "256MB",
    "max_wal_size": "4GB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "jit": "off",  # The night's statements are many and short; compiling them costs more than it saves.
    # fsync and synchronous_commit keep their defaults: what the demo proves about crashes must be true.
}

# One statement a line: the input of `postgres --single`. Nobody but the two roles may connect; what the
# app role may do in the database is granted by the migrations.
BOOTSTRAP = f"""\
CREATE ROLE {OWNER} LOGIN;
CREATE ROLE {APP} LOGIN;
CREATE DATABASE {DATABASE} OWNER {OWNER};
REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC;
GRANT CONNECT ON DATABASE {DATABASE} TO {APP};
"""


class Postgres:
    """One Postgres server on a Unix socket.

    Args:
        home: directory of the data (and, as root, a link to it); made when missing.
        socket_dir: short directory for the socket: its whole path may have 107 bytes (103 on macOS).
        log: file that takes the server's messages.
    """

    def __init__(self, home: Path, socket_dir: Path, log: Path) -> None:
        self.home = root.reachable(home)
        self.account = root.account(self.home)
        self.programs = root.programs(self.home)
        self.data = self.home / "data"
        self.socket_dir = socket_dir
        self.log = log
        self._server: subprocess.Popen[bytes] | None = None
        root.hand_over(socket_dir, account=self.account)

    def url(self, role: str) -> str:
        """Return the database's URL for `role`; the socket's directory stands percent-encoded as the host."""
        return f"postgresql://{role}@{quote(str(self.socket_dir), safe='')}:{PORT}/{DATABASE}"

    def start(self) -> None:
        """Start the server and wait until it answers; the first time, make the cluster and the database.

        Raises:
            RuntimeError: if the server ends or does not answer; the message holds the end of its log.
        """
        if not self.data.exists():
            self._make_cluster()
        settings = {**CONFIGURATION, "unix_socket_directories": str(self.socket_dir)}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        with self.log.open("ab") as log:
            self._server = subprocess.Popen(
                [self.programs / "postgres", "-D", self.data, *options],
                cwd=self.home,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=dying_with_parent,  # noqa: PLW1509 - the keeper has no threads.
                **self.account,
            )
        self._wait_until_it_answers()

    def stop(self, mode: str = "fast") -> None:
        """Stop the server if it runs: `fast` rolls back and ends cleanly, `immediate` is a crash."""
        if self._server is None:
            return
        self._server.send_signal(STOP_SIGNALS[mode])
        try:
            self._server.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._server.kill()
            self._server.wait()
        self._server = None

    def _make_cluster(self) -> None:
        """Make the data directory with roles and database aside, so that what exists is always whole."""
        aside = self.home / "data.new"
        shutil.rmtree(aside, ignore_errors=True)
        self._run("initdb", "-D", aside, "-U", SUPERUSER, "--auth=trust", "--encoding=UTF8", "--no-locale")
        self._run("postgres", "--single", "-D", aside, "-c", "exit_on_error=on", SUPERUSER, input=BOOTSTRAP)
        aside.rename(self.data)

    def _run(self, program: str, *words: str | Path, input: str = "") -> None:  # noqa: A002 - subprocess's name.
        done = subprocess.run(
            [self.programs / program, *words],
            input=input,
            cwd=self.home,
            capture_output=True,
            text=True,
            check=False,
            **self.account,
        )
        if done.returncode:
            raise RuntimeError(f"Postgres's {program} failed in {self.home}:\n{done.stdout}{done.stderr}")

    def _wait_until_it_answers(self) -> None:
        give_up = time.monotonic() + START_TIMEOUT_S
        while True:
            try:
                psycopg.connect(self.url(OWNER)).close()
            except psycopg.OperationalError as error:
                if self._server is None or self._server.poll() is not None or time.monotonic() > give_up:
                    raise RuntimeError(f"Postgres did not start: {error}\n{_tail(self.log)}") from error
                time.sleep(0.02)
            else:
                return


def _tail(log: Path) -> str:
    return log.read_text(errors="replace")[-2000:]
