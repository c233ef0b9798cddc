"""What is said of a loan's month, from how the loan stood at its end and from what was said before.

The rules of the format are in `credit_reporting.metro2.status`; this is where the loan's facts meet them.
"""

from datetime import date
from typing import NamedTuple

from credit_reporting.metro2 import status
from credit_reporting.models import AccountKind
from credit_reporting.months import Month
from credit_reporting.selectors.accounts import Account
from loans.models import Closure

PAID_CHARGE_OFF = "64"
#: Bankrupt, the chapter not told; and the removal of what was said of a bankruptcy.
BANKRUPT, NO_LONGER_BANKRUPT = "Z", "Q"
#: Disputed and investigated (FCRA § 623(a)(3)); after that, in the next two months, resolved, and no more told of.
DISPUTED = "XB"
AFTER_A_DISPUTE = {DISPUTED: "XH", "XH": "XR"}
IN_FORBEARANCE, IN_DISASTER = "CP", "AW"
INDIVIDUAL, DECEASED = "1", "X"
FIXED, VARIABLE = "F", "V"

# Looked up once: a member of an enumeration takes ten times as long as what is done with it.
_CHARGED_OFF, _MORTGAGE = Closure.Reason.CHARGED_OFF, AccountKind.Portfolio.MORTGAGE


class Stated(NamedTuple):
    """A record but who the borrower is: the columns of `credit_reporting.models.ReportedRecord` that say something."""

    account_number: str
    portfolio_type: str
    account_type: str
    date_opened: date
    original_amount: int
    terms_duration: str
    scheduled_payment: int
    actual_payment: int
    account_status: str
    payment_rating: str
    payment_history_profile: str
    special_comment: str
    compliance_condition: str
    current_balance: int
    amount_past_due: int
    original_charge_off: int
    date_of_account_information: date
    date_of_first_delinquency: date | None
    date_closed: date | None
    date_of_last_payment: date | None
    interest_type: str
    ecoa: str
    consumer_information_indicator: str
    balloon_date: date | None
    balloon_amount: int


class _End(NamedTuple):
    """What depends on whether, and how, a loan has ended."""

    status: str
    rating: str
    balance: int
    past_due: int
    charge_off: int
    known_on: date
    closed_on: date | None


def stated(account: Account, month: Month) -> Stated:
    """Return what is said of an account.

    Raises:
        MissingDueDateError, UnknownStatusError: its facts, or what was said before, contradict each other.
    """
    end, before = _end(account, month), _before(account)
    balloon = 0 if end.closed_on else account.balloon_amount
    # By place: 25 names to a call, and that for every loan, take longer than all that is worked out here.
    return Stated(
        account.account_number,
        account.portfolio_type,
        account.account_type,
        account.originated_on,
        account.original_principal,
        _terms(account),
        0 if account.ended else account.planned,
        account.actual_payment,
        end.status,
        end.rating,
        status.payment_history_profile(before, unreported=month.since(account.before) if account.before else 0),
        "" if account.ended else _comment(account),
        _condition(account),
        end.balance,
        end.past_due,
        end.charge_off,
        end.known_on,
        _first_delinquency(account, end, before),
        end.closed_on,
        account.last_payment_on,
        VARIABLE if account.is_variable else FIXED,
        DECEASED if account.is_deceased else INDIVIDUAL,
        _indicator(account),
        account.balloon_date if balloon else None,
        balloon,
    )


def _end(account: Account, month: Month) -> _End:
    if account.ended == _CHARGED_OFF:
        return _charged_off(account, month)
    if account.ended and account.closed_on:
        days = status.days_past_due(account.closed_on, account.oldest_due)
        rating = status.payment_rating(status.PAID, status.account_status(days))
        return _End(status.PAID, rating, 0, 0, 0, account.closed_on, account.closed_on)
    days = status.days_past_due(month.end, account.oldest_due)
    current = status.account_status(days)
    return _End(current, "", account.owed, 0 if current == status.CURRENT else account.late, 0, month.end, None)


def _charged_off(account: Account, month: Month) -> _End:
    """Say what is left of a charged-off balance, or when it was made good."""
    charge_off = max(account.charged_off, account.before_charge_off)
    if account.is_made_good and account.last_payment_on:
        paid_on = account.last_payment_on
        return _End(PAID_CHARGE_OFF, "", 0, 0, charge_off, paid_on, paid_on)
    return _End(status.CHARGED_OFF, "", account.owed, account.owed, charge_off, month.end, None)


def _before(account: Account) -> status.Reported | None:
    if account.before is None:
        return None
    return status.Reported(
        account_status=account.before_status,
        payment_rating=account.before_rating,
        payment_history_profile=account.before_profile,
        date_of_first_delinquency=account.before_first_delinquency,
    )


def _first_delinquency(account: Account, end: _End, before: status.Reported | None) -> date | None:
    since, told = account.late_since, account.before_information
    return status.date_of_first_delinquency(
        status=end.status,
        rating=end.rating,
        oldest_due=since - status.FIRST_DELINQUENCY_AFTER if since else account.oldest_due,
        previous=before,
        was_current=bool(since and told and since > told),
        petition=account.bankrupt_since,
    )


def _terms(account: Account) -> str:
    is_mortgage = account.portfolio_type == _MORTGAGE
    return f"{-(-account.term_months // 12) if is_mortgage else account.term_months:03}"


def _comment(account: Account) -> str:
    if account.in_disaster:
        return IN_DISASTER
    return IN_FORBEARANCE if account.in_forbearance else ""


def _condition(account: Account) -> str:
    return DISPUTED if account.is_disputed else AFTER_A_DISPUTE.get(account.before_condition, "")


def _indicator(account: Account) -> str:
    if account.bankrupt_since:
        return BANKRUPT
    return NO_LONGER_BANKRUPT if account.before_indicator == BANKRUPT else ""
