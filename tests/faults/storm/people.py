"""What people do in a storm: online payments and suspensions, through the services a web request calls.

The answer to a request can be lost with the server: it is asked again until there is one, as a browser's user does.
"""

import time
from contextlib import suppress

import psycopg
from django.db import Error, connection

from common.books import books_transaction
from common.exceptions import BooksBusyError, BooksError, NotActivatedError
from loans.services.booking import Booking
from payments.services import post_payment
from tenants.exceptions import TenantNotSuspendedError
from tenants.services import resume, suspend

PATIENCE_S = 60
TRY_AGAIN = (BooksBusyError, NotActivatedError, Error, psycopg.Error)


def patiently(request):
    """Ask until there is an answer, for as long as somebody would; return it."""
    give_up = time.monotonic() + PATIENCE_S
    while True:
        try:
            return request()
        except TRY_AGAIN:
            connection.close()
            if time.monotonic() > give_up:
                raise
            time.sleep(0.1)


def pay(schema_name, payment, *, day):
    """Post an online payment; what the books refuse is refused."""
    loan, amount, reference = payment
    try:
        with books_transaction(schema_name):
            post_payment(
                loan_number=loan, amount=amount, reference=reference, booking=Booking(entry_date=day), posted_by="web"
            )
    except BooksBusyError:
        raise
    except BooksError:
        pass


def leave(schema_name):
    """Suspend a tenant."""
    patiently(lambda: suspend(schema_name=schema_name))


def come_back(schema_name):
    """Resume a tenant, and catch up what it missed."""
    with suppress(TenantNotSuspendedError):  # The first answer was lost: it is back.
        patiently(lambda: resume(schema_name=schema_name, catch_up=True))
