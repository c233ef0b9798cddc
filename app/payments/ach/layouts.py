"""The records of an ACH file, field by field: one description, by which the writer writes and the reader reads.

Source: Nacha Operating Rules, Appendix Three (ACH record format specifications) and Appendix Four (returns).
"""

from collections.abc import Mapping
from itertools import accumulate
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


class Layout:
    """The fields of one kind of record, which together are 94 characters wide."""

    def __init__(self, name: str, *fields: Field) -> None:
        self.name = name
        self.fields = fields
        self._defaults = {field.name: field.constant for field in fields}
        # One format for the whole record: a file has a hundred thousand of them.
        self._format = "".join(f"{{{field.name}:{'0>' if field.numeric else '<'}{field.width}}}" for field in fields)
        ends = list(accumulate(field.width for field in fields))
        self._slices = [slice(end - field.width, end) for field, end in zip(fields, ends, strict=True)]

    def render(self, **values: object) -> str:
        """Return the record of these values; fields not named are blank, zero or constant.

        Raises:
            BadSubmissionError: if a value is wider than its field.
        """
        record = self._format.format_map({**self._defaults, **values})
        if len(record) != RECORD_LENGTH:
            raise BadSubmissionError(self._too_wide(values))
        return record

    def parse(self, line: str) -> Mapping[str, str]:
        """Return the fields of a record, without their blanks; those that are numbers hold digits and nothing else.

        Raises:
            BadRecordError: if a number does not.
        """
        values = {field.name: line[place].strip() for field, place in zip(self.fields, self._slices, strict=True)}
        for field in self.fields:
            if field.numeric and not (values[field.name].isdigit() and len(values[field.name]) == field.width):
                raise BadRecordError(f"{field.name} of the {self.name} is {values[field.name]!r} instead of digits")
        return values

    def _too_wide(self, values: Mapping[str, object]) -> str:
        field = next(field for field in self.fields if len(str(values.get(field.name, ""))) > field.width)
        return (
            f"{values[field.name]} is wider than the {field.width} characters of {field.name} in a {self.name}: "
            "send the debits as several submissions."
        )


FILE_HEADER = Layout(
    "file header",
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
)
BATCH_HEADER = Layout(
    "batch header",
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
)
ENTRY = Layout(
    "entry",
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
)
RETURN_ADDENDA = Layout(
    "return addenda",
    Field("record_type", 1, constant="7"),
    Field("addenda_type", 2, constant="99"),
    Field("code", 3),
    Field("original_trace", 15, numeric=True),
    Field("date_of_death", 6),
    Field("original_bank", 8, numeric=True),
    Field("information", 44),
    Field("trace", 15, numeric=True),
)
CORRECTION_ADDENDA = Layout(
    "addenda of a notification of change",
    Field("record_type", 1, constant="7"),
    Field("addenda_type", 2, constant="98"),
    Field("code", 3),
    Field("original_trace", 15, numeric=True),
    Field("reserved", 6),
    Field("original_bank", 8, numeric=True),
    Field("corrected", 29),
    Field("reserved_too", 15),
    Field("trace", 15, numeric=True),
)
BATCH_CONTROL = Layout(
    "batch control",
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
)
FILE_CONTROL = Layout(
    "file control",
    Field("record_type", 1, constant="9"),
    Field("batches", 6, numeric=True),
    Field("blocks", 6, numeric=True),
    Field("entries", 8, numeric=True),
    Field("entry_hash", 10, numeric=True),
    Field("debit_cents", 12, numeric=True),
    Field("credit_cents", 12, numeric=True),
    Field("reserved", 39),
)
