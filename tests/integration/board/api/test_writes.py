"""Every action through the API: rehearsed, done once for its key also at the same time, refused in words, audited."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.db.models.functions import Now

from board import actions
from board.api.models import Answer
from board.models import Audit
from schedules import sql
from schedules.models import Run, Window
from tenants.models import Tenant
from tests.integration.board.api.calling import Caller, problem
from tests.stage import at

DATE = "2024-07-01"
SKIP = {"schedule": "daily-first", "business_date": DATE, "reason": "no tape came"}
RERUN = {"schedule": "daily-first", "business_date": DATE, "reason": "the tape came"}


def state_of(schema_name, schedule="daily-first"):
    return Run.objects.get(window__schedule=schedule, tenant__schema_name=schema_name, item="").state


def test_a_rehearsal_says_what_would_be_done_and_writes_nothing(half_night, operator):
    told = operator.post("/actions/rerun", {**RERUN, "dry_run": True}).json()
    assert told == {
        "dry_run": True,
        "said": ["beta: failed (RuntimeError: the till is short)"],
        "more": 0,
        "runs": 1,
        "windows": [Window.objects.get(schedule="daily-first").pk],
        "audit": None,
    }
    assert (state_of("beta"), Audit.objects.count()) == ("failed", 0)


def test_rerun_sets_the_failed_runs_going(half_night, operator):
    told = operator.post("/actions/rerun", RERUN).json()
    assert (told["runs"], told["dry_run"]) == (1, False)
    assert state_of("beta") == "ready"
    row = Audit.objects.get(pk=told["audit"])
    assert (row.who, row.via) == (f"token {operator.token.name} ({operator.token.key})", "api")
    assert (row.action, row.why, row.outcome) == ("rerun", "the tape came", "done")


def test_skip_gives_up_with_its_reason(half_night, operator):
    assert operator.post("/actions/skip", SKIP).json()["runs"] == 1
    assert Run.objects.get(state="skipped").reason == "no tape came"


def test_catch_up_opens_what_nobody_did(half_night, operator):
    at(4, day=2)
    told = operator.post("/actions/catch-up", {}).json()
    assert len(told["windows"]) == 4
    assert Window.objects.filter(business_date="2024-07-02").count() == 4


def test_backfill_opens_a_past_range(half_night, operator):
    Run.objects.filter(window__schedule="daily-parent").delete()
    told = operator.post("/actions/backfill", {"schedule": "daily-parent", "first": DATE, "last": DATE}).json()
    assert (told["runs"], state_of("acme", "daily-parent")) == (2, "ready")


def test_a_backfill_of_more_than_a_year_is_refused(half_night, operator):
    answer = operator.post(
        "/actions/backfill", {"schedule": "daily-parent", "first": "2022-01-01", "last": "2023-01-02"}
    )
    assert problem(answer) == (422, "invalid")
    assert "at most 366 days" in answer.json()["errors"][0]["detail"]


def test_suspend_and_resume_with_what_was_missed(half_night, administrator):
    assert administrator.post("/actions/suspend", {"tenant": "beta"}).status_code == 200
    assert Tenant.objects.get(schema_name="beta").status == "suspended"
    assert state_of("beta", "daily-second") == "skipped"
    assert administrator.post("/actions/resume", {"tenant": "beta", "catch_up": True}).status_code == 200
    assert state_of("beta", "daily-second") == "waiting"


def test_a_refusal_is_told_in_words_audited_and_kept(half_night, operator):
    answers = [operator.post("/actions/skip", {**SKIP, "tenants": ["acme"]}, key="k") for _ in range(2)]
    assert [problem(answer) for answer in answers] == [(409, "refused")] * 2
    assert answers[0].json()["detail"] == "Nothing of daily-first of 2024-07-01 is waiting, ready or failed."
    assert [row.outcome for row in Audit.objects.all()] == ["refused"]


def test_the_same_key_gets_the_same_answer_and_nothing_is_done_again(half_night, operator):
    first, again = (operator.post("/actions/rerun", RERUN, key="monday") for _ in range(2))
    assert (first.status_code, again.status_code) == (200, 200)
    assert again.content == first.content
    assert "Idempotent-Replayed" not in first
    assert again["Idempotent-Replayed"] == "true"
    assert Audit.objects.count() == 1


def test_a_key_that_comes_with_another_request_is_refused(half_night, operator):
    operator.post("/actions/rerun", RERUN, key="monday")
    for path, body in (("/actions/rerun", {**RERUN, "reason": "other"}), ("/actions/skip", SKIP)):
        assert problem(operator.post(path, body, key="monday")) == (422, "idempotency-key-reused")
    assert Audit.objects.count() == 1


def test_two_tokens_may_use_the_same_key(half_night, caller):
    first, second = caller("operator"), caller("operator")
    assert first.post("/actions/rerun", RERUN, key="monday").status_code == 200
    assert problem(second.post("/actions/rerun", RERUN, key="monday")) == (409, "refused")


def test_a_write_without_a_key_is_refused(half_night, operator):
    answer = operator.client.post("/api/actions/rerun", RERUN, content_type="application/json")
    assert problem(answer) == (422, "invalid")
    assert answer.json()["errors"][0]["at"] == "header.Idempotency-Key"
    assert Audit.objects.count() == 0


@pytest.mark.parametrize("key", ["", " ", "k" * 256, "é"])
def test_a_key_that_is_none_is_refused(half_night, operator, key):
    answer = operator.client.post(
        "/api/actions/rerun", RERUN, content_type="application/json", headers={"Idempotency-Key": key}
    )
    assert problem(answer) == (422, "invalid")


def test_at_the_same_time_a_write_is_done_once(half_night, operator):
    """Eight at once: one does it; the others are told to come back, or what it was answered."""
    together = Barrier(8)

    def post(_):
        together.wait()
        try:
            return Caller(operator.secret).post("/actions/rerun", RERUN, key="once")
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(post, range(8)))
    done = [answer for answer in answers if answer.status_code == 200]
    assert len({answer.content for answer in done}) == 1
    for answer in answers:
        if answer.status_code != 200:
            assert problem(answer) == (409, "still-going-on")
            assert answer["Retry-After"] == "1"
    assert (Audit.objects.count(), Answer.objects.count()) == (1, 1)
    assert operator.post("/actions/rerun", RERUN, key="once").content == done[0].content


def test_what_is_going_on_is_neither_done_twice_nor_answered(half_night, operator, monkeypatch):
    """While the work goes on in one process, the same write in another is told to wait."""
    inside = []

    def work(*arguments, **options):
        with ThreadPoolExecutor(1) as pool:
            inside.append(pool.submit(beside).result())
        return perform(*arguments, **options)

    def beside():
        try:
            return Caller(operator.secret).post("/actions/rerun", RERUN, key="once")
        finally:
            connection.close()

    perform = actions.perform
    monkeypatch.setattr(actions, "perform", work)
    assert operator.post("/actions/rerun", RERUN, key="once").status_code == 200
    assert [problem(answer) for answer in inside] == [(409, "still-going-on")]


def test_what_a_dead_process_left_undone_is_done_by_the_repetition(half_night, operator, monkeypatch):
    def die(*_arguments, **_options):
        raise KeyboardInterrupt  # Nothing catches it, as nothing catches SIGKILL.

    with monkeypatch.context() as patch:
        patch.setattr(actions, "perform", die)
        with pytest.raises(KeyboardInterrupt):
            operator.post("/actions/rerun", RERUN, key="once")
    assert Answer.objects.get().status is None
    assert operator.post("/actions/rerun", RERUN, key="once").status_code == 200
    assert state_of("beta") == "ready"


def test_what_went_wrong_on_our_side_may_be_sent_again(half_night, operator, monkeypatch):
    def fail(*_arguments, **_options):
        raise RuntimeError("secret detail")

    with monkeypatch.context() as patch:
        patch.setattr(actions, "perform", fail)
        answer = operator.post("/actions/rerun", RERUN, key="once")
    assert problem(answer) == (500, "about:blank")
    assert "secret" not in answer.content.decode()
    assert operator.post("/actions/rerun", RERUN, key="once").status_code == 200


def test_a_key_is_free_again_after_a_week(half_night, operator):
    operator.post("/actions/rerun", RERUN, key="monday")
    Answer.objects.update(asked_at=Now() - timedelta(days=7, seconds=1))
    assert problem(operator.post("/actions/rerun", RERUN, key="monday")) == (409, "refused")


def test_no_lock_is_left_behind(half_night, operator):
    operator.post("/actions/rerun", RERUN)
    operator.post("/actions/skip", {**SKIP, "tenants": ["acme"]})
    held = "SELECT count(*) AS held FROM pg_locks WHERE locktype = 'advisory' AND classid = %(class)s"
    assert sql.fetch(held, {"class": 0x4D41544B})[0].held == 0
