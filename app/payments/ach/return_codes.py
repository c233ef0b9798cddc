"""Why a bank returns a debit, what may be done then, and until when it may come back.

The codes are those with which a consumer's bank or an ACH operator returns a PPD debit (Nacha Operating Rules,
Appendix Four); the limits on retries are those of its section on reinitiated entries.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

from payments.ach.exceptions import UnknownReturnCodeError
from payments.calendar import add_banking_days

MAX_RETRIES = 2
RETRY_PERIOD = timedelta(days=180)
_UNAUTHORISED_PERIOD = timedelta(days=60)


class Remedy(Enum):
    """What must happen before the amount is asked for again."""

    RETRY = "the same entry may be sent again, twice at most"
    CORRECTION = "the bank details or the entry must be corrected first"
    AUTHORISATION = "the borrower must authorise it anew"
    NEVER = "it is not to be asked for again through ACH"


class Arrival(Enum):
    """How long after settlement a return may come."""

    TWO_BANKING_DAYS = "by the opening of the second banking day"
    SIXTY_DAYS = "within 60 calendar days"


@dataclass(frozen=True, slots=True)
class ReturnCode:
    """One reason, its remedy, and how late it may come."""

    code: str
    meaning: str
    remedy: Remedy
    arrival: Arrival = Arrival.TWO_BANKING_DAYS


CATALOGUE = {
    reason.code: reason
    for reason in (
        ReturnCode("R01", "insufficient funds", Remedy.RETRY),
        ReturnCode("R02", "account closed", Remedy.CORRECTION),
        ReturnCode("R03", "no account, or unable to locate it", Remedy.CORRECTION),
        ReturnCode("R04", "invalid account number", Remedy.CORRECTION),
        ReturnCode("R05", "corporate debit to a consumer's account", Remedy.AUTHORISATION, Arrival.SIXTY_DAYS),
        ReturnCode("R06", "returned at the originating bank's request", Remedy.NEVER),
        ReturnCode("R07", "authorisation revoked", Remedy.AUTHORISATION, Arrival.SIXTY_DAYS),
        ReturnCode("R08", "payment stopped", Remedy.AUTHORISATION),
        ReturnCode("R09", "uncollected funds", Remedy.RETRY),
        ReturnCode("R10", "originator unknown or not authorised", Remedy.AUTHORISATION, Arrival.SIXTY_DAYS),
        ReturnCode("R11", "not as authorised", Remedy.CORRECTION, Arrival.SIXTY_DAYS),
        ReturnCode("R12", "branch sold to another bank", Remedy.CORRECTION),
        ReturnCode("R13", "invalid routing number", Remedy.CORRECTION),
        ReturnCode("R14", "representative payee deceased or unable to act", Remedy.NEVER),
        ReturnCode("R15", "account holder deceased", Remedy.NEVER),
        ReturnCode("R16", "account frozen", Remedy.NEVER),
        ReturnCode("R17", "entry does not pass the bank's checks", Remedy.CORRECTION),
        ReturnCode("R18", "improper effective entry date", Remedy.CORRECTION),
        ReturnCode("R19", "amount field in error", Remedy.CORRECTION),
        ReturnCode("R20", "account takes no debits", Remedy.CORRECTION),
        ReturnCode("R21", "invalid company identification", Remedy.CORRECTION),
        ReturnCode("R22", "invalid individual identification", Remedy.CORRECTION),
        ReturnCode("R24", "duplicate entry", Remedy.NEVER),
        ReturnCode("R25", "addenda in error", Remedy.CORRECTION),
        ReturnCode("R26", "mandatory field in error", Remedy.CORRECTION),
        ReturnCode("R27", "trace number in error", Remedy.CORRECTION),
        ReturnCode("R28", "routing number's check digit in error", Remedy.CORRECTION),
        ReturnCode("R29", "corporate customer advises not authorised", Remedy.AUTHORISATION),
        ReturnCode("R32", "the receiving bank does not settle", Remedy.CORRECTION),
        ReturnCode("R34", "the receiving bank's participation is limited", Remedy.CORRECTION),
    )
}


def lookup(code: str) -> ReturnCode:
    """Return what `code` means.

    Raises:
        UnknownReturnCodeError: if it is not in the catalogue.
    """
    if code not in CATALOGUE:
        raise UnknownReturnCodeError(f"No debit is returned with {code!r}: ask the bank, and correct the code.")
    return CATALOGUE[code]


def may_retry(code: str, *, attempts: int, original_settlement: date, on: date) -> bool:
    """Return whether a returned debit may be sent again just as it was.

    Same company, same amount, in a batch of its own that says RETRY PYMT; after R01 and R09 only, at most twice,
    and within 180 days of the first entry's settlement.

    Args:
        code: with which the last entry came back.
        attempts: the entries sent so far, the first one included.
        original_settlement: when the first one settled.
        on: when the next one would settle.

    Raises:
        UnknownReturnCodeError: if the code is not in the catalogue.
    """
    allowed = lookup(code).remedy is Remedy.RETRY
    return allowed and 1 <= attempts <= MAX_RETRIES and on <= original_settlement + RETRY_PERIOD


def last_arrival(code: str, settlement: date) -> date:
    """Return the last day on which a debit that settled on a banking day may come back with `code` (settled rule 17).

    Raises:
        UnknownReturnCodeError: if the code is not in the catalogue.
    """
    if lookup(code).arrival is Arrival.SIXTY_DAYS:
        return settlement + _UNAUTHORISED_PERIOD
    return add_banking_days(settlement, 2)
