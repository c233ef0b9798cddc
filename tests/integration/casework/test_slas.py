"""Clocks of cases: warnings, breaches and escalations at their very moments, each once."""

from datetime import date

import pytest

from casework.models import Calendar, Case, Holiday, Sla
from casework.services import check_slas, close, define_sla, pause, resume, snooze
from common import clock
from common.outcomes import BadItem
from tests.integration.casework.cases import HOUR, at, dispute, instant, judge, sla, story, wake

pytestmark = pytest.mark.usefixtures("books")


def levels(case):
    return [(when, kind) for when, kind in story(case) if kind in {"warned", "breached", "escalated"}]


class TestReference:
    """§2.4: eight business hours, opened on a Friday at 16:00, hours from nine to five."""

    def test_it_is_breached_on_monday_at_16(self):
        sla()
        case = dispute()
        assert judge("03-04").counts == {"warned": 0, "breached": 0, "escalated": 0}
        assert judge("03-05").counts == {"warned": 1, "breached": 1, "escalated": 1}
        assert levels(case) == [("03-04 14:24", "warned"), ("03-04 16:00", "breached"), ("03-04 16:00", "escalated")]

    def test_snoozed_on_monday_from_10_to_12_it_is_breached_on_tuesday_at_10(self):
        sla()
        case = dispute()
        at("03-04", 10)
        snooze(number=case.number, until=instant("03-04", 12), by="ann")
        wake("03-04", 12)
        assert judge("03-05").counts["breached"] == 0
        judge("03-06")
        assert levels(case)[1] == ("03-05 10:00", "breached")


def test_the_escalated_is_urgent_and_told_once_whatever_night_looks():
    sla(escalate_percent=150)
    case = dispute()
    assert judge("03-05").counts == {"warned": 1, "breached": 1, "escalated": 0}
    assert Case.objects.get().priority == Case.Priority.NORMAL
    assert judge("03-05").counts == {"warned": 0, "breached": 0, "escalated": 0}
    assert judge("03-06").counts == {"warned": 0, "breached": 0, "escalated": 1}
    assert Case.objects.get().priority == Case.Priority.URGENT
    assert judge("03-20").counts == {"warned": 0, "breached": 0, "escalated": 0}
    assert [when for when, _ in levels(case)] == ["03-04 14:24", "03-04 16:00", "03-05 12:00"]


def test_a_paused_case_waits_for_the_borrower_and_not_for_us():
    sla()
    case = dispute()
    at("03-01", 16, 30)
    pause(number=case.number, by="ann", note="the borrower sends papers")
    at("03-11", 10)
    resume(number=case.number, by="ann")
    judge("03-20")
    assert levels(case)[1] == ("03-12 09:30", "breached")


@pytest.mark.parametrize(("minute", "breached"), [(0, 0), (1, 1)])
def test_closed_at_the_same_minute_is_in_time(minute, breached, monkeypatch):
    sla()
    # A clock that stands still: what a busy machine needs between two lines would be the case's age.
    monkeypatch.setattr(clock, "now", lambda: instant("03-01", 16))
    case = dispute()
    monkeypatch.setattr(clock, "now", lambda: instant("03-04", 16, minute))
    close(number=case.number, by="ann", note="done")
    assert judge("03-05").counts["breached"] == breached


def test_a_night_that_runs_late_does_not_see_what_happened_since():
    sla()
    case = dispute()
    at("03-04", 10)
    close(number=case.number, by="ann", note="done")
    at("03-20")
    assert judge("03-04").counts == {"warned": 0, "breached": 0, "escalated": 0}
    assert judge("03-05").counts == {"warned": 0, "breached": 0, "escalated": 0}


def test_nights_missed_tell_the_same_as_nights_on_time():
    sla()
    late, timely = dispute("L1"), dispute("L2")
    for day in ("03-02", "03-03", "03-04", "03-05", "03-06"):
        judge(day, only=[timely.number])
    judge("03-06", only=[late.number])
    assert levels(late) == levels(timely) != []


def test_a_case_keeps_the_sla_it_was_opened_under():
    sla()
    old = dispute("L1")
    define_sla(code="eight hours", kind="dispute", calendar_code="office", target=2 * HOUR, starts_on=date(2024, 3, 2))
    new = dispute("L2", day="03-04", hour=9)
    judge("03-20")
    assert levels(old)[1] == ("03-04 16:00", "breached")
    assert levels(new)[1] == ("03-04 11:00", "breached")


def test_a_holiday_of_the_tenant_stops_the_clock():
    sla()
    case = dispute()
    Holiday.objects.create(calendar=Calendar.objects.get(), day=date(2024, 3, 4), name="founder's day")
    judge("03-20")
    assert levels(case)[1] == ("03-05 16:00", "breached")


def test_only_cases_of_its_kind_are_held_to_it():
    sla(kind="hardship")
    case = dispute()
    judge("03-20")
    assert levels(case) == []


def test_a_case_whose_calendar_makes_no_sense_is_left_out_until_it_does():
    sla()
    good = dispute("L1")
    sla("strange", kind="hardship")
    bad = dispute("L2")
    Case.objects.filter(pk=bad.pk).update(kind="hardship")
    nowhere = Calendar.objects.create(code="nowhere", zone="Mars/Olympus")
    nowhere.hours.create(weekday=0, opens="09:00", closes="17:00")
    Sla.objects.filter(kind="hardship").update(calendar=nowhere)
    outcome = judge("03-20")
    assert outcome.counts["breached"] == 1
    reason = "calendar nowhere is in no time zone (Mars/Olympus): correct it"
    assert outcome.quarantined == [BadItem(model="casework.Case", key=bad.number, reason=reason)]
    Calendar.objects.filter(code="nowhere").update(zone="UTC")
    outcome = judge("03-20", only=[bad.number])
    assert (outcome.counts["breached"], outcome.quarantined) == (1, [])
    assert levels(bad) == [("03-04 15:24", "warned"), ("03-11 09:00", "breached"), ("03-11 09:00", "escalated")]
    assert levels(good)


def test_a_calendar_that_never_opens_is_said_to():
    sla()
    case = dispute()
    Calendar.objects.get().hours.all().delete()
    reason = "calendar office never opens: give it hours"
    assert judge("03-20").quarantined == [BadItem(model="casework.Case", key=case.number, reason=reason)]


def test_the_night_by_hand_looks_at_its_usual_time():
    sla()
    dispute(day="03-04", hour=9)
    Calendar.objects.get().hours.all().delete()
    Calendar.objects.get().hours.create(weekday=1, opens="01:00", closes="04:00")
    define_sla(code="one hour", kind="dispute", calendar_code="office", target=HOUR, starts_on=date(2024, 1, 1))
    assert check_slas(business_date=date(2024, 3, 5)).counts["breached"] == 1
