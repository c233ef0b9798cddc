"""The rules of `ops/alerts` as Amazon Managed Service for Prometheus (AMP) takes them.

What AMP does differently from a Prometheus of one's own, and what becomes of it:

- A group is evaluated every 30 s at the oftenest, instead of every 5 s. Rules that are compared with each other stand
  in one group and are evaluated together; what waits for another group, which is the routing, waits longer here.
- Samples arrive a few seconds late, so rules look a little into the past: `OFFSET_S`, and not AMP's own 60 s.
- Nobody adds external labels to an alert, so every alert says itself of which environment it is.
- Its Alertmanager cannot be scraped: `NotificationsFailing` is an alarm of CloudWatch instead.
- Links lead to this environment's pages.

The interval budget, from a deadline that has passed to the message: scrape 5 s, offset 15 s, evaluation 30 s, the
routing's wait 60 s; within two minutes, instead of one at most.
"""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import yaml

from infra.settings import Environment
from ops.alerts.rendering import groups
from ops.alerts.thresholds import Duration, Thresholds, load

EVALUATION_S = 30
#: Longer than a scrape, the collector's batch and AMP's own intake.
OFFSET_S = 15
#: Longer than an evaluation, so that a cause in one group arrives before its symptoms in another …
WAIT_S = 45
#: … and than a scan, a scrape and an evaluation: the tenth of many failed runs is seen too.
WAIT_RUNS_S = 60
#: What only a Prometheus that scrapes its Alertmanager can know.
LEFT_OUT = ("NotificationsFailing",)
NAMESPACE = "matins"


def thresholds(environment: Environment, *, grafana: str = "") -> Thresholds:
    """Return the thresholds of `ops/alerts`, with AMP's intervals and an environment's links.

    Args:
        environment: whose night it is.
        grafana: address of its Grafana, for what leads there.
    """
    at = load()
    at.every.evaluation = Duration(EVALUATION_S)
    at.routing.wait, at.routing.wait_runs = Duration(WAIT_S), Duration(WAIT_RUNS_S)
    at.links = SimpleNamespace(
        runbooks=f"https://github.com/{environment.pipeline.repository}/blob/main/ops/runbooks",
        grafana=grafana,
        board=f"https://{environment.site.domain}",
    )
    return at


def rules_text(environment: Environment, *, grafana: str) -> str:
    """Return the definition of AMP's namespace of rules: the form is Prometheus' own."""
    adapted = [_group(group, environment.name) for group in groups(thresholds(environment, grafana=grafana))]
    return yaml.safe_dump({"groups": adapted}, sort_keys=False, width=10_000, allow_unicode=True)


def group_names() -> list[str]:
    """Return the names of the groups."""
    return [group["name"] for group in groups(load())]


def _group(group: Mapping[str, Any], environment: str) -> Mapping[str, Any]:
    kept = [rule for rule in group["rules"] if rule.get("alert") not in LEFT_OUT]
    return {**group, "rules": [_labelled(rule, environment) for rule in kept]}


def _labelled(rule: Mapping[str, Any], environment: str) -> Mapping[str, Any]:
    if "alert" not in rule:
        return rule
    return {**rule, "labels": {**rule["labels"], "environment": environment}}
