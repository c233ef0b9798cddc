"""What a script reads of the night, page by page, and that reading costs the same however much there is."""

import pytest
from django.db import connection

from board.api.site import api
from schedules import sql
from schedules.models import Run, Window
from tenants.models import Tenant
from tests.integration.board.api.calling import problem
from tests.stage import at

FIRST, THIRD = "daily-first", "daily-third"


def items(response):
    assert response.status_code == 200, response.content
    return response.json()["items"]


def test_the_schedules_say_what_they_wait_for_and_what_waits_for_them(nightly, viewer):
    told = {one["name"]: one for one in items(viewer.get("/schedules"))}
    assert list(told) == ["daily-first", "daily-second", "daily-third", "daily-parent"]
    assert told["daily-second"]["after"] == ["daily-first"]
    assert told["daily-second"]["before"] == ["daily-third"]
    assert told["daily-second"] == viewer.get("/schedules/daily-second").json()
    assert (told[FIRST]["cron"], told[FIRST]["books"], told[FIRST]["deadline_s"]) == ("0 1 * * *", True, 3600)


def test_the_night_says_what_is_wrong_and_what_waits_for_it(half_night, viewer):
    told = viewer.get("/nights/2024-07-01").json()
    (root,) = told["roots"]
    assert (root["schedule"], root["problem"], root["tenants"], root["named"]) == (FIRST, "failed", 1, ["beta"])
    assert root["reason"] == "RuntimeError: the till is short"
    assert (root["behind"], told["is_calm"]) == (1, False)
    counts = {one["schedule"]: one["counts"] for one in told["windows"]}
    assert counts[FIRST] == {"failed": 1, "succeeded": 1}
    assert counts["daily-second"] == {"blocked": 1, "succeeded": 1}
    assert [one["due_at"][11:16] for one in told["windows"]] == ["01:00", "02:00", "02:30", "03:00"]


def test_a_night_that_lies_ahead_says_what_is_due(nightly, viewer):
    told = viewer.get("/nights/2024-07-02").json()
    assert (told["is_calm"], told["windows"]) == (True, [])
    assert told["due_later"] == ["daily-first", "daily-second", "daily-third", "daily-parent"]


def test_a_schedule_nobody_declared_is_not_there(viewer):
    assert problem(viewer.get("/schedules/daily-nothing")) == (404, "unknown")


def test_the_windows_of_a_schedule_come_newest_first_with_their_runs_counted(half_night, viewer):
    (one,) = items(viewer.get(f"/schedules/{FIRST}/windows"))
    assert one["counts"] == {"failed": 1, "succeeded": 1}
    assert (one["business_date"], one["due_at"], one["origin"]) == ("2024-07-01", "2024-07-01T01:00:00Z", "catch_up")
    assert viewer.get(f"/windows/{one['id']}").json() == one


def test_the_runs_of_a_window_can_be_asked_for_by_state(half_night, viewer):
    window = Window.objects.get(schedule=FIRST)
    assert [one["tenant"] for one in items(viewer.get(f"/windows/{window.pk}/runs"))] == ["acme", "beta"]
    (failed,) = items(viewer.get(f"/windows/{window.pk}/runs", state="failed"))
    assert (failed["tenant"], failed["reason"]) == ("beta", "RuntimeError: the till is short")
    assert viewer.get(f"/runs/{failed['id']}").json() == failed
    assert "traceback" not in failed


def test_children_stand_behind_their_parent(half_night, viewer):
    window = Window.objects.get(schedule="daily-parent")
    told = [(one["tenant"], one["item"]) for one in items(viewer.get(f"/windows/{window.pk}/runs"))]
    assert told == [(tenant, item) for tenant in ("acme", "beta") for item in ("", "a", "b", "c")]


def test_a_tenant_and_its_runs_of_one_night(half_night, viewer):
    beta = viewer.get("/tenants/beta").json()
    assert beta["status"] == "active"
    waits = {one["schedule"]: (one["root"], one["how"]) for one in beta["waits"]}
    assert waits == {"daily-second": (FIRST, "failed"), THIRD: (FIRST, "failed")}
    told = {one["schedule"]: one["state"] for one in items(viewer.get("/tenants/beta/nights/2024-07-01/runs"))}
    assert told == {FIRST: "failed", "daily-second": "waiting", THIRD: "waiting", "daily-parent": "succeeded"}
    assert items(viewer.get("/tenants/beta/nights/2024-07-02/runs")) == []


def test_what_a_run_left_out_is_told(half_night, viewer):
    from django.utils import timezone

    from schedules.models import QuarantinedItem

    run = Run.objects.filter(state="succeeded").first()
    for key in ("1", "2", "3"):
        QuarantinedItem.objects.create(
            run=run, model="loans.Loan", key=key, reason="no rate", quarantined_at=timezone.now()
        )
    page = viewer.get(f"/runs/{run.pk}/quarantine", limit=2).json()
    rest = viewer.get(f"/runs/{run.pk}/quarantine", limit=2, cursor=page["next"]).json()
    assert [one["key"] for one in page["items"] + rest["items"]] == ["1", "2", "3"]
    assert rest["next"] is None


def walk(caller, path, **query):
    """Read a list to its end, page by page."""
    found, cursor = [], ""
    while cursor is not None:
        page = caller.get(path, cursor=cursor, **query).json()
        assert len(page["items"]) <= query["limit"]
        found += page["items"]
        cursor = page["next"]
    return found


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_pages_put_together_are_the_list_whatever_their_size(half_night, administrator, limit):
    for night in (2, 3, 4):
        at(4, day=night)
        administrator.post("/actions/catch-up", {})
    parent = Window.objects.filter(schedule="daily-parent").latest("due_at")
    for path, expected in (
        ("/tenants", ["acme", "beta"]),
        (
            f"/schedules/{FIRST}/windows",
            list(Window.objects.filter(schedule=FIRST).order_by("-due_at").values_list("id")),
        ),
        (f"/windows/{Window.objects.get(schedule='daily-parent', business_date='2024-07-01').pk}/runs", range(8)),
        (f"/windows/{parent.pk}/runs", range(2)),
        ("/tenants/acme/nights/2024-07-01/runs", range(7)),
        ("/audit", range(3)),
    ):
        found = walk(administrator, path, limit=limit)
        assert len(found) == len(expected), path
        assert found == walk(administrator, path, limit=1000)
        keys = [one.get("id", one.get("schema_name")) for one in found]
        assert len(set(keys)) == len(keys), path


def test_a_row_added_meanwhile_neither_shifts_nor_repeats_a_page(half_night, administrator):
    at(4, day=2)
    administrator.post("/actions/catch-up", {})
    page = administrator.get(f"/schedules/{FIRST}/windows", limit=1).json()
    at(4, day=3)
    administrator.post("/actions/catch-up", {})
    rest = administrator.get(f"/schedules/{FIRST}/windows", limit=5, cursor=page["next"]).json()
    dates = [one["business_date"] for one in page["items"] + rest["items"]]
    assert dates == ["2024-07-02", "2024-07-01"]


@pytest.mark.parametrize("cursor", ["x", "W10=", "bnVsbA==", "WyJhIiwiYiJd", "é", "eyJhIjogMX0="])
def test_a_cursor_nobody_handed_out_is_refused(half_night, viewer, cursor):
    window = Window.objects.get(schedule=FIRST)
    for path in (f"/schedules/{FIRST}/windows", f"/windows/{window.pk}/runs", "/audit"):
        status, kind = problem(viewer.get(path, cursor=cursor))
        assert (status, kind) == (422, "bad-cursor"), path


def statements(work, monkeypatch):
    """Return how many statements some work sends, those of the ledger's own door included."""
    sent = []
    direct = sql._cursor

    def count(statement, params):
        sent.append(statement)
        return direct(statement, params)

    def count_wrapped(execute, statement, *rest):
        sent.append(statement)
        return execute(statement, *rest)

    with monkeypatch.context() as patch, connection.execute_wrapper(count_wrapped):
        patch.setattr(sql, "_cursor", count)
        work()
    return len(sent)


def test_every_read_takes_as_many_statements_for_thirty_tenants_as_for_three(half_night, caller, monkeypatch):
    administrator = caller("administrator")
    run, window = Run.objects.filter(state="failed").first(), Window.objects.get(schedule="daily-parent")
    examples = {"business_date": "2024-07-01", "name": FIRST, "schema_name": "acme"}
    paths = [
        template.removeprefix("/api").format(number=run.pk if "/runs/{" in template else window.pk, **examples)
        for template, operations in api.get_openapi_schema()["paths"].items()
        if "get" in operations
    ]
    assert len(paths) == 12
    _be(1, administrator, night=2)
    few = {path: statements(lambda path=path: items_or_one(administrator, path), monkeypatch) for path in paths}
    _be(27, administrator, night=4)
    many = {path: statements(lambda path=path: items_or_one(administrator, path), monkeypatch) for path in paths}
    assert Run.objects.filter(tenant__schema_name="more27").exists()
    assert many == few
    assert max(many.values()) <= 15


def _be(more, administrator, *, night):
    """Add tenants of whom nothing but their rows is read, and open the nights up to one."""
    known = Tenant.objects.count()
    names = [f"more{known - 2 + number}" for number in range(more)]
    enabled_at = Tenant.objects.first().enabled_at
    Tenant.objects.bulk_create(
        Tenant(schema_name=name, name=name, status="active", enabled_at=enabled_at) for name in names
    )
    at(4, day=night)
    administrator.post("/actions/catch-up", {})


def items_or_one(caller, path):
    assert caller.get(path).status_code == 200, path
