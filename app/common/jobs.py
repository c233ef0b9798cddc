"""What every nightly task does before it calls its service: find out which night it is, and which run it belongs to."""

from datetime import date, datetime
from typing import TypedDict

from common import clock
from common.context import current_run


class Night(TypedDict):
    """What the service of a job takes as keywords: `service(**night(business_date), only=only)`."""

    business_date: date
    #: The run in the ledger of runs, and when its window was due; none of both when called by hand.
    run_id: int | None
    due_at: datetime | None


class AsOf(TypedDict):
    """The same for a service that books nothing, and so need not know its run."""

    business_date: date
    due_at: datetime | None


def night(business_date: str | None) -> Night:
    """Return the night a task works on.

    Args:
        business_date: as the task got it (ISO); today's on the business clock when None.
    """
    run = current_run()
    return Night(
        business_date=date.fromisoformat(business_date) if business_date else clock.today(),
        run_id=run.run_id if run else None,
        due_at=run.due_at if run else None,
    )


def as_of(business_date: str | None) -> AsOf:
    """Return as of which night a task reads; see `night`."""
    tonight = night(business_date)
    return AsOf(business_date=tonight["business_date"], due_at=tonight["due_at"])
