"""What turns a batch of tape lines into borrowers, loans, rates, principal and instalments: one statement each."""

from common.money import to_cents_sql
from loans.boarding.values import CLOSED

_BATCH = "FROM loans_taperow tape JOIN loans_loan loan ON loan.number = tape.loan_number"
_IN_BATCH = "tape.loan_number = ANY(%(numbers)s)"

BORROWERS = """
    INSERT INTO loans_borrower (reference, identity, state)
    SELECT tape.loan_number, came.identity, tape.state
    FROM unnest(%(numbers)s::text[], %(identities)s::bytea[]) AS came (loan_number, identity)
    JOIN loans_taperow tape ON tape.loan_number = came.loan_number ORDER BY tape.line
    ON CONFLICT (reference) DO NOTHING"""

LOANS = f"""
    INSERT INTO loans_loan (
        number, borrower_id, product_id, original_principal, term_months, payment,
        originated_on, first_due, accrues_from
    )
    SELECT tape.loan_number, borrower.id, %(product_id)s, tape.loan_amount, tape.term, tape.installment,
           tape.issued_on, tape.issued_on + interval '1 month', tape.oldest_due - interval '1 month'
    FROM loans_taperow tape JOIN loans_borrower borrower ON borrower.reference = tape.loan_number
    WHERE {_IN_BATCH} ORDER BY tape.line"""

RATES = f"""
    INSERT INTO loans_ratesegment (loan_id, effective_from, rate)
    SELECT loan.id, loan.originated_on, tape.interest_rate / 100 {_BATCH} WHERE {_IN_BATCH} ORDER BY loan.id"""

OPENING_PRINCIPAL = f"""
    INSERT INTO loans_transaction (
        loan_id, kind, effective_date, principal, interest, fees, overpaid, recovered, reference, entry_id
    )
    SELECT loan.id, 'boarding', loan.accrues_from, tape.balance, 0, 0, 0, 0, '', %(entry_id)s
    {_BATCH} WHERE {_IN_BATCH} AND tape.oldest_due IS NOT NULL ORDER BY loan.id"""

_REASON = " ".join(f"WHEN '{status}' THEN '{reason}'" for status, reason in CLOSED.items())

CLOSURES = f"""
    INSERT INTO loans_closure (loan_id, closed_on, reason)
    SELECT loan.id, tape.as_of, CASE tape.loan_status {_REASON} END
    {_BATCH} WHERE {_IN_BATCH} AND tape.oldest_due IS NULL ORDER BY loan.id"""

# From the oldest unpaid instalment on, out of the balance: interest of a twelfth of the rate (dues on the 1st are 30
# days apart in 30/360), the tape's own payment, the residue in the last one (`loans.schedule.amortise`). The divisor's
# twenty decimals are the quotient's too, and enough to tell every tie (`loans.formulas.interest`).
INSTALMENTS = f"""
    WITH RECURSIVE planned AS (
        SELECT loan.id AS loan_id, loan.originated_on, loan.term_months, loan.payment,
               tape.interest_rate,
               (12 * extract(year FROM age(loan.accrues_from, loan.originated_on))
                   + extract(month FROM age(loan.accrues_from, loan.originated_on)))::int AS number,
               tape.balance::numeric AS owed, 0.00 AS interest, 0.00 AS principal, FALSE AS is_due
        {_BATCH} WHERE {_IN_BATCH} AND tape.oldest_due IS NOT NULL
        UNION ALL
        SELECT loan_id, originated_on, term_months, payment, interest_rate, number + 1, owed - repaid, cents, repaid,
               TRUE
        FROM planned
        CROSS JOIN LATERAL (SELECT owed * interest_rate / 1200.00000000000000000000 AS earned) month
        CROSS JOIN LATERAL (SELECT {to_cents_sql("earned")} AS cents) due
        CROSS JOIN LATERAL (
            SELECT CASE WHEN number + 1 = term_months THEN owed
                   ELSE least(owed, greatest(payment - cents, 0)) END AS repaid
        ) split
        WHERE owed > 0
    )
    INSERT INTO loans_instalment (loan_id, number, period_start, due_date, principal, interest, due_through)
    SELECT loan_id, number, originated_on + make_interval(months => number - 1),
           originated_on + make_interval(months => number), principal, interest,
           sum(principal + interest) OVER (PARTITION BY loan_id ORDER BY number)
    FROM planned WHERE is_due ORDER BY loan_id, number"""

STATEMENTS = (BORROWERS, LOANS, RATES, OPENING_PRINCIPAL, CLOSURES, INSTALMENTS)
