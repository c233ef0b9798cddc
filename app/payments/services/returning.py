"""What came back from the banks: each draft is taken back on the bank's own date."""

from collections.abc import Mapping, Sequence

from django.db.models import F

from common.outcomes import BadItem
from loans.services.booking import Booking
from loans.services.chosen import bad_loan
from payments.ach.return_codes import lookup
from payments.models import Attempt, AttemptReturn, PaymentReversal
from payments.processors.port import NUMBERS, Correction, Return, ReturnPage
from payments.services.reversing import reverse_payments

Drafts = Mapping[int, Sequence[Attempt]]


def take_returns(page: ReturnPage, *, booking: Booking) -> tuple[list[AttemptReturn], list[BadItem]]:
    """Keep the returns of a page and reverse their payments; return them, and what nobody can make use of.

    A return that is there already is let pass. The bank's notices of change are for people to act on, and are among
    the items left out; so are files that cannot be read, which the next poll tries again.
    """
    drafts = _drafts([one.number for one in page.returns] + [one.number for one in page.corrections])
    came_back, bad = dict[int, AttemptReturn](), [_useless(one.source, one.reason) for one in page.refusals]
    for one in page.returns:
        attempt = next((draft for draft in drafts.get(one.number, ()) if draft.amount == one.amount), None)
        if attempt is None:
            bad.append(_useless(one.trace, f"no draft of {one.amount} has this trace number: ask the bank"))
        elif not hasattr(attempt, "came_back"):
            came_back.setdefault(attempt.pk, _kept(attempt, one, booking))
    AttemptReturn.objects.bulk_create(came_back.values())
    _reverse(list(came_back.values()), booking)
    return list(came_back.values()), [*bad, *(_notice(correction, drafts) for correction in page.corrections)]


def _drafts(numbers: Sequence[int]) -> Drafts:
    """Return the drafts that these numbers can mean, the newest first."""
    drafts = dict[int, list[Attempt]]()
    called = Attempt.objects.alias(called=F("id") % NUMBERS).filter(called__in=numbers, skipped="")
    for attempt in called.select_related("payment__taken_back", "came_back", "autopay__loan").order_by("-id"):
        drafts.setdefault(attempt.pk % NUMBERS, []).append(attempt)
    return drafts


def _kept(attempt: Attempt, one: Return, booking: Booking) -> AttemptReturn:
    return AttemptReturn(
        attempt=attempt,
        code=one.code,
        returned_on=one.returned_on,
        trace=one.trace,
        source=one.source,
        due_at=booking.due_at,
    )


def _reverse(came_back: Sequence[AttemptReturn], booking: Booking) -> None:
    """Take back the payments of returned drafts, but for those that people have taken back before."""
    reversals = [
        PaymentReversal(
            payment=one.attempt.payment,
            effective_date=max(one.returned_on, one.attempt.payment.effective_date),
            reason=f"{one.code} {lookup(one.code).meaning}",
            posted_on=booking.entry_date,
            due_at=booking.due_at,
        )
        for one in came_back
        if one.attempt.payment and not hasattr(one.attempt.payment, "taken_back")
    ]
    reverse_payments(reversals, booking=booking)


def _useless(key: str, reason: str) -> BadItem:
    return BadItem(model="payments.AttemptReturn", key=key, reason=reason)


def _notice(correction: Correction, drafts: Drafts) -> BadItem:
    told = f"the bank corrects the account ({correction.code}: {correction.corrected})"
    for attempt in drafts.get(correction.number, ()):
        return bad_loan(attempt.autopay.loan.number, f"{told}: change it before the next draft")
    return _useless(correction.trace, f"{told} of a draft that nobody knows: ask the bank")
