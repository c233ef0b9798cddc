"""`trial_balance`: what every account of a tenant's general ledger stands at."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, TextIO, cast

from django.core.management.base import CommandParser
from rich.console import Console
from rich.table import Column, Table

from common.management.operator import BooksCommand, iso_date
from common.tenancy import tenant_transaction
from ledger.selectors import AccountBalance, trial_balance


class Command(BooksCommand):
    """See the module."""

    help = "Print a tenant's trial balance: debits, credits and balance of every account, and their sums."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the tenant and the last day."""
        super().add_arguments(parser)
        parser.add_argument("--through", type=iso_date, metavar="DATE", help="last entry date; all by default")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print the table."""
        with tenant_transaction(options["tenant"]):
            balances = trial_balance(through=options["through"])
        Console(file=cast("TextIO", self.stdout)).print(_table(balances))


def _table(balances: Sequence[AccountBalance]) -> Table:
    numbers = [Column(title, justify="right") for title in ("debits", "credits", "balance")]
    table = Table("account", "", *numbers, show_footer=True)
    sums = [sum((getattr(row, name) for row in balances), Decimal(0)) for name in ("debit", "credit", "balance")]
    for column, total in zip(numbers, sums, strict=True):
        column.footer = f"{total:,.2f}"
    for row in balances:
        table.add_row(row.code, row.name, f"{row.debit:,.2f}", f"{row.credit:,.2f}", f"{row.balance:,.2f}")
    return table
