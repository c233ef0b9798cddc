"""The real Prometheus, Alertmanager and monitor over a staged night, and an inbox that keeps what they tell.

The rules and the routing are the committed ones, rendered again with all durations shortened; nothing else differs.
"""

import json
import os
import re
import subprocess
import threading
import time
import urllib.request
from contextlib import suppress
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.error import URLError
from urllib.parse import urlencode

import yaml

from ops.alerts.rendering import MESSAGE, alertmanager_text, rules_text
from ops.alerts.thresholds import load
from tests import stage
from tests.ops.tools import free_port
from tests.processes import manage, wait_until
from tests.stage import FAST

#: Two minutes are nine seconds: a monitor that restarts on a busy machine is back before it counts as gone.
FACTOR = float(os.environ.get("MATINS_E2E_FACTOR", "0.075"))
#: Most of a watched night is waiting, which costs as much as is asked meanwhile.
UNHURRIED = {"MATINS_SCAN_S": "0.3", "MATINS_TICK_S": "0.6", "MATINS_RECONCILE_S": "1.2"}
ASK_S = 0.3
#: Nothing takes so long, on however busy a machine.
LONG_S = 240


class Inbox:
    """A receiver of Alertmanager's messages, by the name of the receiver they were meant for."""

    def __init__(self):
        self.messages = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def url(self, receiver):
        return f"http://127.0.0.1:{self._server.server_port}/{receiver}"

    def receivers(self):
        """Return the file of receivers: everybody is told here."""
        told = [
            {"name": name, "webhook_configs": [{"url": self.url(name), "send_resolved": name == "pager"}]}
            for name in ("pager", "chat", "deadman")
        ]
        return yaml.safe_dump({"receivers": [*told, {"name": "silent"}]})

    def firing(self, receiver):
        """Return the messages that told a receiver of something wrong, in order."""
        return [m for name, m in self.messages if name == receiver and m["status"] == "firing"]

    def close(self):
        self._server.shutdown()
        self._server.server_close()

    def _handler(self):
        messages = self.messages

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                messages.append((self.path.strip("/"), json.loads(body)))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_):
                pass

        return Handler


class Observatory:
    """All that watches a night.

    Args:
        directory: for data, configuration and logs.
        env: the environment of the platform's own processes.
    """

    def __init__(self, directory, env):
        self.directory = directory
        self.env = {**env, **FAST, **UNHURRIED, "MATINS_CANARY_S": str(60 * FACTOR)}
        self.thresholds = load(factor=FACTOR)
        self.inbox = Inbox()
        self.ports = {name: free_port() for name in ("monitor", "prometheus", "alertmanager")}
        self.processes = {}

    def open(self):
        self.start_monitor()
        self._start_alertmanager()
        self._start_prometheus()
        self.wait(lambda: self.inbox.firing("deadman"), what="the watchdog to be heard")

    def close(self):
        for name in list(self.processes):
            self.kill(name)
        self.inbox.close()

    def kill(self, name):
        process = self.processes.pop(name)
        process.kill()
        process.wait()

    def stop(self, name):
        """Ask a process to end, as a deployment does."""
        process = self.processes.pop(name)
        process.terminate()
        process.wait()

    def start_monitor(self):
        """Start the monitor, and wait until it has looked once."""
        address = ("--host=127.0.0.1", f"--port={self.ports['monitor']}")
        self.processes["monitor"] = manage("serve_metrics", *address, env=self.env, log=self.directory / "monitor.log")
        self.wait(lambda: self._answers("monitor", "/readyz"), what="the monitor to be ready")

    def at(self, *when, **more):
        """Set the business clock once the monitor has seen all that has happened; to an older scan it would be late."""
        now = time.time()
        scanned = re.compile(r"^matins_scan_timestamp_seconds (\S+)$", re.MULTILINE)
        if "monitor" in self.processes:
            self.wait(lambda: float(scanned.search(self.metrics())[1]) > now, what="a scan")
        stage.at(*when, **more)

    def metrics(self):
        """Return what the monitor serves now."""
        return self._read("monitor", "/metrics").decode()

    def firing(self):
        """Return the alerts that Prometheus holds for firing, silenced or not, without those that always do."""
        alerts = json.loads(self._read("prometheus", "/api/v1/alerts"))["data"]["alerts"]
        return sorted(
            a["labels"]["alertname"]
            for a in alerts
            if a["state"] == "firing" and a["labels"]["alertname"] not in {"Watchdog", "CatchingUp"}
        )

    def fired(self):
        """Return the alerts that have fired at any time, told or not, without those that always do."""
        query = 'group by (alertname) (max_over_time(ALERTS{alertstate="firing",alertname!="Watchdog"}[1h]))'
        found = json.loads(self._read("prometheus", f"/api/v1/query?{urlencode({'query': query})}"))["data"]["result"]
        return sorted(one["metric"]["alertname"] for one in found)

    def pages(self):
        """Return what woke somebody: the name in each message of the pager, in order."""
        return [m["commonLabels"].get("alertname") for m in self.inbox.firing("pager")]

    def tickets(self):
        return [m["commonLabels"].get("alertname") for m in self.inbox.firing("chat")]

    def wait_for_page(self, name):
        self.wait(lambda: name in self.pages(), what=f"a page of {name}")

    def wait_until_calm(self):
        """Wait until nothing fires any more, and for as long again as a late message would take."""
        self.wait(lambda: self.firing() == [], what="all alerts to end")
        self.let_pass(2 * self.thresholds.routing.interval.seconds / 10)

    def let_pass(self, seconds):
        """Let so much time pass, and the rules be judged after it."""
        until = time.time() + seconds
        self.wait(lambda: self._judged_at() >= until, what="the rules to be judged", timeout_s=LONG_S + seconds)

    def wait(self, condition, *, what, timeout_s=LONG_S):
        try:
            wait_until(condition, what=what, timeout_s=timeout_s, every_s=ASK_S)
        except AssertionError as error:
            told = f"Pages: {self.pages()}. Firing: {self._try_firing()}"
            raise AssertionError(f"{error}\n{told}\n{self.logs()}") from None

    def logs(self):
        return "\n".join(f"--- {path.name}\n{path.read_text()[-2000:]}" for path in self.directory.glob("*.log"))

    def _try_firing(self):
        with suppress(OSError):
            return self.firing()
        return "unknown"

    def _judged_at(self):
        """Return when Prometheus last judged the rules of the night."""
        groups = json.loads(self._read("prometheus", "/api/v1/rules?type=record"))["data"]["groups"]
        judged = next(group["lastEvaluation"] for group in groups if group["name"] == "matins-night")
        return datetime.fromisoformat(judged).timestamp()

    def _start(self, name, command, **options):
        log = (self.directory / f"{name}.log").open("a")
        self.processes[name] = subprocess.Popen(command, stdout=log, stderr=log, env=self.env, **options)
        log.close()

    def _start_alertmanager(self):
        receivers = self.directory / "receivers.yml"
        receivers.write_text(self.inbox.receivers())
        (self.directory / MESSAGE.name).write_text(MESSAGE.read_text())
        config = self.directory / "alertmanager.yml"
        config.write_text(alertmanager_text(self.thresholds, receivers=receivers))
        listen = f"--web.listen-address=127.0.0.1:{self.ports['alertmanager']}"
        storage = f"--storage.path={self.directory / 'alertmanager'}"
        command = ["prometheus-alertmanager", f"--config.file={config}", storage, listen, "--cluster.listen-address="]
        self._start("alertmanager", command)
        self.wait(lambda: self._answers("alertmanager", "/-/ready"), what="Alertmanager")

    def _start_prometheus(self):
        (self.directory / "rules.yml").write_text(rules_text(self.thresholds))
        config = self.directory / "prometheus.yml"
        config.write_text(yaml.safe_dump(self._prometheus()))
        listen = f"--web.listen-address=127.0.0.1:{self.ports['prometheus']}"
        storage = f"--storage.tsdb.path={self.directory / 'prometheus'}"
        # Prometheus repeats itself every minute, shortened here as all else. An alert ends that it has not repeated for
        # four of them: with a shorter minute than this a busy machine ended alerts, and each began again as a page.
        again = f"--rules.alert.resend-delay={60_000 * FACTOR:.0f}ms"
        self._start("prometheus", ["prometheus", f"--config.file={config}", storage, listen, again])
        self.wait(lambda: self._answers("prometheus", "/-/ready"), what="Prometheus")

    def _prometheus(self):
        every = self.thresholds.every
        monitor = [{"targets": [f"127.0.0.1:{self.ports['monitor']}"]}]
        managers = [{"targets": [f"127.0.0.1:{self.ports['alertmanager']}"]}]
        return {
            "global": {
                "scrape_interval": str(every.scrape),
                "scrape_timeout": str(every.scrape),
                "evaluation_interval": str(every.evaluation),
                "external_labels": {"environment": "test"},
            },
            "rule_files": ["rules.yml"],
            "alerting": {"alertmanagers": [{"static_configs": managers}]},
            "scrape_configs": [{"job_name": "matins-monitor", "static_configs": monitor}],
        }

    def _answers(self, name, path):
        with suppress(URLError, OSError):
            return bool(self._read(name, path))
        return False

    def _read(self, name, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.ports[name]}{path}", timeout=5) as answer:
            return answer.read()
