"""Which variable rates are due to be fixed, and by which published value."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import connection

from loans import formulas
from loans.scope import Scope

# One reset a loan: a later one starts from the rate that it sets. The grid of resets is anchored at the first, so that
# it never drifts; what was before we got the loan is in its rate, and at maturity there is nothing left to adjust.
_DUE = """
    SELECT loan.id, loan.number, terms.id, reset.reset_on, reset.fixed_on, reset.reset_on = terms.first_reset,
           rate_index.code, coalesce(latest.id, 0), coalesce(latest.value, 0), latest.published_on,
           coalesce(previous.rate, 0), coalesce(original.rate, 0),
           CASE
               WHEN latest.id IS NULL
                   THEN 'index ' || rate_index.code || ' has no value for ' || reset.fixed_on || ': set it'
               WHEN previous.rate IS NULL
                   THEN 'no rate is in force before ' || reset.reset_on || ': add the rate segment'
               WHEN taken.id IS NOT NULL
                   THEN 'a rate is agreed from ' || reset.reset_on || ' on that no reset has fixed: correct its terms'
               ELSE ''
           END
    FROM loans_variableterms terms
    JOIN loans_loan loan ON loan.id = terms.loan_id
    JOIN loans_rateindex rate_index ON rate_index.id = terms.index_id
    CROSS JOIN LATERAL (
        SELECT reset_on, reset_on - terms.look_back_days AS fixed_on
        FROM generate_series(0, loan.term_months / terms.reset_months) n
        CROSS JOIN LATERAL (
            SELECT (terms.first_reset + make_interval(months => n * terms.reset_months))::date AS reset_on
        ) grid
        WHERE reset_on > loan.accrues_from AND reset_on <= %(day)s::date + terms.look_back_days
            AND reset_on < {maturity}
            AND NOT EXISTS (
                SELECT FROM loans_ratereset done WHERE done.loan_id = loan.id AND done.reset_on = grid.reset_on
            )
        ORDER BY reset_on LIMIT 1
    ) reset
    LEFT JOIN LATERAL (
        SELECT id, value, published_on FROM loans_indexvalue
        WHERE index_id = terms.index_id AND published_on BETWEEN reset.fixed_on - terms.stale_days AND reset.fixed_on
        ORDER BY published_on DESC LIMIT 1
    ) latest ON TRUE
    LEFT JOIN LATERAL (
        SELECT rate FROM loans_ratesegment
        WHERE loan_id = loan.id AND effective_from < reset.reset_on ORDER BY effective_from DESC LIMIT 1
    ) previous ON TRUE
    LEFT JOIN LATERAL (
        SELECT rate FROM loans_ratesegment WHERE loan_id = loan.id ORDER BY effective_from LIMIT 1
    ) original ON TRUE
    LEFT JOIN loans_ratesegment taken ON taken.loan_id = loan.id AND taken.effective_from = reset.reset_on
    WHERE NOT EXISTS (
            SELECT FROM loans_closure closure WHERE closure.loan_id = loan.id AND closure.reopened_on IS NULL
        )
        {of_loan}
    ORDER BY loan.id"""


@dataclass(frozen=True, kw_only=True)
class DueReset:
    """The oldest reset of a loan that is to be fixed.

    Args:
        loan_id: the loan.
        number: its number.
        terms_id: its `VariableTerms`.
        reset_on: the new rate prices the days after it.
        fixed_on: the look-back date.
        is_first: whether it is the loan's first one.
        index: the index's code.
        index_value_id: the value last published by the look-back date.
        index_value: what it was, a fraction of one a year.
        published_on: its day.
        previous: the rate before the reset.
        original: the loan's first rate.
        fault: why it cannot be fixed, and what to do; then some of the above are 0.
    """

    loan_id: int
    number: str
    terms_id: int
    reset_on: date
    fixed_on: date
    is_first: bool
    index: str
    index_value_id: int
    index_value: Decimal
    published_on: date
    previous: Decimal
    original: Decimal
    fault: str


def due_resets(day: date, scope: Scope) -> list[DueReset]:
    """Return the oldest reset of every loan whose look-back date has come by the business date `day`."""
    maturity = formulas.maturity("loan.first_due", "loan.term_months")
    with connection.cursor() as cursor:
        cursor.execute(_DUE.format(maturity=maturity, of_loan=scope.of("loan.id")), {"day": day, **scope.parameters})
        return [DueReset(**dict(zip(DueReset.__dataclass_fields__, row, strict=True))) for row in cursor.fetchall()]
