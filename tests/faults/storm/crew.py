"""The platform's processes in a storm: three beats, four workers, a monitor; killed, and started again at once."""

import socket
from functools import partial

from tests.faults.storm.effects import DIARY
from tests.faults.storm.sabotage import VARIABLE
from tests.processes import Process, wait_until
from tests.stage import FAST

BEATS, WORKERS = 3, 4
#: The beat with a clock of its own.
SKEWED = f"beat-{BEATS}"
START_TIMEOUT_S = 120
#: What each kind says when it is.
_AT_WORK = {"beat": "beat: Starting", "worker": " ready.", "monitor": "Serving"}
_NO_POINTS = {name: value for name, value in FAST.items() if name != "MATINS_TEST_POINTS"}


class Crew:
    """The processes, by name.

    Args:
        plan: the storm.
        env: what leads them to their servers.
    """

    def __init__(self, plan, env):
        self._plan, self._logs = plan, plan.folder / "logs"
        self._logs.mkdir(parents=True, exist_ok=True)
        self.port = _free_port()
        self.diary, self.skewed_clock = plan.folder / "diary", plan.folder / "skewed-clock"
        self._env = {
            **env,
            **_NO_POINTS,
            "MATINS_DB_ROLE": "app",
            "MATINS_CATALOG": "schedules.catalog.CATALOG",
            "MATINS_EXTRA_APPS": ",".join(filter(None, [env.get("MATINS_EXTRA_APPS"), "tests.faults.storm"])),
            "MATINS_SCAN_S": "1",
            "MATINS_CANARY_S": "5",
            DIARY: str(self.diary),
            VARIABLE: plan.sabotage,
        }
        self.beats = [f"beat-{number}" for number in range(1, BEATS + 1)]
        self.workers = [f"worker-{number}" for number in range(1, WORKERS + 1)]
        self.processes = {}
        self._said = {}
        #: Those found dead that nobody had killed.
        self.died = []

    def start(self):
        """Start all of them, and wait until they are at work."""
        for name in (*self.beats, *self.workers, "monitor"):
            self._start(name)
        self.wait_until_whole()

    def wait_until_whole(self):
        """Wait until every process is at work."""
        for name, process in self.processes.items():
            wait_until(partial(self._is_at_work, name), what=name, timeout_s=START_TIMEOUT_S, process=process)

    def _is_at_work(self, name):
        """Return whether a process has said so since it was started last."""
        said = self.processes[name].log.read_text()[self._said[name] :]
        return _AT_WORK[name.partition("-")[0]] in said

    def kill(self, name):
        """SIGKILL a process and its children, and start another in its place."""
        self.processes[name].kill()
        self._start(name)

    def relieve(self):
        """Start again whatever has died by itself, and remember it."""
        for name, process in self.processes.items():
            if not process.is_alive:
                self.died.append(name)
                self._start(name)

    def stop(self):
        """End all of them; they have been through worse."""
        for process in self.processes.values():
            process.kill()

    def _start(self, name):
        kind = name.partition("-")[0]
        words = {
            "beat": ("celery", "-A", "config", "beat", "-l", "info"),
            "worker": ("celery", "-A", "config", "worker", "-l", "info", "-c", "2", "-n", f"{name}@storm"),
            "monitor": ("manage.py", "serve_metrics", "--host", "127.0.0.1", "--port", str(self.port)),
        }[kind]
        own = {"MATINS_CLOCK_FILE": str(self.skewed_clock)} if name == SKEWED else {}
        log = self._logs / f"{name}.log"
        log.touch()
        self._said[name] = len(log.read_text())
        self.processes[name] = Process(*words, env={**self._env, **own}, log=log)


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
