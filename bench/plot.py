"""Curves drawn as an SVG: both axes logarithmic, one panel for each thing that is counted."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10

WIDTH, HEIGHT, LEFT, TOP, FOOT, KEY = 460, 300, 60, 40, 60, 18
COLOURS = ("#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#ff7f0e", "#8c564b")
Points = Sequence[Sequence[float]]


@dataclass(frozen=True)
class Curve:
    """What is measured, and of what there are more and more."""

    title: str
    of: str


def plot(curves: Sequence[tuple[Curve, Points]], origin: str) -> str:
    """Return the drawing.

    Args:
        curves: each with its points, (count, seconds), all above zero.
        origin: on which machine they were measured, and when.
    """
    counted = list(dict.fromkeys(curve.of for curve, _ in curves))
    keys = max(sum(curve.of == of for curve, _ in curves) for of in counted)
    width, height = len(counted) * (LEFT + WIDTH), TOP + HEIGHT + FOOT + keys * KEY
    panels = [
        f'<g transform="translate({LEFT + n * (LEFT + WIDTH)},{TOP})">'
        f"{_panel(of, [one for one in curves if one[0].of == of])}</g>"
        for n, of in enumerate(counted)
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width + 20} {height}" '
        f'font-family="sans-serif" font-size="12"><rect width="100%" height="100%" fill="white"/>'
        f'<text x="{LEFT}" y="20">Seconds by size, measured on {escape(origin)}</text>{"".join(panels)}</svg>\n'
    )


def _panel(of: str, curves: Sequence[tuple[Curve, Points]]) -> str:
    xs = _decades(count for _, points in curves for count, _ in points)
    ys = _decades(seconds for _, points in curves for _, seconds in points)

    def x(value: float) -> float:
        return round((log10(value) - xs[0]) / (xs[-1] - xs[0]) * (WIDTH - 20), 1)

    def y(value: float) -> float:
        return round(HEIGHT - (log10(value) - ys[0]) / (ys[-1] - ys[0]) * HEIGHT, 1)

    parts = [_line(x(10**n), 0, x(10**n), HEIGHT) + _text(x(10**n), HEIGHT + 16, f"{10**n:,}") for n in xs]
    parts += [_line(0, y(10**n), WIDTH - 20, y(10**n)) + _text(-24, y(10**n) + 4, f"{10.0**n:g} s") for n in ys]
    parts.append(_text((WIDTH - 20) / 2, HEIGHT + 34, of))
    for n, ((curve, points), colour) in enumerate(zip(curves, COLOURS, strict=False)):
        at = [(x(count), y(seconds)) for count, seconds in points]
        path = " ".join(f"{across},{down}" for across, down in at)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{across}" cy="{down}" r="3.5" fill="{colour}"/>' for across, down in at]
        parts.append(_key(n, curve.title, colour))
    return "".join(parts)


def _decades(values: Iterable[float]) -> list[int]:
    logs = [log10(value) for value in values]
    return list(range(floor(min(logs)), max(ceil(max(logs)), floor(min(logs)) + 1) + 1))


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="#ddd"/>'


def _text(x: float, y: float, words: str) -> str:
    return f'<text x="{x}" y="{y}" text-anchor="middle">{escape(words)}</text>'


def _key(number: int, title: str, colour: str) -> str:
    down = HEIGHT + FOOT - 8 + number * KEY
    return (
        f'<rect x="0" y="{down - 9}" width="12" height="10" fill="{colour}"/>'
        f'<text x="18" y="{down}">{escape(title)}</text>'
    )
