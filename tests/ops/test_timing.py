"""Causes are told before what they cause, and stay told until what they made stale is fresh again."""

import pytest
from django.conf import settings

from ops.alerts.thresholds import Duration, load
from schedules.catalog import CATALOG

AT = load()
AT_ONCE = Duration(0)
#: From a change to its being known: one scrape, one evaluation.
SEEN = AT.every.scrape.seconds + AT.every.evaluation.seconds


def told(*, silent=AT_ONCE, hold=AT_ONCE):
    """Return how long after its cause an alert fires at the latest, in seconds."""
    return silent.seconds + hold.seconds + SEEN + AT.every.evaluation.seconds


DATABASE_AWAY = BROKER_AWAY = told(hold=AT.platform.away_for)
BEAT_DOWN = told(silent=AT.platform.beat_silent, hold=AT.platform.beat_for)
QUEUE_STALLED = told(silent=AT.platform.canary_old, hold=AT.platform.canary_for) + AT.every.canary.seconds
BLIND = told(silent=AT.platform.scan_old, hold=AT.platform.blind_for)


@pytest.mark.parametrize("cause", [DATABASE_AWAY, BROKER_AWAY, BEAT_DOWN, QUEUE_STALLED, BLIND])
def test_a_cause_is_told_before_any_schedule_that_became_due_after_it_can_be_missed(cause):
    assert cause < min(schedule.deadline.total_seconds() for schedule in CATALOG)


def earliest(*, silent, hold):
    """Return how long after its cause an alert can fire at the earliest."""
    return silent.seconds + hold.seconds


def test_a_database_that_is_away_is_told_before_what_only_follows_from_it():
    platform = AT.platform
    assert earliest(silent=platform.beat_silent, hold=platform.beat_for) > DATABASE_AWAY
    assert earliest(silent=platform.scan_old, hold=platform.blind_for) > DATABASE_AWAY
    assert earliest(silent=platform.canary_old, hold=platform.canary_for) - AT.every.canary.seconds > DATABASE_AWAY


def test_a_dead_beat_or_broker_is_told_before_the_queues_that_hear_no_more_of_them():
    queue = earliest(silent=AT.platform.canary_old, hold=AT.platform.canary_for) - AT.every.canary.seconds
    assert max(BEAT_DOWN, BROKER_AWAY) < queue


def test_a_cause_stays_told_until_canaries_have_flown_again():
    assert AT.platform.keep.seconds > AT.every.canary.seconds + SEEN


def test_the_quiet_after_a_cause_outlasts_every_alert_that_goes_on_for_a_while():
    assert AT.night.catching_up.seconds > max(AT.night.keep.seconds, AT.platform.keep.seconds) + SEEN


def test_the_replacement_of_a_monitor_takes_back_no_alert():
    assert AT.night.keep.seconds > AT.platform.blind_for.seconds


def test_a_judgement_is_believed_for_some_scans_and_scrapes():
    assert AT.night.fresh.seconds > 3 * (settings.MATINS_SCAN_S + SEEN / 2)


def test_the_tenth_of_many_failed_runs_is_seen_before_the_first_is_told():
    assert AT.routing.wait_runs.seconds > settings.MATINS_SCAN_S + SEEN


def test_the_canaries_fly_as_often_as_the_rules_say():
    assert AT.every.canary.seconds == settings.MATINS_CANARY_S


def test_durations_are_multiplied_and_read_as_prometheus_writes_them():
    compressed = load(factor=1 / 60)
    assert [str(compressed.every.scrape), str(compressed.platform.keep)] == ["83ms", "5s"]
    assert [str(AT.slow.budget_long), str(AT.platform.away_for), str(AT.routing.repeat_page)] == ["3d", "2m", "4h"]
    assert compressed.night.broken_tenants == AT.night.broken_tenants
