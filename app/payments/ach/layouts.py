"""The records of an ACH file, field by field: one description, by which the writer writes and the reader reads.

Source: Nacha Operating Rules, Appendix Three (ACH record format specifications) and Appendix Four (returns).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from payments.ach.exceptions import BadRecordError, BadSubmissionError

RECORD_LENGTH = 94
BLOCKING_FACTOR = 10
FILLER = "9" * RECORD_LENGTH


class Field(NamedTuple):
    """One field: numbers are filled with zeros on the left, text with blanks on the right."""

    name: str
    width: int
    numeric: bool = False
    constant: str = ""


@dataclass(frozen=True, slots=True)
class Layout:
    """The fields of one kind of record, which together are 94 characters wide."""

    name: str
    fields: tuple[Field, ...]

    def render(self, **values: object) -> str:
        """Return the record of these values; fields not named are blank, zero or constant.

        Raises:
            BadSubmissionError: if a value is wider than its field.
        """
        return "".join(self._written(field, values) for field in self.fields)

    def parse(self, line: str) -> Mapping[str, str]:
        """Return the fields of a record, without their blanks; those that are numbers hold digits and nothing else.

        Raises:
            BadRecordError: if a number does not.
        """
        values, start = {}, 0
        for field in self.fields:
            values[field.name] = self._read(field, line[start : start + field.width])
            start += field.width
        return values

    def _written(self, field: Field, values: Mapping[str, object]) -> str:
        value = str(values.get(field.name, field.constant))
        if len(value) > field.width:
            raise BadSubmissionError(
                f"{value} is wider than the {field.width} characters of {field.name} in a {self.name}: "
                "send the debits as several submissions."
            )
        return value.zfill(field.width) if field.numeric else value.ljust(field.width)

    def _read(self, field: Field, value: str) -> str:
        if field.numeric and not value.isdigit():
            raise BadRecordError(f"{field.name} of the {self.name} is {value!r} instead of digits")
        return value.strip()


FILE_HEADER = Layout(
    "file header",
    (
        Field("record_type", 1, constant="1"),
        Field("priority_code", 2, constant="01"),
        Field("immediate_destination", 10),
        Field("immediate_origin", 10),
        Field("created_on", 6),
        Field("created_at", 4),
        Field("file_id_modifier", 1),
        Field("record_size", 3, constant="094"),
        Field("blocking_factor", 2, constant="10"),
        Field("format_code", 1, constant="1"),
        Field("destination_name", 23),
        Field("origin_name", 23),
        Field("reference_code", 8),
    ),
)
BATCH_HEADER = Layout(
    "batch header",
    (
        Field("record_type", 1, constant="5"),
        Field("service_class", 3),
        Field("company_name", 16),
        Field("discretionary_data", 20),
        Field("company_id", 10),
        Field("entry_class", 3),
        Field("description", 10),
        Field("descriptive_date", 6),
        Field("effective_on", 6),
        Field("settlement_day", 3),
        Field("originator_status", 1, constant="1"),
        Field("originating_bank", 8, numeric=True),
        Field("batch_number", 7, numeric=True),
    ),
)
ENTRY = Layout(
    "entry",
    (
        Field("record_type", 1, constant="6"),
        Field("transaction_code", 2, numeric=True),
        Field("routing_number", 9, numeric=True),
        Field("account_number", 17),
        Field("cents", 10, numeric=True),
        Field("individual_id", 15),
        Field("individual_name", 22),
        Field("discretionary_data", 2),
        Field("has_addenda", 1, constant="0"),
        Field("trace", 15, numeric=True),
    ),
)
RETURN_ADDENDA = Layout(
    "return addenda",
    (
        Field("record_type", 1, constant="7"),
        Field("addenda_type", 2, constant="99"),
        Field("code", 3),
        Field("original_trace", 15, numeric=True),
        Field("date_of_death", 6),
        Field("original_bank", 8, numeric=True),
        Field("information", 44),
        Field("trace", 15, numeric=True),
    ),
)
CORRECTION_ADDENDA = Layout(
    "addenda of a notification of change",
    (
        Field("record_type", 1, constant="7"),
        Field("addenda_type", 2, constant="98"),
        Field("code", 3),
        Field("original_trace", 15, numeric=True),
        Field("reserved", 6),
        Field("original_bank", 8, numeric=True),
        Field("corrected", 29),
        Field("reserved_too", 15),
        Field("trace", 15, numeric=True),
    ),
)
BATCH_CONTROL = Layout(
    "batch control",
    (
        Field("record_type", 1, constant="8"),
        Field("service_class", 3),
        Field("entries", 6, numeric=True),
        Field("entry_hash", 10, numeric=True),
        Field("debit_cents", 12, numeric=True),
        Field("credit_cents", 12, numeric=True),
        Field("company_id", 10),
        Field("authentication_code", 19),
        Field("reserved", 6),
        Field("originating_bank", 8, numeric=True),
        Field("batch_number", 7, numeric=True),
    ),
)
FILE_CONTROL = Layout(
    "file control",
    (
        Field("record_type", 1, constant="9"),
        Field("batches", 6, numeric=True),
        Field("blocks", 6, numeric=True),
        Field("entries", 8, numeric=True),
        Field("entry_hash", 10, numeric=True),
        Field("debit_cents", 12, numeric=True),
        Field("credit_cents", 12, numeric=True),
        Field("reserved", 39),
    ),
)
