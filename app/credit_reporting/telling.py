"""From accounts to the lines of a file, and what is kept of them: without a query, so that a thread may do it."""

from collections.abc import Sequence
from typing import NamedTuple

from common.exceptions import SealBrokenError
from credit_reporting.copying import copied
from credit_reporting.exceptions import FaultyRecordError
from credit_reporting.faults import Facts, fault, warnings
from credit_reporting.metro2.exceptions import Metro2Error
from credit_reporting.metro2.totals import Totals
from credit_reporting.metro2.writing import record_line
from credit_reporting.months import Month
from credit_reporting.rendering import Furnisher, record
from credit_reporting.selectors.accounts import Account, Row
from credit_reporting.selectors.records import Told
from credit_reporting.stating import Stated, stated
from loans.identity import Identity, opened

#: What holds one record back, and no other.
_FAULTS = (Metro2Error, SealBrokenError, FaultyRecordError)


class HeldBack(NamedTuple):
    """A loan, by id and number, that the file says nothing of, and why."""

    loan_id: int
    number: str
    reason: str


class Batch:
    """What comes of some accounts.

    Attributes:
        content: their records as the file holds them, each with its line feed.
        rows: what they say, as COPY takes it (`copying`), and `told`, how many they are.
        warnings: the loans' ids, and what is worth a look.
    """

    def __init__(self) -> None:
        self.content, self.rows, self.told = bytearray(), bytearray(), 0
        self.held_back, self.warnings = list[HeldBack](), list[tuple[int, str]]()


class Teller:
    """Tells of a month; `totals` and `synthetic` (borrowers that are made up) count the records in all its batches."""

    def __init__(self, *, report_id: int, furnisher: Furnisher, month: Month) -> None:
        self.totals, self.synthetic = Totals(), 0
        self._report_id, self._furnisher, self._month = report_id, furnisher, month

    def tell(self, accounts: Sequence[Row]) -> Batch:
        """Tell of accounts what is to be said of them."""
        batch = Batch()
        for account in map(Account._make, accounts):
            try:
                facts = account, stated(account, self._month), opened(account.identity)
                batch.content += self._faultless(facts)
            except _FAULTS as error:
                batch.held_back.append(HeldBack(account.loan_id, account.number, str(error)))
            else:
                batch.rows += copied(self._report_id, self._month, account.loan_id, facts[1])
                batch.told += 1
                for reason in warnings(facts, unreported=self._month.since(account.before) if account.before else 0):
                    batch.warnings.append((account.loan_id, reason))
        return batch

    def repeat(self, told: Sequence[Told]) -> Batch:
        """Tell again what was told and still holds."""
        batch = Batch()
        for one in told:
            try:
                batch.content += self._line(one.said, opened(one.identity))
            except _FAULTS as error:
                batch.held_back.append(HeldBack(one.loan_id, one.number, str(error)))
        return batch

    def _faultless(self, facts: Facts) -> bytes:
        if reason := fault(facts):
            raise FaultyRecordError(reason)
        return self._line(facts[1], facts[2])

    def _line(self, said: Stated, who: Identity) -> bytes:
        whole = record(said, who, furnisher=self._furnisher, month=self._month)
        line = record_line(whole)
        self.totals.add(whole)
        self.synthetic += who.synthetic
        return f"{line}\n".encode("ascii")
