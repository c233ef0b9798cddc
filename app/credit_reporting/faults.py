"""What holds a record back, and what is only told: rules about a loan's facts that no single field shows.

What a field may hold, the writer checks (`credit_reporting.metro2`). Reasons say what to do, never who somebody is.
"""

from collections.abc import Iterator

from credit_reporting.metro2 import status
from credit_reporting.selectors.accounts import Account
from credit_reporting.stating import PAID_CHARGE_OFF, Stated
from loans.identity import Identity

Facts = tuple[Account, Stated, Identity]

_CHARGED_OFF = (status.CHARGED_OFF, PAID_CHARGE_OFF)
_LATE = ("71", "78", "80", "82", "83", "84")


def fault(facts: Facts) -> str:
    """Return why a record is held back and what to do; nothing if it is not."""
    account, said, who = facts
    return _of_the_borrower(said, who) or _of_the_loan(account, said)


def _of_the_borrower(said: Stated, who: Identity) -> str:
    if not (who.surname and who.first_name):
        return "the borrower has no surname and first name: enter them"
    if not (who.ssn or who.birth_date):
        return "the borrower has neither an SSN nor a birth date: enter one"
    if who.birth_date and who.birth_date >= said.date_opened:
        return "the borrower was born after the loan was opened: correct the birth date"
    if who.ssn and who.ssn in said.account_number:
        return "its number holds the borrower's SSN, which must not be told so: correct the SSN"
    return ""


def _of_the_loan(account: Account, said: Stated) -> str:
    if account.is_ambiguous:
        return "without its signs its number is another loan's too: bureaus take letters and digits alone"
    if said.original_amount == 0:
        return "less than a dollar was lent, which no record can say"
    if said.amount_past_due == 0 and said.account_status in _LATE:
        return "less than a dollar is 30 days late: have it paid or waived, or let the product tolerate it"
    if said.original_charge_off == 0 and said.account_status in _CHARGED_OFF:
        return "less than a dollar was charged off, which no record can say"
    for day in (said.date_of_first_delinquency, said.date_closed, said.date_of_last_payment):
        if day and not said.date_opened <= day <= said.date_of_account_information:
            return f"{day}, told of it, lies before it was opened or after what is known: correct that"
    return ""


def warnings(facts: Facts, *, unreported: int) -> Iterator[str]:
    """Yield what is worth a look in a record that is reported.

    Args:
        facts: the account, what is stated of it, and who owes it.
        unreported: how many months before this one it was not reported.
    """
    _, _, who = facts
    if not who.ssn:
        yield "the borrower has no SSN: bureaus match by birth date and address alone"
    if not who.birth_date:
        yield "the borrower has no birth date: bureaus match by SSN alone"
    if unreported:
        yield f"it was not reported for {unreported} months before this one, which its history says"
