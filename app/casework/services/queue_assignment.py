"""Every delinquent loan has a case in the queue its rules give, and somebody who works it."""

from collections.abc import Sequence
from datetime import date, datetime, time

from django.db import transaction

from casework.services.assigning import assign_cases
from casework.services.moments import moment
from casework.services.placing import keep_cases, move_cases
from common.outcomes import Outcome
from delinquency.services.nights import Share
from delinquency.services.standings import faults
from loans.services.chosen import chosen

USUAL = time(3)


@transaction.atomic
def assign_queues(*, business_date: date, due_at: datetime | None = None, only: Sequence[str] | None = None) -> Outcome:
    """Open and close the cases of delinquent loans, put them into queues by rule, and give them to agents.

    A case stays with its agent as long as they are active and have the queue's skill; others go to the least loaded
    agent with room, the lower id among equals. Where nobody has room it waits for the next night. Repeated, it
    changes nothing. A loan whose days cannot be told is left out, and its case stays as it is.

    Args:
        business_date: D; payments effective before it count (settled rules 1 and 2).
        due_at: when the run's window was due; None by hand.
        only: the numbers of the loans to do; None means all.
    """
    scope, bad = chosen(only)
    share = Share(day=business_date, due_at=due_at, chosen=scope.loan_ids, held=())
    held = faults(share)
    parameters, at = share.but(list(held)).parameters, moment(business_date, due_at, USUAL)
    opened, closed = keep_cases(parameters, at=at)
    moved = move_cases(parameters, at=at)
    assigned, waiting = assign_cases(parameters, at=at)
    return Outcome(
        counts={"opened": opened, "closed": closed, "moved": moved, "assigned": assigned, "waiting": waiting},
        quarantined=[*bad, *held.values()],
    )
