"""The image is built, and runs as on Fargate: its root read-only, nobody's account, stopped by SIGTERM."""

import base64
import os
import signal
import socket
import subprocess
import tempfile
import urllib.request
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from celery import current_app
from django.db import transaction

from infra.render import services
from infra.settings import load
from schedules import broker
from tests.image import building
from tests.processes import wait_until
from tests.servers import statements

pytestmark = [
    pytest.mark.skipif(os.geteuid() != 0, reason="mounting an image takes root"),
    pytest.mark.skipif(bool(building.MISSING), reason=f"needs {' and '.join(building.MISSING)} (apt install)"),
    pytest.mark.timeout(900),
]

SERVERS = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "REDIS_RESULT_URL")
BOX = Path(__file__).with_name("box.sh")
#: Of what a task pulls before it starts. The base is 121 MB of it; whoever needs more says why.
LARGEST_MB = 340
QUEUE = "control"


@pytest.fixture(scope="session")
def image():
    """The image's root, mounted, and what its Dockerfile says about running it."""
    building.make_base()
    container = building.make_image()
    yield Path(building.buildah("mount", container)), building.configuration()
    building.buildah("rm", container)
    building.buildah("rmi", building.IMAGE)


@pytest.fixture(scope="session")
def variables(image, sandbox):
    """What a task of production is started with, but for the names of the servers."""
    production = services.variables(load("prod"), "files")
    secrets = {"SECRET_KEY": "s" * 50, "MATINS_IDENTITY_KEYS": base64.b64encode(bytes(range(64))).decode()}
    own = dict(variable.split("=", 1) for variable in image[1]["Env"])
    return own | production | secrets | {name: sandbox.env[name] for name in SERVERS} | {"MATINS_CANARY_S": "0.5"}


@pytest.fixture(scope="session")
def sockets(sandbox):
    """The folder of Postgres' socket, open to the image's user too."""
    folder = Path(unquote(urlsplit(sandbox.env["DATABASE_URL"]).hostname))
    folder.chmod(0o711)
    return folder


class Boxed:
    """A command of the image that runs."""

    def __init__(self, command, image, sockets, variables):
        (root, configuration), given = image, [f"{name}={value}" for name, value in variables.items()]
        self.user, self.signal = configuration["User"], signal.Signals[configuration["StopSignal"]]
        self.words = ["env", "-i", *given]
        where = [root, sockets, self.user, configuration["WorkingDir"]]
        self._log = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed by `clear`
        self.process = subprocess.Popen(
            ["unshare", "--mount", "--propagation", "private", BOX, *where, *given, *command],
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
        )

    @property
    def log(self):
        self._log.seek(0)
        return self._log.read()

    def ends(self, *, within_s=120):
        """Return the exit code."""
        try:
            return self.process.wait(within_s)
        except subprocess.TimeoutExpired:
            return f"still there after {within_s} s"

    def stop(self, *, within_s):
        """Ask it to end as ECS does, and return the exit code."""
        self.process.send_signal(self.signal)
        return self.ends(within_s=within_s)

    def execute(self, *command):
        """Run a command beside it, as ECS runs a health check; return the exit code."""
        user, group = self.user.split(":")
        inside = ["nsenter", "--target", str(self.process.pid), "--mount", "--root", "--wd"]
        account = ["--setuid", user, "--setgid", group]
        return subprocess.run([*inside, *account, *self.words, *command], check=False, capture_output=True).returncode

    def clear(self):
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        print(f"--- {self.process.args[-1]}\n{self.log[-6000:]}")  # Shown only when the test failed.
        self._log.close()


@pytest.fixture
def port():
    """A port that is free."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = taken.getsockname()[1]
    return str(number)


@pytest.fixture
def box(image, variables, sockets):
    """Return a function that starts a command of the image, which ends with the test."""
    started = []

    def start(*command, **more):
        started.append(Boxed(command, image, sockets, {**variables, **more}))
        return started[-1]

    yield start
    for boxed in started:
        boxed.clear()


def test_the_image_is_small(image):
    assert building.megabytes(image[0]) <= LARGEST_MB


def test_it_passes_djangos_checks_of_a_deployment(box, database):
    check = box("python", "manage.py", "check", "--deploy", "--fail-level", "ERROR")
    assert check.ends() == 0
    assert "System check identified" in check.log


def test_it_can_call_the_services_of_aws_that_it_needs(box):
    names = ("s3", "cloudwatch", "ecs")  # Files, and what the monitor tells and asks.
    caller = box("python", "-c", f"import boto3; [boto3.client(name, 'eu-west-1') for name in {names}]")
    assert (caller.ends(), caller.log) == (0, "")


def test_it_runs_as_nobody_and_writes_to_tmp_only(box):
    program = """
import os
print(os.getuid(), os.getgid())
for folder in ("/", "/srv/matins/app", "/files", "/etc", "/tmp"):
    try:
        open(f"{folder}/new", "w").close()
        print(folder)
    except OSError as error:
        print(folder, error.strerror)
"""
    writer = box("python", "-c", program)
    assert writer.ends() == 0
    assert writer.log.splitlines() == [
        "10001 10001",
        "/ Read-only file system",
        "/srv/matins/app Read-only file system",
        "/files Read-only file system",
        "/etc Read-only file system",
        "/tmp",
    ]


def test_beat_ticks_a_worker_answers_the_monitor_serves_and_all_end_when_told(box, night, port):
    beat, monitor, worker = box(*services.BEAT_COMMAND), box(*services.MONITOR_COMMAND, "--port", port), a_worker(box)
    wait_until(answered, what="a canary that beat sent and the worker answered")
    wait_until(lambda: monitor.execute(*services.answers(port)) == 0, what="the monitor to answer")
    assert [worker.execute(*services.lives("worker")), beat.execute(*services.lives("beat"))] == [0, 0]
    assert [worker.execute(*services.lives("beat")), beat.execute(*services.lives("worker"))] == [1, 1]
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as metrics:
        assert b"matins_canary" in metrics.read()
    assert beat.stop(within_s=services.BEAT_STOP_TIMEOUT_S) == 0
    assert monitor.stop(within_s=services.STOP_TIMEOUT_S) == 0
    assert worker.stop(within_s=services.STOP_TIMEOUT_S) == 0


def test_a_worker_gives_back_what_does_not_end_and_is_gone_before_it_is_killed(box, night):
    """A warm shutdown, which is what SIGTERM is to Celery otherwise, would wait for the row that this test holds."""
    from monitoring.models import Canary

    worker = a_worker(box, CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT="1")
    Canary.objects.create(queue=QUEUE, asked_at=datetime.now(UTC))
    with transaction.atomic():
        Canary.objects.select_for_update().get(queue=QUEUE)
        send_canary()
        wait_until(lambda: statements("UPDATE public.monitoring_canary"), what="the worker to wait for the row")
        assert waiting() == 0
        assert worker.stop(within_s=services.STOP_TIMEOUT_S) == 0
        assert waiting() == 1


def a_worker(box, **more):
    """Start a worker of one queue as its task definition does, and wait until it takes tasks."""
    variables = {**services.worker_variables(), "MATINS_WORKER_METRICS_PORT": "0", **more}
    worker = box(*services.worker_command(QUEUE, 1), **variables)
    wait_until(lambda: " ready." in worker.log or worker.process.poll() is not None, what="a worker to start")
    assert worker.process.poll() is None
    return worker


def answered():
    from monitoring.models import Canary

    return Canary.objects.filter(queue=QUEUE, done_at__isnull=False).exists()


def send_canary():
    from monitoring import canaries

    with broker.producer() as producer:
        current_app.send_task(
            canaries.TASK,
            [QUEUE, datetime.now(UTC).isoformat()],
            queue=canaries.list_of(QUEUE),
            producer=producer,
            ignore_result=True,
        )


def waiting():
    """Return how many canaries lie in the broker."""
    from monitoring import canaries

    with broker.producer() as producer:
        return broker.size(producer, canaries.list_of(QUEUE).name)
