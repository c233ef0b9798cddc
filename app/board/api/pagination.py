"""Lists are read by keyset: a cursor names the last row seen, so that a page costs the same wherever it is."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from typing import Annotated, Any, TypeVar

from ninja import Query
from ninja.schema import Schema
from pydantic import Field

from board.api.exceptions import BadCursorError

LIMIT = 100
MOST = 1000

Row = TypeVar("Row")
Limit = Annotated[int, Query(LIMIT, ge=1, le=MOST, description="How many at most.")]
Cursor = Annotated[str, Query("", max_length=500, description="`next` of the page before; empty for the first.")]


class Page(Schema):
    """One page of a list."""

    next: str | None = Field(description="The cursor of the page after this one; null on the last.")


def read(cursor: str, *types: Callable[[Any], Any]) -> Any:
    """Return the values that a cursor names, or None on the first page.

    Args:
        cursor: what the client sent.
        types: one per value, each made from what JSON knows.

    Raises:
        BadCursorError: this list never handed it out.
    """
    if not cursor:
        return None
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        return tuple(make(value) for make, value in zip(types, values, strict=True))
    except (binascii.Error, ValueError, TypeError) as error:
        raise BadCursorError("This is no cursor of this list: take `next` of its last page, or none.") from error


def write(*values: Any) -> str:
    """Return the cursor that names these values."""
    return base64.urlsafe_b64encode(json.dumps(values, default=str).encode()).decode()


def page(rows: Sequence[Row], limit: int, key: Callable[[Row], tuple[Any, ...]]) -> dict[str, Any]:
    """Return a page of rows of which one more than `limit` was read.

    Args:
        rows: in the list's order.
        limit: how many the client wants.
        key: the values by which a row is found again.
    """
    shown = rows[:limit]
    return {"items": shown, "next": write(*key(shown[-1])) if len(rows) > limit else None}
