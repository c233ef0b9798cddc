"""How days past due, payments and bankruptcies become codes and dates."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_reporting.metro2.exceptions import MissingDueDateError, UnknownStatusError
from credit_reporting.metro2.status import (
    Reported,
    account_status,
    date_of_first_delinquency,
    days_past_due,
    history_code,
    is_delinquent,
    payment_history_profile,
    payment_rating,
)
from tests.unit.credit_reporting.sample_records import STATUSES

DUE = date(2024, 1, 15)
FIRST = date(2024, 2, 14)


def reported(status="71", rating="", profile="B" * 24, first=FIRST):
    return Reported(
        account_status=status, payment_rating=rating, payment_history_profile=profile, date_of_first_delinquency=first
    )


@pytest.mark.parametrize(
    ("days", "status"),
    [
        (0, "11"), (29, "11"), (30, "71"), (59, "71"), (60, "78"), (89, "78"), (90, "80"), (119, "80"), (120, "82"),
        (149, "82"), (150, "83"), (179, "83"), (180, "84"), (5000, "84"),
    ],
)  # fmt: skip
def test_days_past_due_decide_the_status_of_an_open_account(days, status):
    assert account_status(days) == status


@pytest.mark.parametrize(
    ("as_of", "due", "days"),
    [
        (date(2024, 2, 29), DUE, 45),
        (date(2024, 3, 31), DUE, 76),
        (DUE, DUE, 0),
        (date(2024, 1, 14), DUE, 0),
        (date(2024, 2, 29), None, 0),
    ],
)
def test_days_are_counted_from_the_due_date(as_of, due, days):
    assert days_past_due(as_of, due) == days


def test_the_published_example_of_two_months():
    february = reported(
        status=account_status(days_past_due(date(2024, 2, 29), DUE)),
        profile=payment_history_profile(reported(status="11", profile="B" * 24, first=None)),
        first=date_of_first_delinquency(status="71", oldest_due=DUE, previous=reported(status="11", first=None)),
    )
    assert february.account_status == "71"
    assert f"{february.date_of_first_delinquency:%m%d%Y}" == "02142024"
    assert february.payment_history_profile[0] == "0"
    assert account_status(days_past_due(date(2024, 3, 31), DUE)) == "78"
    assert date_of_first_delinquency(status="78", oldest_due=DUE, previous=february) == FIRST
    assert payment_history_profile(february) == "10" + "B" * 22


@pytest.mark.parametrize(
    ("status", "before", "rating"),
    [
        ("13", "11", "0"),
        ("13", "71", "1"),
        ("05", "78", "2"),
        ("65", "80", "3"),
        ("88", "82", "4"),
        ("89", "83", "5"),
        ("94", "84", "6"),
        ("95", "93", "G"),
        ("05", "97", "L"),
        *[(status, "71", "") for status in STATUSES if status not in {"05", "13", "65", "88", "89", "94", "95"}],
    ],
)
def test_seven_statuses_are_rated_by_what_was_before_and_the_others_not(status, before, rating):
    assert payment_rating(status, before) == rating


def test_paid_on_22_march_while_30_days_late_on_10_march_is_13_rated_1():
    before = account_status(days_past_due(date(2019, 3, 22), date(2019, 2, 8)))
    assert payment_rating("13", before) == "1"


@pytest.mark.parametrize("before", ["96", "DA", "13", "", "99"])
def test_a_standing_that_has_no_rating_is_refused(before):
    with pytest.raises(UnknownStatusError, match="correct the stored record"):
        payment_rating("13", before)


@pytest.mark.parametrize(
    ("status", "rating", "code"),
    [
        ("11", "", "0"), ("71", "", "1"), ("78", "", "2"), ("80", "", "3"), ("82", "", "4"), ("83", "", "5"),
        ("84", "", "6"), ("93", "", "G"), ("94", "6", "H"), ("95", "6", "J"), ("96", "", "K"), ("97", "", "L"),
        ("13", "0", "0"), ("13", "1", "1"), ("05", "L", "L"), ("65", "6", "6"), ("88", "3", "3"), ("89", "G", "G"),
        ("61", "", "J"), ("62", "", "G"), ("63", "", "K"), ("64", "", "L"), ("DA", "", "D"), ("DF", "", "D"),
    ],
)  # fmt: skip
def test_a_profile_remembers_each_status(status, rating, code):
    assert history_code(status, rating) == code


@pytest.mark.parametrize(("status", "rating"), [("13", ""), ("05", "7"), ("", ""), ("12", "0")])
def test_a_status_that_history_cannot_tell_is_refused(status, rating):
    with pytest.raises(UnknownStatusError) as refused:
        payment_history_profile(reported(status=status, rating=rating))
    assert str(refused.value) == (
        f"{status!r} with payment rating {rating!r} is no account status that history can tell: "
        "correct the stored record."
    )


def test_an_account_that_was_never_reported_has_no_history():
    assert payment_history_profile(None) == "B" * 24


def test_months_that_were_not_reported_are_told_as_such():
    assert payment_history_profile(reported(profile="0" + "B" * 23), unreported=2) == "DD10" + "B" * 20
    assert payment_history_profile(reported(), unreported=30) == "D" * 24


@given(st.lists(st.sampled_from([status for status in STATUSES if history_code(status, "1")]), max_size=40))
def test_a_profile_is_the_statuses_before_it_newest_first(statuses):
    profile = payment_history_profile(None)
    for status in statuses:
        profile = payment_history_profile(reported(status=status, rating="1", profile=profile))
    told = "".join(history_code(status, "1") for status in reversed(statuses))
    assert profile == told[:24].ljust(24, "B")


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("rating", ["", *"0123456GL"])
def test_delinquent_is_what_the_list_of_statuses_and_ratings_says(status, rating):
    listed = set(STATUSES) - {"05", "11", "13", "DA", "DF"}
    assert is_delinquent(status, rating) == (
        status in listed or (status in {"05", "13"} and rating in {"1", "2", "3", "4", "5", "6", "G", "L"})
    )


def test_a_date_of_first_delinquency_is_30_days_after_the_due_date():
    assert date_of_first_delinquency(status="71", oldest_due=DUE) == FIRST == DUE + timedelta(days=30)
    assert date_of_first_delinquency(status="13", rating="1", oldest_due=DUE) == FIRST


@pytest.mark.parametrize("status", ["71", "78", "80", "82", "83", "84", "93", "96", "97", "64"])
def test_it_is_frozen_through_the_cycle_also_when_one_of_three_instalments_was_paid(status):
    later = date(2024, 2, 15)
    assert date_of_first_delinquency(status=status, oldest_due=later, previous=reported("80")) == FIRST


def test_it_needs_no_due_date_once_it_was_reported():
    assert date_of_first_delinquency(status="97", oldest_due=None, previous=reported("82")) == FIRST


@pytest.mark.parametrize(("status", "rating"), [("11", ""), ("13", "0"), ("05", "0"), ("DA", ""), ("DF", "")])
def test_a_current_account_has_none(status, rating):
    assert date_of_first_delinquency(status=status, rating=rating, oldest_due=DUE, previous=reported("71")) is None


def test_a_new_cycle_has_a_new_date():
    cured = reported("11", first=None)
    assert date_of_first_delinquency(status="71", oldest_due=date(2024, 6, 15), previous=cured) == date(2024, 7, 15)


def test_a_cycle_that_began_between_two_reports_has_a_new_date():
    # Cured on 1 March, and the instalment due that day unpaid on 31 March: both reports say 71.
    assert date_of_first_delinquency(
        status="71", oldest_due=date(2024, 3, 1), previous=reported("71"), was_current=True
    ) == date(2024, 3, 31)


@pytest.mark.parametrize(("status", "rating"), [("11", ""), ("13", "0"), ("05", "0")])
def test_bankruptcy_of_a_current_account_has_the_date_of_the_petition(status, rating):
    petition = date(2024, 5, 6)
    assert date_of_first_delinquency(status=status, rating=rating, oldest_due=None, petition=petition) == petition


def test_bankruptcy_of_a_delinquent_account_keeps_the_date_of_the_delinquency():
    petition = date(2024, 5, 6)
    assert date_of_first_delinquency(status="71", oldest_due=DUE, petition=petition) == FIRST
    # A current account's petition is no delinquency that goes on.
    bankrupt = reported("11", first=petition)
    assert date_of_first_delinquency(status="71", oldest_due=DUE, previous=bankrupt, petition=petition) == FIRST
    assert date_of_first_delinquency(status="DA", oldest_due=DUE, petition=petition) is None


@pytest.mark.parametrize("previous", [None, reported("11", first=None), reported("71", first=None)])
def test_a_delinquency_that_begins_without_a_due_date_is_refused(previous):
    with pytest.raises(MissingDueDateError, match="Status 71 with payment rating '' needs a date"):
        date_of_first_delinquency(status="71", oldest_due=None, previous=previous)
