"""What gives portfolios work in the world's nights: loans that come to one by their product, and by their arrears."""

from datetime import date

from portfolios.services import Conditions, open_portfolio, set_rule
from tests.conformance.poisons import CONTRADICTORY_PLAN

SINCE = date(2023, 12, 30)

POISONS = {
    "daily-portfolio-auto-assignment": CONTRADICTORY_PLAN,
    "daily-portfolio-snapshots": CONTRADICTORY_PLAN,
}

#: Sums over many loans: one that is done later has another version.
OF_MANY = {"portfolios.Total"}


def build():
    """Put them into the tenant's schema that the connection is in: on the 2nd and the 3rd, loans fall past due."""
    for code in ("late", "forborne"):
        open_portfolio(code=code, name=code, opened_on=SINCE)
    rules = {"forborne": Conditions(products=["forborne"]), "late": Conditions(dpd_from=1)}
    for priority, (code, conditions) in enumerate(rules.items()):
        set_rule(code=code, portfolio_code=code, priority=priority, conditions=conditions, since=SINCE)
