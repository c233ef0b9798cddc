"""`define_fee`: a fee that is charged every period."""

from argparse import ArgumentTypeError
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.management.base import CommandParser

from common.books import books_transaction
from common.management.operator import BooksWritingCommand, iso_date
from fees.services import define_fee


class Command(BooksWritingCommand):
    """See the module."""

    help = "Charge a fee every period from a day on; a fee that is defined already changes with its next period."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the fee, whose it is, and its periods."""
        super().add_arguments(parser)
        parser.add_argument("code", metavar="CODE", help="what it is called, e.g. servicing")
        parser.add_argument("amount", type=dollars, metavar="AMOUNT", help="dollars and cents for a whole period")
        whose = parser.add_mutually_exclusive_group(required=True)
        whose.add_argument("--product", metavar="CODE", help="whose loans pay it")
        whose.add_argument("--loan", metavar="LOAN", help="the one loan that pays it")
        parser.add_argument("--every", type=int, default=1, metavar="MONTHS", help="length of a period (default: 1)")
        parser.add_argument("--from", type=iso_date, required=True, dest="starts_on", metavar="DATE", help="first day")
        parser.add_argument(
            "--anchor", type=iso_date, metavar="DATE", help="a day that begins a period (default: loan's anniversary)"
        )
        parser.add_argument("--whole-periods", action="store_true", help="nothing is paid for a part of a first period")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Define it, and say so."""
        with books_transaction(options["tenant"], dry_run=options["dry_run"]):
            define_fee(
                code=options["code"],
                amount=options["amount"],
                every_months=options["every"],
                starts_on=options["starts_on"],
                product_code=options["product"],
                loan_number=options["loan"],
                anchor=options["anchor"],
                prorates=not options["whole_periods"],
            )
        whose = f"loan {options['loan']} pays" if options["loan"] else f"loans of {options['product']} pay"
        what = f"{options['amount']} {options['code']} every {options['every']} months"
        done = f"{whose} {what} from {options['starts_on']}."
        self.report(done, dry_run=options["dry_run"])


def dollars(text: str) -> Decimal:
    """Read an amount for argparse.

    Raises:
        ArgumentTypeError: it is none.
    """
    try:
        amount = Decimal(text)
    except InvalidOperation:
        raise ArgumentTypeError(f"{text!r} is not an amount like 17.01") from None
    if not amount.is_finite() or amount != round(amount, 2):
        raise ArgumentTypeError(f"{text!r} is not an amount like 17.01")
    return amount
