"""The cross rules of the base segment."""

from credit_reporting.validator.codes import (
    ALL_STATUSES as ALL,
)
from credit_reporting.validator.codes import (
    CHARGED_OFF,
    DAYS_OF_STATUS,
    DEROGATORY,
    ECOA_WITHOUT_IDENTITY,
    LATE,
    LATE_RATINGS,
    LINE_OF_CREDIT,
    LINES_OF_CREDIT,
    LOANS,
    PAID,
    PETITIONS,
    PORTFOLIO_OF,
    RATED,
    TERMS_OF,
)
from credit_reporting.validator.rules.rule import NO_DATE, NO_SSN, NOTHING, Parts, day, ordinal, rule


@rule("consumer_account_number", "must not contain the social security number")
def account_number_hides_no_ssn(base: Parts) -> bool:
    ssn = base["social_security_number"]
    return ssn not in base["consumer_account_number"] or ssn in NO_SSN


@rule(
    "social_security_number",
    "or the date of birth must be given, unless the ECOA code is 2 or 5",
    segments=("BASE", "J1", "J2"),
)
def consumer_is_identified(person: Parts) -> bool:
    known = person["social_security_number"] not in NO_SSN or person["date_of_birth"] != NO_DATE
    return known or person["ecoa_code"] in ECOA_WITHOUT_IDENTITY


@rule("date_of_birth", "must lie before the date opened")
def consumer_was_born_before_opening(base: Parts) -> bool:
    return day(base["date_of_birth"]) < day(base["date_opened"])


@rule("account_type", "must be a line of credit with portfolio type C: 15 43 47 89 7A 9B")
def line_of_credit_has_its_types(base: Parts) -> bool:
    return base["portfolio_type"] != LINE_OF_CREDIT or base["account_type"] in LINES_OF_CREDIT


@rule("account_type", "must fit the portfolio type: 00 01 02 only I, 15 89 7A only C, 19 25 26 only M")
def account_type_fits_the_portfolio(base: Parts) -> bool:
    portfolio = base["portfolio_type"]
    return portfolio == LINE_OF_CREDIT or PORTFOLIO_OF.get(base["account_type"], portfolio) == portfolio


@rule("credit_limit", "must be zero with portfolio types I and M")
def loan_has_no_credit_limit(base: Parts) -> bool:
    return base["credit_limit"] == NOTHING or base["portfolio_type"] not in LOANS


@rule("highest_credit", "must be the original amount, above zero, with portfolio types I and M")
def loan_has_an_original_amount(base: Parts) -> bool:
    return base["highest_credit"] != NOTHING or base["portfolio_type"] not in LOANS


@rule("terms_duration", "must be LOC with portfolio type C, REV with R, 001 with O, above 000 with I and M")
def terms_fit_the_portfolio(base: Parts) -> bool:
    terms, fixed = base["terms_duration"], TERMS_OF.get(base["portfolio_type"])
    return terms == fixed if fixed else terms not in ("000", "LOC", "REV")


@rule("scheduled_monthly_payment", "must be zero with statuses 13 and 61-65", statuses=PAID)
def paid_account_expects_no_payment(base: Parts) -> bool:
    return base["scheduled_monthly_payment"] == NOTHING


@rule("current_balance", "must be zero with statuses 13 and 61-65", statuses=PAID)
def paid_account_has_no_balance(base: Parts) -> bool:
    return base["current_balance"] == NOTHING


@rule("amount_past_due", "must be zero with statuses 11, 13 and 61-65", statuses=PAID | {"11"})
def current_or_paid_account_owes_nothing(base: Parts) -> bool:
    return base["amount_past_due"] == NOTHING


@rule("amount_past_due", "must be above zero with statuses 71, 78, 80 and 82-84", statuses=LATE)
def late_account_owes_something(base: Parts) -> bool:
    return base["amount_past_due"] != NOTHING


@rule("amount_past_due", "must equal the current balance with status 97", statuses=frozenset({"97"}))
def charged_off_account_owes_its_balance(base: Parts) -> bool:
    return base["amount_past_due"] == base["current_balance"]


@rule("amount_past_due", "must not exceed the current balance", statuses=ALL - {"11", "97"} - PAID)
def past_due_is_part_of_the_balance(base: Parts) -> bool:
    return base["amount_past_due"] <= base["current_balance"]


@rule("original_charge_off_amount", "must be above zero with statuses 64 and 97", statuses=CHARGED_OFF)
def charge_off_has_an_amount(base: Parts) -> bool:
    return base["original_charge_off_amount"] != NOTHING


@rule("original_charge_off_amount", "must be zero with every status but 64 and 97", statuses=ALL - CHARGED_OFF)
def only_charge_offs_have_an_amount(base: Parts) -> bool:
    return base["original_charge_off_amount"] == NOTHING


@rule("payment_rating", "must be given with statuses 05, 13, 65, 88, 89, 94 and 95", statuses=RATED)
def rated_status_has_a_rating(base: Parts) -> bool:
    return base["payment_rating"] != " "


@rule("payment_rating", "must be blank with every status but 05, 13, 65, 88, 89, 94 and 95", statuses=ALL - RATED)
def only_rated_statuses_have_a_rating(base: Parts) -> bool:
    return base["payment_rating"] == " "


@rule("payment_history_profile", "must have B only at its end: never between other codes")
def history_begins_once(base: Parts) -> bool:
    return "B" not in base["payment_history_profile"].rstrip("B")


@rule("payment_history_profile", "must have E only with portfolio types C, O and R")
def only_cards_and_lines_are_unused(base: Parts) -> bool:
    return "E" not in base["payment_history_profile"] or base["portfolio_type"] not in LOANS


@rule("date_opened", "must not lie after the date of account information")
def account_was_open(base: Parts) -> bool:
    return day(base["date_opened"]) <= day(base["date_of_account_information"])


@rule("date_closed", "must be given with statuses 13 and 61-65", statuses=PAID)
def paid_account_is_closed(base: Parts) -> bool:
    return base["date_closed"] != NO_DATE


def _lies_within_the_account(field: str) -> None:
    @rule(field, "must not lie before the date opened, nor after the date of account information")
    def between_opening_and_information(base: Parts) -> bool:
        text = base[field]
        if text == NO_DATE:
            return True
        return day(base["date_opened"]) <= day(text) <= day(base["date_of_account_information"])


for _field in ("date_of_first_delinquency", "date_closed", "date_of_last_payment"):
    _lies_within_the_account(_field)


@rule(
    "date_of_first_delinquency",
    "must be given with statuses 61-65, 71, 78, 80, 82-84, 88, 89 and 93-97, and with 05 and 13 rated 1-6, G or L",
    statuses=DEROGATORY | {"05", "13"},
)
def delinquency_has_a_first_day(base: Parts) -> bool:
    is_late = base["account_status"] in DEROGATORY or base["payment_rating"] in LATE_RATINGS
    return base["date_of_first_delinquency"] != NO_DATE or not is_late


@rule(
    "date_of_first_delinquency",
    "must be the petition's date with indicators A-H, Z, V and 1A on a current account",
    statuses=frozenset({"05", "11", "13"}),
)
def petition_has_a_date(base: Parts) -> bool:
    is_current = base["payment_rating"] == "0" or base["account_status"] == "11"
    return base["date_of_first_delinquency"] != NO_DATE or not (is_current and _is_petitioned(base))


@rule(
    "date_of_first_delinquency",
    "must be zeros while nothing is delinquent and no petition was filed",
    statuses=ALL - DEROGATORY,
)
def only_delinquency_has_a_first_day(base: Parts) -> bool:
    is_clean = base["payment_rating"] == "0" or base["account_status"] not in RATED
    return base["date_of_first_delinquency"] == NO_DATE or not is_clean or _is_petitioned(base)


@rule(
    "account_status",
    "must not be later than the days since 30 days before the date of first delinquency allow",
    statuses=LATE,
)
def status_is_no_later_than_the_first_day_allows(base: Parts) -> bool:
    first, known = base["date_of_first_delinquency"], base["date_of_account_information"]
    if first == NO_DATE or day(first) > day(known):
        return True
    return ordinal(known) - ordinal(first) + 30 >= DAYS_OF_STATUS[base["account_status"]]


def _is_petitioned(base: Parts) -> bool:
    return base["consumer_information_indicator"] in PETITIONS
