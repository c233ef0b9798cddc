"""Whatever is sent, the answer is a problem document that says what to do, never a page, a traceback or a 500."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from board.api.models import Token
from board.models import Audit
from schedules.models import Run
from tenants.models import Tenant
from tests.integration.board.api.calling import Caller, problem

HOSTILE = "<script>alert('ü')</script> '; DROP TABLE tenants_tenant; -- \u202e {{ 7*7 }} \\x00 \U0001f319"
SKIP = {"schedule": "daily-first", "business_date": "2024-07-01", "reason": "no tape"}


def post(caller, body, content_type="application/json"):
    headers = {"Idempotency-Key": "k"}
    return caller.client.post("/api/actions/skip", body, content_type=content_type, headers=headers)


@pytest.mark.parametrize(
    "changed",
    [
        {"reason": ""},
        {"reason": " \n"},
        {"reason": "nul \x00"},
        {"reason": "x" * 1001},
        {"reason": None},
        {"schedule": "x' OR 1=1"},
        {"schedule": "nul\x00"},
        {"business_date": "2024-02-30"},
        {"business_date": "0001-01-01"},
        {"business_date": "9999-12-31"},
        {"business_date": 0},
        {"business_date": "20240701"},
        {"business_date": "\uff12\uff10\uff12\uff14-07-01"},
        {"tenants": []},
        {"tenants": ["Robert'); DROP"]},
        {"tenants": "acme"},
        {"tenants": ["a"] * 1001},
        {"dry_run": "yes"},
        {"dry_run": 1},
        {"everything": True},
    ],
)
def test_a_body_that_is_not_what_the_document_says_is_refused(nightly, operator, changed):
    answer = operator.post("/actions/skip", {**SKIP, **changed})
    assert problem(answer) == (422, "invalid")
    (name,) = changed
    assert {fault["at"].split(".")[1] for fault in answer.json()["errors"]} == {name}
    assert Audit.objects.count() == 0


@pytest.mark.parametrize(
    "body", [b"", b"{", b"null", b"[]", b'"x"', b"\xff\xfe", b'{"reason": "\\ud800"}', b"[" * 100_000, b"NaN"]
)
def test_what_is_no_body_is_refused(nightly, operator, body):
    status, _ = problem(post(operator, body))
    assert status in {400, 422}


def test_a_body_that_is_too_large_is_refused(nightly, operator):
    status, _ = problem(post(operator, b'{"reason": "' + b"x" * 3_000_000 + b'"}'))
    assert status in {400, 413}


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/nothing", 404),
        ("/actions/burn", 404),
        ("/runs/0", 422),
        ("/runs/-1", 422),
        ("/runs/9223372036854775807", 404),
        ("/runs/9223372036854775808", 422),
        ("/runs/x", 422),
        ("/windows/999999", 404),
        ("/tenants/zeta", 404),
        ("/tenants/ACME", 422),
        ("/tenants/%00", 422),
        ("/tenants/..%2f", 404),
        ("/nights/2024-02-30", 422),
        ("/nights/today", 422),
        ("/tenants?limit=0", 422),
        ("/tenants?limit=1001", 422),
    ],
)
def test_an_address_that_leads_nowhere_is_a_problem_too(nightly, viewer, path, status):
    answer = viewer.client.get(f"/api{path}")
    assert problem(answer)[0] == status


def test_what_an_address_does_not_do_is_told_with_what_it_does(nightly, viewer):
    for answer in (viewer.client.delete("/api/tenants"), viewer.client.get("/api/actions/skip")):
        assert problem(answer) == (405, "about:blank")
    assert answer["Allow"] == "POST"


def test_an_unknown_host_gets_a_problem(nightly):
    assert problem(Client(headers={"Host": "evil.example"}).get("/api/tenants")) == (404, "about:blank")


def test_hostile_text_comes_back_as_it_was_sent(half_night, operator, administrator):
    Tenant.objects.filter(schema_name="beta").update(name=HOSTILE)
    Run.objects.filter(state="failed").update(reason=HOSTILE)
    answer = operator.post("/actions/skip", {**SKIP, "reason": HOSTILE})
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("application/json")
    assert administrator.get("/audit").json()["items"][0]["why"] == HOSTILE
    assert administrator.get("/tenants/beta").json()["name"] == HOSTILE
    assert Run.objects.get(state="skipped").reason == HOSTILE


def test_a_database_that_is_away_is_told_as_such(half_night, viewer, monkeypatch):
    from django.db import OperationalError

    from board.selectors import night

    def away(*_arguments):
        raise OperationalError("password=secret")

    monkeypatch.setattr(night, "night", away)
    answer = viewer.get("/nights/2024-07-01")
    assert problem(answer) == (503, "database-away")
    assert answer["Retry-After"] == "5"
    assert "secret" not in answer.content.decode()


def test_the_document_is_open_to_all_and_names_every_problem(nightly):
    document = Caller("").get("/openapi.json").json()
    for path in document["paths"].values():
        for operation in path.values():
            assert operation["security"] == [{"Token": []}]
            refused = {status: one for status, one in operation["responses"].items() if status != "200"}
            assert {"401", "403", "404", "422", "429"} <= set(refused)
            assert {media for one in refused.values() for media in one["content"]} == {"application/problem+json"}


def test_the_admin_shows_tokens_and_changes_none(viewer):
    User.objects.create_superuser("root", password="x")
    client = Client(headers={"Host": "localhost"})
    client.force_login(User.objects.get(), backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(f"/admin/board_api/token/{viewer.token.pk}/change/").content.decode()
    assert viewer.token.key in page
    assert Token.objects.get().digest not in page
    assert 'type="submit" value="Save"' not in page
    assert client.get("/admin/board_api/token/add/").status_code == 403
    assert client.post(f"/admin/board_api/token/{viewer.token.pk}/delete/", {"post": "yes"}).status_code == 403
