"""The night's autopay: what settles today is posted, what came back is reversed, what is due next is drafted."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from django.db import connection, transaction

from common.outcomes import BadItem, Outcome
from loans.scope import Scope
from loans.services.booking import Booking
from loans.services.chosen import bad_loan, chosen
from payments.models import Attempt, Payment, PaymentReversal, Poll
from payments.processors.exceptions import UnknownOutcomeError
from payments.processors.port import PaymentProcessor, Receipt, ReturnPage
from payments.services.drafting import originate, processor
from payments.services.effects import interest_through
from payments.services.posting import post_payments
from payments.services.returning import take_returns
from payments.services.reversing import reverse_payments
from tenants.selectors import current_schema

#: So long after it was sent, a submission's receipt is still asked for.
ASKED_FOR = timedelta(days=10)
NOT_CONFIGURED = {"posted": 0, "returned": 0, "rejected": 0, "drafted": 0, "skipped": 0}


@transaction.atomic
def execute_autopay(
    *,
    business_date: date,
    run_id: int | None = None,
    due_at: datetime | None = None,
    only: Sequence[str] | None = None,
) -> Outcome:
    """Post the drafts that settle on the business date, take back those that came back, and draft what is due next.

    The processor is asked for returns and receipts before the first row is written, and where the next poll begins is
    kept in the same transaction. Drafts leave through the outbox. Repeated, it does nothing.

    Args:
        business_date: the night.
        run_id: the run in the ledger of runs; none when done by hand.
        due_at: when its window was due.
        only: the numbers of the loans to do; None means all.

    Raises:
        ProcessorError: it cannot be polled: nothing was done.
    """
    collecting = processor(current_schema())
    if collecting is None:
        return Outcome(counts=NOT_CONFIGURED)
    booking = Booking(entry_date=business_date, run_id=run_id, due_at=due_at)
    poll = Poll.objects.first() or Poll(cursor="")
    page = collecting.returns(since=poll.cursor, until=business_date)
    receipts = _receipts(collecting, business_date)
    scope, bad = chosen(only)
    bad += _reject(receipts, booking)
    posted, faulty = _post(scope, booking)
    returned, useless = take_returns(page, booking=booking)
    _move(poll, page)
    decided, unsendable = originate(scope, processor=collecting, booking=booking)
    counts = Counter(NOT_CONFIGURED | {"posted": posted, "returned": len(returned)})
    counts.update("skipped" if attempt.skipped else "drafted" for attempt in decided)
    counts["rejected"] = sum(not receipt.accepted for receipt in receipts.values())
    return Outcome(counts=counts, quarantined=[*bad, *faulty, *useless, *unsendable])


def _receipts(collecting: PaymentProcessor, business_date: date) -> dict[str, Receipt]:
    """Return what became of the submissions of the last days; of one that nobody knows, another night asks again."""
    lately = Attempt.objects.filter(effective_on__gte=business_date - ASKED_FOR, skipped="", rejected="")
    receipts = dict[str, Receipt]()
    for key in lately.order_by("submission").values_list("submission", flat=True).distinct():
        try:
            receipt = collecting.status(key)
        except UnknownOutcomeError:
            continue
        if receipt:
            receipts[key] = receipt
    return receipts


def _reject(receipts: Mapping[str, Receipt], booking: Booking) -> list[BadItem]:
    """Take back what a processor refused to collect, and tell people, who must send it otherwise."""
    bad = list[BadItem]()
    for receipt in (receipt for receipt in receipts.values() if not receipt.accepted):
        reason = f"draft rejected: {receipt.reason}"
        Attempt.objects.filter(submission=receipt.key).update(rejected=reason[:200])
        attempts = Attempt.objects.filter(submission=receipt.key).select_related("payment__taken_back", "autopay__loan")
        bad += [bad_loan(attempt.autopay.loan.number, f"{reason}: collect it otherwise") for attempt in attempts]
        reverse_payments(
            [
                PaymentReversal(
                    payment=attempt.payment,
                    effective_date=booking.entry_date,
                    reason=reason[:200],
                    posted_on=booking.entry_date,
                    due_at=booking.due_at,
                )
                for attempt in attempts
                if attempt.payment and not hasattr(attempt.payment, "taken_back")
            ],
            booking=booking,
        )
    return bad


def _post(scope: Scope, booking: Booking) -> tuple[int, list[BadItem]]:
    """Post the drafts that have settled; those on loans whose interest is not known wait for a later night."""
    settled = Attempt.objects.select_related("autopay__loan").filter(
        payment=None,
        skipped="",
        effective_on__lte=booking.entry_date,
        rejected="",
        came_back=None,
    )
    settled = settled if scope.loan_ids is None else settled.filter(autopay__loan__in=scope.loan_ids)
    attempts = list(settled.order_by("id"))
    with interest_through(booking.entry_date, [attempt.autopay.loan_id for attempt in attempts]) as faulty:
        left_out = {bad.key for bad in faulty}
    attempts = [attempt for attempt in attempts if attempt.autopay.loan.number not in left_out]
    payments = [_payment(attempt, booking) for attempt in attempts]
    post_payments(payments, booking=booking)
    _link(attempts, payments)
    return len(attempts), faulty


def _link(attempts: Sequence[Attempt], payments: Sequence[Payment]) -> None:
    """Let each attempt name its payment, all in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE payments_attempt attempt SET payment_id = paid.payment_id
               FROM unnest(%s::bigint[], %s::bigint[]) AS paid (id, payment_id) WHERE attempt.id = paid.id""",
            [[attempt.pk for attempt in attempts], [payment.pk for payment in payments]],
        )


def _payment(attempt: Attempt, booking: Booking) -> Payment:
    loan = attempt.autopay.loan
    return Payment(
        reference=f"{loan.number}/autopay/{attempt.due_date}/{attempt.attempt_no}",
        loan=loan,
        amount=attempt.amount,
        effective_date=attempt.effective_on,
        source=Payment.Source.AUTOPAY,
        posted_on=booking.entry_date,
        due_at=booking.due_at,
    )


def _move(poll: Poll, page: ReturnPage) -> None:
    if page.cursor != poll.cursor:
        poll.cursor = page.cursor
        poll.save()
