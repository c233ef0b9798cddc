"""One night's interest of a million loans, beside what Postgres needs for the rows alone, and beside an ORM loop.

The limit is a bare INSERT … SELECT of as many rows of the same table, indexes and constraints included, with figures
copied from the day before, and an UPDATE of one column of as many loans: what a job must write that keeps its last
day on the loan. Nothing is computed or checked. The ORM loop is the plainest job that does what ours does, a loan at
a time, without promotions and forbearances; it is timed on 2,000 loans of one convention, which flatters it, and
multiplied.
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

#: Every convention; loans that had their rate changed, have a promotion, a forbearance, or earn nothing any more.
BUILD = """
    INSERT INTO loans_borrower (reference, identity, state) VALUES ('bench', '', 'CA');
    INSERT INTO ledger_journalentry (entry_date, kind) VALUES (%(start)s, 'bench');
    INSERT INTO loans_loan (
        number, borrower_id, product_id, original_principal, term_months, payment,
        originated_on, first_due, accrues_from
    )
    SELECT 'B' || n, b.id, p.ids[1 + n %% array_length(p.ids, 1)], 10000 + n / 100.0, 36, 320,
           %(start)s, %(start)s + 31, %(start)s
    FROM loans_borrower b, (SELECT array_agg(id ORDER BY id) AS ids FROM loans_product) p,
         generate_series(1, %(loans)s) n;
    INSERT INTO loans_ratesegment (loan_id, effective_from, rate)
    SELECT id, accrues_from, 0.05 + id %% 200 * 0.001 FROM loans_loan
    UNION ALL SELECT id, accrues_from + 1, 0.06 FROM loans_loan WHERE id %% 20 = 0
    ORDER BY 1;
    INSERT INTO loans_promo (loan_id, kind, rate, standard_rate, starts_on, ends_on)
    SELECT id, 'rate', 0.01, 0.05, accrues_from, accrues_from + 60 FROM loans_loan WHERE id %% 50 = 1 ORDER BY id;
    INSERT INTO loans_forbearance (loan_id, starts_on, ends_on, accrues, arrears)
    SELECT id, accrues_from, accrues_from + 60, id %% 2 = 0, 'lump' FROM loans_loan WHERE id %% 50 IN (2, 3)
    ORDER BY id;
    INSERT INTO loans_nonaccrual (loan_id, starts_on)
    SELECT id, accrues_from FROM loans_loan WHERE id %% 100 = 4 ORDER BY id;
    INSERT INTO loans_transaction (
        loan_id, kind, effective_date, principal, interest, fees, overpaid, recovered, reference, entry_id
    )
    SELECT loan.id, 'boarding', loan.accrues_from, loan.original_principal, 0, 0, 0, 0, '', entry.id
    FROM loans_loan loan, ledger_journalentry entry ORDER BY loan.id;
    INSERT INTO loans_transaction (
        loan_id, kind, effective_date, principal, interest, fees, overpaid, recovered, reference, entry_id
    )
    SELECT loan.id, 'payment', loan.accrues_from + 1 + (loan.id %% 30)::int, -300, 0, 0, 0, 0, '', entry.id
    FROM loans_loan loan, ledger_journalentry entry ORDER BY loan.id;
    CREATE TABLE bare (LIKE loans_accrual INCLUDING ALL)
"""
COPIED = """
    loan_id, entry_id, component, principal, rate, period_start, period_end, period_days, exposure, cumulative, amount,
    accrued
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
    from loans.daycount import DayCount
    from loans.models import Product
    from tenants.services import onboard

    _remove()
    onboard(schema_name=SCHEMA, name="Bench")
    connection.set_schema(SCHEMA)
    for day_count in DayCount:
        Product.objects.create(code=f"bench {day_count}", day_count=day_count)
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
    loans = Loan.objects.filter(product__day_count="30/360 US").select_related("product").order_by("id")
    for loan in loans[:ORM_SAMPLE].iterator():
        previous = Accrual.objects.get(loan=loan, accrual_date=day - timedelta(days=1), reversal=None)
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
