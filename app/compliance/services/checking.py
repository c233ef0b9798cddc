"""Checking rules: what a rule finds becomes findings, each once, opened and resolved by one statement."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction

from common.outcomes import BadItem, Outcome
from compliance.checks import CHECKS
from compliance.exceptions import BadRuleError, NoSuchRuleError
from compliance.models import FindingChange, Rule, Severity
from compliance.selectors import active_rules

What = FindingChange.What

# A finding that is resolved and comes back is the same one. Severity goes up while it is open, never down.
_APPLY = f"""
    WITH found AS MATERIALIZED (
        SELECT DISTINCT ON (subject, window_start) subject, window_start, loan_id, left(details, 300) AS details,
               greatest({Severity.LOW}, least({Severity.CRITICAL}, %(severity)s + raised)) AS severity
        FROM ({{select}}) candidate ORDER BY subject, window_start, raised DESC
    ),
    change AS MATERIALIZED (
        SELECT found.*, CASE
                   WHEN finding.id IS NULL THEN '{What.OPENED}'
                   WHEN finding.resolved_on IS NOT NULL THEN '{What.REOPENED}'
                   WHEN found.severity > finding.severity THEN '{What.RAISED}'
               END AS what
        FROM found LEFT JOIN compliance_finding finding ON finding.rule_id = %(rule_id)s
            AND finding.subject = found.subject AND finding.window_start = found.window_start
    ),
    written AS (
        INSERT INTO compliance_finding (rule_id, subject, window_start, loan_id, severity, details, opened_on, due_at)
        SELECT %(rule_id)s, subject, window_start, loan_id, severity, details, %(day)s, %(due_at)s
        FROM change WHERE what IS NOT NULL ORDER BY window_start, subject
        ON CONFLICT (rule_id, subject, window_start) DO UPDATE
        SET severity = excluded.severity, details = excluded.details, resolved_on = NULL
        RETURNING id, subject, window_start, severity
    ),
    resolved AS (
        UPDATE compliance_finding finding SET resolved_on = %(day)s
        WHERE rule_id = %(rule_id)s AND resolved_on IS NULL AND NOT EXISTS (
            SELECT FROM found WHERE found.subject = finding.subject AND found.window_start = finding.window_start
        )
        RETURNING id, severity
    ),
    logged AS (
        INSERT INTO compliance_findingchange (finding_id, what, severity, business_date, due_at)
        SELECT written.id, change.what, written.severity, %(day)s::date, %(due_at)s::timestamptz
        FROM written JOIN change ON change.subject = written.subject AND change.window_start = written.window_start
        UNION ALL
        SELECT id, '{What.RESOLVED}', severity, %(day)s, %(due_at)s FROM resolved
        RETURNING what
    )
    SELECT (SELECT count(*) FROM found),
           count(*) FILTER (WHERE what IN ('{What.OPENED}', '{What.REOPENED}')),
           count(*) FILTER (WHERE what = '{What.RAISED}'),
           count(*) FILTER (WHERE what = '{What.RESOLVED}')
    FROM logged"""


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What a check found and changed: findings that are open, and those of them opened, raised; and those resolved."""

    open: int = 0
    opened: int = 0
    raised: int = 0
    resolved: int = 0


@transaction.atomic
def check_rule(
    *,
    rule_id: int,
    business_date: date,
    due_at: datetime | None = None,
) -> Outcome:
    """Check one rule: open, raise and resolve its findings.

    Done again for the same date it changes nothing. A rule that was checked for a later date already, or is no longer
    active, is let be; one whose parameters cannot be is left out.

    Args:
        rule_id: the rule.
        business_date: D; facts that hold before it count.
        due_at: when its window was due; none when done by hand.

    Raises:
        NoSuchRuleError: it is gone.
    """
    rule = Rule.objects.select_for_update(no_key=True).filter(pk=rule_id).first()
    if rule is None:
        raise NoSuchRuleError(rule_id)
    if not rule.active or (rule.checked_on and rule.checked_on > business_date):
        return Outcome(counts=vars(Checked()))
    try:
        checked = _apply(rule, business_date, due_at)
    except BadRuleError as error:
        return Outcome(counts=vars(Checked()), quarantined=[_bad(rule, error)])
    Rule.objects.filter(pk=rule.pk).update(checked_on=business_date)
    return Outcome(counts=vars(checked))


def _apply(rule: Rule, business_date: date, due_at: datetime | None) -> Checked:
    check = CHECKS[rule.kind]
    parameters = {
        **check.read(rule.code, rule.parameters).model_dump(),
        "rule_id": rule.pk,
        "severity": rule.severity,
        "day": business_date,
        "due_at": due_at,
    }
    with connection.cursor() as cursor:
        cursor.execute(_APPLY.format(select=check.select), parameters)
        return Checked(**dict(zip(Checked.__dataclass_fields__, cursor.fetchone(), strict=True)))


def told_apart() -> tuple[list[Rule], list[BadItem]]:
    """Return the rules that a night checks, and those that are left out because their parameters cannot be."""
    sound, bad = list[Rule](), list[BadItem]()
    for rule in active_rules():
        try:
            CHECKS[rule.kind].read(rule.code, rule.parameters)
            sound.append(rule)
        except BadRuleError as error:
            bad.append(_bad(rule, error))
    return sound, bad


def _bad(rule: Rule, error: BadRuleError) -> BadItem:
    return BadItem(model="compliance.Rule", key=rule.code, reason=str(error))


def summarize(results: Iterable[Mapping[str, Any]]) -> Outcome:
    """Add up what checks found.

    Args:
        results: what each check by hand returned.
    """
    told = list(results)
    sums = {name: sum(one[name] for one in told) for name in Checked.__dataclass_fields__}
    left_out = [BadItem(**item) for one in told for item in one.get("quarantined", ())]
    return Outcome(counts={"rules": len(told), **sums}, quarantined=left_out)
