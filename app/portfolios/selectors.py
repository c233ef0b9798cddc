"""Which portfolios are open, which loans they are about, and what their snapshots come to."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from loans.scope import Scope
from loans.selectors.as_of import as_booked
from portfolios.models import Figures, Portfolio

#: The figures of loans, in the order in which statements have them.
FIGURES = tuple(field.name for field in Figures._meta.get_fields())  # noqa: SLF001

#: What a portfolio's total says.
SUMS = (*FIGURES, "loans", "past_due")


def open_portfolios(day: date) -> QuerySet[Portfolio]:
    """Return the portfolios that take part in a night."""
    return Portfolio.objects.filter(Q(closed_on=None) | Q(closed_on__gte=day), opened_on__lt=day).order_by("id")


def alive(scope: Scope | None = None) -> str:
    """Return the SELECT of the loans that are there as of the night `%(day)s` and `%(due_at)s`, with their figures.

    Those on which something stands, and those that ended the day before: a loan is told of once more when it is paid.
    A loan that was boarded later has nothing in the books of that night.

    Args:
        scope: the loans; all when none are named.
    """
    scope = scope or Scope()
    return f"""
        SELECT booked.*, ended.closed_on, ended.reason FROM ({as_booked(scope)}) booked
        LEFT JOIN (
            SELECT DISTINCT ON (loan_id) loan_id, closed_on, reason FROM loans_closure
            WHERE (closed_on < %(day)s OR coalesce(due_at < %(due_at)s, FALSE))
                AND (reopened_on IS NULL OR reopened_on >= %(day)s) {scope.of("loan_id")}
            ORDER BY loan_id, closed_on
        ) ended ON ended.loan_id = booked.loan_id
        WHERE ({", ".join(FIGURES)}) <> ({", ".join("0" for _ in FIGURES)})
            OR ended.closed_on >= %(day)s::date - 1"""


#: The snapshots of the night `%(day)s` that count.
LATEST = """
    SELECT DISTINCT ON (loan_id) * FROM portfolios_snapshot WHERE snapshot_date = %(day)s
    ORDER BY loan_id, version DESC"""

#: The totals of that night that count.
LATEST_TOTALS = """
    SELECT DISTINCT ON (portfolio_id) * FROM portfolios_total WHERE snapshot_date = %(day)s
    ORDER BY portfolio_id, version DESC"""

_TOTAL = f"SELECT {', '.join(f'coalesce(sum({name}), 0)' for name in SUMS)} FROM ({LATEST_TOTALS}) latest"

# An ended loan without a row is told by the difference that it makes.
_LEFT_OUT = f"""
    WITH lacking AS MATERIALIZED (
        SELECT id AS loan_id FROM loans_loan loan
        WHERE NOT EXISTS (
                SELECT FROM portfolios_snapshot taken WHERE taken.snapshot_date = %(day)s AND taken.loan_id = loan.id
            )
            AND NOT EXISTS (
                SELECT FROM loans_closure ended WHERE ended.loan_id = loan.id AND ended.closed_on < %(day)s
                AND (ended.reopened_on IS NULL OR ended.reopened_on >= %(day)s)
            )
    )
    SELECT loan.number, EXISTS (
               SELECT FROM portfolios_membership membership WHERE membership.loan_id = loan.id
               AND since <= %(day)s AND (until IS NULL OR until > %(day)s)
           ) AS is_member, {", ".join(FIGURES)}
    FROM ({alive(Scope(among="lacking"))}) alive JOIN loans_loan loan ON loan.id = alive.loan_id
    ORDER BY loan.number"""


def total(day: date) -> dict[str, Any]:
    """Return what all portfolios' snapshots of a night come to: dollars by figure, and how many loans."""
    with connection.cursor() as cursor:
        cursor.execute(_TOTAL, {"day": day})
        return dict(zip(SUMS, cursor.fetchone(), strict=True))


def left_out(parameters: dict[str, Any]) -> list[tuple[str, bool, dict[str, Decimal]]]:
    """Return the loans that have no snapshot of a night and should: number, whether a portfolio has it, its figures.

    Args:
        parameters: `day` and `due_at` of the night.
    """
    with Scope().cursor() as cursor:
        cursor.execute(_LEFT_OUT, parameters)
        return [
            (number, is_member, dict(zip(FIGURES, figures, strict=True)))
            for number, is_member, *figures in cursor.fetchall()
        ]
