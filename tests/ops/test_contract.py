"""What is exported is what rules and dashboards read, and the other way round: shown on a real night's series."""

import json
import re
import signal
import urllib.parse
import urllib.request
from contextlib import suppress

import pytest
import yaml

from monitoring.metrics import declared
from tests.nightjobs import orders
from tests.ops.panels import all_dashboards, questions, variables
from tests.ops.promql import expected_labels, selectors
from tests.ops.tools import free_port, need, rules
from tests.processes import wait_until
from tests.stage import at

#: Labels that Prometheus adds.
SCRAPED = {"job", "instance", "environment"}
#: Parts of a histogram that come with the others, and that nobody reads by themselves.
WITH_THE_BUCKETS = re.compile(r"matins_run_(duration|delay)_seconds_(sum|count)|matins_.*_created")
#: A query in an alert's text, in Go's words for templates.
TEMPLATE = re.compile(r'query (?:\(printf )?"([^"]+)"')
VARIABLE = re.compile(r"(?:label_values|query_result)\((.*)\)")


def told(rule):
    """Return the queries in an alert's texts, a label's value in the place of each verb."""
    texts = [*rule.get("annotations", {}).values(), *rule.get("labels", {}).values()]
    return [query.replace("%s", "x") for text in texts for query in TEMPLATE.findall(text)]


def chosen_from(dashboard):
    """Return the queries behind a dashboard's variables."""
    found = [
        VARIABLE.fullmatch(one["definition"])[1] for one in variables(dashboard).values() if one["type"] == "query"
    ]
    return [re.sub(r"^(\w+), (\w+)$", r"count by (\2) (\1)", query) for query in found]


def asked():
    """Return every query of rules, alert texts and dashboards."""
    of_rules = [query for rule in rules() for query in (rule["expr"], *told(rule))]
    of_panels = [question.expr for dashboard in all_dashboards() for question in questions(dashboard)]
    return [*of_rules, *of_panels, *(query for dashboard in all_dashboards() for query in chosen_from(dashboard))]


def read():
    """Return the names of our metrics that queries read."""
    return {name for query in asked() for name, _ in selectors(query) if name.startswith("matins_")}


@pytest.fixture(autouse=True)
def full_series(monkeypatch):
    """Last successes are exported too; set before `process_env` takes the environment for the processes."""
    monkeypatch.setenv("MATINS_TENANT_SERIES", "full")


class Answers:
    """What Prometheus knows."""

    def __init__(self, port):
        self.port = port

    def to(self, query):
        return self._ask("query", query=query)["result"]

    def labels(self):
        """Return the labels of each of our metrics."""
        found = {}
        for series in self._ask("series", **{"match[]": '{__name__=~"matins_.*"}'}):
            found.setdefault(series["__name__"], set()).update(set(series) - SCRAPED - {"__name__"})
        return found

    def _ask(self, kind, **fields):
        address = f"http://127.0.0.1:{self.port}/api/v1/{kind}?{urllib.parse.urlencode(fields)}"
        with urllib.request.urlopen(address, timeout=10) as answer:
            return json.load(answer)["data"]


def also_scrape(sky, port):
    """Let Prometheus scrape a worker too."""
    file = sky.directory / "prometheus.yml"
    config = yaml.safe_load(file.read_text())
    config["scrape_configs"].append(
        {"job_name": "matins-worker", "static_configs": [{"targets": [f"127.0.0.1:{port}"]}]}
    )
    file.write_text(yaml.safe_dump(config))
    sky.processes["prometheus"].send_signal(signal.SIGHUP)


@need("prometheus", "prometheus-alertmanager")
@pytest.mark.timeout(600)
def test_on_a_real_night_every_panel_has_data_and_every_name_and_label_is_there(watched, make_tenant, start):
    orders.give("acme", "first", "start", "raise no such loan")
    sky = watched("WIDE", ready=lambda: [make_tenant("acme"), make_tenant("beta")])
    answers, port = Answers(sky.ports["prometheus"]), free_port()
    start("beat", env=sky.env)
    start("worker", env={**sky.env, "MATINS_WORKER_METRICS_PORT": str(port)})
    also_scrape(sky, port)
    sky.wait(lambda: answers.to("matins_runs_total"), what="the worker to be scraped before its first run")
    at(1, seconds=2)
    sky.wait_for_page("RunFailed")
    every = [question for dashboard in all_dashboards() for question in questions(dashboard)]

    def unanswered():
        return [question for question in every if not answers.to(question.expr)]

    with suppress(AssertionError):
        wait_until(lambda: unanswered() == [], what="every panel to have data", timeout_s=120)
    assert unanswered() == []
    labels = answers.labels()
    assert read() - set(labels) == set()
    assert {name for name in labels if not WITH_THE_BUCKETS.fullmatch(name)} - read() == set()
    assert {f"matins_{one.name}": set(one.labels) for one in declared()}.items() <= labels.items()
    assert list(unknown_labels(labels)) == []


def unknown_labels(labels):
    """Yield what queries expect of labels that no series has; of recorded series the rules are the only source."""
    for query in asked():
        for label, metrics in expected_labels(query):
            ours = {name for name in metrics if name.startswith("matins_")}
            if ours == metrics and not any(label in labels[name] | SCRAPED for name in ours):
                yield query, label


def test_every_metric_of_the_exporter_is_read():
    assert {f"matins_{one.name}" for one in declared()} - read() == set()
