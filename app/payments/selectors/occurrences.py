"""Which instances of which series a night is to pay."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from loans.scope import Scope
from payments.calendar import add_banking_days, banking_day_before, is_banking_day, roll_forward
from payments.models import Series

Frequency, Roll = Series.Frequency, Series.Roll

# Every due date is so many weeks or months from the anchor, never from the one before: nothing drifts. What was done is
# told by the newest instance, for a loan whose interest is not known gets none at all until it is.
_OCCURRENCES = f"""
    SELECT series.id, series.reference, series.loan_id, loan.number, series.amount, series.roll, occurrence.due,
           EXISTS (
               SELECT FROM payments_seriespause pause WHERE pause.series_id = series.id
               AND pause.starts_on <= occurrence.due AND (pause.ends_on IS NULL OR pause.ends_on >= occurrence.due)
           ) AS is_paused
    FROM payments_series series
    JOIN loans_loan loan ON loan.id = series.loan_id
    CROSS JOIN LATERAL (
        SELECT coalesce(max(due_date), series.starts_on - 1) AS due FROM payments_seriesinstance
        WHERE series_id = series.id
    ) done
    CROSS JOIN LATERAL (
        SELECT CASE series.roll WHEN '{Roll.FOLLOWING}' THEN %(following)s WHEN '{Roll.PRECEDING}' THEN %(preceding)s
               ELSE %(day)s END::date AS due
    ) last
    CROSS JOIN LATERAL (
        SELECT CASE series.frequency WHEN '{Frequency.WEEKLY}' THEN 7 WHEN '{Frequency.BIWEEKLY}' THEN 14 END AS days
    ) step
    CROSS JOIN LATERAL (
        SELECT n, CASE WHEN step.days IS NOT NULL THEN series.anchor + n * step.days
                  WHEN series.frequency = '{Frequency.LAST_DAY}'
                  THEN (date_trunc('month', series.anchor) + make_interval(months => n + 1))::date - 1
                  ELSE (series.anchor + make_interval(months => n))::date END AS due
        FROM generate_series(
            greatest(0, (done.due - series.anchor) / coalesce(step.days, 31)),
            (last.due - series.anchor) / coalesce(step.days, 28) + 1
        ) n
    ) occurrence
    WHERE occurrence.due > done.due AND occurrence.due >= series.starts_on AND occurrence.due <= last.due
        AND (series.ends_on IS NULL OR occurrence.due <= series.ends_on)
        AND (series.ends_after IS NULL OR occurrence.n < series.ends_after) {{of_loan}}
    ORDER BY occurrence.due, series.id"""


@dataclass(frozen=True, kw_only=True)
class Occurrence:
    """One due date of a series."""

    series_id: int
    series: str
    loan_id: int
    loan_number: str
    amount: Decimal
    roll: str
    due: date
    is_paused: bool

    @property
    def reference(self) -> str:
        """The payment's."""
        return f"{self.series}/{self.due}"

    @property
    def paid_on(self) -> date:
        """The day on which it is paid."""
        if self.roll == Roll.FOLLOWING:
            return roll_forward(self.due)
        if self.roll == Roll.PRECEDING and not is_banking_day(self.due):
            return banking_day_before(self.due)
        return self.due


def occurrences(business_date: date, scope: Scope) -> list[Occurrence]:
    """Return what series have due that is to be paid by the business date and was not, oldest first."""
    parameters = {
        "day": business_date,
        "following": _last_banking_day(business_date),
        "preceding": _last_banking_day(business_date, through_weekend=True),
        **scope.parameters,
    }
    with scope.cursor() as cursor:
        cursor.execute(_OCCURRENCES.format(of_loan=scope.of("series.loan_id")), parameters)
        return [Occurrence(**dict(zip(Occurrence.__dataclass_fields__, row, strict=True))) for row in cursor.fetchall()]


def _last_banking_day(day: date, *, through_weekend: bool = False) -> date:
    """Return the last banking day up to `day`; with the days after it that roll back to it, if asked for."""
    last = day if is_banking_day(day) else banking_day_before(day)
    return add_banking_days(last, 1) - timedelta(days=1) if through_weekend else last
