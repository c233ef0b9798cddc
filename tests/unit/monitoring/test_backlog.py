"""What waits per task is told to CloudWatch: figures that are known, by what runs, and never a guess."""

import json
import logging
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import SimpleNamespace

import pytest
from django.conf import settings

from monitoring.backlog import Backlog
from monitoring.queues import QueueReading
from monitoring.serving import Monitor
from monitoring.watch import Look


class Amazon(ThreadingHTTPServer):
    """Answers as ECS and CloudWatch do over HTTP, and keeps what it was told."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Desk)
        self.running, self.told, self.status = {}, [], 200


class Desk(BaseHTTPRequestHandler):
    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        operation = self.headers["X-Amz-Target"].partition(".")[2]
        answer = {"DescribeServices": self._describe, "PutMetricData": self._put}[operation](asked)
        content = json.dumps(answer).encode()
        self.send_response(self.server.status)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _describe(self, asked):
        if self.server.status != 200:
            return {"__type": "AccessDeniedException", "message": "not you\nnor anybody"}
        found = [name for name in asked["services"] if name in self.server.running]
        return {"services": [{"serviceName": name, "runningCount": self.server.running[name]} for name in found]}

    def _put(self, asked):
        self.server.told.append(asked)
        return {}

    def log_message(self, *args):
        """Log nothing."""


@pytest.fixture
def amazon(monkeypatch):
    server = Amazon()
    Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setattr(settings, "MATINS_CLOUDWATCH_ENVIRONMENT", "prod")
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
    for name, value in {
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "a",
        "AWS_SECRET_ACCESS_KEY": "b",
    }.items():
        monkeypatch.setenv(name, value)
    yield server
    server.shutdown()
    server.server_close()


def backlog(*readings, ago_s=0):
    found = [QueueReading(queue=queue, messages=waits, unacked=held, oldest_s=0) for queue, waits, held in readings]
    return Backlog(SimpleNamespace(last=Look(found=found, began=time.monotonic() - ago_s, took_s=0)))


def figures(amazon):
    """Return the figures of the only message, by queue."""
    (told,) = amazon.told
    assert told["Namespace"] == "Matins"
    assert {it["MetricName"] for it in told["MetricData"]} == {"BacklogPerTask"}
    named = [{one["Name"]: one["Value"] for one in it["Dimensions"]} for it in told["MetricData"]]
    assert {names["Environment"] for names in named} == {"prod"}
    return {names["Queue"]: it["Value"] for names, it in zip(named, told["MetricData"], strict=True)}


def test_what_waits_and_what_is_in_hand_is_told_per_running_task_zeros_too(amazon):
    amazon.running = {"matins-prod-worker-money": 4, "matins-prod-worker-casework": 2}
    backlog(("money", 90, 10), ("casework", 0, 0)).tell()
    assert figures(amazon) == {"money": 25, "casework": 0}


def test_where_no_task_runs_all_of_it_waits_for_the_first(amazon):
    amazon.running = {"matins-prod-worker-money": 0}
    backlog(("money", 7, 0), ("letters", 3, 0)).tell()
    assert figures(amazon) == {"money": 7, "letters": 3}


def test_more_queues_than_ecs_describes_at_a_time_are_all_told(amazon):
    names = [f"q{number}" for number in range(11)]
    amazon.running = {f"matins-prod-worker-{name}": 2 for name in names}
    backlog(*((name, 4, 0) for name in names)).tell()
    assert figures(amazon) == dict.fromkeys(names, 2)


@pytest.mark.parametrize(("reading", "ago_s"), [(("money", None, None), 0), (("money", 5, 0), 31)])
def test_what_is_not_known_is_not_told_so_that_silence_raises_the_alarm(amazon, reading, ago_s):
    backlog(reading, ago_s=ago_s).tell()
    assert amazon.told == []


def test_before_the_first_look_nothing_is_told(amazon):
    Backlog(SimpleNamespace(last=None)).tell()
    assert amazon.told == []


def test_an_amazon_that_refuses_is_counted_and_logged_in_one_line(amazon, caplog):
    amazon.status = 400
    one = backlog(("money", 5, 0))
    with caplog.at_level(logging.WARNING):
        one.tell()
    assert one.errors == 1
    (line,) = caplog.messages
    assert line.startswith("CloudWatch was not told what waits; workers stay as many as they are: ")
    assert "\n" not in line


@pytest.mark.parametrize(("environment", "is_wanted"), [("", False), ("dev", True)])
def test_only_a_named_deployment_wants_it(monkeypatch, environment, is_wanted):
    monkeypatch.setattr(settings, "MATINS_CLOUDWATCH_ENVIRONMENT", environment)
    assert backlog().is_wanted is is_wanted


def test_the_monitor_tells_it_beside_its_other_watches_and_is_unwell_without_it(monkeypatch):
    names = {}
    for environment in ("", "prod"):
        monkeypatch.setattr(settings, "MATINS_CLOUDWATCH_ENVIRONMENT", environment)
        names[environment] = [watch.name for watch in Monitor().watches]
    assert names == {"": ["monitoring.reading", "monitoring.queues"], "prod": [*names[""], "monitoring.backlog"]}
