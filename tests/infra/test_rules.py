"""What AMP is told to evaluate: the very rules of ops/alerts, within its quotas, causes still told before symptoms."""

import pytest
import yaml

from infra.render import rules as amp
from infra.render.collector import BATCH_S
from infra.settings import load
from ops.alerts.rendering import groups
from ops.alerts.thresholds import load as thresholds
from tests.ops.tools import need, run

PROD = load("prod")
GRAFANA = "https://g-1234567890.grafana-workspace.eu-west-1.amazonaws.com"
BOARD = f"https://{PROD.site.domain}"
TEXT = amp.rules_text(PROD, grafana=GRAFANA)
GROUPS = yaml.safe_load(TEXT)["groups"]
AT, OWN = amp.thresholds(PROD, grafana=GRAFANA), thresholds()
LINKS = ("runbook_url", "dashboard_url", "board_url")
#: Seconds between two looks of the monitor.
SCAN_S = 2


def by_name(them):
    return {(group["name"], rule.get("alert") or rule["record"]): rule for group in them for rule in group["rules"]}


def without_our_own(rule):
    """Return a rule without what is meant to differ: the environment's label and the links."""
    labels = {key: value for key, value in rule.get("labels", {}).items() if key != "environment"}
    texts = {key: value for key, value in rule.get("annotations", {}).items() if key not in LINKS}
    return {**rule, "labels": labels, "annotations": texts}


def test_the_rules_are_those_of_every_other_prometheus_but_the_one_that_scrapes_an_alertmanager():
    ours, theirs = by_name(GROUPS), by_name(groups(OWN))
    assert theirs.keys() - ours.keys() == {("matins-slow", "NotificationsFailing")}
    assert {key: without_our_own(rule) for key, rule in ours.items()} == {
        key: without_our_own(theirs[key]) for key in ours
    }


def test_every_alert_says_of_which_environment_it_is_and_leads_to_that_environments_pages():
    alerts = [rule for rule in by_name(GROUPS).values() if "alert" in rule]
    assert {rule["labels"]["environment"] for rule in alerts} == {"prod"}
    assert all(rule["annotations"]["dashboard_url"].startswith(f"{GRAFANA}/d/matins-") for rule in alerts)
    assert all(rule["annotations"]["board_url"].startswith(f"{BOARD}/night/") for rule in alerts)
    runbooks = "https://github.com/example/matins/blob/main/ops/runbooks"
    assert all(rule["annotations"]["runbook_url"] == f"{runbooks}/{rule['alert']}.md" for rule in alerts)


def test_amps_quotas_are_kept():
    assert {group["interval"] for group in GROUPS} == {"30s", "1m"}
    assert max(len(group["rules"]) for group in GROUPS) <= 20
    assert len(TEXT.encode()) < 1_000_000
    assert AT.routing.repeat_ticket.seconds <= 5 * 86400


def test_an_alarm_of_cloudwatch_can_name_every_group():
    assert amp.group_names() == [group["name"] for group in GROUPS]


@need("promtool")
def test_promtool_accepts_the_rules(tmp_path):
    (tmp_path / "rules.yml").write_text(TEXT)
    code, said = run("promtool", "check", "rules", "--lint=all", "--lint-fatal", tmp_path / "rules.yml")
    assert code == 0, said


def evaluated(after_s):
    """Return at which evaluation something is seen that became true so many seconds after one, at the latest."""
    return -(-after_s // amp.EVALUATION_S) * amp.EVALUATION_S


SEEN_S = evaluated(SCAN_S + OWN.every.scrape.seconds)


def test_the_budget_holds_from_a_deadline_that_passed_to_the_message():
    night = next(group for group in GROUPS if group["name"] == "matins-night")
    missed = next(rule for rule in night["rules"] if rule.get("alert") == "WindowMissed")
    assert "for" not in missed
    assert SCAN_S + OWN.every.scrape.seconds + amp.OFFSET_S + amp.EVALUATION_S + amp.WAIT_RUNS_S <= 120


@pytest.mark.parametrize(
    ("cause_s", "symptom_s"),
    [
        (OWN.platform.away_for.seconds, OWN.platform.beat_silent.seconds + OWN.platform.beat_for.seconds),
        (OWN.platform.away_for.seconds, OWN.platform.scan_old.seconds + OWN.platform.blind_for.seconds),
    ],
    ids=["a dead database before its beats", "a dead database before a blind monitor"],
)
def test_rules_of_one_group_are_evaluated_together_so_a_cause_comes_before_its_symptoms(cause_s, symptom_s):
    """A cause that an evaluation just missed is pending at the next; what is measured by age waits for its own."""
    assert cause_s % amp.EVALUATION_S == 0
    assert SEEN_S + cause_s < symptom_s


def test_the_routing_waits_until_every_group_has_been_evaluated_again():
    assert AT.routing.wait.seconds > amp.EVALUATION_S
    assert AT.routing.wait_runs.seconds > SCAN_S + OWN.every.scrape.seconds + amp.EVALUATION_S


def test_samples_have_arrived_when_rules_look_for_them_and_are_still_believed():
    assert OWN.every.scrape.seconds + BATCH_S <= amp.OFFSET_S
    assert AT.night.fresh.seconds > 3 * (SCAN_S + OWN.every.scrape.seconds)


NIGHT = """
rule_files: [rules.yml]
evaluation_interval: 30s
tests:
  - interval: 5s
    input_series:
      - {series: 'matins_database_up{job="matins-monitor",environment="prod"}', values: '1x59 0x180'}
      - {series: 'up{job="matins-monitor",environment="prod"}', values: '1x240'}
      - {series: 'matins_beat_tick_timestamp_seconds{environment="prod"}', values: '0+5x59 295x180'}
      - {series: 'matins_scan_timestamp_seconds{environment="prod"}', values: '0+5x59 295x180'}
    alert_rule_test:
      - {eval_time: 6m30s, alertname: DatabaseAway, exp_alerts: []}
      - eval_time: 7m
        alertname: DatabaseAway
        exp_alerts:
          - exp_labels: {severity: page, scope: platform, environment: prod}
            exp_annotations:
              summary: Postgres does not answer
              description: Postgres does not answer the monitor. No window opens, no run starts, no run ends.
              consequence: >-
                If ignored: every schedule misses its deadline; what is due is caught up once Postgres is back.
              runbook_url: https://github.com/example/matins/blob/main/ops/runbooks/DatabaseAway.md
              dashboard_url: GRAFANA/d/matins-overview
              board_url: BOARD/night/
      - {eval_time: 7m30s, alertname: BeatDown, exp_alerts: []}
      - {eval_time: 7m30s, alertname: MonitoringBlind, exp_alerts: []}
    promql_expr_test:
      - expr: count(ALERTS{alertname="BeatDown",alertstate="firing"})
        eval_time: 8m
        exp_samples: [{labels: '{}', value: 1}]
"""


@need("promtool")
def test_promtool_sees_the_cause_first_at_amps_pace(tmp_path):
    (tmp_path / "rules.yml").write_text(TEXT)
    (tmp_path / "night.yml").write_text(NIGHT.replace("GRAFANA", GRAFANA).replace("BOARD", BOARD))
    code, said = run("promtool", "test", "rules", tmp_path / "night.yml")
    assert code == 0, said
