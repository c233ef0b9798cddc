"""The actions: allowed to whom, the same effect as the commands', and a row in the audit whatever comes of it."""

import pytest
from django.contrib.auth.models import Group
from django.db import ProgrammingError, connection, transaction

from board import actions
from board.access import Permission, Principal, Role
from board.actions import Request
from board.exceptions import NotAllowedError
from board.models import Audit
from schedules import services as nights
from schedules.models import Run
from tenants.exceptions import UnknownTenantError
from tests.night import FIRST_NIGHT, states

OPERATOR = Principal(name="olga", role=Role.OPERATOR)


def skipping(**changed):
    asked = {"schedule": "daily-first", "first": FIRST_NIGHT, "tenants": ["acme"], "why": "the tape is wrong"}
    return Request(action=Permission.SKIP, **(asked | changed))


def state_of(tenant):
    return Run.objects.get(window__schedule="daily-first", tenant__schema_name=tenant).state


def test_a_migration_made_a_group_of_every_role(opened):
    assert set(Group.objects.values_list("name", flat=True)) == set(Role.values)


def test_a_rehearsal_says_what_the_command_would_and_writes_nothing(opened):
    lines = actions.rehearse(OPERATOR, skipping()).lines
    wanted = nights.skip(
        schedule="daily-first", business_date=FIRST_NIGHT, tenants=["acme"], reason="the same", dry_run=True
    )
    assert lines == wanted.lines == ["acme: ready"]
    assert (state_of("acme"), Audit.objects.count()) == ("ready", 0)


def test_an_action_has_its_effect_and_its_row(opened):
    done = actions.perform(OPERATOR, skipping())
    assert (state_of("acme"), state_of("beta")) == ("skipped", "ready")
    row = Audit.objects.get(pk=done.audit.pk)
    assert (row.who, row.via, row.action, row.schedule) == ("olga", "board", "skip", "daily-first")
    assert (row.first, row.last, row.tenants) == (FIRST_NIGHT, FIRST_NIGHT, ["acme"])
    assert (row.why, row.outcome, row.said) == ("the tape is wrong", "done", "acme: ready")


def test_what_the_ledger_refuses_is_in_the_audit_with_its_reason(opened):
    with pytest.raises(nights.OperationRefusedError):
        actions.perform(OPERATOR, skipping(why=" "))
    row = Audit.objects.get()
    assert (row.outcome, row.said) == ("refused", "A skip needs a reason: --reason says why, and the ledger keeps it.")


def test_a_role_too_low_is_refused_and_in_the_audit(opened):
    before = states()
    with pytest.raises(NotAllowedError, match="needs the role operator"):
        actions.perform(Principal(name="vera", role=Role.VIEWER), skipping())
    assert (Audit.objects.get().who, Audit.objects.get().outcome, states()) == ("vera", "refused", before)


def test_another_tenants_night_does_not_exist_for_somebody_bound(opened):
    bound = Principal(name="bo", role=Role.OPERATOR, tenant_ids=frozenset({opened[1].pk}))
    with pytest.raises(UnknownTenantError):
        actions.perform(bound, skipping())
    assert (state_of("acme"), Audit.objects.get().outcome) == ("ready", "refused")


def test_somebody_bound_who_names_no_tenant_means_their_own(opened):
    bound = Principal(name="bo", role=Role.OPERATOR, tenant_ids=frozenset({opened[1].pk}))
    actions.perform(bound, skipping(tenants=None))
    assert (state_of("acme"), state_of("beta")) == ("ready", "skipped")


def test_catching_up_is_about_everybody_and_so_not_for_somebody_bound(opened):
    bound = Principal(name="bo", role=Role.ADMINISTRATOR, tenant_ids=frozenset({opened[1].pk}))
    with pytest.raises(NotAllowedError, match="about every tenant"):
        actions.perform(bound, Request(action=Permission.CATCH_UP))


def test_a_tenant_is_suspended_and_resumed_as_by_the_commands(opened):
    admin = Principal(name="ada", role=Role.ADMINISTRATOR)
    assert actions.rehearse(admin, Request(action=Permission.SUSPEND, tenants=["acme"])).lines == [
        f"{opened[0]} is suspended."
    ]
    opened[0].refresh_from_db()
    assert opened[0].status == "active"
    actions.perform(admin, Request(action=Permission.SUSPEND, tenants=["acme"]))
    assert state_of("acme") == "skipped"
    actions.perform(admin, Request(action=Permission.RESUME, tenants=["acme"], catch_up=True))
    assert state_of("acme") == "waiting"
    assert list(Audit.objects.order_by("pk").values_list("action", "outcome")) == [
        ("suspend", "done"),
        ("resume", "done"),
    ]


def test_the_app_role_can_delete_no_row_of_the_audit_and_change_none_but_its_outcome(opened):
    actions.perform(OPERATOR, skipping())
    for statement in ("DELETE FROM board_audit", "UPDATE board_audit SET who = 'nobody'"):
        with pytest.raises(ProgrammingError, match="permission denied"):
            as_the_app_role(statement)


@transaction.atomic
def as_the_app_role(statement):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE matins_app")
        cursor.execute(statement)
