"""Filings, continuations, insurances and releases, by the dates of UCC 9-515 and 9-513."""

from datetime import date, timedelta

import pytest

from compliance import services
from compliance.exceptions import BadLienError
from compliance.models import Lien, LienAlert, Release
from loans.models import Closure
from tests.integration.payments.money import lend

pytestmark = pytest.mark.usefixtures("books")

FILED = date(2020, 3, 10)
LAST = date(2025, 3, 10)
ONE_DAY = timedelta(days=1)


def lien(reference="UCC-1", *, kind="ucc", filed_on=FILED, loan=None, **values):
    loan = loan or lend(f"loan of {reference}")
    return Lien.objects.create(loan=loan, reference=reference, kind=kind, filed_on=filed_on, **values)


def look(day, **options):
    return services.check_expirations(business_date=day, **options)


def alerts(one=None):
    rows = LienAlert.objects.filter(**({"lien": one} if one else {})).order_by("alerted_on", "of")
    return [(row.alerted_on, row.of, row.threshold) for row in rows]


def lapsed(one):
    one.refresh_from_db()
    return one.lapsed_on


def close(loan, on, reason="fully paid"):
    return Closure.objects.create(loan=loan, closed_on=on, reason=reason)


def test_a_filing_is_effective_for_five_years_and_lapses_on_the_day_after():
    one = lien()
    look(LAST)
    assert lapsed(one) is None
    look(LAST + ONE_DAY)
    assert lapsed(one) == date(2025, 3, 11)


@pytest.mark.parametrize(
    ("continued_on", "lapses_on"),
    [
        (date(2024, 9, 9), date(2025, 3, 11)),  # A day early is void.
        (date(2024, 9, 10), date(2030, 3, 11)),
        (date(2025, 3, 10), date(2030, 3, 11)),
        (date(2025, 3, 11), date(2025, 3, 11)),  # A day late is void.
    ],
)
def test_a_continuation_counts_within_the_last_six_months_only(continued_on, lapses_on):
    one = lien()
    services.continue_lien(reference="UCC-1", filed_on=continued_on)
    look(lapses_on - ONE_DAY)
    assert lapsed(one) is None
    look(lapses_on)
    assert lapsed(one) == lapses_on


def test_an_early_continuation_does_not_hide_one_in_time():
    one = lien()
    for day in (date(2024, 1, 5), date(2024, 12, 1)):
        services.continue_lien(reference="UCC-1", filed_on=day)
    look(date(2030, 3, 10))
    assert lapsed(one) is None


def test_a_continued_filing_is_continued_again_in_its_own_last_six_months():
    one = lien()
    for day in (date(2024, 12, 1), date(2029, 9, 10)):
        services.continue_lien(reference="UCC-1", filed_on=day)
    look(date(2035, 3, 10))
    assert lapsed(one) is None
    look(date(2035, 3, 11))
    assert lapsed(one) == date(2035, 3, 11)


def test_two_continuations_in_one_window_add_five_years_once():
    one = lien()
    for day in (date(2024, 12, 1), date(2025, 1, 7)):
        services.continue_lien(reference="UCC-1", filed_on=day)
    look(date(2030, 3, 11))
    assert lapsed(one) == date(2030, 3, 11)


def test_a_manufactured_homes_filing_is_effective_for_thirty_years_and_then_five():
    one = lien(kind="manufactured home")
    services.continue_lien(reference="UCC-1", filed_on=date(2049, 9, 10))
    look(date(2055, 3, 10))
    assert lapsed(one) is None
    look(date(2055, 3, 11))
    assert lapsed(one) == date(2055, 3, 11)


@pytest.mark.parametrize(
    ("filed_on", "last", "opens"),
    [
        (date(2020, 2, 29), date(2025, 3, 1), date(2024, 9, 1)),
        (date(2019, 3, 1), date(2024, 3, 1), date(2023, 9, 1)),
        (date(2019, 8, 31), date(2024, 8, 31), date(2024, 2, 29)),
    ],
)
def test_a_filing_at_a_months_end(filed_on, last, opens):
    one = lien(filed_on=filed_on)
    look(last)
    assert lapsed(one) is None
    look(last + ONE_DAY)
    assert lapsed(one) == last + ONE_DAY
    for day, lapse in ((opens - ONE_DAY, last + ONE_DAY), (opens, None)):
        services.continue_lien(reference="UCC-1", filed_on=day)
        look(last + ONE_DAY)
        assert lapsed(one) == lapse


def test_a_continuation_entered_late_takes_a_lapse_back():
    one = lien()
    look(LAST + ONE_DAY)
    services.continue_lien(reference="UCC-1", filed_on=date(2025, 3, 7))
    assert look(date(2025, 3, 20)).counts["lapses"] == 1
    assert lapsed(one) is None


def test_a_night_sees_no_continuation_of_its_own_day():
    one = lien()
    services.continue_lien(reference="UCC-1", filed_on=LAST)
    look(LAST)
    assert LienAlert.objects.filter(lien=one, expires_on=LAST, threshold=0).exists()
    look(LAST + ONE_DAY)
    assert lapsed(one) is None


def test_an_earlier_night_that_comes_later_takes_no_lapse_back():
    one = lien()
    look(LAST + ONE_DAY)
    look(LAST - ONE_DAY)
    assert lapsed(one) == LAST + ONE_DAY


def test_somebody_is_told_once_at_each_threshold():
    one = lien()
    for offset in range(400):
        look(date(2024, 8, 1) + timedelta(days=offset))
    assert alerts(one) == [(LAST - timedelta(days=days), "filing", days) for days in (180, 90, 60, 30, 0)]


def test_a_lien_entered_late_is_told_once_and_not_for_each_threshold_that_has_passed():
    one = lien()
    look(LAST - timedelta(days=45))
    look(LAST - timedelta(days=44))
    look(LAST - timedelta(days=30))
    assert [threshold for _, _, threshold in alerts(one)] == [60, 30]


def test_a_continued_filing_is_told_of_again_before_its_next_end():
    one = lien()
    look(LAST - timedelta(days=180))
    services.continue_lien(reference="UCC-1", filed_on=LAST - timedelta(days=100))
    for day in (LAST - timedelta(days=90), LAST, date(2030, 3, 10) - timedelta(days=180)):
        look(day)
    assert list(LienAlert.objects.filter(lien=one).order_by("id").values_list("expires_on", "threshold")) == [
        (LAST, 180),
        (date(2030, 3, 10), 180),
    ]


def test_nights_caught_up_write_what_nights_on_time_write():
    on_time, late = lien("on time"), lien("late")
    for offset in range(200):
        look(LAST + timedelta(days=offset - 190), only=["on time"])
    for offset in range(200):  # Oldest first, all of them on one later day.
        look(LAST + timedelta(days=offset - 190), only=["late"])
    assert alerts(on_time) == alerts(late)
    assert lapsed(on_time) == lapsed(late) == LAST + ONE_DAY


def test_a_title_lien_has_no_expiry():
    one = lien("TITLE-1", kind="title", filed_on=date(1990, 1, 1))
    undated = lien("TITLE-2", kind="title", filed_on=None)
    outcome = look(date(2025, 1, 1))
    assert (outcome.counts["alerts"], outcome.counts["lapses"], outcome.quarantined) == (0, 0, [])
    assert (lapsed(one), lapsed(undated)) == (None, None)
    with pytest.raises(BadLienError, match="does not expire"):
        services.continue_lien(reference="TITLE-1", filed_on=date(2025, 1, 1))


def test_an_insurance_that_ends_is_told_of_and_a_renewal_begins_anew():
    one = lien("TITLE-1", kind="title", filed_on=None, insured_until=date(2024, 7, 31))
    look(date(2024, 7, 1))
    services.insure(reference="TITLE-1", insured_until=date(2025, 7, 31))
    look(date(2024, 7, 31))
    look(date(2025, 7, 1))
    assert alerts(one) == [(date(2024, 7, 1), "insurance", 30), (date(2025, 7, 1), "insurance", 30)]


def test_a_paid_loan_has_a_release_task_and_no_alerts():
    one = lien(insured_until=LAST)
    close(one.loan, LAST - timedelta(days=31))
    outcome = look(LAST - timedelta(days=30))
    assert outcome.counts == {"alerts": 0, "lapses": 0, "releases": 1, "withdrawn": 0}
    task = Release.objects.get()
    assert (task.paid_on, task.due_on, task.asked_on) == (date(2025, 2, 7), date(2025, 3, 7), date(2025, 2, 8))
    assert look(LAST - timedelta(days=29)).counts["releases"] == 0


def test_a_loan_paid_on_the_day_is_seen_by_the_next_night():
    one = lien()
    close(one.loan, LAST - timedelta(days=30))
    assert look(LAST - timedelta(days=30)).counts["alerts"] == 1
    assert look(LAST - timedelta(days=29)).counts["releases"] == 1


def test_a_charged_off_loan_stays_secured():
    one = lien()
    close(one.loan, LAST - timedelta(days=60), "charged off")
    assert look(LAST - timedelta(days=30)).counts == {"alerts": 1, "lapses": 0, "releases": 0, "withdrawn": 0}


def test_a_loan_that_goes_on_withdraws_the_release_and_is_watched_again():
    one = lien()
    end = close(one.loan, LAST - timedelta(days=60))
    look(LAST - timedelta(days=59))
    end.reopened_on = LAST - timedelta(days=40)
    end.save()
    counts = look(LAST - timedelta(days=30)).counts
    assert (counts["withdrawn"], counts["alerts"]) == (1, 1)
    close(one.loan, LAST - timedelta(days=20))
    assert look(LAST - timedelta(days=19)).counts["releases"] == 1


def test_a_released_lien_is_left_alone():
    one = lien()
    services.release(reference="UCC-1", released_on=date(2024, 6, 1))
    assert look(LAST - timedelta(days=30)).counts["alerts"] == 0
    look(LAST + ONE_DAY)
    assert lapsed(one) is None
    with pytest.raises(BadLienError, match="released on 2024-06-01"):
        services.insure(reference="UCC-1", insured_until=LAST)


def test_a_filing_without_a_date_is_left_out_until_it_has_one():
    lien("good")
    bad = lien("bad", filed_on=None)
    outcome = look(LAST - timedelta(days=90))
    assert outcome.counts["alerts"] == 1
    assert [(item.model, item.key) for item in outcome.quarantined] == [("compliance.Lien", "bad")]
    services.file_lien(reference="bad", loan_number=bad.loan.number, kind="ucc", filed_on=FILED)
    again = look(LAST - timedelta(days=90), only=["bad", "ghost"])
    assert again.counts["alerts"] == 1
    assert [item.key for item in again.quarantined] == ["ghost"]


def test_a_lien_is_filed_once():
    lend("L1")
    filed = {"reference": "UCC-1", "loan_number": "L1", "kind": "ucc"}
    assert services.file_lien(**filed, filed_on=FILED) == services.file_lien(**filed, filed_on=FILED)
    with pytest.raises(BadLienError, match="filed on 2020-03-10"):
        services.file_lien(**filed, filed_on=LAST)
    with pytest.raises(BadLienError, match="there is none"):
        services.release(reference="UCC-2", released_on=LAST)
