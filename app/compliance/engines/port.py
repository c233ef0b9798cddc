"""What Matins asks of a monitoring engine, and the strict form of its answers: any other is an error with a name."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Literal, Protocol, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

# No control characters: Postgres takes no zero byte, and a line break could forge a line of a log.
_PRINTABLE = r"^[^\x00-\x1f\x7f]*$"
Name = Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=_PRINTABLE)]
Id = Annotated[str, StringConstraints(min_length=1, max_length=80, pattern=_PRINTABLE)]
Text = Annotated[str, StringConstraints(max_length=200, pattern=_PRINTABLE)]
Cursor = Annotated[str, StringConstraints(min_length=1, max_length=1000, pattern=_PRINTABLE)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class _Event(_Strict):
    """Something that is so for a loan on the days `since` to `until`; reported again with `until` once it ends."""

    id: Id
    loan: Name
    since: date
    until: date | None = None

    @model_validator(mode="after")
    def _begins_before_it_ends(self) -> Self:
        if self.until is not None and self.until < self.since:
            raise ValueError(f"it ends on {self.until}, before it begins on {self.since}")
        return self


class Alert(_Event):
    """Something is wrong; `matter` is the engine's own word for what."""

    type: Literal["alert"]
    matter: Name
    severity: Literal["low", "medium", "high", "critical"]
    message: Text


class Status(_Event):
    """A fact about the borrower that rules look at."""

    type: Literal["status"]
    matter: Literal["scra", "mla", "bankruptcy", "deceased"]


class Page(_Strict):
    """Events in the order in which they were reported; `next_cursor` is where the next page or poll begins."""

    events: list[Annotated[Alert | Status, Field(discriminator="type")]]
    next_cursor: Cursor
    has_more: bool


class MonitoringEngine(Protocol):
    """An outside monitor. Reading changes nothing there: a cursor always gives the same events, and later ones."""

    def pages(self, *, cursor: str) -> Iterator[Page]:
        """Yield what was reported after the cursor ("" at first), oldest first, page by page to the last.

        Raises:
            EngineError: it cannot be read.
        """
