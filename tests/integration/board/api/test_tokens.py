"""Tokens: issued once, kept as a hash, let in for their time, compared without telling how near a guess was."""

import hashlib
import hmac
from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import IntegrityError
from django.db.models.functions import Now, TruncMinute
from django.test import Client, override_settings

from board.api import failures, tokens
from board.api.models import Token, TokenFailure
from schedules import sql
from tests.integration.board.api.calling import Caller, problem


def command(*words):
    out, beside = StringIO(), StringIO()
    call_command("api_token", *words, stdout=out, stderr=beside, no_color=True)
    return out.getvalue(), beside.getvalue()


def test_a_token_is_printed_once_and_kept_as_a_hash(nightly):
    said, beside = command("issue", "nightly report", "--role", "operator", "--days", "30", "--tenant", "acme")
    secret = said.strip()
    token = Token.objects.get()
    assert secret.startswith(f"matins_{token.key}_")
    assert f"nightly report ({token.key}): operator, acme, until" in beside
    assert token.digest == hashlib.sha256(secret.split("_", 2)[2].encode()).hexdigest()
    kept = str(sql.fetch("SELECT t::text AS everything FROM public.board_api_token t"))
    assert secret.split("_", 2)[2] not in kept
    assert token.expires_at - token.issued_at == timedelta(days=30)
    assert Caller(secret).get("/tenants").json()["items"][0]["schema_name"] == "acme"


def test_the_list_says_what_every_token_may_and_no_secret(nightly):
    secret = command("issue", "one")[0].strip()
    command("issue", "two", "--tenant", "beta")
    command("revoke", Token.objects.get(name="two").key)
    Token.objects.create(
        key="abc", digest="0" * 64, name="three", role="viewer", issued_at=Now() - timedelta(2), expires_at=Now()
    )
    said, _ = command("list")
    lines = {line.split()[3]: line for line in said.splitlines() if "│" in line and "matins" not in line}
    assert "open" in lines["one"]
    assert "all tenants" in lines["one"]
    assert "revoked" in lines["two"]
    assert "beta" in lines["two"]
    assert "expired" in lines["three"]
    assert secret.split("_", 2)[2] not in said


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["issue", " "], "A token needs a name"),
        (["issue", "x", "--days", "0"], "A token lives from 1 to 366 days"),
        (["issue", "x", "--days", "99999999999"], "A token lives from 1 to 366 days"),
        (["issue", "x", "--tenant", "zeta"], "There is no tenant 'zeta'"),
        (["revoke", "zeta"], "There is no token 'zeta'"),
    ],
)
def test_what_cannot_be_issued_or_revoked_is_refused_in_one_line(nightly, words, message):
    with pytest.raises(CommandError, match=message):
        command(*words)
    assert Token.objects.count() == 0


def test_a_revoked_token_opens_nothing(viewer):
    assert viewer.get("/tenants").status_code == 200
    tokens.revoke(key=viewer.token.key)
    assert problem(viewer.get("/tenants")) == (401, "not-signed-in")


def test_an_expired_token_opens_nothing_whatever_the_simulated_clock_says(viewer):
    Token.objects.update(issued_at=Now() - timedelta(days=2), expires_at=Now() - timedelta(seconds=1))
    assert problem(viewer.get("/tenants")) == (401, "not-signed-in")


@pytest.mark.parametrize(
    "wrong",
    [
        lambda secret: secret[:-1],
        lambda secret: secret + "x",
        lambda secret: secret.replace("matins_", "matron_"),
        lambda secret: secret.rpartition("_")[0],
        lambda secret: "",
        lambda secret: "matins__",
        lambda secret: "matins_" + "0" * 16 + "_" + secret.split("_", 2)[2],
        lambda secret: "matins_\N{SNOWMAN}_x".encode().decode("latin-1"),
        lambda secret: f"{secret} {secret}",
    ],
)
def test_a_wrong_token_opens_nothing_and_is_told_no_more(viewer, wrong):
    answer = Caller(wrong(viewer.secret)).get("/tenants")
    assert problem(answer) == (401, "not-signed-in")
    assert viewer.token.name not in answer.content.decode()


def test_a_basic_password_is_no_token(viewer):
    answer = viewer.client.get("/api/tenants", headers={"Authorization": "Basic YTpi"})
    assert problem(answer) == (401, "not-signed-in")


def test_tokens_are_compared_in_constant_time_also_where_there_is_none(viewer, monkeypatch):
    compared = []
    constant = hmac.compare_digest

    def compare(one, other):
        compared.append((len(one), len(other)))
        return constant(one, other)

    monkeypatch.setattr(tokens.hmac, "compare_digest", compare)
    for secret in (viewer.secret, "matins_0000_x", f"matins_{viewer.token.key}_x"):
        Caller(secret).get("/tenants")
    assert compared == [(64, 64)] * 3


@override_settings(MATINS_API_REQUESTS_PER_MINUTE=3)
def test_who_asks_too_often_waits_for_the_next_minute_and_others_do_not(nightly, caller):
    busy, calm = caller("viewer"), caller("viewer")
    Token.objects.filter(pk=busy.token.pk).update(minute=_minute(), requests=2)
    busy.get("/tenants")
    Token.objects.filter(pk=busy.token.pk).update(minute=_minute(), requests=3)
    answer = busy.get("/tenants")
    assert problem(answer) == (429, "too-many-requests")
    assert 1 <= int(answer["Retry-After"]) <= 60
    assert calm.get("/tenants").status_code == 200
    Token.objects.filter(pk=busy.token.pk).update(minute=Now() - timedelta(minutes=2))
    assert busy.get("/tenants").status_code == 200


def _minute():
    return TruncMinute(Now())


def test_a_stranger_does_not_use_up_a_tokens_minute(viewer):
    for _ in range(3):
        Caller(viewer.secret + "x").get("/tenants")
    assert Token.objects.get().requests == 0


def test_a_token_bound_to_no_tenant_at_all_cannot_be_written(nightly):
    issued = tokens.issue(name="x", role="viewer", days=1, tenants=["acme"])
    with pytest.raises(IntegrityError, match="board_api_token_sees_a_tenant"):
        Token.objects.filter(pk=issued.token.pk).update(tenant_ids=[])


def test_a_script_with_a_dead_token_is_slowed_down_and_nobody_beside_it(viewer, caller, sign_in_page):
    tokens.revoke(key=viewer.token.key)
    codes = [viewer.get("/tenants").status_code for _ in range(failures.MOST_FOR_KEY)]
    assert set(codes) == {401}
    answer = viewer.get("/tenants")
    assert problem(answer) == (429, "too-many-requests")
    assert 1 <= int(answer["Retry-After"]) <= failures.WITHIN_S
    assert TokenFailure.objects.count() == failures.MOST_FOR_KEY
    assert Caller("matins_0000_x").get("/tenants").status_code == 401
    assert caller("viewer").get("/tenants").status_code == 200
    assert sign_in_page("/night/") == 302
    TokenFailure.objects.update(at=Now() - timedelta(seconds=failures.WITHIN_S + 1))
    assert viewer.get("/tenants").status_code == 401
    assert TokenFailure.objects.count() == 1


def test_one_address_trying_every_key_is_slowed_down_and_its_right_token_is_not(viewer, monkeypatch):
    monkeypatch.setattr(failures, "MOST_FOR_ADDRESS", 3)
    codes = [Caller(f"matins_{key}_x").get("/tenants").status_code for key in range(4)]
    assert codes == [401, 401, 401, 429]
    assert viewer.get("/tenants").status_code == 200


@pytest.fixture
def sign_in_page(nightly):
    """Return a function that signs somebody in from the scripts' address, and returns the answer's status."""
    User.objects.create_user("vera", password="a long enough one")
    sent = {"username": "vera", "password": "a long enough one"}
    return lambda address: Client(HTTP_HOST="localhost").post(f"/night/sign-in?next={address}", sent).status_code
