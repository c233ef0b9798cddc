"""Errors that leave a worker arrive as what they were, with a message that says what to do next."""

import json
import pickle
from importlib import import_module
from string import Formatter

import pytest
from celery.backends.base import Backend
from celery.utils.serialization import get_pickleable_exception
from kombu.exceptions import OperationalError

from common import exceptions
from schedules.exceptions import UnknownRunError

TASK_ERRORS = [
    exceptions.MissingSchemaNameError("loans.tasks.accrue"),
    exceptions.TenantNotActiveError("acme", "suspended"),
    exceptions.WrongSchemaError("acme", "public"),
    exceptions.WrongSchemaError("acme", None),
    exceptions.NotActivatedError("acme", "AdminShutdown: {braces} and %s"),
    exceptions.OpenTransactionError(),
    exceptions.RollbackOnlyError("acme"),
    exceptions.UnfinishedBlockError("acme"),
    exceptions.NeedsLedgerError("loans.tasks.accrue"),
    exceptions.NotSentError("loans.tasks.accrue", "Error 111 connecting"),
    exceptions.BooksBusyError("acme"),
    exceptions.FileNotKeptError("statements/2024-01.html", "statements/2024-01_x7.html"),
    exceptions.UnknownKeyError("loans_borrower.identity", "4bf5122f"),
    exceptions.SealBrokenError("loans_borrower.identity"),
    UnknownRunError(7, "acme", "loans.tasks.accrue"),
    UnknownRunError("7; --", "\x00", "loans.tasks.accrue"),
]
BOOKKEEPERS = (
    *("casework", "compliance", "delinquency", "fees", "ledger", "loans"),
    *("payments", "portfolios", "statements"),
)


def subclasses(error):
    return {each for child in error.__subclasses__() for each in {child, *subclasses(child)}}


def refusals():
    """Return one error of each kind that books refuse with, its message filled in."""
    for app in BOOKKEEPERS:
        import_module(f"{app}.exceptions")
    kinds = sorted(subclasses(exceptions.BooksError) - {exceptions.BooksBusyError}, key=lambda kind: kind.__name__)
    return [kind(*(["L1"] * len(places(kind)))) for kind in kinds if kind.message != "{}"]


def places(kind):
    return {name for _, name, _, _ in Formatter().parse(kind.message) if name is not None}


ERRORS = [*TASK_ERRORS, *refusals()]


def names(error):
    return type(error).__name__


def test_every_error_of_a_task_is_here():
    every = {value for value in vars(exceptions).values() if isinstance(value, type)}
    bases = {
        exceptions.TaskError,
        exceptions.TenancyError,
        exceptions.BooksError,
        exceptions.SealError,
        OperationalError,
    }
    assert every - bases <= {type(error) for error in ERRORS}


def test_every_bookkeeper_has_errors_here():
    assert {type(error).__module__.partition(".")[0] for error in ERRORS} >= set(BOOKKEEPERS)


@pytest.mark.parametrize("error", ERRORS, ids=names)
def test_pickle_keeps_its_class_and_message(error):
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), again.args) == (type(error), str(error), error.args)


@pytest.mark.parametrize("error", ERRORS, ids=names)
def test_a_worker_lets_it_out_as_it_is(error):
    assert get_pickleable_exception(error) is error


@pytest.mark.parametrize("error", ERRORS, ids=names)
def test_a_result_backend_brings_it_back_as_it_was(error):
    from celery import current_app

    backend = Backend(app=current_app)
    stored = json.loads(json.dumps(backend.prepare_exception(error, serializer="json")))
    again = backend.exception_to_python(stored)
    assert (type(again), str(again)) == (type(error), str(error))


@pytest.mark.parametrize("error", ERRORS, ids=names)
def test_its_message_is_a_sentence_with_nothing_left_to_fill_in(error):
    assert str(error).endswith(".")
    assert "{0" not in str(error)


@pytest.mark.parametrize("error", TASK_ERRORS, ids=names)
def test_a_task_that_does_not_start_says_more_than_that(error):
    assert len(str(error)) > 60


def test_a_refused_dispatch_can_be_caught_as_what_delay_raises():
    with pytest.raises(OperationalError):
        raise exceptions.NotSentError("loans.tasks.accrue", "Error 111 connecting")
