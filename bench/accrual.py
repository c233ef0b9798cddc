"""One night's interest of a million loans, beside what Postgres needs for the rows alone, and beside an ORM loop.

The limit is a bare INSERT … SELECT of as many rows of the same table, indexes and constraints included, with figures
copied from the day before, and an UPDATE of one column of as many loans: what a job must write that keeps its last
day on the loan. Nothing is computed or checked. The ORM loop is the plainest job that does what ours does, a loan at
a time; it is timed on 2,000 loans, which flatters it, and multiplied.
"""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from statistics import median
from time import perf_counter

from django.db import connection, transaction

LOANS = 1_000_000
ORM_SAMPLE = 2_000
REPETITIONS = 3
SCHEMA = "bench_accrual"
START = date(2024, 1, 1)

BUILD = """
    INSERT INTO loans_product (code, day_count, rounding) VALUES ('bench', '30/360 US', 'HALF_EVEN');
    INSERT INTO loans_borrower (reference, surname, first_name, ssn, state) VALUES ('bench', '', '', '', 'CA');
    INSERT INTO ledger_journalentry (entry_date, kind) VALUES (%(start)s, 'bench');
    INSERT INTO loans_loan (
        number, borrower_id, product_id, original_principal, term_months, payment,
        originated_on, first_due, accrues_from
    )
    SELECT 'B' || n, b.id, p.id, 10000 + n / 100.0, 36, 320, %(start)s, %(start)s + 31, %(start)s
    FROM loans_borrower b, loans_product p, generate_series(1, %(loans)s) n;
    INSERT INTO loans_ratesegment (loan_id, effective_from, rate)
    SELECT id, accrues_from, 0.05 + id %% 200 * 0.001 FROM loans_loan ORDER BY id;
    INSERT INTO loans_transaction (loan_id, kind, effective_date, principal, entry_id)
    SELECT l.id, 'boarding', l.accrues_from, l.original_principal, e.id
    FROM loans_loan l, ledger_journalentry e ORDER BY l.id;
    CREATE TABLE bare (LIKE loans_accrual INCLUDING ALL)
"""
COPIED = """
    loan_id, entry_id, component, principal, rate, period_start, period_end, period_days, exposure, cumulative, amount, accrued
"""
BARE = f"""
    INSERT INTO bare (accrual_date, {COPIED})
    SELECT %(day)s, {COPIED} FROM loans_accrual WHERE accrual_date = %(day)s ORDER BY loan_id;
    UPDATE loans_loan SET accrues_from = accrues_from
"""


def measure() -> dict[str, float]:
    """Return the median seconds of one night of both, taken in turn, and the ratios; the ORM's extrapolated.

    Django is set up as the database owner, and `migrate` has run.
    """
    _build()
    try:
        ours, limit = [], []
        for n in range(2, 2 + REPETITIONS):
            day = START + timedelta(days=n)
            ours.append(_timed(_ours, day))
            limit.append(_timed(_bare, day))
        orm_s_per_loan = _timed(_orm_loop, day + timedelta(days=1)) / ORM_SAMPLE
    finally:
        _remove()
    ours_s, limit_s = median(ours), median(limit)
    return {
        "ours_s": ours_s,
        "limit_s": limit_s,
        "ratio_to_limit": limit_s / ours_s,
        "orm_s_per_loan": orm_s_per_loan,
        "ratio_to_orm": orm_s_per_loan * LOANS / ours_s,
    }


def _build() -> None:
    """Make a tenant whose loans have all got their first row of interest."""
    from tenants.services import onboard

    _remove()
    onboard(schema_name=SCHEMA, name="Bench")
    connection.set_schema(SCHEMA)
    with connection.cursor() as cursor:
        cursor.execute(BUILD, {"start": START, "loans": LOANS})
        cursor.execute("VACUUM ANALYZE")
    _ours(START + timedelta(days=1))


def _ours(day: date) -> None:
    from loans.services import accrue_interest

    outcome = accrue_interest(business_date=day)
    assert outcome.counts["rows"] == LOANS


@transaction.atomic
def _bare(day: date) -> None:
    with connection.cursor() as cursor:
        cursor.execute(BARE, {"day": day})


@transaction.atomic
def _orm_loop(day: date) -> None:
    from common.money import ZERO, to_cents
    from ledger.services import Posting, open_entry, post
    from loans.models import Accrual, Loan, RateSegment

    entry, amount = open_entry(entry_date=day, kind="bench"), ZERO
    for loan in Loan.objects.select_related("product").order_by("id")[:ORM_SAMPLE].iterator():
        previous = Accrual.objects.get(loan=loan, accrual_date=day - timedelta(days=1))
        segment = RateSegment.objects.filter(loan=loan, effective_from__lt=day).latest("effective_from")
        exposure = previous.exposure + previous.principal * segment.rate
        actual_days = (previous.period_end - previous.period_start).days
        cumulative = to_cents(exposure * previous.period_days / (Decimal(360) * actual_days))
        Accrual.objects.create(
            loan=loan,
            entry=entry,
            accrual_date=day,
            component=previous.component,
            principal=previous.principal,
            rate=segment.rate,
            period_start=previous.period_start,
            period_end=previous.period_end,
            period_days=previous.period_days,
            exposure=exposure,
            cumulative=cumulative,
            amount=cumulative - previous.cumulative,
            accrued=previous.accrued + cumulative - previous.cumulative,
        )
        amount += cumulative - previous.cumulative
    post(entry, Posting(debit="IR", credit="II", amount=amount))


def _timed(way: Callable[[date], None], day: date) -> float:
    start = perf_counter()
    way(day)
    return perf_counter() - start


def _remove() -> None:
    from tenants.models import Tenant

    connection.set_schema_to_public()
    Tenant.objects.filter(schema_name=SCHEMA).delete()
    with connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
