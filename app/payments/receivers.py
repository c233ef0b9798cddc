"""What payments do when a loan's past changes under them: they are spent again, as if that had been known."""

from typing import Any

from django.dispatch import receiver

from loans.services.booking import Booking
from loans.signals import past_changed
from payments.services.timeline import Dates, replay


@receiver(past_changed)
def spend_again(*, since: Dates, booking: Booking, **_: Any) -> None:
    """Replay the loans whose rates, promotions, forbearances or principal changed after a date of the past."""
    replay(since, booking=booking)
