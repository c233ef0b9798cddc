"""Canvas by hand: the end of day, the snapshots and the compliance check of one tenant, with results to wait for.

In the night the same tasks are runs of the ledger, with its line, its children and their join. These are for an
operator who wants one tenant's work done now and its result in hand. What a broker loses here is lost, and is sent
again by hand: every task is repeatable, so nothing is done twice.
"""

from datetime import date

from celery import chain, chord, group
from celery.canvas import Signature

from casework.tasks import execute_dunning_schedules
from common.tenancy import tenant_transaction
from compliance.selectors import active_rules
from compliance.tasks import run_compliance_check, summarize_compliance
from delinquency.tasks import run_delinquency_engine
from fees.tasks import assess_late_fees
from ledger.tasks import update_period_statuses_task
from loans.tasks import accrue_daily_interest, check_promo_expirations
from portfolios.selectors import open_portfolios
from portfolios.tasks import take_portfolio_snapshot

END_OF_DAY = (
    update_period_statuses_task,
    check_promo_expirations,
    accrue_daily_interest,
    run_delinquency_engine,
    assess_late_fees,
    execute_dunning_schedules,
)


def end_of_day(schema_name: str) -> Signature:
    """Return the chain of one tenant's end of day, for today's business date; a link that fails ends it.

    Args:
        schema_name: the tenant.
    """
    return chain(task.si(schema_name) for task in END_OF_DAY)


def snapshot_portfolios(schema_name: str, snapshot_date: date) -> Signature:
    """Return the group of the snapshots of all of a tenant's portfolios that are open; it may be empty.

    Args:
        schema_name: the tenant.
        snapshot_date: the business date that they are of.

    Raises:
        UnknownTenantError, TenantNotActiveError: there is no such tenant, or it takes no part.
    """
    with tenant_transaction(schema_name):
        portfolios = [portfolio.pk for portfolio in open_portfolios(snapshot_date)]
    return group(take_portfolio_snapshot.si(schema_name, pk, snapshot_date.isoformat()) for pk in portfolios)


def compliance_check(schema_name: str) -> Signature:
    """Return the chord of the checks of all of a tenant's active rules, summed up; of no rules, the sum alone.

    Args:
        schema_name: the tenant.

    Raises:
        UnknownTenantError, TenantNotActiveError: there is no such tenant, or it takes no part.
    """
    with tenant_transaction(schema_name):
        rules = [rule.pk for rule in active_rules()]
    checks = [run_compliance_check.si(schema_name, pk) for pk in rules]
    if not checks:  # Celery would refuse a chord without a header.
        return summarize_compliance.si([], schema_name=schema_name)
    return chord(checks, summarize_compliance.s(schema_name=schema_name))
