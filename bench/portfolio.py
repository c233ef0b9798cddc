"""A tenant of as many loans as asked for, put straight into its tables: what a night finds, without a year of nights.

Dues are spread over the month, one loan in sixteen is past due by up to 120 days, three in five are on autopay, one in
five pays by a series. All were taken over two days before the first night measured, as a servicing transfer is.
"""

from datetime import UTC, date, datetime, time, timedelta

from django.db import connection, transaction

#: The transfer; the first night after it writes the first rows, and the second is like any other.
AS_OF = date(2024, 3, 3)
TERM = 12
BORROWER = {
    "surname": "Borrower", "first_name": "Bench", "ssn": "900010001", "birth_date": date(1980, 1, 1),
    "phone": "2125550123", "email": "borrower@example.com", "address_1": "1 Main Street", "city": "Albany",
    "state": "NY", "zip": "12207", "synthetic": True,
}  # fmt: skip

BUILD = """
    INSERT INTO loans_product (
        code, day_count, rounding, waterfall, delinquency_grace, tolerance, bucket_bounds, default_dpd, charge_off_dpd,
        late_fee_grace, late_fee_flat, late_fee_rate, late_fee_min, late_fee_threshold
    ) VALUES (
        'bench', '30/360 US', 'HALF_EVEN', 'instalments first', 0, 0, '{1,30,60,90,120,150,180}', 90, 120,
        15, 0, 0.05, 15, 0.01
    );
    INSERT INTO ledger_journalentry (entry_date, kind) VALUES (%(as_of)s, 'boarding');
    INSERT INTO loans_borrower (reference, identity, state)
    SELECT 'B' || n, %(identity)s, (ARRAY['CA', 'NY', 'TX', 'FL'])[1 + n %% 4]
    FROM generate_series(1, %(loans)s) n;
    -- The next due date lies within a month of the transfer; one loan in sixteen has missed some.
    CREATE TEMPORARY TABLE made ON COMMIT DROP AS
    SELECT n, next_due, (next_due - make_interval(months => missed))::date AS oldest_due,
           (4800 + n %% 2400)::numeric AS principal, 0.06 + n %% 200 * 0.001 AS rate
    FROM (
        SELECT n, %(as_of)s + 1 + (n + n / 16) %% 28 AS next_due,
               CASE WHEN n %% 16 = 0 THEN n / 16 %% 4 + 1 ELSE 0 END AS missed
        FROM generate_series(1, %(loans)s) n
    ) one;
    INSERT INTO loans_loan (
        number, borrower_id, product_id, original_principal, term_months, payment, originated_on, first_due,
        accrues_from
    )
    SELECT 'L' || n, borrower.id, product.id, principal, %(term)s + 6,
           round(principal * (rate / 12) / (1 - (1 + rate / 12) ^ -%(term)s), 2),
           (oldest_due - interval '6 months')::date, (oldest_due - interval '5 months')::date, %(as_of)s
    FROM made JOIN loans_borrower borrower ON borrower.reference = 'B' || n, loans_product product ORDER BY n;
    INSERT INTO loans_ratesegment (loan_id, effective_from, rate)
    SELECT loan.id, loan.originated_on, made.rate FROM made JOIN loans_loan loan ON loan.number = 'L' || n ORDER BY n;
    INSERT INTO loans_transaction (
        loan_id, kind, effective_date, principal, interest, fees, overpaid, recovered, reference, entry_id
    )
    SELECT loan.id, 'boarding', loan.accrues_from, loan.original_principal, 0, 0, 0, 0, '', entry.id
    FROM loans_loan loan, ledger_journalentry entry ORDER BY loan.id;
    INSERT INTO ledger_journalline (entry_id, account_id, debit, credit)
    SELECT entry.id, side.account, side.debit, side.credit FROM ledger_journalentry entry,
        (SELECT sum(original_principal) AS amount FROM loans_loan) book,
        LATERAL (VALUES ('LR', book.amount, 0), ('CL', 0, book.amount)) AS side (account, debit, credit);
    -- Plans of equal principal: what is planned need not be level to cost a night the same.
    INSERT INTO loans_instalment (loan_id, number, period_start, due_date, principal, interest, due_through)
    SELECT id, number, period_start, due_date, principal, interest,
           sum(principal + interest) OVER (PARTITION BY id ORDER BY number)
    FROM (
        SELECT loan.id, 5 + k AS number, (loan.first_due + make_interval(months => k + 3))::date AS period_start,
               (loan.first_due + make_interval(months => k + 4))::date AS due_date,
               round(loan.original_principal * k / %(term)s, 2) - round(loan.original_principal * (k - 1) / %(term)s, 2)
                   AS principal,
               round(loan.original_principal * (%(term)s - k + 1) / %(term)s * segment.rate / 12, 2) AS interest
        FROM loans_loan loan JOIN loans_ratesegment segment ON segment.loan_id = loan.id,
             generate_series(1, %(term)s) k
    ) planned
    ORDER BY id, number;
    INSERT INTO payments_company (company_name, company_id, bank_routing, bank_name)
    VALUES ('BENCH', '1234567890', '011000015', 'BENCH BANK');
    INSERT INTO payments_bankaccount (borrower_id, holder, routing_number, account_number, account_type)
    SELECT id, 'Borrower ' || id, '011000015', %(account_number)s::bytea, 'CHECKING' FROM loans_borrower;
    INSERT INTO payments_autopay (
        loan_id, account_id, amount_type, fixed_amount, only_if_current, covered, authorised_on
    )
    SELECT loan.id, account.id, 'instalment', 0, FALSE, FALSE, %(as_of)s
    FROM loans_loan loan JOIN payments_bankaccount account ON account.borrower_id = loan.borrower_id
    WHERE loan.id %% 5 < 3;
    INSERT INTO payments_series (reference, loan_id, amount, frequency, anchor, starts_on, roll)
    SELECT loan.number, loan.id, loan.payment, 'monthly', made.next_due, %(as_of)s, 'none'
    FROM made JOIN loans_loan loan ON loan.number = 'L' || n WHERE loan.id %% 5 = 3
"""


def build(schema_name: str, *, loans: int) -> None:
    """Onboard a tenant and fill its books; the caller is the database owner."""
    from loans.identity import Identity, sealed
    from payments.accounts import sealed_number
    from sandbox.demo import office
    from tenants.services import onboard

    # One person and one account for all: to open them costs what opening different ones does.
    same = {"identity": sealed(Identity(**BORROWER)), "account_number": sealed_number("0000012345")}
    onboard(schema_name=schema_name, name=schema_name, enabled_at=eve(1))
    connection.set_schema(schema_name)  # type: ignore[attr-defined]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(BUILD, {**same, "as_of": AS_OF, "loans": loans, "term": TERM})
        office.arrange(AS_OF)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(quote_ident(tablename), ', ') FROM pg_tables WHERE schemaname = current_schema()"
        )
        cursor.execute(f"VACUUM ANALYZE {cursor.fetchone()[0]}")
    connection.set_schema_to_public()  # type: ignore[attr-defined]


def eve(number: int) -> datetime:
    """Return since when a tenant is enabled that takes part from the `number`th night on."""
    return datetime.combine(night(number - 1), time(), UTC)


def night(number: int) -> date:
    """Return the business date of the `number`th night after the transfer."""
    return AS_OF + timedelta(days=number)
