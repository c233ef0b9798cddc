"""Opening and closing portfolios, and setting the rules by which loans come to them."""

from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal

from django.db import IntegrityError, transaction

from loans.models import Product
from portfolios.exceptions import (
    BadRuleError,
    DefaultPortfolioError,
    NoSuchPortfolioError,
    NoSuchRuleError,
    PortfolioExistsError,
)
from portfolios.models import Portfolio, Rule


@dataclass(frozen=True, kw_only=True)
class Conditions:
    """What a loan must be to fit a rule; see `Rule`. What is not said does not matter."""

    products: list[str] = field(default_factory=list)
    states: list[str] = field(default_factory=list)
    dpd_from: int | None = None
    dpd_through: int | None = None
    balance_from: Decimal | None = None
    balance_below: Decimal | None = None
    originated_from: date | None = None
    originated_through: date | None = None


def open_portfolio(*, code: str, name: str, opened_on: date, owner: str = "") -> Portfolio:
    """Open a portfolio; the next night is its first.

    Args:
        code: what rules and reports call it; never used before.
        name: for people.
        opened_on: the processing date.
        owner: who answers for it.

    Raises:
        PortfolioExistsError: the code was used before.
    """
    made, is_new = Portfolio.objects.get_or_create(
        code=code, defaults={"name": name, "opened_on": opened_on, "owner": owner}
    )
    if not is_new:
        raise PortfolioExistsError(code)
    return made


@transaction.atomic
def close_portfolio(*, code: str, closed_on: date) -> Portfolio:
    """Close a portfolio after the night of a day; the next one moves its loans by the rules that are left.

    Args:
        code: the portfolio.
        closed_on: the processing date.

    Raises:
        NoSuchPortfolioError: none of this code is open.
        DefaultPortfolioError: it takes what no rule names.
    """
    portfolio = _open(code)
    if portfolio.is_default:
        raise DefaultPortfolioError(code)
    portfolio.closed_on = closed_on
    portfolio.save(update_fields=["closed_on"])
    Rule.objects.filter(portfolio=portfolio, until=None).update(until=closed_on)
    return portfolio


@transaction.atomic
def set_rule(*, code: str, portfolio_code: str, priority: int, conditions: Conditions, since: date) -> Rule:
    """Set a rule; one of the same code is replaced by a new version, from the next night on.

    Args:
        code: what the rule is called.
        portfolio_code: where loans go that fit.
        priority: the lowest is asked first.
        conditions: what must hold of a loan.
        since: the processing date.

    Raises:
        NoSuchPortfolioError: none of this code is open.
        BadRuleError: nothing could fit it.
    """
    portfolio, versions = _open(portfolio_code), Rule.objects.filter(code=code)
    _refuse_unknown_products(code, conditions.products)
    versions.filter(until=None).update(until=since)
    try:
        return Rule.objects.create(
            code=code,
            version=1 + versions.count(),
            portfolio=portfolio,
            priority=priority,
            since=since,
            **asdict(conditions),
        )
    except IntegrityError as error:
        raise BadRuleError(code, "an upper limit lies below its lower one") from error


def end_rule(*, code: str, until: date) -> Rule:
    """End a rule after the night of a day.

    Args:
        code: the rule.
        until: the processing date.

    Raises:
        NoSuchRuleError: none of this code is in force.
    """
    rule = Rule.objects.filter(code=code, until=None).first()
    if rule is None:
        raise NoSuchRuleError(code)
    rule.until = until
    rule.save(update_fields=["until"])
    return rule


def _open(code: str) -> Portfolio:
    portfolio = Portfolio.objects.filter(code=code, closed_on=None).first()
    if portfolio is None:
        raise NoSuchPortfolioError(code)
    return portfolio


def _refuse_unknown_products(code: str, products: list[str]) -> None:
    known = set(Product.objects.filter(code__in=products).values_list("code", flat=True))
    if unknown := sorted(set(products) - known):
        raise BadRuleError(code, f"there is no product {unknown[0]}")
