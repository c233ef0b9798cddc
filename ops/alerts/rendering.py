"""Turns thresholds into the two files that Prometheus and Alertmanager read."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from ops.alerts import night, platform, slow
from ops.alerts.building import Rule
from ops.alerts.routing import routing
from ops.alerts.thresholds import Duration, Thresholds

HERE = Path(__file__).parent
#: Receivers that tell nobody: the alerts are seen on Alertmanager's own page.
NOBODY = HERE / "receivers" / "nobody.yml"
MESSAGE = HERE / "message.tmpl"

_RULES = "# Made by `python -m ops.alerts` from thresholds.toml and the modules beside it; do not edit.\n"
_ROUTING = "# Made by `python -m ops.alerts` from thresholds.toml, routing.py and {}; do not edit.\n"


def groups(at: Thresholds) -> list[Mapping[str, Any]]:
    """Return the groups of rules; a recording stands in the group of the alerts that read it."""
    return [
        _group("platform", at.every.evaluation, [*platform.recordings(), *platform.alerts(at)]),
        _group("night", at.every.evaluation, [*night.recordings(at), *night.alerts(at)]),
        _group("slow", at.every.slow_evaluation, [*slow.recordings(at), *slow.alerts(at)]),
    ]


def _group(name: str, interval: Duration, rules: list[Rule]) -> Mapping[str, Any]:
    return {"name": f"matins-{name}", "interval": str(interval), "rules": rules}


def rules_text(at: Thresholds) -> str:
    """Return the file of rules."""
    return _RULES + _yaml({"groups": groups(at)})


def alertmanager_text(at: Thresholds, *, receivers: Path = NOBODY) -> str:
    """Return Alertmanager's file: the routing, and a file of receivers as it is.

    Args:
        at: the thresholds.
        receivers: a file that defines `receivers`, and `global` where they need it.
    """
    config = {"templates": [MESSAGE.name], **routing(at)}
    return f"{_ROUTING.format(receivers.name)}{_yaml(config)}\n{receivers.read_text()}"


def _yaml(data: Any) -> str:
    return yaml.safe_dump(data, sort_keys=False, width=10_000, allow_unicode=True)
