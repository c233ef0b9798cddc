"""Who is told, once, and what keeps quiet because something stronger was told. Receivers are named, not configured."""

from typing import Any

from ops.alerts.night import CAUSES
from ops.alerts.thresholds import Thresholds

#: What a file of receivers has to define.
RECEIVERS = ("pager", "chat", "deadman", "silent")

#: Everything below the platform.
BELOW = 'scope=~"fleet|schedule|tenant|run"'
#: What a backlog consists of.
BACKLOG = 'scope=~"schedule|tenant|run"'


def routing(at: Thresholds) -> dict[str, Any]:
    """Return the route and the inhibitions, in Alertmanager's form."""
    return {"route": _route(at), "inhibit_rules": _inhibitions()}


def _route(at: Thresholds) -> dict[str, Any]:
    return {
        "receiver": "chat",
        "group_by": ["environment", "alertname"],
        "group_wait": str(at.routing.wait),
        "group_interval": str(at.routing.interval),
        "repeat_interval": str(at.routing.repeat_ticket),
        "routes": [
            {
                "matchers": ['alertname="Watchdog"'],
                "receiver": "deadman",
                "group_wait": "0s",
                "group_interval": str(at.routing.watchdog),
                "repeat_interval": str(at.routing.watchdog),
            },
            {"matchers": ['severity="none"'], "receiver": "silent"},
            {
                "matchers": ['severity="page"'],
                "receiver": "pager",
                "repeat_interval": str(at.routing.repeat_page),
                "routes": _finer_groups(at),
            },
            {"matchers": ['severity="ticket"'], "receiver": "chat", "routes": _finer_groups(at)},
        ],
    }


def _finer_groups(at: Thresholds) -> list[dict[str, Any]]:
    """One message a schedule for runs, one a tenant for tenants; for all else one an alert's name."""
    return [
        {
            "matchers": ['scope="run"'],
            "group_by": ["environment", "alertname", "schedule"],
            "group_wait": str(at.routing.wait_runs),
        },
        {"matchers": ['scope="tenant"'], "group_by": ["environment", "alertname", "tenant"]},
    ]


def _inhibitions() -> list[dict[str, Any]]:
    return [
        _quiet('alertname="DatabaseAway"', 'alertname=~"MonitoringBlind|BrokerAway|BeatDown|BeatAbsent|QueueStalled"'),
        _quiet('alertname="MonitoringBlind"', 'alertname=~"BrokerAway|BeatDown|BeatAbsent|QueueStalled"'),
        _quiet('alertname="BrokerAway"', 'alertname="QueueStalled"'),
        _quiet('alertname=~"BeatDown|BeatAbsent"', 'alertname="QueueStalled"'),
        _quiet(f'alertname=~"{"|".join(CAUSES)}"', BELOW),
        _quiet('alertname="QueueStalled"', 'scope=~"schedule|run"', "queue"),
        _quiet('alertname="QueueStalled"', 'scope="tenant"'),
        _quiet('alertname="ScheduleBroken"', 'alertname="RunsFailing"', "schedule"),
        _quiet('alertname="ScheduleBroken"', 'scope="run"', "schedule"),
        _quiet('alertname="TenantBroken"', 'scope="run"', "tenant"),
        _quiet('alertname="WindowMissed"', 'alertname="RunOverdue"', "tenant", "schedule"),
        # The same again, for as long as the backlog outlives its cause.
        _quiet(f'cause=~"{"|".join(CAUSES)}"', BACKLOG),
        _quiet('cause="QueueStalled"', 'scope=~"schedule|run"', "queue"),
        _quiet('cause="QueueStalled"', 'scope="tenant"'),
        _quiet('cause="ScheduleBroken"', 'scope="run"', "schedule"),
        _quiet('cause="TenantBroken"', 'scope="run"', "tenant"),
    ]


def _quiet(source: str, target: str, *equal: str) -> dict[str, Any]:
    """Return an inhibition; two stacks that share an Alertmanager do not silence each other."""
    return {"source_matchers": [source], "target_matchers": [target], "equal": ["environment", *equal]}
