"""Figures drawn on the server: plain numbers for an SVG's attributes, because the pages run without scripts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from board.selectors.shares import Share

#: Width of a time bar, and of the history's figure with its height, in the figure's own units.
BAR, HISTORY_WIDTH, HISTORY_HEIGHT = 100, 700, 120
#: Columns are never wider than if there were so many.
FEWEST = 14


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A window's times from its due time to its deadline, or to its end if that is later; each from 0 to 100.

    Args:
        opened: where it was opened.
        start: where its first run started; None while none has.
        end: where its last run ended, or where it is now.
        late: where its grace ends.
        deadline: where its deadline is.
        words: the same for those who read.
    """

    opened: float | None
    start: float | None
    end: float | None
    late: float
    deadline: float
    words: str

    @property
    def length(self) -> float:
        """Return how wide the work is drawn: never so thin that it cannot be seen."""
        return max(1.5, (self.end or 0) - (self.start or 0))


def bar(share: Share, now: datetime) -> Bar:
    """Draw one window's times.

    Args:
        share: the window.
        now: business time, where the work of one under way ends for now.
    """
    is_under_way = bool(share.counts.get("running") or share.counts.get("overdue"))
    end = now if is_under_way else share.last_end
    finish = max(filter(None, (share.deadline_at, end, share.first_start, share.opened_at)))
    whole = (finish - share.due_at) or timedelta(seconds=1)

    def place(moment: datetime | None) -> float | None:
        return None if moment is None else round(max(0.0, min(BAR, BAR * ((moment - share.due_at) / whole))), 2)

    return Bar(
        opened=place(share.opened_at),
        start=place(share.first_start),
        end=place(end) if share.first_start else None,
        late=place(share.late_at) or 0.0,
        deadline=place(share.deadline_at) or 0.0,
        words=_words(share, None if is_under_way else end),
    )


def _words(share: Share, end: datetime | None) -> str:
    times = {
        "due": share.due_at,
        "opened": share.opened_at,
        "first start": share.first_start,
        "last end": end,
        "late from": share.late_at,
        "deadline": share.deadline_at,
    }
    return ", ".join(f"{name} {moment:%H:%M:%S}" for name, moment in times.items() if moment)


@dataclass(frozen=True, kw_only=True)
class Column:
    """One window in the figure of a schedule's history."""

    share: Share
    x: float
    y: float
    width: float
    height: float
    tenants_y: float
    duration: timedelta | None


def history(windows: Sequence[Share]) -> list[Column]:
    """Draw windows side by side: a column as high as it took long, a dot as high as it had tenants."""
    durations = [one.last_end - one.first_start if one.last_end and one.first_start else None for one in windows]
    longest = max(filter(None, durations), default=timedelta(seconds=1))
    most = max((one.total for one in windows), default=0) or 1
    step = HISTORY_WIDTH / max(FEWEST, len(windows))
    return [
        _column(one, duration, (duration or timedelta()) / longest, one.total / most, (number, step))
        for number, (one, duration) in enumerate(zip(windows, durations, strict=True))
    ]


def _column(
    share: Share, duration: timedelta | None, length: float, tenants: float, place: tuple[int, float]
) -> Column:
    number, step = place
    height = round(length * (HISTORY_HEIGHT - 10), 1)
    return Column(
        share=share,
        x=round(number * step + step * 0.15, 1),
        y=round(HISTORY_HEIGHT - height, 1),
        width=round(step * 0.7, 1),
        height=height,
        tenants_y=round(HISTORY_HEIGHT - tenants * (HISTORY_HEIGHT - 10), 1),
        duration=duration,
    )
