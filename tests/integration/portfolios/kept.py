"""Portfolios, their rules, and the nights that keep them."""

from datetime import UTC, date, datetime, time, timedelta

from delinquency.services import detect_defaults, run_engine
from loans.services import accrue_interest
from portfolios.models import Membership, Portfolio, Snapshot, Total
from portfolios.selectors import open_portfolios
from portfolios.services import (
    Conditions,
    assign_portfolios,
    open_portfolio,
    set_rule,
    sum_up,
    take_snapshot,
)

START = date(2024, 1, 1)
DAY = timedelta(days=1)


def portfolio(code, *, opened_on=START, **options):
    return open_portfolio(code=code, name=code, opened_on=opened_on, **options)


def rule(code, to, priority=10, *, since=START, **conditions):
    return set_rule(code=code, portfolio_code=to, priority=priority, conditions=Conditions(**conditions), since=since)


def due(day, hour, minute=0):
    return datetime.combine(day, time(hour, minute), UTC)


def keep_books(day):
    """Do the night's jobs that the snapshots come after."""
    accrue_interest(business_date=day, due_at=due(day, 2))
    run_engine(business_date=day, due_at=due(day, 2, 30))
    detect_defaults(business_date=day, due_at=due(day, 2, 45))


def assign(day, **options):
    return assign_portfolios(business_date=day, due_at=due(day, 5), **options)


def snap(day):
    """Take the snapshots of all open portfolios, and compare them with the books."""
    for one in open_portfolios(day):
        take_snapshot(portfolio_id=one.pk, snapshot_date=day, due_at=due(day, 5, 30))
    return sum_up(business_date=day, due_at=due(day, 5, 30))


def night(day):
    keep_books(day)
    assign(day)
    return snap(day)


def stretches(loan):
    """Return (portfolio, since, until) of a loan, in order."""
    rows = Membership.objects.filter(loan=loan).order_by("since")
    return list(rows.values_list("portfolio__code", "since", "until"))


def home(loan):
    """Return the code of the portfolio a loan is in."""
    return Membership.objects.get(loan=loan, until=None).portfolio.code


def snapshots(**chosen):
    """Return all that snapshots say, but for the run that wrote them."""
    columns = [one.attname for one in Snapshot._meta.concrete_fields if one.name not in {"id", "due_at"}]
    return list(Snapshot.objects.filter(**chosen).order_by("snapshot_date", "loan", "version").values_list(*columns))


def totals(**chosen):
    columns = [one.attname for one in Total._meta.concrete_fields if one.name not in {"id", "due_at"}]
    rows = Total.objects.filter(**chosen).order_by("snapshot_date", "portfolio", "version")
    return list(rows.values_list(*columns))


def default():
    return Portfolio.objects.get(is_default=True)
