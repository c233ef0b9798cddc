"""Dunning by night: who hears of which step, decided for all loans at once; what it says leaves in the morning."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from casework import zones
from casework.models import Notice
from casework.selectors.dunning import Candidate, candidates
from common.outcomes import BadItem, Outcome
from common.tasks import Message, write_all_outbox
from delinquency.selectors import amounts_past_due
from loans.services.chosen import bad_loan, chosen
from tenants.selectors import current_schema

KIND = "dunning-notice"


@transaction.atomic
def execute_dunning(
    *, business_date: date, due_at: datetime | None = None, only: Sequence[str] | None = None
) -> Outcome:
    """Take the newest step for every past-due loan that has not had it, and write the message that tells the borrower.

    Nights that were missed are not made up for: a loan has one notice a night at most, and none of a step that a newer
    one has overtaken. Whoever may not be contacted, or has an arrangement, is looked at again every night. Repeated, it
    writes nothing.

    Args:
        business_date: D; payments effective before it count (settled rule 1).
        due_at: when the run's window was due; none when done by hand.
        only: the numbers of the loans to do; all when None.
    """
    scope, bad = chosen(only)
    turn = candidates(business_date, scope)
    bad += [_nowhere(one) for one in turn if one.state not in zones.STATES]
    known = [one for one in turn if one.state in zones.STATES]
    told, unmet = _conditions(known, business_date)
    allowed = [one for one in told if not one.barred and not one.arranged]
    _tell(allowed, business_date, due_at)
    counts = {
        "notices": len(allowed),
        "barred": sum(bool(one.barred) for one in told),
        "arranged": sum(bool(one.arranged and not one.barred) for one in told),
        "unmet": unmet,
    }
    return Outcome(counts=counts, quarantined=bad)


def _nowhere(one: Candidate) -> BadItem:
    return bad_loan(one.number, f"no time zone is known for its borrower's state {one.state!r}: enter it in the admin")


def _conditions(turn: Sequence[Candidate], business_date: date) -> tuple[list[Candidate], int]:
    """Return the loans that meet the conditions of their steps, and how many do not."""
    priced = [one.loan_id for one in turn if one.minimum]
    amounts = amounts_past_due(business_date, loan_ids=priced) if priced else {}
    met = [one for one in turn if one.fits and (not one.minimum or amounts.get(one.loan_id, 0) >= one.minimum)]
    return met, len(turn) - len(met)


def _tell(allowed: Sequence[Candidate], business_date: date, due_at: datetime | None) -> None:
    """Write the notices, and the messages that wait for the borrowers' morning (settled rule 18)."""
    notices = Notice.objects.bulk_create(
        Notice(
            loan_id=one.loan_id,
            cycle=one.cycle,
            step_id=one.step_id,
            version_id=one.version_id,
            decided_on=business_date,
            due_at=due_at,
        )
        for one in allowed
    )
    mornings = {state: zones.morning(business_date, state) for state in {one.state for one in allowed}}
    messages = [
        Message(
            key=_key(notice),
            payload={"tenant": current_schema(), "notice": notice.pk},
            not_before=mornings[one.state],
        )
        for notice, one in zip(notices, allowed, strict=True)
    ]
    write_all_outbox(KIND, messages)


def _key(notice: Notice) -> str:
    """Return what every receiver knows the notice by, and what a mail's Message-ID is made of."""
    return f"dunning.{current_schema()}.{notice.loan_id}.{notice.cycle:%Y%m%d}.{notice.step_id}"
