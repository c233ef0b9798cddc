"""One version of a month while it is written: records are read, told and kept as they pass, whatever their number."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from datetime import datetime

from django.db import connection
from django.db.models import Sum

from common.beside import beside
from common.outcomes import BadItem
from credit_reporting.copying import COLUMNS
from credit_reporting.metro2.writing import trailer_line
from credit_reporting.models import Finding, Metro2File, Report, ReportedRecord, Reporter
from credit_reporting.months import Month
from credit_reporting.rendering import Furnisher
from credit_reporting.selectors import newest_report
from credit_reporting.selectors.accounts import Row
from credit_reporting.selectors.records import records
from credit_reporting.services.files import BureauFile
from credit_reporting.telling import Batch, Teller
from loans.models import Loan
from tenants.selectors import current_schema

Severity = Finding.Severity
_AT_ONCE = 2_000
_COPY = f"COPY credit_reporting_reportedrecord ({COLUMNS}) FROM STDIN"


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
        self._teller = self._new_teller()
        self._findings = list[Finding]()

    # --- Records ------------------------------------------------------------------------------------------------------

    def tell(self, accounts: Iterable[list[Row]]) -> Iterator[bytearray]:
        """Yield the lines of accounts, batch by batch, and keep what they say; `write` keeps what is wrong."""
        self._teller = self._new_teller()
        for batch in beside(self._teller.tell, accounts):
            self._keep(batch)
            yield batch.content

    def repeat(self) -> Iterator[bytearray]:
        """Yield the lines of what was told of the month and still holds."""
        self._teller = self._new_teller()
        for batch in beside(self._teller.repeat, records(self.month)):
            self._hold_back(batch)
            yield batch.content

    def _new_teller(self) -> Teller:
        return Teller(report_id=self.report_id, furnisher=self._furnisher, month=self.month)

    def _keep(self, batch: Batch) -> None:
        self._hold_back(batch)
        self._find(Severity.WARNING, batch.warnings)
        with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
            copy.write(batch.rows)
        self.told += batch.told

    def _hold_back(self, batch: Batch) -> None:
        self._find(Severity.ERROR, [(loan_id, reason) for loan_id, _, reason in batch.held_back])
        self.held_back += [
            BadItem(model=Loan._meta.label, key=number, reason=reason)  # noqa: SLF001
            for _, number, reason in batch.held_back
        ]

    def _find(self, severity: Severity, found: Sequence[tuple[int | None, str]]) -> None:
        self._findings += [
            Finding(report_id=self.report_id, loan_id=loan_id, severity=severity, reason=reason[:_LONGEST])
            for loan_id, reason in found
        ]

    # --- The report ---------------------------------------------------------------------------------------------------

    def write(self, content: Iterable[bytearray]) -> Report:
        """Write the files of all bureaus, store them, and tell of them.

        Args:
            content: what `tell` or `repeat` yields.
        """
        with ExitStack() as open_files:
            files = [
                open_files.enter_context(BureauFile(reporter=self._reporter, month=self.month, bureau=bureau))
                for bureau in self._reporter.program_ids
            ]
            self._fill(files, content)
            report = self._report()
            report.save(force_insert=True)
            Metro2File.objects.bulk_create(
                file.store(report_id=self.report_id, path=_path(report, file.bureau)) for file in files
            )
        Finding.objects.bulk_create(self._findings, batch_size=_AT_ONCE)
        return report

    def _fill(self, files: Sequence[BureauFile], content: Iterable[bytearray]) -> None:
        for lines in content:
            for file in files:
                file.write(lines)
        for file in files:
            file.write(f"{trailer_line(self._teller.totals.trailer())}\n".encode("ascii"))

    def _report(self) -> Report:
        if synthetic := self._teller.synthetic:
            self._find(
                Severity.WARNING, [(None, f"{synthetic} borrowers are made up, not real: send this file to nobody")]
            )
        trailer = self._teller.totals.trailer()
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
