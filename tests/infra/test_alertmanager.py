"""What AMP's Alertmanager is told: the routing of ops/alerts, and topics for those who are told."""

import pytest
import yaml

from infra.render import rules
from infra.render.alertmanager import definition
from infra.settings import load
from ops.alerts.rendering import MESSAGE
from ops.alerts.routing import RECEIVERS, routing
from ops.alerts.thresholds import load as thresholds
from tests.ops.tools import need, run

TOPICS = {name: f"arn:aws:sns:eu-west-1:111111111111:matins-prod-{name}" for name in ("pager", "chat", "deadman")}
AT = rules.thresholds(load("prod"))
DEFINITION = yaml.safe_load(definition(AT, region="eu-west-1", topics=TOPICS))
INNER = yaml.safe_load(DEFINITION["alertmanager_config"])
TELLING = {one["name"]: one["sns_configs"][0] for one in INNER["receivers"] if "sns_configs" in one}


@pytest.fixture
def config(tmp_path):
    """Return the inner file as Alertmanager of one's own would read it, its template beside it."""
    for name, content in DEFINITION["template_files"].items():
        (tmp_path / name).write_text(content)
    (tmp_path / "alertmanager.yml").write_text(DEFINITION["alertmanager_config"])
    return tmp_path / "alertmanager.yml"


def test_it_is_wrapped_as_amp_wants_it():
    assert DEFINITION.keys() == {"template_files", "alertmanager_config"}
    assert DEFINITION["template_files"] == {MESSAGE.name: MESSAGE.read_text()}
    assert INNER["templates"] == [MESSAGE.name]


@need("amtool")
def test_amtool_accepts_the_inner_file_and_its_templates(config):
    code, said = run("amtool", "check-config", config)
    assert code == 0, said
    assert "1 templates" in said


def test_amp_tells_by_sns_only():
    assert {key for one in INNER["receivers"] for key in one} == {"name", "sns_configs"}
    assert {name: one["topic_arn"] for name, one in TELLING.items()} == TOPICS
    assert [one["name"] for one in INNER["receivers"]] == list(RECEIVERS)


def test_who_was_woken_is_told_that_it_is_over():
    resolved = {name: one["send_resolved"] for name, one in TELLING.items()}
    assert resolved == {"pager": True, "chat": False, "deadman": False}
    assert TELLING["pager"]["subject"].startswith('{{ if eq .Status "resolved" }}over: ')


def test_routes_and_inhibitions_are_those_of_every_other_alertmanager_but_for_the_waits():
    own = routing(thresholds())
    assert INNER["inhibit_rules"] == own["inhibit_rules"]
    assert _without_waits(INNER["route"]) == _without_waits(own["route"])
    assert (INNER["route"]["group_wait"], own["route"]["group_wait"]) == ("45s", "10s")


def _without_waits(route):
    kept = {key: value for key, value in route.items() if key not in ("group_wait", "routes")}
    return {**kept, "routes": [_without_waits(one) for one in route.get("routes", ())]}


def test_amps_quotas_are_kept():
    assert len(INNER["inhibit_rules"]) <= 100
    assert len(DEFINITION["alertmanager_config"].encode()) < 1_000_000


@need("amtool")
@pytest.mark.parametrize(
    ("labels", "receiver"),
    [
        (["alertname=BeatDown", "severity=page", "scope=platform", "environment=prod"], "pager"),
        (["alertname=RunsFailing", "severity=ticket", "scope=schedule", "environment=prod"], "chat"),
        (["alertname=Watchdog", "severity=none", "scope=platform", "environment=prod"], "deadman"),
    ],
)
def test_an_alert_goes_to_whom_its_severity_says(config, labels, receiver):
    code, said = run("amtool", "config", "routes", "test", f"--config.file={config}", *labels)
    assert (code, said.split()[0]) == (0, receiver)
