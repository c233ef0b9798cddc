"""How the board writes a state, a time and a span of time: always the same way."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from board.access import Permission, Principal, may

register = template.Library()

#: A shape for every word, so that nobody has to tell colours apart.
SHAPES = {
    "succeeded": "✓",
    "failed": "✗",
    "overdue": "⧗",
    "missed": "⊘",
    "late": "!",
    "running": "▶",
    "ready": "◇",
    "waiting": "○",
    "blocked": "‖",
    "skipped": "↷",
    "due later": "·",
    "under way": "▶",
    "refused": "⊘",
    "begun": "▶",
    "done": "✓",
}


@register.simple_tag
def state(word: str, count: int | None = None) -> SafeString:
    """Write a state by shape and word, with how many are in it."""
    many = "" if count is None else f"{count:,} "
    return format_html(
        '<span class="state {}"><span class="shape" aria-hidden="true">{}</span> {}{}</span>',
        word.replace(" ", "-"),
        SHAPES.get(word, "·"),
        many,
        word,
    )


@register.filter
def shape(word: str) -> str:
    """Return a state's shape alone."""
    return SHAPES.get(word, "·")


@register.filter
def at(moment: datetime | None, style: str = "time") -> SafeString | str:
    """Write an instant in UTC; a script adds the reader's own time for whoever points at it.

    Args:
        moment: the instant; None is a hyphen.
        style: `time` for the time of day, `full` with its date.
    """
    if moment is None:
        return "-"
    text = f"{moment:%Y-%m-%d %H:%M:%S}" if style == "full" else f"{moment:%H:%M:%S}".removesuffix(":00")
    return format_html('<time datetime="{}" title="{} UTC">{}</time>', moment.isoformat(), f"{moment:%F %T}", text)


@register.filter
def span(duration: timedelta | None) -> str:
    """Write a span of time as people say it: 0.4 s, 12 s, 3 min 20 s, 2 h 05 min."""
    if duration is None:
        return "-"
    seconds = duration.total_seconds()
    if seconds < 10:  # noqa: PLR2004 - below, tenths of a second matter
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, left = divmod(minutes, 60)
    return f"{hours} h {left:02} min" if hours else f"{minutes} min {rest} s" if minutes else f"{rest} s"


@register.filter
def day(value: date) -> str:
    """Write a business date as the ledger does."""
    return value.isoformat()


@register.filter
def can(principal: Principal, action: str) -> bool:
    """Return whether somebody may do this, so that the page offers nothing it would refuse."""
    return may(principal, Permission(action))


@register.filter
def verb(action: str) -> str:
    """Write an action as people say it."""
    return action.replace("_", " ").replace("rerun", "re-run")


@register.filter
def get(values: Mapping[str, Any], name: str) -> Any:
    """Return what somebody sent under a name."""
    return values.get(name, "")
