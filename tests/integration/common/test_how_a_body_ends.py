"""However a body ends, its connection is back on `public`, and what it wrote is there whole or not at all."""

import psycopg
import pytest
from django.db import connection

from common.exceptions import (
    NeedsLedgerError,
    OpenTransactionError,
    RollbackOnlyError,
    UnfinishedBlockError,
    WrongSchemaError,
)
from common.tasks import current_run
from schedules.models import Run
from schedules.publishing import RUN_HEADER
from tests.integration.common.calling import a_run, assert_back_on_public, by_hand, ledgered, written
from tests.nightjobs import isolation
from tests.nightjobs.isolation import act, fanning, in_steps, picking, strict

#: What each deed that must not be kept ends with.
BAD = {
    "raise": RuntimeError,
    "database error": Exception,
    "integrity error": Exception,
    "caught without a savepoint": psycopg.errors.InFailedSqlTransaction,
    "doomed": RollbackOnlyError,
    "leave a block open": UnfinishedBlockError,
    "set": WrongSchemaError,
    "set local": WrongSchemaError,
    "set_config": WrongSchemaError,
    "set and raise": RuntimeError,
    "stay elsewhere": WrongSchemaError,
    "write elsewhere": WrongSchemaError,
    "call another": OpenTransactionError,
    "roll back": WrongSchemaError,
}
#: These end the session that the body ran in.
FATAL = {"lose the connection": Exception, "close the connection": psycopg.OperationalError}
#: These end a process, where nobody catches them.
LEAVING = {"exit": SystemExit, "interrupt": KeyboardInterrupt}


def cases(*tables):
    return [pytest.param(deed, error, id=deed) for table in tables for deed, error in table.items()]


class TestByHand:
    @pytest.mark.parametrize(("deed", "error"), cases(BAD, FATAL, LEAVING))
    def test_nothing_of_a_bad_body_is_kept_and_the_next_one_is_at_home(self, acme, beta, deed, error):
        with pytest.raises(error):
            act("acme", deed, "beta")
        assert_back_on_public()
        assert (written("acme"), written("beta")) == ([], [])
        assert act("beta", "nothing")["schema"] == "beta"
        assert (written("acme"), written("beta")) == ([], ["nothing"])
        assert isolation.starts == ["acme", "beta"]

    @pytest.mark.parametrize("name", ["public", "pg_catalog", "beta", '"$user"', "''", "no_such_schema"])
    def test_no_other_path_can_be_kept(self, acme, beta, name):
        with pytest.raises(WrongSchemaError, match="not in 'acme'"):
            act("acme", "set", name)
        assert_back_on_public()

    def test_a_path_that_the_body_set_back_does_not_outlive_it(self, acme, beta):
        act("acme", "set back", "beta")
        assert_back_on_public()
        assert act("beta")["path"] == "beta, public"

    def test_a_caught_error_in_a_savepoint_costs_nothing(self, acme):
        act("acme", "caught in a savepoint")
        assert written("acme") == ["caught in a savepoint", "after the savepoint"]
        assert_back_on_public()

    def test_a_body_that_commits_is_found_out_and_goes_no_further(self, acme):
        with pytest.raises(WrongSchemaError):
            act("acme", "commit")
        assert_back_on_public()

    def test_temporary_tables_end_with_the_body(self, acme, beta):
        first = act("acme", "temporary")
        second = act("beta")
        assert second["backend"] != first["backend"]
        assert (written("acme"), written("beta")) == (["temporary"], ["nothing"])

    def test_an_ordinary_body_keeps_its_session(self, acme, beta):
        assert act("acme")["backend"] == act("beta")["backend"]

    def test_a_fan_out_is_refused_and_rolled_back(self, acme):
        with pytest.raises(NeedsLedgerError, match=r"isolation\.fanning fans out, which only the ledger can do"):
            fanning("acme")
        assert written("acme") == []

    def test_the_result_tells_what_was_left_out(self, acme):
        left_out = {"model": "x.Y", "key": "k", "reason": "broken"}
        assert by_hand(picking, "acme").get() == {"rows": 3, "quarantined": [left_out]}

    def test_there_is_no_current_run(self, acme):
        seen = []
        isolation.DEEDS["look"] = lambda _: seen.append(current_run())
        try:
            act("acme", "look")
        finally:
            del isolation.DEEDS["look"]
        assert seen == [None]

    def test_arguments_of_every_kind_arrive(self, acme):
        by_hand(strict, "acme", 7, rate="0.05")
        result = by_hand(strict, "acme", portfolio=8, business_date="2024-06-03").get()
        assert result == {"portfolio": 8, "rate": "0.00", "date": "2024-06-03"}
        assert written("acme") == ["7 0.05", "8 0.00"]

    def test_a_task_need_not_be_bound(self, acme):
        assert by_hand(isolation.unbound, "acme").get() == {"date": "2024-06-30"}

    @pytest.mark.parametrize("business_date", ["", "yesterday", "2024-02-30", "2024-06-03T00:00"])
    def test_a_date_that_is_none_is_refused_before_the_body(self, acme, business_date):
        if business_date == "":
            assert by_hand(strict, "acme", 7, business_date="").get()["date"] == "2024-06-30"
            return
        with pytest.raises(ValueError, match=r"isoformat|out of range"):
            strict("acme", 7, business_date)
        assert isolation.starts == []


class TestLedgered:
    @pytest.mark.parametrize(("deed", "error"), cases(BAD))
    def test_a_bad_body_is_counted_and_named_and_the_next_one_is_at_home(self, acme, beta, deed, error):
        handle, run = ledgered(act, "acme", deed, "beta")
        with pytest.raises(error):
            handle.get()
        assert_back_on_public()
        assert (run.state, run.failures, run.attempt) == ("waiting", 1, 1)
        assert run.token is None
        assert deed == "database error" or error is Exception or error.__name__ in run.reason
        assert act("beta")["schema"] == "beta"
        assert (written("acme"), written("beta")) == ([], ["nothing"])

    def test_a_lost_session_gives_the_run_back_uncounted(self, acme):
        handle, run = ledgered(act, "acme", "lose the connection")
        assert isinstance(handle.result, Exception)
        assert (run.state, run.failures, run.attempt) == ("waiting", 0, 1)
        assert run.reason.startswith("given back: ")
        assert_back_on_public()

    def test_a_session_that_the_body_closed_is_its_own_fault(self, acme):
        handle, run = ledgered(act, "acme", "close the connection")
        assert isinstance(handle.result, RollbackOnlyError)
        assert (run.state, run.failures) == ("waiting", 1)

    def test_a_body_that_ends_its_process_is_counted(self, acme):
        run = a_run(act, "acme", "exit")
        with pytest.raises(SystemExit):
            act.apply(["acme", "exit"], headers={RUN_HEADER: run.pk})
        run.refresh_from_db()
        assert (run.state, run.failures, run.reason) == ("waiting", 1, "SystemExit: 3")
        assert_back_on_public()

    def test_a_worker_that_is_interrupted_gives_the_run_back_uncounted(self, acme):
        run = a_run(act, "acme", "interrupt")
        with pytest.raises(KeyboardInterrupt):
            act.apply(["acme", "interrupt"], headers={RUN_HEADER: run.pk})
        run.refresh_from_db()
        assert (run.state, run.failures, run.reason) == ("waiting", 0, "the worker was asked to stop")
        assert_back_on_public()

    def test_a_good_body_is_marked_in_its_own_transaction(self, acme):
        handle, run = ledgered(act, "acme")
        assert handle.get() is None
        assert (run.state, run.counts, written("acme")) == ("succeeded", {"rows": 1}, ["nothing"])
        assert_back_on_public()

    def test_the_body_knows_its_run(self, acme):
        seen = []
        isolation.DEEDS["look"] = lambda _: seen.append(current_run())
        try:
            run = ledgered(act, "acme", "look")[1]
        finally:
            del isolation.DEEDS["look"]
        assert [(context.run_id, context.schedule) for context in seen] == [(run.pk, f"adhoc:{act.name}")]
        assert current_run() is None

    def test_arguments_that_do_not_fit_are_counted_not_repeated_for_ever(self, acme):
        run = a_run(act, "acme")
        act.apply(["acme", "nothing", "beta", "2024-06-03", "too many"], headers={RUN_HEADER: run.pk})
        run.refresh_from_db()
        assert (run.state, run.failures, isolation.starts) == ("waiting", 1, [])
        assert run.reason == "TypeError: too many positional arguments"

    def test_a_task_that_takes_its_schema_elsewhere_is_no_task_of_the_ledger(self, acme):
        run = a_run(isolation.gather, "acme")
        isolation.gather.apply(["acme"], headers={RUN_HEADER: run.pk})
        run.refresh_from_db()
        assert (run.failures, isolation.starts) == (1, [])
        assert run.reason.startswith("MissingSchemaNameError: tests.nightjobs.isolation.gather needs")

    def test_a_message_that_comes_again_does_nothing(self, acme):
        _, run = ledgered(act, "acme")
        for _ in range(3):
            act.apply(["acme"], headers={RUN_HEADER: run.pk}).get()
        assert written("acme") == ["nothing"]
        assert Run.objects.get(pk=run.pk).attempt == 1


class TestInChunks:
    def test_every_chunk_begins_in_its_tenant_and_is_kept(self, acme):
        _, run = ledgered(in_steps, "acme")
        assert (run.state, run.counts, written("acme")) == ("succeeded", {"rows": 3}, ["one", "nothing", "three"])
        assert_back_on_public()

    @pytest.mark.parametrize(
        ("deed", "error"), cases({**BAD, "yield inside": UnfinishedBlockError, "caught without a savepoint": Exception})
    )
    def test_a_bad_chunk_is_counted_and_only_those_before_it_are_kept(self, acme, beta, deed, error):
        handle, run = ledgered(in_steps, "acme", deed, "beta")
        with pytest.raises(error):
            handle.get()
        assert_back_on_public()
        assert (run.state, run.failures, run.attempt) == ("waiting", 1, 1)
        assert act("beta")["schema"] == "beta"
        assert (written("acme"), written("beta")) == (["one"], ["nothing"])
        assert isolation.starts == ["acme", "acme", "beta"]

    def test_a_lost_session_gives_the_run_back_uncounted(self, acme):
        _, run = ledgered(in_steps, "acme", "lose the connection")
        assert (run.state, run.failures, written("acme")) == ("waiting", 0, ["one"])
        assert_back_on_public()

    def test_by_hand_all_chunks_are_one_transaction(self, acme):
        assert in_steps("acme", "yield inside") == {"rows": 3}
        with pytest.raises(RuntimeError):
            in_steps("acme", "raise")
        assert written("acme") == ["one", "yield inside", "three"]


def test_a_session_with_more_files_than_select_can_watch_is_looked_after(acme):
    import os

    act("acme")
    connection.close()
    files = [os.dup(0) for _ in range(1100)]
    try:
        assert act("acme")["schema"] == "acme"
        assert act("acme")["schema"] == "acme"
        assert connection.connection.fileno() > 1024
    finally:
        for file in files:
            os.close(file)
        connection.close()
