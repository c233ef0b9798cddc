"""One version of a month while it is written: records are read, told and kept as they pass, whatever their number."""

from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from datetime import datetime

from django.db import connection
from django.db.models import Sum

from common.exceptions import SealBrokenError
from common.outcomes import BadItem
from credit_reporting.faults import Facts, fault, warnings
from credit_reporting.metro2.exceptions import Metro2Error
from credit_reporting.metro2.records import Record
from credit_reporting.metro2.totals import Totals
from credit_reporting.metro2.writing import lines
from credit_reporting.models import Finding, Metro2File, Report, ReportedRecord, Reporter
from credit_reporting.months import Month
from credit_reporting.rendering import Furnisher, header, record
from credit_reporting.selectors import Account, newest_report
from credit_reporting.selectors.records import STATED, records
from credit_reporting.services.files import BureauFile, write_to_all
from credit_reporting.stating import stated
from loans.identity import Identity, opened
from loans.models import Loan
from tenants.selectors import current_schema

Severity = Finding.Severity
_KEPT_AT_ONCE = 2_000
_KEEP = f"COPY credit_reporting_reportedrecord (report_id, loan_id, activity_month, {STATED}) FROM STDIN"


class Edition:
    """The next version of a month. Its id is taken first, so that the records can bear it.

    Args:
        reporter: who reports; the caller has locked it, so that nobody else writes a version.
        month: the month.
        run_id: the run that writes it, and `due_at`, when its window was due; none when written by hand.
    """

    def __init__(
        self, *, reporter: Reporter, month: Month, run_id: int | None = None, due_at: datetime | None = None
    ) -> None:
        self.month, self.newest = month, newest_report(month)
        #: The records that were told for the first time, and the loans that were held back.
        self.told, self.held_back = 0, list[BadItem]()
        self.report_id = _next_id()
        self._reporter, self._run_id, self._due_at = reporter, run_id, due_at
        self._furnisher = _furnisher(reporter, month, self.newest)
        self._totals = Totals()
        self._findings, self._kept = list[Finding](), list[tuple[object, ...]]()
        # The loan whose record is being written, and whether it is held back.
        self._loan, self._is_held = (0, ""), False
        self._synthetic = 0

    # --- Records ------------------------------------------------------------------------------------------------------

    def tell(self, accounts: Iterable[Account]) -> Iterator[Record]:
        """Yield the records of accounts, and keep each; who asks for the next one has written it, or held it back."""
        for account in accounts:
            self._loan, self._is_held = (account.loan_id, account.number), False
            if facts := self._facts(account):
                yield self._record(facts)
                if not self._is_held:
                    self._keep(facts)
        self._flush()

    def repeat(self) -> Iterator[Record]:
        """Yield the records that were told of the month and still hold."""
        for loan_id, number, said, identity in records(self.month):
            self._loan = loan_id, number
            yield record(said, self._opened(identity), furnisher=self._furnisher, month=self.month)

    def _facts(self, account: Account) -> Facts | None:
        """Return all that is known of an account; None if it is held back."""
        try:
            facts = account, stated(account, self.month), self._opened(account.identity)
        except (Metro2Error, SealBrokenError) as error:
            self._hold_back(str(error))
            return None
        if reason := fault(facts):
            self._hold_back(reason)
        return None if reason else facts

    def _opened(self, identity: bytes) -> Identity:
        who = opened(identity)
        self._synthetic += who.synthetic
        return who

    def _record(self, facts: Facts) -> Record:
        _, said, identity = facts
        return record(said, identity, furnisher=self._furnisher, month=self.month)

    def _hold_back(self, reason: str) -> None:
        loan_id, number = self._loan
        self._is_held = True
        self._find(Severity.ERROR, reason, loan_id)
        self.held_back.append(BadItem(model=Loan._meta.label, key=number, reason=reason))  # noqa: SLF001

    def _find(self, severity: Severity, reason: str, loan_id: int | None) -> None:
        self._findings.append(
            Finding(report_id=self.report_id, loan_id=loan_id, severity=severity, reason=reason[:_LONGEST])
        )

    def _keep(self, facts: Facts) -> None:
        account, said, _ = facts
        self.told += 1
        for reason in warnings(facts, unreported=self.month.since(account.before) if account.before else 0):
            self._find(Severity.WARNING, reason, account.loan_id)
        self._kept.append((self.report_id, account.loan_id, self.month.start, *said))
        if len(self._kept) == _KEPT_AT_ONCE:
            self._flush()

    def _flush(self) -> None:
        with connection.cursor() as cursor, cursor.copy(_KEEP) as copy:
            for row in self._kept:
                copy.write_row(row)
        self._kept.clear()

    # --- The report ---------------------------------------------------------------------------------------------------

    def look_at(self, records: Iterable[Record]) -> None:
        """Keep and hold back as if the records were written; no file holds them."""
        deque(self._lines(records), maxlen=0)

    def write(self, records: Iterable[Record]) -> Report:
        """Write the files of all bureaus, store them, and tell of them."""
        with ExitStack() as open_files:
            files = [
                open_files.enter_context(BureauFile(reporter=self._reporter, month=self.month, bureau=bureau))
                for bureau in self._reporter.program_ids
            ]
            self._synthetic = 0
            write_to_all(files, self._lines(records))
            report = self._report()
            report.save(force_insert=True)
            Metro2File.objects.bulk_create(
                file.store(report_id=self.report_id, path=_path(report, file.bureau)) for file in files
            )
        Finding.objects.bulk_create(self._findings, batch_size=_KEPT_AT_ONCE)
        return report

    def _lines(self, records: Iterable[Record]) -> Iterator[str]:
        """Return the lines of the records, and the trailer: the header is each bureau's own."""
        self._totals = Totals()
        anyones = header(self._reporter, self.month, next(iter(self._reporter.program_ids)))
        whole = lines(anyones, records, held_back=lambda _, error: self._hold_back(str(error)), totals=self._totals)
        next(whole)
        return whole

    def _report(self) -> Report:
        if self._synthetic:
            reason = f"{self._synthetic} borrowers are made up, not real: send this file to nobody"
            self._find(Severity.WARNING, reason, None)
        trailer = self._totals.trailer()
        current = ReportedRecord.objects.filter(activity_month=self.month.start, superseded_in=None)
        return Report(
            id=self.report_id,
            activity_month=self.month.start,
            version=self.newest.version + 1 if self.newest else 1,
            identification_number=self._furnisher.number,
            new_identification_number=self._furnisher.new_number,
            reported=trailer.base_records,
            held_back=len(self.held_back),
            warnings=sum(finding.severity == Severity.WARNING for finding in self._findings),
            balance=current.aggregate(sum=Sum("current_balance"))["sum"] or 0,
            totals=trailer._asdict(),
            run_id=self._run_id,
            due_at=self._due_at,
        )


_LONGEST = Finding._meta.get_field("reason").max_length or 0  # noqa: SLF001


def _next_id() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('credit_reporting_report', 'id'))")
        return int(cursor.fetchone()[0])


def _furnisher(reporter: Reporter, month: Month, newest: Report | None) -> Furnisher:
    """Return what the month said before; else the number of the month before, with the one to come if it changes."""
    if newest:
        return Furnisher(newest.identification_number, newest.new_identification_number)
    earlier = Report.objects.filter(activity_month__lt=month.start).order_by("-activity_month", "-version").first()
    known = earlier and (earlier.new_identification_number or earlier.identification_number)
    if known and known != reporter.identification_number:
        return Furnisher(known, reporter.identification_number)
    return Furnisher(reporter.identification_number, "")


def _path(report: Report, bureau: str) -> str:
    schema_name = current_schema()
    return f"{schema_name}/metro2/{report.activity_month:%Y-%m}/{bureau}-v{report.version}.txt"
