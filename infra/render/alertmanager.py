"""The routing of `ops/alerts` as AMP's Alertmanager takes it: wrapped, and telling by SNS only."""

from collections.abc import Mapping
from typing import Any

import yaml

from ops.alerts.rendering import MESSAGE
from ops.alerts.routing import RECEIVERS, routing
from ops.alerts.thresholds import Thresholds

#: Messages of SNS have no state of their own that would say that it is over.
SUBJECT = '{{ if eq .Status "resolved" }}over: {{ end }}{{ template "matins.title" . }}'
TEXT = '{{ template "matins.text" . }}'
#: Whoever was woken is told when it is over; a ticket is closed by who works on it.
TOLD_OF_THE_END = ("pager",)


def definition(at: Thresholds, *, region: str, topics: Mapping[str, str]) -> str:
    """Return the definition of AMP's Alertmanager.

    Args:
        at: the thresholds, as `infra.render.rules` makes them.
        region: of the topics.
        topics: ARNs by receiver; a receiver without one tells nobody.
    """
    receivers = [_receiver(name, region, topics.get(name)) for name in RECEIVERS]
    config = {"templates": [MESSAGE.name], **routing(at), "receivers": receivers}
    return _yaml({"template_files": {MESSAGE.name: MESSAGE.read_text()}, "alertmanager_config": _yaml(config)})


def _receiver(name: str, region: str, topic: str | None) -> dict[str, Any]:
    if topic is None:
        return {"name": name}
    told = {
        "topic_arn": topic,
        "sigv4": {"region": region},
        "subject": SUBJECT,
        "message": TEXT,
        "send_resolved": name in TOLD_OF_THE_END,
    }
    return {"name": name, "sns_configs": [told]}


def _yaml(data: Any) -> str:
    return yaml.safe_dump(data, sort_keys=False, width=10_000, allow_unicode=True)
