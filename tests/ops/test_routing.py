"""Alertmanager's file is valid, and every kind of alert reaches whom it is for."""

import re

import pytest
import yaml

from ops.alerts.night import CAUSES, NARROW_CAUSES
from ops.alerts.rendering import alertmanager_text
from ops.alerts.routing import RECEIVERS
from ops.alerts.thresholds import load
from tests.ops.tools import ALERTS, alerts, need, run

RECEIVER_FILES = sorted((ALERTS / "receivers").glob("*.yml"))
CONFIG = yaml.safe_load((ALERTS / "alertmanager.yml").read_text())


@need("amtool")
@pytest.mark.parametrize("receivers", RECEIVER_FILES, ids=lambda path: path.stem)
def test_amtool_accepts_the_routing_with_every_file_of_receivers(receivers, tmp_path):
    path = tmp_path / "alertmanager.yml"
    path.write_text(alertmanager_text(load(), receivers=receivers))
    (tmp_path / "message.tmpl").write_text((ALERTS / "message.tmpl").read_text())
    code, said = run("amtool", "check-config", path)
    assert code == 0, said


@pytest.mark.parametrize("receivers", RECEIVER_FILES, ids=lambda path: path.stem)
def test_a_file_of_receivers_defines_all_that_are_named(receivers):
    assert [one["name"] for one in yaml.safe_load(receivers.read_text())["receivers"]] == list(RECEIVERS)


@need("amtool")
@pytest.mark.parametrize(
    ("labels", "receiver"),
    [
        (["alertname=BeatDown", "severity=page", "scope=platform"], "pager"),
        (["alertname=WindowMissed", "severity=page", "scope=run", "tenant=acme"], "pager"),
        (["alertname=WindowMissed", "severity=ticket", "scope=run", "tenant=acme"], "chat"),
        (["alertname=SeriesOmitted", "severity=ticket", "scope=fleet"], "chat"),
        (["alertname=CatchingUp", "severity=none", "scope=quiet"], "silent"),
        (["alertname=Watchdog", "severity=none", "scope=platform"], "deadman"),
        (["alertname=SomebodyElses"], "chat"),
    ],
)
def test_an_alert_goes_to_whom_its_severity_says(labels, receiver):
    code, said = run("amtool", "config", "routes", "test", f"--config.file={ALERTS / 'alertmanager.yml'}", *labels)
    assert (code, said.split()[0]) == (0, receiver)


def inhibits(source, target):
    """Return whether an alert's labels silence another's, by the committed inhibitions."""
    return any(
        _matches(rule["source_matchers"], source)
        and _matches(rule["target_matchers"], target)
        and all(source.get(label, "") == target.get(label, "") for label in rule["equal"])
        for rule in CONFIG["inhibit_rules"]
    )


def _matches(matchers, labels):
    for matcher in matchers:
        name, operator, value = re.fullmatch(r"(\w+)(=~|=)\"(.*)\"", matcher).groups()
        if not re.fullmatch(value if operator == "=~" else re.escape(value), labels.get(name, "")):
            return False
    return True


RUN = {"alertname": "WindowMissed", "scope": "run", "tenant": "acme", "schedule": "daily", "queue": "money"}
SCHEDULE = {"alertname": "ScheduleBroken", "scope": "schedule", "schedule": "daily", "queue": "money"}
TENANT = {"alertname": "TenantBroken", "scope": "tenant", "tenant": "acme"}
STALLED = {"alertname": "QueueStalled", "scope": "platform", "queue": "money"}
QUIET = {"alertname": "CatchingUp", "scope": "quiet"}


@pytest.mark.parametrize("cause", CAUSES)
@pytest.mark.parametrize("target", [RUN, SCHEDULE, TENANT], ids=lambda target: target["scope"])
def test_a_cause_for_all_silences_runs_schedules_and_tenants_also_while_it_is_made_up_for(cause, target):
    assert inhibits({"alertname": cause, "scope": "platform"}, target)
    assert inhibits({**QUIET, "cause": cause}, target)


@pytest.mark.parametrize(
    ("source", "silenced", "heard"),
    [
        (STALLED, RUN, {**RUN, "queue": "casework"}),
        (STALLED, SCHEDULE, {**SCHEDULE, "queue": "casework"}),
        (STALLED, TENANT, {**RUN, "queue": "casework"}),
        (SCHEDULE, RUN, {**RUN, "schedule": "other"}),
        (TENANT, RUN, {**RUN, "tenant": "beta"}),
        ({**RUN, "alertname": "WindowMissed"}, {**RUN, "alertname": "RunOverdue"}, {**RUN, "alertname": "RunFailed"}),
    ],
)
def test_a_narrow_cause_silences_what_is_its_own(source, silenced, heard):
    assert inhibits(source, silenced)
    assert not inhibits(source, heard)
    if source["alertname"] in NARROW_CAUSES:
        quiet = {**source, **QUIET, "cause": source["alertname"]}
        assert inhibits(quiet, silenced)
        assert not inhibits(quiet, heard)


@pytest.mark.parametrize("name", [*CAUSES, *NARROW_CAUSES])
def test_no_cause_is_silenced_by_what_it_causes(name):
    cause = {"alertname": name, "scope": alerts()[name]["labels"]["scope"], "queue": "money", "tenant": "acme"}
    assert not inhibits(RUN, cause)
    assert not inhibits(cause, cause)


def test_no_two_causes_silence_each_other():
    causes = [{"alertname": name, "scope": "platform"} for name in CAUSES] + [STALLED]
    assert [(a, b) for a in causes for b in causes if inhibits(a, b) and inhibits(b, a)] == []


def test_two_stacks_that_share_an_alertmanager_do_not_silence_each_other():
    assert not inhibits({**STALLED, "environment": "staging"}, {**RUN, "environment": "production"})


def test_nothing_silences_the_watchdog_or_a_failing_delivery():
    sources = [{"alertname": name, "scope": "platform"} for name in CAUSES]
    watchdog = {"alertname": "Watchdog", "scope": "platform", "severity": "none"}
    delivery = {"alertname": "NotificationsFailing", "scope": "platform", "severity": "ticket"}
    assert [one for one in sources if inhibits(one, watchdog) or inhibits(one, delivery)] == []
