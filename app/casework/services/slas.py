"""Cases that take longer than agreed: people are warned, the breach is put on record, the case becomes urgent."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time

from django.db import connection, transaction

from casework.business_hours import OpeningTimes
from casework.models import Case, CaseEvent
from casework.selectors.clocks import LEVELS, Clock, clocks, opening_times
from casework.services.moments import moment
from common.outcomes import BadItem, Outcome

USUAL = time(2, 15)

#: What has passed: a case, an SLA, a level, and when.
Passed = tuple[int, int, str, datetime]

_TELL = f"""
    WITH told AS (
        INSERT INTO casework_caseevent (case_id, sla_id, kind, at, by, note, due_at)
        SELECT case_id, sla_id, level, at, '', '', %(due_at)s
        FROM unnest(%(cases)s::bigint[], %(slas)s::bigint[], %(levels)s::text[], %(times)s::timestamptz[])
            AS passed (case_id, sla_id, level, at)
        ON CONFLICT DO NOTHING RETURNING case_id, kind
    ),
    urgent AS (
        UPDATE casework_case subject SET priority = {Case.Priority.URGENT}
        FROM (SELECT DISTINCT case_id FROM told WHERE kind = '{CaseEvent.Kind.ESCALATED}') escalated
        WHERE subject.id = escalated.case_id
    )
    SELECT kind, count(*) FROM told GROUP BY kind"""


@transaction.atomic
def check_slas(*, business_date: date, due_at: datetime | None = None, only: Sequence[str] | None = None) -> Outcome:
    """Put on record what has passed on the clocks of cases: warnings, breaches and escalations, each once for ever.

    A clock runs in the opening hours of its SLA's calendar, from the opening of the case to its closing, but for when
    the case is snoozed or paused. A level has passed at the moment after which more than its share of the target had,
    so a case closed at that very moment is in time. It bears that moment, whichever night finds it.

    Args:
        business_date: the night's.
        due_at: when the run's window was due: the clocks are read then; None by hand.
        only: the numbers of the cases to do; None means all.
    """
    at = moment(business_date, due_at, USUAL)
    found = clocks(at, numbers=only)
    times = opening_times(min((c.running[0][0] for c in found), default=at).astimezone(UTC).date(), at.date())
    bad = {clock.number: why for clock in found if isinstance(why := times[clock.calendar_id], str)}
    told = _tell([level for clock in found for level in _passed(clock, times)], due_at)
    return Outcome(
        counts={level.value: told[level] for level in LEVELS},
        quarantined=[BadItem(model="casework.Case", key=number, reason=why) for number, why in bad.items()],
    )


def _passed(clock: Clock, times: Mapping[int, OpeningTimes | str]) -> Iterator[Passed]:
    opening = times[clock.calendar_id]
    if isinstance(opening, str):
        return
    for level, target in clock.levels.items():
        at = opening.passed_at(clock.running, target)
        if at is not None:
            yield clock.case_id, clock.sla_id, level, at


def _tell(passed: Sequence[Passed], due_at: datetime | None) -> Counter[str]:
    names = ("cases", "slas", "levels", "times")
    columns = {name: [row[index] for row in passed] for index, name in enumerate(names)}
    with connection.cursor() as cursor:
        cursor.execute(_TELL, {**columns, "due_at": due_at})
        return Counter(dict(cursor.fetchall()))
