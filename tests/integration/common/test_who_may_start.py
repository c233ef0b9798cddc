"""No body begins in `public` or in another tenant's schema, whatever a message says or became of the tenant."""

import unittest

import psycopg
import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.exceptions import (
    MissingSchemaNameError,
    NotActivatedError,
    OpenTransactionError,
    TenantNotActiveError,
    WrongSchemaError,
)
from common.tenancy import tenant_transaction
from schedules.exceptions import UnknownRunError
from schedules.models import Run
from schedules.publishing import RUN_HEADER
from tenants.exceptions import UnknownTenantError
from tenants.locks import BODIES
from tenants.models import Tenant
from tenants.services import close, resume, suspend
from tests.integration.common.calling import (
    a_run,
    assert_back_on_public,
    by_hand,
    elsewhere,
    in_a_thread,
    ledgered,
    somebody_else,
    waylaid,
    written,
)
from tests.nightjobs import isolation
from tests.nightjobs.isolation import act, gather
from tests.processes import wait_until

TRICKS = [
    "",
    " acme",
    "acme ",
    "acme\n",
    "ACME",
    "Acme",
    "acme\x00",
    "acme, beta",
    "acme; DROP SCHEMA acme CASCADE",
    'acme"',
    "acme' OR '1'='1",
    '"acme"',
    "acme.acme",
    "%(schema_name)s",
    "%s",
    "$user",
    "\\",
    "public",
    '"public"',
    "PUBLIC",
    "pg_catalog",
    "pg_temp",
    "pg_toast",
    "information_schema",
    "matins_template",
    "аcme",  # noqa: RUF001 - the first letter is Cyrillic.
    "ａｃｍｅ",  # noqa: RUF001 - full-width letters.
    "acme\u200b",
    "\ud800",
    "a" * 100_000,
    "\N{SNOWMAN}",
]
#: Letters from which an escape out of quotes, a pattern or a look-alike would be made.
SHARP = st.text(alphabet="acmebtpuli_$%'\"\\;.,-() \x00\n\t\u0430\uff41\u200b", max_size=60)
many = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def refused(call, error):
    """Assert that a call ends with this error, that no body began, and that the connection is back on `public`."""
    with pytest.raises(error):
        call()
    assert isolation.starts == []
    assert_back_on_public()


class TestNames:
    @many
    @given(name=st.one_of(st.sampled_from(TRICKS), SHARP, st.text(max_size=60)))
    def test_no_name_but_the_tenants_own_starts_a_body(self, acme, name):
        refused(lambda: act(name), UnknownTenantError)
        refused(lambda: act("x" + name if name == "acme" else name, "nothing"), UnknownTenantError)

    @many
    @given(name=st.one_of(st.sampled_from(TRICKS), SHARP))
    def test_a_message_with_another_name_does_not_start_the_run_it_names(self, acme, name):
        run = Run.objects.first() or a_run(act, "acme")
        refused(lambda: act.apply([name], headers={RUN_HEADER: run.pk}).get(), UnknownRunError)
        assert Run.objects.get(pk=run.pk).state == "ready"

    @pytest.mark.parametrize("name", [None, 1, True, 1.5, ["acme"], {"acme": 1}, b"acme"])
    def test_what_is_no_text_is_no_name(self, acme, name):
        refused(lambda: act(name), MissingSchemaNameError)

    def test_a_task_needs_a_name(self, acme):
        refused(act, MissingSchemaNameError)
        refused(lambda: act(deed="nothing"), MissingSchemaNameError)

    def test_the_schema_proved_is_the_one_the_body_is_told(self, acme, beta):
        refused(lambda: gather("acme", "ghost"), UnknownTenantError)
        assert gather([{"schema": "x"}], schema_name="beta") == ["x"]
        assert (written("acme"), written("beta")) == ([], ["gather"])

    def test_two_names_are_one_too_many(self, acme, beta):
        refused(lambda: act("acme", schema_name="beta"), TypeError)

    @pytest.mark.parametrize("run_id", ["1", "", [1], 1.0, {"id": 1}, 10**30, -1, "1; DROP TABLE public.schedules_run"])
    def test_a_forged_run_starts_nothing(self, acme, run_id):
        refused(lambda: act.apply(["acme"], headers={RUN_HEADER: run_id}).get(), UnknownRunError)

    def test_a_run_of_another_task_starts_nothing(self, acme):
        run = a_run(isolation.picking, "acme")
        refused(lambda: act.apply(["acme"], headers={RUN_HEADER: run.pk}).get(), UnknownRunError)

    def test_a_run_of_another_tenant_starts_nothing(self, acme, beta):
        run = a_run(act, "acme")
        refused(lambda: act.apply(["beta"], headers={RUN_HEADER: run.pk}).get(), UnknownRunError)


class TestTenants:
    @pytest.mark.parametrize("leave", [suspend, close])
    def test_one_that_takes_no_part_is_refused_by_hand(self, acme, leave):
        leave(schema_name="acme")
        refused(lambda: act("acme"), TenantNotActiveError)

    @pytest.mark.parametrize(("leave", "reason"), [(suspend, "tenant suspended"), (close, "tenant closed")])
    def test_one_that_takes_no_part_any_more_has_its_runs_skipped(self, acme, leave, reason):
        run = a_run(act, "acme")
        leave(schema_name="acme")
        act.apply(["acme"], headers={RUN_HEADER: run.pk}).get()
        run.refresh_from_db()
        assert (run.state, run.reason, isolation.starts) == ("skipped", reason, [])

    def test_one_that_is_back_is_served_again(self, acme):
        suspend(schema_name="acme")
        resume(schema_name="acme")
        assert by_hand(act, "acme").get()["schema"] == "acme"

    def test_a_deleted_one_is_unknown_though_its_schema_is_there(self, acme):
        run = a_run(act, "acme")
        Tenant.objects.filter(pk=acme.pk).delete()
        refused(lambda: act("acme"), UnknownTenantError)
        refused(lambda: act.apply(["acme"], headers={RUN_HEADER: run.pk}).get(), UnknownRunError)

    def test_a_renamed_one_is_known_by_its_new_name_only(self, acme):
        run = a_run(act, "acme")
        isolation.sql("ALTER SCHEMA acme RENAME TO zenith")
        Tenant.objects.filter(pk=acme.pk).update(schema_name="zenith")
        refused(lambda: act("acme"), UnknownTenantError)
        refused(lambda: act.apply(["acme"], headers={RUN_HEADER: run.pk}).get(), UnknownRunError)
        assert act("zenith")["schema"] == "zenith"

    def test_one_whose_row_was_renamed_and_its_schema_not_is_refused(self, acme):
        Tenant.objects.filter(pk=acme.pk).update(schema_name="zenith")
        refused(lambda: act("zenith"), WrongSchemaError)

    def test_one_whose_schema_is_missing_is_refused(self, acme):
        isolation.sql("DROP SCHEMA acme CASCADE")
        refused(lambda: act("acme"), WrongSchemaError)
        assert ledgered(act, "acme")[1].reason.startswith("WrongSchemaError: The transaction is in schema 'public'")
        assert isolation.starts == []

    def test_a_body_whose_schema_is_dropped_under_it_writes_nothing(self, acme):
        isolation.DEEDS["be dropped"] = lambda _: elsewhere("ALTER SCHEMA acme RENAME TO gone")
        try:
            with pytest.raises(WrongSchemaError, match="in schema 'public', not in 'acme'"):
                act("acme", "be dropped")
        finally:
            del isolation.DEEDS["be dropped"]
        assert written("gone") == []
        assert_back_on_public()

    @pytest.mark.parametrize(
        "removal", ["DELETE FROM tenants_tenant", "UPDATE tenants_tenant SET schema_name = 'zenith'"]
    )
    def test_the_tenants_row_and_its_name_stay_while_its_body_runs(self, acme, removal):
        statement = removal.format("tenants_tenant")
        with tenant_transaction("acme"), pytest.raises(psycopg.errors.LockNotAvailable):
            elsewhere("SET lock_timeout = '100ms'", statement)
        elsewhere(statement)

    @pytest.mark.parametrize(
        "call", [lambda: refused(lambda: act("acme"), TenantNotActiveError), lambda: ledgered(act, "acme")]
    )
    def test_one_that_is_closed_while_its_body_waits_to_begin_is_refused(self, acme, call):
        with somebody_else() as closing, closing.transaction():
            closing.execute("SELECT pg_advisory_xact_lock(%s, %s)", [BODIES, acme.pk])
            closing.execute("UPDATE tenants_tenant SET status = 'closed'")
            body = in_a_thread(call)
            wait_until(lambda: elsewhere("SELECT pid FROM pg_locks WHERE NOT granted"), what="the body to wait")
        body.join()
        assert isolation.starts == []
        assert Run.objects.filter(state="skipped").count() == Run.objects.count()

    def test_one_that_takes_no_part_waits_for_nobody(self, acme):
        suspend(schema_name="acme")
        with somebody_else() as closing, closing.transaction():
            closing.execute("SELECT pg_advisory_xact_lock(%s, %s)", [BODIES, acme.pk])
            refused(lambda: act("acme"), TenantNotActiveError)


class TestTransactions:
    def test_a_body_that_writes_nothing_has_nothing_to_commit(self, acme):
        with tenant_transaction("acme"):
            assert isolation.sql("SELECT pg_current_xact_id_if_assigned() IS NULL") == [(True,)]

    def test_an_open_transaction_is_nobodys_to_take_over(self, acme):
        from django.db import transaction

        with transaction.atomic():
            with pytest.raises(OpenTransactionError):
                act("acme")
            assert isolation.sql("SELECT current_setting('search_path')") == [("public",)]
        assert isolation.starts == []

    def test_a_body_that_calls_another_tenants_task_is_refused_and_writes_nothing(self, acme, beta):
        with pytest.raises(OpenTransactionError):
            act("acme", "call another", "beta")
        assert (isolation.starts, written("acme"), written("beta")) == (["acme"], [], [])
        assert_back_on_public()

    def test_the_transaction_of_a_django_test_case_is_let_pass(self, acme):
        from django.test import TestCase

        class Case(TestCase):
            def test(self):
                act("acme")
                assert isolation.sql("SELECT current_setting('search_path')") == [("public",)]

        result = unittest.TestResult()
        unittest.TestSuite([Case("test")]).run(result)
        assert (result.errors, result.failures, result.testsRun) == ([], [], 1)
        assert isolation.starts == ["acme"]
        assert written("acme") == []


class TestConnections:
    def test_one_that_was_ended_between_two_tasks_is_replaced(self, acme):
        first = act("acme")
        elsewhere(f"SELECT pg_terminate_backend({first['backend']}, 5000)")
        second = act("acme")
        assert second["schema"] == "acme"
        assert second["backend"] != first["backend"]

    @pytest.mark.parametrize("deed", ["pg_terminate_backend", "pg_cancel_backend"])
    def test_one_that_is_disturbed_during_activation_ends_the_task_by_name(self, acme, deed):
        with waylaid(deed):
            refused(lambda: act("acme"), NotActivatedError)

    @pytest.mark.parametrize(("deed", "failures"), [("pg_terminate_backend", 0), ("pg_cancel_backend", 1)])
    def test_only_a_lost_one_gives_the_run_back_uncounted(self, acme, deed, failures):
        run = a_run(act, "acme")
        with waylaid(deed):
            refused(lambda: act.apply(["acme"], headers={RUN_HEADER: run.pk}).get(), NotActivatedError)
        run.refresh_from_db()
        assert (run.state, run.attempt, run.failures) == ("waiting", 1, failures)

    def test_postgres_being_away_is_said_before_any_body_begins(self, acme, sandbox):
        connection.close()
        sandbox.stop_postgres()
        try:
            with pytest.raises(Exception, match=r"connection|refused|No such file"):
                act("acme")
        finally:
            sandbox.start_postgres()
        assert isolation.starts == []
        assert act("acme")["schema"] == "acme"
