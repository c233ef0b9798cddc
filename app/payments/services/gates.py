"""Whether a due date is drafted, and for how much: the gates in their order, each with the reason it gives.

The order is LoanPro's: the loan has ended, process only if current, the amount, nothing to ask for, the cap at payoff;
the borrower's protections come first. There is no convenience fee.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from loans.selectors import Balances
from payments.ach.return_codes import Remedy, lookup
from payments.models import Autopay
from payments.selectors.drafts import Candidate, unanswered

#: After so many failures in a row a covered loan needs a new authorisation (12 CFR 1041.8(b)).
FAILURES = 2


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What is asked for, in dollars; nothing with a reason."""

    amount: Decimal = Decimal(0)
    skipped: str = ""


def decide(
    candidate: Candidate,
    *,
    retried: Decimal | None,
    failures: Mapping[int, Sequence[date]],
    payoff: Balances | None,
) -> Decision:
    """Decide about one candidate.

    Args:
        candidate: the due date.
        retried: what the returned draft had asked for; None for a first one.
        failures: when covered drafts failed in a row, by borrower.
        payoff: what the loan will owe on the day it settles, if it is near its end.
    """
    if reason := _protection(candidate, failures):
        return Decision(skipped=reason)
    if candidate.is_closed:
        return Decision(skipped="the loan has ended")
    if candidate.only_if_current and candidate.is_behind:
        return Decision(skipped="an earlier instalment is past due")
    amount = unanswered(candidate)
    if payoff is not None and amount:
        rest = payoff.owed - candidate.pending
        amount = rest if candidate.is_last and candidate.amount_type != Autopay.Amount.FIXED else min(amount, rest)
    if amount <= 0:
        return Decision(skipped="nothing is missing of what is due: it was paid otherwise")
    return _again(retried, amount) if retried is not None else Decision(amount=amount)


def _again(retried: Decimal, amount: Decimal) -> Decision:
    """Repeat a draft only as it was: a retry asks for the same amount (Nacha, reinitiated entries)."""
    if retried > amount:
        return Decision(skipped="a part was paid since, and a retry must ask for the same amount")
    return Decision(amount=retried)


def _protection(candidate: Candidate, failures: Mapping[int, Sequence[date]]) -> str:
    if candidate.is_forborne:
        return "the loan is in forbearance"
    if candidate.flag:
        return f"the loan is flagged ({candidate.flag})"
    if reason := _stopped(candidate):
        return reason
    since = [day for day in failures.get(candidate.borrower_id, ()) if day >= candidate.authorised_on]
    if candidate.covered and len(since) >= FAILURES:
        return "two drafts in a row failed: the borrower must authorise anew (12 CFR 1041.8(b))"
    return ""


def _stopped(candidate: Candidate) -> str:
    """Return what must happen after the newest return before anything is asked for again; nothing after R01 and R09."""
    if candidate.returned_code is None or candidate.returned_on is None:
        return ""
    reason = lookup(candidate.returned_code)
    told = f"{reason.code} ({reason.meaning})"
    if reason.remedy is Remedy.CORRECTION and candidate.account_id == candidate.returned_account_id:
        return f"{told}: the bank account must be corrected first"
    if reason.remedy in {Remedy.AUTHORISATION, Remedy.NEVER} and candidate.returned_on >= candidate.authorised_on:
        return f"{told}: the borrower must authorise anew"
    return ""
