"""Kinds of fields, each with how it is written and what may stand in it, and the layouts they make.

A layout is compiled once into one `%` template, which writes a whole segment, and one regular expression, which proves
it. Only a segment that fails is looked at field by field.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from anyascii import anyascii

# Ninety years of birthdays: a file has few days, each of them many times.
DAYS_KEPT = 2**15

# Printable ASCII without lower case. The grave accent is left out: checkers in use do not take it.
_TEXT, _NOT_BLANK, _LETTER_OR_DIGIT = "[ -_{-~]", "[!-_{-~]", "[0-9A-Z]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field, by its first and last position (1-based, both inclusive).

    Attributes:
        name: the attribute that holds its value; a constant has none.
        template: writes one value in `%` style; a constant itself.
        pattern: what may stand here, as a regular expression.
        takes: what may stand here, in words.
        missing: what is written for None and for nothing.
        prepare: makes a value ready for the template, None among them.
        mend: makes of a value that is not taken one that may be.
        numeric: zeros on the left, rather than blanks on the right.
        private: tells who somebody is, so it is never quoted.
    """

    first: int
    last: int
    name: str
    template: str
    pattern: str
    takes: str
    missing: object = ""
    prepare: Callable[..., object] | None = None
    mend: Callable[..., object] | None = None
    numeric: bool = False
    required: bool = False
    private: bool = False


class Layout:
    """The fields of one kind of segment, in order, without a gap; its record (`records`) has their values so too."""

    def __init__(self, segment: str, *fields: Field) -> None:
        self.segment, self.fields = segment, fields
        self.variables = tuple(field for field in fields if field.name)
        self.prepared = tuple((at, field.prepare) for at, field in enumerate(self.variables) if field.prepare)
        self.template = "".join(field.template for field in fields)
        self.shape = re.compile("".join(field.pattern for field in fields))


def constant(first: int, last: int, value: str, *, numeric: bool = False) -> Field:
    """Return a field that always holds the same."""
    pattern = re.escape(value)
    return Field(first=first, last=last, name="", template=value, pattern=pattern, takes=value, numeric=numeric)


def blank(first: int, last: int) -> Field:
    """Return a reserved field."""
    return constant(first, last, " " * (last - first + 1))


def text(first: int, last: int, name: str, *, required: bool = False) -> Field:
    """Return a field for words: names and addresses. What is too long is cut."""
    width = last - first + 1
    filled = f"{_NOT_BLANK}{_TEXT}{{{width - 1}}}"
    return Field(
        first=first,
        last=last,
        name=name,
        template=f"%-{width}.{width}s",
        takes="words in printable ASCII",
        pattern=filled if required else f"(?:{filled}| {{{width}}})",
        mend=upper_ascii,
        required=required,
    )


def exact(first: int, last: int, name: str) -> Field:
    """Return a field for text that is never cut, such as a number that somebody else gave."""
    kind = text(first, last, name)
    width = last - first + 1
    return replace(kind, template=f"%-{width}s", takes=f"up to {width} characters of printable ASCII", mend=None)


def identifier(first: int, last: int, name: str, *, required: bool = False, shortest: int = 1) -> Field:
    """Return a field for what identifies: letters and digits without a blank between them, never cut."""
    width = last - first + 1
    # One alternative for each length: of 30 positions, a number of seven takes 0.3 us, where a look back at every blank
    # takes 0.8; one of all thirty takes 1.2.
    lengths = (f"{_LETTER_OR_DIGIT}{{{length}}} {{{width - length}}}" for length in range(shortest, width + 1))
    filled = f"(?:{'|'.join(lengths)})"
    return Field(
        first=first,
        last=last,
        name=name,
        template=f"%-{width}s",
        pattern=filled if required else f"(?:{filled}| {{{width}}})",
        takes=f"{shortest} to {width} letters and digits, without blanks or signs",
        required=required,
    )


def not_filled(field: Field) -> Field:
    """Return the identifier as one that may not consist of zeros or nines alone."""
    width = field.last - field.first + 1
    pattern = f"(?!(?:0+|9+) |0{{{width}}}|9{{{width}}}){field.pattern}"
    return replace(field, pattern=pattern, takes=f"{field.takes}, not all 0 or 9")


def code(first: int, last: int, name: str, pattern: str, takes: str, *, required: bool = False) -> Field:
    """Return a field for a code that matches a pattern of its full width."""
    width = last - first + 1
    return Field(
        first=first,
        last=last,
        name=name,
        template=f"%-{width}s",
        takes=takes,
        required=required,
        pattern=f"(?:{pattern})" if required else f"(?:{pattern}| {{{width}}})",
    )


def one_of(first: int, last: int, name: str, codes: str, *, required: bool = False) -> Field:
    """Return a field for one of a few codes (divided by blanks)."""
    return code(first, last, name, "|".join(codes.split()), f"one of {codes}", required=required)


def number_of(first: int, last: int, name: str, codes: str) -> Field:
    """Return a field for one of a few codes that are numbers (divided by blanks)."""
    return replace(one_of(first, last, name, codes, required=True), numeric=True)


def digits(first: int, last: int, name: str) -> Field:
    """Return a field for a number that is not counted with: all its digits, or zeros when there is none."""
    width = last - first + 1
    return Field(
        first=first,
        last=last,
        name=name,
        template=f"%{width}s",
        pattern=rf"[0-9]{{{width}}}",
        numeric=True,
        missing="0" * width,
        takes=f"{width} digits and nothing else",
    )


def amount(first: int, last: int, name: str) -> Field:
    """Return a field for dollars: cents are cut off, not rounded."""
    width = last - first + 1
    return Field(
        first=first,
        last=last,
        name=name,
        template=f"%0{width}d",
        pattern=rf"[0-9]{{{width}}}",
        numeric=True,
        missing=0,
        takes=f"a number from 0 to {'9' * width}",
    )


def balance(first: int, last: int, name: str) -> Field:
    """Return a field for dollars that are zero when they are less."""
    return replace(amount(first, last, name), mend=not_negative)


def day(first: int, last: int, name: str, *, required: bool = False) -> Field:
    """Return a field for a date: MMDDYYYY, or zeros when there is none."""
    pattern = "(?!0{8})[0-9]{8}" if required else "[0-9]{8}"
    return Field(
        first=first,
        last=last,
        name=name,
        template="%s",
        pattern=pattern,
        numeric=True,
        required=required,
        missing=None,
        prepare=month_day_year,
        takes="a date",
    )


def moment(first: int, last: int, name: str) -> Field:
    """Return a field for a date and time: MMDDYYYYHHMMSS, or zeros when there is none."""
    return replace(day(first, last, name), pattern="[0-9]{14}", prepare=month_day_year_time, takes="a date and time")


def private(field: Field) -> Field:
    """Return the field as one that tells who somebody is."""
    return replace(field, private=True)


def upper_ascii(value: object) -> str:
    """Return the words in capital letters of ASCII, with one blank between them."""
    return " ".join(anyascii(str(value)).replace("`", "'").split()).upper()


def not_negative(value: Decimal | int) -> Decimal | int:
    """Return the value, or 0 if it is less."""
    return max(0, value)


@lru_cache(DAYS_KEPT)
def month_day_year(value: date | None) -> str:
    """Return MMDDYYYY."""
    return f"{value.month:02}{value.day:02}{value.year:04}" if value else "00000000"


@lru_cache(DAYS_KEPT)
def month_day_year_time(value: datetime | None) -> str:
    """Return MMDDYYYYHHMMSS."""
    return f"{value:%m%d%Y%H%M%S}" if value else "0" * 14
