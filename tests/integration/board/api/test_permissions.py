"""Who may do what, for every operation that the OpenAPI document names: a new one must be entered here to pass."""

import pytest

from board.models import Audit
from schedules.models import Run, Window
from tests.integration.board.api.calling import Caller, problem
from tests.stage import at

DATE = "2024-07-01"
READ, ACT, RULE = ("viewer", "operator", "administrator"), ("operator", "administrator"), ("administrator",)
#: Of every operation: the roles that may, and whether it is about a tenant, about what is seen, or about all tenants.
OPERATIONS = {
    "night": (READ, "seen"),
    "schedules": (READ, "seen"),
    "schedule": (READ, "seen"),
    "windows": (READ, "seen"),
    "window": (READ, "seen"),
    "window_runs": (READ, "seen"),
    "tenants": (READ, "seen"),
    "tenant": (READ, "tenant"),
    "tenant_runs": (READ, "tenant"),
    "run": (READ, "tenant"),
    "quarantine": (READ, "tenant"),
    "audit": (READ, "seen"),
    "rerun": (ACT, "tenant"),
    "skip": (ACT, "tenant"),
    "backfill": (ACT, "tenant"),
    "catch_up": (ACT, "all"),
    "suspend": (RULE, "tenant"),
    "resume": (RULE, "tenant"),
}
BODIES = {
    "rerun": {"schedule": "daily-first", "business_date": DATE, "tenants": ["beta"]},
    "skip": {"schedule": "daily-first", "business_date": DATE, "tenants": ["beta"], "reason": "no tape"},
    "backfill": {"schedule": "daily-parent", "first": DATE, "last": DATE, "tenants": ["beta"]},
    "catch_up": {},
    "suspend": {"tenant": "beta"},
    "resume": {"tenant": "beta"},
}


@pytest.fixture
def operations(nightly):
    """Every operation of the document: its id, method and address."""
    document = Caller("").get("/openapi.json").json()
    return {
        operation["operationId"]: (method, path.removeprefix("/api"))
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


@pytest.fixture
def ask(half_night, operations):
    """Return a function that asks for an operation about beta."""
    run = Run.objects.get(window__schedule="daily-first", tenant__schema_name="beta")
    window = Window.objects.get(schedule="daily-first")
    known = {"name": "daily-first", "schema_name": "beta", "business_date": DATE}

    def ask_for(caller, operation):
        method, path = operations[operation]
        number = run.pk if path.startswith("/runs") else window.pk
        address = path.format(**known, number=number)
        return caller.get(address) if method == "get" else caller.post(address, BODIES[operation])

    return ask_for


def test_every_operation_has_its_row_here(operations):
    assert set(operations) == set(OPERATIONS)
    assert {name for name, (method, _) in operations.items() if method == "post"} == set(BODIES)


def expected(operation, role, bound):
    """Return the status that somebody gets who is bound to a tenant, or to none."""
    roles, about = OPERATIONS[operation]
    if role not in roles or (about == "all" and bound):
        return 403
    return 404 if about == "tenant" and bound == "acme" else 200


@pytest.mark.parametrize("bound", [None, "beta", "acme"])
@pytest.mark.parametrize("role", READ)
def test_the_matrix(ask, role, bound):
    caller = Caller.let_in(role, *[bound] if bound else [])
    for operation in OPERATIONS:
        before = Audit.objects.count()
        answer = ask(caller, operation)
        assert answer.status_code == expected(operation, role, bound), (operation, answer.content)
        if operation in BODIES:
            outcome = Audit.objects.latest("pk").outcome
            assert (Audit.objects.count() - before, outcome) == (1, "done" if answer.status_code == 200 else "refused")
        if answer.status_code != 200:
            problem(answer)


def test_nobody_gets_anything_without_a_token(ask):
    for number, operation in enumerate(OPERATIONS):
        answer = ask(Caller(f"matins_{number:016x}_nothing"), operation)
        assert problem(answer) == (401, "not-signed-in")
        assert answer["WWW-Authenticate"] == "Bearer"
    assert Audit.objects.count() == 0


def test_what_is_refused_has_no_effect(ask, caller):
    before = list(Run.objects.order_by("pk").values())
    for bound in ((), ("acme",)):
        for operation in BODIES:
            ask(caller("viewer", *bound), operation)
    for operation in set(BODIES) - {"catch_up"}:
        ask(caller("administrator", "acme"), operation)
    assert list(Run.objects.order_by("pk").values()) == before


def test_somebody_bound_sees_only_what_is_its_own(half_night, caller):
    acme = caller("viewer", "acme")
    window = Window.objects.get(schedule="daily-first")
    assert [one["schema_name"] for one in acme.get("/tenants").json()["items"]] == ["acme"]
    assert acme.get(f"/windows/{window.pk}").json()["counts"] == {"succeeded": 1}
    (only,) = acme.get("/schedules/daily-first/windows").json()["items"]
    assert only["counts"] == {"succeeded": 1}
    assert {one["tenant"] for one in acme.get(f"/windows/{window.pk}/runs").json()["items"]} == {"acme"}
    assert "beta" not in acme.get("/nights/2024-07-01").content.decode()


def test_an_unknown_tenant_and_another_ones_are_told_alike(half_night, caller):
    acme = caller("administrator", "acme")
    for method in (
        lambda name: acme.get(f"/tenants/{name}"),
        lambda name: acme.get(f"/tenants/{name}/nights/{DATE}/runs"),
        lambda name: acme.post("/actions/suspend", {"tenant": name}),
    ):
        theirs, nobodys = (method(name).content.decode() for name in ("beta", "zeta"))
        assert theirs.replace("beta", "zeta") == nobodys


def test_an_action_of_somebody_bound_leaves_the_others_alone(half_night, caller):
    at(4)
    Run.objects.filter(window__schedule="daily-first").update(state="failed", reason="x")
    answer = caller("operator", "acme").post(
        "/actions/skip", {"schedule": "daily-first", "business_date": DATE, "reason": "no tape"}
    )
    assert (answer.status_code, answer.json()["runs"]) == (200, 1)
    states = dict(Run.objects.filter(window__schedule="daily-first").values_list("tenant__schema_name", "state"))
    assert states == {"acme": "skipped", "beta": "failed"}


def test_somebody_bound_reads_of_the_audit_what_is_its_own(half_night, caller, administrator):
    acme = caller("operator", "acme")
    administrator.post("/actions/suspend", {"tenant": "beta", "reason": "they asked"})
    acme.post("/actions/skip", {"schedule": "daily-first", "business_date": DATE, "reason": "no tape"})
    (mine,) = acme.get("/audit").json()["items"]
    assert (mine["who"], mine["outcome"]) == (f"token {acme.token.name} ({acme.token.key})", "refused")
    assert len(administrator.get("/audit").json()["items"]) == 2
