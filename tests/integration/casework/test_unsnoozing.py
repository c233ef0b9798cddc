"""Snoozed cases wake once, at the first full hour after their time, however late that hour is done."""

from datetime import date

import pytest

from casework.models import Case, CaseEvent
from casework.services import close, snooze, unsnooze
from tests.integration.casework.cases import agents, assign, at, dispute, instant, story, wake
from tests.integration.delinquency.behind import make_loan

pytestmark = pytest.mark.usefixtures("books")


@pytest.fixture
def sleeper():
    """A case that sleeps until 10:00 on 4 March."""
    case = dispute(day="03-04", hour=8)
    return snooze(number=case.number, until=instant("03-04", 10), by="ann")


def woken():
    return list(CaseEvent.objects.filter(kind="woken").values_list("at", "until", "by"))


def test_the_run_of_11_wakes_what_the_missed_run_of_10_would_have(sleeper):
    """§2.4: woken once, event time 11:00Z, for what was due at 10:00Z."""
    assert wake("03-04", 9).counts == {"woken": 0}
    at("03-04", 13, 37)
    assert wake("03-04", 11).counts == {"woken": 1}
    assert wake("03-04", 11).counts == {"woken": 0}
    assert wake("03-04", 12).counts == {"woken": 0}
    assert woken() == [(instant("03-04", 11), instant("03-04", 10), "")]
    assert Case.objects.values_list("status", "snoozed_until").get() == ("open", None)


def test_its_own_hour_wakes_it(sleeper):
    assert wake("03-04", 10).counts == {"woken": 1}
    assert story(sleeper)[-1] == ("03-04 10:00", "woken")


def test_one_snoozed_anew_sleeps_on(sleeper):
    at("03-04", 10, 5)
    snooze(number=sleeper.number, until=instant("03-04", 14), by="ann")
    assert wake("03-04", 11).counts == {"woken": 0}
    assert wake("03-04", 14).counts == {"woken": 1}
    assert woken() == [(instant("03-04", 14), instant("03-04", 14), "")]


def test_one_closed_in_its_sleep_does_not_wake(sleeper):
    close(number=sleeper.number, by="ann", note="settled")
    assert wake("03-04", 11).counts == {"woken": 0}


def test_it_wakes_in_its_queue_and_with_its_agent():
    agents("ann")
    make_loan(dues=["2024-02-01"])
    assign("02-02")
    at("02-02", 10)
    snooze(number="L1/1", until=instant("02-03", 5), by="ann")
    assign("02-03")
    wake("02-03", 5)
    assert Case.objects.values_list("queue__code", "assignee__code").get() == ("general", "ann")
    assert CaseEvent.objects.get(kind="woken").queue.code == "general"


def test_by_hand_it_is_the_last_full_hour(sleeper):
    at("03-04", 10, 59)
    assert unsnooze().counts == {"woken": 1}
    assert woken()[0][0] == instant("03-04", 10)
    assert sleeper.opened_on == date(2024, 3, 4)
