"""What every rule is made of: labels that name what is wrong, texts for people, links filled in."""

from typing import Any

from ops.alerts.thresholds import Duration, Thresholds

Rule = dict[str, Any]

#: What Prometheus fills in when an alert fires.
TENANT, SCHEDULE, QUEUE = "{{ $labels.tenant }}", "{{ $labels.schedule }}", "{{ $labels.queue }}"
CRITICALITY = "{{ $labels.criticality }}"
AGE, COUNT, SHARE = "{{ humanizeDuration $value }}", "{{ $value }}", "{{ humanizePercentage $value }}"

#: The night board's page of what a dashboard shows; of the others, the night itself.
PAGES = {"matins-schedule": f"schedules/{SCHEDULE}", "matins-tenant": f"tenants/{TENANT}"}


def record(name: str, expr: str) -> Rule:
    """Return a recording rule."""
    return {"record": name, "expr": expr}


def alert(
    name: str,
    *,
    expr: str,
    severity: str,
    scope: str,
    summary: str,
    text: str,
    ignored: str,
    dashboard: str,
    thresholds: Thresholds,
    hold: Duration | None = None,
    keep: Duration | None = None,
) -> Rule:
    """Return an alerting rule.

    Args:
        name: of the alert, and of its runbook.
        expr: true while something is wrong.
        severity: page, ticket or none; or the template that yields it.
        scope: what the routing's inhibitions go by: platform, fleet, schedule, tenant, run.
        summary: one line, the same for every alert of the name.
        text: what is wrong, with whom, since when, and where the cause is.
        ignored: what happens if nobody does anything.
        dashboard: uid and query of the one that shows it; the night board's page follows from it.
        thresholds: where the links' bases are.
        hold: how long it must be true first.
        keep: how long it goes on after it was true.
    """
    links = thresholds.links
    return {
        "alert": name,
        "expr": expr,
        **({"for": str(hold)} if hold else {}),
        **({"keep_firing_for": str(keep)} if keep else {}),
        "labels": {"severity": severity, "scope": scope},
        "annotations": {
            "summary": summary,
            "description": text,
            "consequence": f"If ignored: {ignored}",
            "runbook_url": f"{links.runbooks}/{name}.md",
            "dashboard_url": f"{links.grafana}/d/{dashboard}",
            "board_url": f"{links.board}/night/{PAGES.get(dashboard.partition('?')[0], '')}",
        },
    }


def ask(query: str, *labels: str, shown: str = 'printf "%.0f"', otherwise: str = "0") -> str:
    """Return a template for the first value of a query, its `%s` replaced by labels of the alert.

    Args:
        query: PromQL; strings in it are in single quotes.
        labels: names of the alert's labels, in order.
        shown: how a value is formatted.
        otherwise: what stands there when nothing is found.
    """
    filled = " ".join([f'"{query}"', *(f"$labels.{label}" for label in labels)])
    found = f"{{{{ with query (printf {filled}) }}}}{{{{ . | first | value | {shown} }}}}"
    return f"{found}{{{{ else }}}}{otherwise}{{{{ end }}}}"


def consequence(thresholds: Thresholds) -> str:
    """Return a template that says by schedule what happens if nobody does anything."""
    branches = (
        f'if match "^({"|".join(schedules)})$" $labels.schedule }}}}{text}'
        for text, schedules in thresholds.consequences.items()
    )
    return "{{ " + "{{ else ".join(branches) + "{{ else }}ask the owner of the job what its delay costs.{{ end }}"
