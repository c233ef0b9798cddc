"""What the validator has to say: where a file breaks which rule."""

from typing import NamedTuple

#: The segment of findings about a file as a whole, about how a record is put together, and about last month's file.
FILE, RECORD, PREVIOUS = "FILE", "RECORD", "PREVIOUS"


class Finding(NamedTuple):
    """One broken rule.

    The reason states the rule and never repeats what identifies a consumer: findings are printed and kept.

    Args:
        line: of the file, from 1; 0 where no line is to blame.
        segment: HEADER, BASE, J1 … N1, TRAILER, RECORD, FILE or PREVIOUS.
        position: of the field's first character in its line, from 1; 0 where no field is to blame.
        field: its name in the layout.
        reason: what it must be.
    """

    line: int
    segment: str
    position: int
    field: str
    reason: str

    def __str__(self) -> str:
        """Return the finding on one line."""
        return f"line {self.line}: {self.segment} {self.position} {self.field}: {self.reason}"
