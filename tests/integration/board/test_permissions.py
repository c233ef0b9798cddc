"""Every page by role by tenant, generated from the URLs, so that a new page cannot be forgotten; and the doors."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from board import actions, throttle, urls
from board.access import Role
from board.models import Audit, SignInFailure
from schedules.models import Run

#: What a page of each name is opened with; a new page has to be added, or the matrix fails.
EXAMPLES = {
    "tonight": {},
    "night": {"business_date": "2024-07-01"},
    "schedule": {"name": "daily-first"},
    "tenant": {"schema_name": "acme"},
    "run": {"run_id": "RUN"},
    "act": {"action": "skip"},
    "action": {"pk": "AUDIT"},
    "audit": {},
}
OPEN = {"sign-in", "sign-out"}
NAMES = [pattern.name for pattern in urls.urlpatterns]
#: Pages that are about acme, and so not there for somebody bound to beta.
ABOUT_ACME = {"tenant", "run", "action"}
#: The least role for each action; an action that is none of these fails the matrix.
ACTIONS = {
    "rerun": Role.OPERATOR,
    "skip": Role.OPERATOR,
    "catch_up": Role.OPERATOR,
    "backfill": Role.OPERATOR,
    "suspend": Role.ADMINISTRATOR,
    "resume": Role.ADMINISTRATOR,
}
ROLES = [None, *Role.values]
SENT = {"schedule": "daily-first", "first": "2024-07-01", "last": "2024-07-01", "tenant": "acme", "why": "asked"}


def rank(role):
    return -1 if role is None else Role.values.index(role)


def address(name):
    kwargs = dict(EXAMPLES[name])
    if name == "run":
        kwargs["run_id"] = Run.objects.filter(tenant__schema_name="acme").values_list("pk", flat=True)[0]
    if name == "action":
        row = Audit.objects.create(
            at="2024-07-01T04:00Z", who="somebody", via="board", action="skip", tenants=["acme"], outcome="done"
        )
        kwargs["pk"] = row.pk
    return reverse(f"board:{name}", kwargs=kwargs)


def test_every_page_is_in_the_matrix():
    assert set(NAMES) == set(EXAMPLES) | OPEN
    assert set(ACTIONS) == set(actions.NAMES)


def test_every_page_asks_strangers_to_sign_in(opened):
    for name in EXAMPLES:
        answer = Client(HTTP_HOST="localhost").get(address(name))
        assert (name, answer.status_code) == (name, 302)
        assert answer.headers["Location"].startswith("/night/sign-in?next=")


@pytest.mark.parametrize("bound", ["nobody", "acme", "beta"])
@pytest.mark.parametrize("role", ROLES)
def test_every_page_for_every_role_and_tenant(opened, sign_in, role, bound):
    tenants = {"nobody": [], "acme": opened[:1], "beta": opened[1:]}[bound]
    client = sign_in(role, bound_to=tenants)
    for name in EXAMPLES:
        least = Role.OPERATOR if name == "act" else Role.VIEWER
        seen = 404 if name in ABOUT_ACME and bound == "beta" else 200
        wanted = 403 if rank(role) < rank(least) else seen
        assert (name, client.get(address(name)).status_code) == (name, wanted)


@pytest.mark.parametrize("bound", ["nobody", "acme", "beta"])
@pytest.mark.parametrize("role", ROLES)
def test_every_action_for_every_role_and_tenant(opened, sign_in, role, bound):
    tenants = {"nobody": [], "acme": opened[:1], "beta": opened[1:]}[bound]
    client = sign_in(role, bound_to=tenants)
    for action, least in ACTIONS.items():
        before = list(Run.objects.order_by("pk").values_list("pk", "state"))
        refused = Audit.objects.filter(outcome="refused").count()
        code = client.post(f"/night/act/{action}", SENT).status_code
        if rank(role) < rank(least) or (action == "catch_up" and bound != "nobody"):
            assert (action, code) == (action, 403)
        elif bound == "beta":
            assert (action, code) == (action, 404)
        else:
            assert (action, code in {302, 409}) == (action, True)
            continue
        assert list(Run.objects.order_by("pk").values_list("pk", "state")) == before
        assert Audit.objects.filter(outcome="refused").count() == refused + (0 if role is None else 1)


def test_every_page_keeps_strangers_content_and_frames_out(opened, sign_in):
    client = sign_in("administrator")
    for page in [*(address(name) for name in EXAMPLES), "/night/schedules/none"]:
        headers = client.get(page).headers
        assert headers["X-Frame-Options"] == "DENY"
        assert "default-src 'none'; script-src 'self'; style-src 'self'" in headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert headers["Cache-Control"] == "no-store"
    headers = Client(HTTP_HOST="localhost").get("/night/sign-in").headers
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]


def test_nothing_is_done_without_the_forms_token(opened, sign_in):
    client = sign_in("administrator")
    client.handler.enforce_csrf_checks = True
    before = list(Run.objects.values_list("pk", "state"))
    assert client.post("/night/act/skip", SENT).status_code == 403
    assert client.post("/night/sign-out").status_code == 403
    assert (list(Run.objects.values_list("pk", "state")), Audit.objects.count()) == (before, 0)


def test_a_page_changes_nothing_however_it_is_asked(opened, sign_in):
    client = sign_in("administrator")
    for name in set(EXAMPLES) - {"act"}:
        assert client.post(address(name)).status_code == 405


def test_signing_in_leads_on_to_the_page_that_was_asked_for_and_nowhere_else(opened):
    User.objects.create_user("vera", password="a long enough one")
    sent = {"username": "vera", "password": "a long enough one"}
    answer = Client(HTTP_HOST="localhost").post("/night/sign-in", {**sent, "next": "/night/audit"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/night/audit")
    answer = Client(HTTP_HOST="localhost").post("/night/sign-in", {**sent, "next": "https://evil.example/"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/night/")


def test_guessing_is_stopped_also_for_the_right_password_and_in_the_admin(opened):
    User.objects.create_superuser("ada", password="a long enough one")
    client = Client(HTTP_HOST="localhost")
    wrong = {"username": "ada", "password": "wrong"}
    codes = [client.post("/night/sign-in", wrong).status_code for _ in range(throttle.MOST_FOR_NAME)]
    assert codes == [200] * (throttle.MOST_FOR_NAME - 1) + [429]
    right = {"username": "ada", "password": "a long enough one"}
    answer = client.post("/night/sign-in", right)
    assert answer.status_code == 429
    assert "Too many failed attempts" in answer.content.decode()
    assert client.post("/admin/login/", right).status_code == 200
    assert "_auth_user_id" not in client.session
    SignInFailure.objects.all().delete()
    assert client.post("/night/sign-in", right).status_code == 302
