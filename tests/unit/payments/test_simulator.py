"""The simulated bank: it does what account numbers ask for, in whatever process, and answers with sound files."""

from datetime import date
from multiprocessing import get_context

import pytest
from django.core.files.storage import FileSystemStorage

from payments.ach.return_codes import CATALOGUE, last_arrival
from payments.ach.simulator import Simulator
from payments.processors import processor_for
from payments.processors.exceptions import UnknownOutcomeError
from payments.processors.port import Receipt
from tests.unit.payments.samples import FRIDAY, ORIGINATOR, a_debit, a_submission

KEY = "acme-2024-01-04"
JAN_8, JAN_9, JAN_10 = date(2024, 1, 8), date(2024, 1, 9), date(2024, 1, 10)
END_OF_JANUARY = date(2024, 1, 31)


def simulator(tmp_path):
    """A new one each time: all it knows must be in the storage."""
    return Simulator(originator=ORIGINATOR, storage=FileSystemStorage(tmp_path), folder="acme")


def submit(tmp_path, *accounts, key=KEY, **changed):
    debits = [a_debit(number=n, account_number=account, **changed) for n, account in enumerate(accounts, start=1)]
    return simulator(tmp_path).submit(a_submission(*debits, key=key))


def returned(tmp_path, *, since="", until=END_OF_JANUARY):
    return [
        (one.number, one.code, one.returned_on) for one in simulator(tmp_path).returns(since=since, until=until).returns
    ]


def test_ordinary_accounts_are_paid(tmp_path):
    assert submit(tmp_path, "12345678", "R-77", "R00", "R23", "ROSE") == Receipt(key=KEY, accepted=True)
    assert returned(tmp_path) == []


def test_an_account_asks_for_its_return(tmp_path):
    submit(tmp_path, "12345678", "R01-1", "R09-2", "R10-3")
    assert returned(tmp_path, until=JAN_8) == []
    assert returned(tmp_path, until=JAN_9) == [(2, "R01", JAN_9), (3, "R09", JAN_9)]
    assert returned(tmp_path) == [(2, "R01", JAN_9), (3, "R09", JAN_9), (4, "R10", date(2024, 1, 25))]


def test_every_code_comes_in_time(tmp_path):
    submit(tmp_path, *sorted(CATALOGUE))
    returns = returned(tmp_path)
    assert {code for _, code, _ in returns} == set(CATALOGUE)
    assert all(FRIDAY < on <= last_arrival(code, FRIDAY) for _, code, on in returns)


def test_a_death_is_dated(tmp_path):
    submit(tmp_path, "R15", "R01")
    returns = simulator(tmp_path).returns(since="", until=END_OF_JANUARY).returns
    assert [(one.code, one.date_of_death) for one in returns] == [("R15", FRIDAY), ("R01", None)]


def test_once_means_that_the_retry_is_paid(tmp_path):
    submit(tmp_path, "R01ONCE-1", "R01-2")
    submit(tmp_path, "R01ONCE-1", "R01-2", key="acme-2024-01-10", is_retry=True, effective_on=JAN_10)
    assert returned(tmp_path) == [(1, "R01", JAN_9), (2, "R01", JAN_9), (2, "R01", date(2024, 1, 12))]


def test_a_return_is_seen_once_and_the_bank_answers_once(tmp_path):
    submit(tmp_path, "R01-1")
    cursor = simulator(tmp_path).returns(since="", until=JAN_9).cursor
    assert returned(tmp_path, since=cursor) == []
    FileSystemStorage(tmp_path).delete(f"acme/inbox/2024-01-09-{KEY}.ach")  # As an operator who tidies up.
    assert returned(tmp_path) == []


def test_a_rejection_stands_and_nothing_is_collected(tmp_path):
    rejection = Receipt(key=KEY, accepted=False, reason="an account number begins with REJECT")
    assert submit(tmp_path, "R01-1", "REJECT-2") == rejection
    assert submit(tmp_path, "R01-1", "REJECT-2") == rejection
    assert simulator(tmp_path).status(KEY) == rejection
    assert returned(tmp_path) == []


def test_a_submission_lost_on_the_way_there_may_be_sent_again(tmp_path):
    with pytest.raises(UnknownOutcomeError, match=f"{KEY} timed out, and may or may not have arrived"):
        submit(tmp_path, "TIMEOUTLOST-1", "R01-2")
    assert simulator(tmp_path).status(KEY) is None
    assert returned(tmp_path) == []
    assert submit(tmp_path, "TIMEOUTLOST-1", "R01-2").accepted
    assert returned(tmp_path) == [(2, "R01", JAN_9)]


def test_an_answer_lost_on_the_way_back_is_found_by_status(tmp_path):
    with pytest.raises(UnknownOutcomeError, match=f"{KEY} timed out"):
        submit(tmp_path, "TIMEOUTKEPT-1", "R01-2")
    assert simulator(tmp_path).status(KEY) == Receipt(key=KEY, accepted=True)
    assert submit(tmp_path, "TIMEOUTKEPT-1", "R01-2").accepted
    assert returned(tmp_path) == [(2, "R01", JAN_9)]


def test_every_key_times_out_for_itself(tmp_path):
    for key in ("one", "two"):
        with pytest.raises(UnknownOutcomeError):
            submit(tmp_path, "TIMEOUTLOST-1", key=key)


def test_what_one_process_submits_another_sees(tmp_path):
    process = get_context("fork").Process(target=submit, args=(tmp_path, "R01-1"))
    process.start()
    process.join()
    assert process.exitcode == 0
    assert simulator(tmp_path).status(KEY) == Receipt(key=KEY, accepted=True)
    assert returned(tmp_path) == [(1, "R01", JAN_9)]


def test_it_is_what_a_laptop_collects_with():
    assert type(processor_for(tenant="acme", originator=ORIGINATOR)) is Simulator
