r"""The forms a field can have, each a regular expression of exactly the field's width and what it says in words.

Every pattern is as wide as its field, so that those of a segment can be strung together: one match reads a good
segment at the speed of the regular expression engine, and a field at fault is found by matching each alone. The
classes name their characters, since `\d` and `\w` also match letters and digits beyond ASCII.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

# Printable ASCII without the lower-case letters; without the blank, too.
_CHARACTER, _VISIBLE = "[ -`{-~]", "[!-`{-~]"
# After a blank only blanks: nothing is embedded. The first character of a field never looks back.
_UNBROKEN = "(?:(?<! )[A-Z0-9]| )"

_REAL_DATE = (
    r"(?:(?:0[13578]|1[02])(?:0[1-9]|[12][0-9]|3[01])(?:19|20)[0-9]{2}"
    r"|(?:0[469]|11)(?:0[1-9]|[12][0-9]|30)(?:19|20)[0-9]{2}"
    r"|02(?:0[1-9]|1[0-9]|2[0-8])(?:19|20)[0-9]{2}"
    r"|0229(?:(?:19|20)(?:0[48]|[2468][048]|[13579][26])|2000))"
)


@dataclass(frozen=True)
class Form:
    """What a field may contain.

    Args:
        reason: what to say of a field that does not have this form.
        pattern: the regular expression for a width in characters.
    """

    reason: str
    pattern: Callable[[int], str]


def constant(text: str) -> Form:
    """Return the form of a field that always says the same."""
    return Form(f"must be {text}", lambda _width: text)


def one_of(*codes: str, blank: bool = False) -> Form:
    """Return the form of a field that holds one of some codes, left-justified, or if `blank` none."""
    words = "blank or one of " if blank else "one of "
    return Form(
        f"must be {words}{' '.join(codes)}",
        lambda width: f"(?:{'|'.join(code.ljust(width) for code in (*codes, *[''] * blank))})",
    )


DIGITS = Form("must be digits, right-justified and zero-filled", lambda width: f"[0-9]{{{width}}}")

TEXT = Form(
    "must be printable upper-case ASCII, left-justified and blank-filled",
    lambda width: f"(?:{_VISIBLE}{_CHARACTER}{{{width - 1}}}| {{{width}}})",
)
REQUIRED_TEXT = Form(
    "must not be blank: printable upper-case ASCII, left-justified and blank-filled",
    lambda width: f"{_VISIBLE}{_CHARACTER}{{{width - 1}}}",
)
BLANK = Form("is reserved and must be blank", lambda width: f" {{{width}}}")

IDENTIFIER = Form(
    "must be capital letters and digits, left-justified, with no blank or special character among them",
    lambda width: f"[A-Z0-9]{_UNBROKEN}{{{width - 1}}}",
)
OPTIONAL_IDENTIFIER = Form(
    "must be blank or capital letters and digits, left-justified, with no blank or special character among them",
    lambda width: f"[A-Z0-9 ]{_UNBROKEN}{{{width - 1}}}",
)
FURNISHER = Form(
    "must be at least five capital letters and digits, left-justified, and not all 0 or 9",
    lambda width: f"(?!0[0 ]{{{width - 1}}}|9[9 ]{{{width - 1}}})[A-Z0-9]{{5}}{_UNBROKEN}{{{width - 5}}}",
)

DATE = Form("must be a real date, MMDDYYYY", lambda _width: _REAL_DATE)
DATE_OR_ZEROS = Form("must be a real date, MMDDYYYY, or zeros", lambda _width: f"(?:{_REAL_DATE}|0{{8}})")
TIME_STAMP = Form(
    "must be a real date and time, MMDDYYYYHHMMSS",
    lambda _width: _REAL_DATE + "(?:[01][0-9]|2[0-3])[0-5][0-9][0-5][0-9]",
)

HISTORY = Form("must be 24 codes out of 0-6 B D E G H J K L", lambda width: f"[0-6BDEGHJKL]{{{width}}}")
TERM = Form("must be three digits, LOC or REV", lambda _width: "(?:[0-9]{3}|LOC|REV)")
STATE = Form("must be two capital letters", lambda width: f"[A-Z]{{{width}}}")
STATE_OR_BLANK = Form("must be two capital letters or blank", lambda width: f"(?:[A-Z]{{{width}}}| {{{width}}})")
ZIP = Form("must be 5 digits and 4 blanks, or 9 digits", lambda _width: "[0-9]{5}(?:[0-9]{4}| {4})")
ZIP_OR_BLANK = Form(
    "must be 5 digits and 4 blanks, 9 digits, or blank", lambda _width: "(?:[0-9]{5}(?:[0-9]{4}| {4})| {9})"
)


@dataclass(frozen=True)
class Field:
    """A field: its name, its first and last position counted from 1, and its form."""

    name: str
    first: int
    last: int
    form: Form

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The form at the field's width, as one named group."""
        return re.compile(f"(?P<{self.name}>{self.form.pattern(self.last - self.first + 1)})")


@dataclass(frozen=True, eq=False)
class Segment:
    """A segment: its name, its length, and the fields that fill it without a gap."""

    name: str
    length: int
    fields: tuple[Field, ...]

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """All fields in a row: what it matches is well formed, and its groups are the fields."""
        return re.compile("".join(field.pattern.pattern for field in self.fields))

    @cached_property
    def _places(self) -> dict[str, Field]:
        return {field.name: field for field in self.fields}

    def position(self, name: str) -> int:
        """Return the first position of a field, counted from 1."""
        return self._places[name].first

    def text(self, name: str, line: str, at: int) -> str:
        """Return a field as it stands, well formed or not, of the segment that begins at index `at` of a line."""
        field = self._places[name]
        return line[at + field.first - 1 : at + field.last]

    def malformed(self, line: str, at: int) -> Iterator[Field]:
        """Yield the fields that do not have their form, of the segment that begins at index `at` of a line."""
        for field in self.fields:
            if not field.pattern.fullmatch(line, at + field.first - 1, at + field.last):
                yield field
