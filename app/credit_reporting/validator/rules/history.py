"""The rules from month to month: what an account's record must say, given what it said in last month's file."""

from collections.abc import Callable
from typing import NamedTuple

from credit_reporting.validator.codes import DEROGATORY, HISTORY_OF, LOANS
from credit_reporting.validator.rules.rule import NOTHING, Parts, day


class LastMonth(NamedTuple):
    """What last month's file said of an account; the fields are those of the base segment."""

    line: int
    identification_number: str
    portfolio_type: str
    date_opened: str
    account_status: str
    payment_history_profile: str
    current_balance: str
    original_charge_off_amount: str
    date_of_first_delinquency: str


Holds = Callable[[Parts, LastMonth], bool]


class HistoryRule(NamedTuple):
    """One rule from month to month: the field to blame, what it must be, and whether an account keeps it."""

    field: str
    reason: str
    holds: Holds


HISTORY_RULES: list[HistoryRule] = []


def _rule(field: str, reason: str) -> Callable[[Holds], Holds]:
    def register(holds: Holds) -> Holds:
        HISTORY_RULES.append(HistoryRule(field, reason, holds))
        return holds

    return register


@_rule("identification_number", "must be that of last month, unless last month's L1 segment announced another")
def furnisher_is_constant(base: Parts, before: LastMonth) -> bool:
    return base["identification_number"] == before.identification_number


@_rule("date_opened", "must be that of last month")
def date_opened_never_changes(base: Parts, before: LastMonth) -> bool:
    return base["date_opened"] == before.date_opened


@_rule("payment_history_profile", "must begin with the code of last month's status")
def history_begins_with_last_month(base: Parts, before: LastMonth) -> bool:
    code = HISTORY_OF.get(before.account_status)
    unused = before.account_status == "11" and before.current_balance == NOTHING and before.portfolio_type not in LOANS
    # Statuses without a code of their own, such as 13 or DA, may be followed by any.
    return code is None or base["payment_history_profile"][0] in (code, "E" if unused else code)


@_rule("payment_history_profile", "must go on with the first 23 codes of last month's")
def history_is_kept(base: Parts, before: LastMonth) -> bool:
    return base["payment_history_profile"][1:] == before.payment_history_profile[:23]


@_rule("original_charge_off_amount", "must not decline from last month's")
def charge_off_does_not_decline(base: Parts, before: LastMonth) -> bool:
    charged_off_again = NOTHING not in (base["original_charge_off_amount"], before.original_charge_off_amount)
    return base["original_charge_off_amount"] >= before.original_charge_off_amount or not charged_off_again


@_rule("date_of_first_delinquency", "must not be younger than last month's after status 84 or 97")
def delinquency_does_not_grow_younger(base: Parts, before: LastMonth) -> bool:
    if before.account_status not in ("84", "97") or base["account_status"] not in DEROGATORY:
        return True
    return day(base["date_of_first_delinquency"]) <= day(before.date_of_first_delinquency)
