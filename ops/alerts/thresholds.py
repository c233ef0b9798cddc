"""Reads the one file of numbers, and can make all its durations shorter, for tests on a compressed clock."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

FILE = Path(__file__).parent / "thresholds.toml"

_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}
_DURATION = re.compile(r"(\d+)(ms|s|m|h|d)")


@dataclass(frozen=True)
class Duration:
    """A span of time that reads as Prometheus writes it.

    Args:
        seconds: its length.
    """

    seconds: float

    def __str__(self) -> str:
        """Return it in the largest unit that it is a whole number of."""
        unit, size = next((u, s) for u, s in reversed(_SECONDS.items()) if self.seconds % s == 0 or u == "ms")
        return f"{round(self.seconds / size)}{unit}"


class Thresholds:
    """The sections of the file, their numbers as attributes: `thresholds.night.keep`.

    Args:
        data: the file as parsed.
        factor: what every duration is multiplied by; 1 but for tests.
    """

    links: SimpleNamespace
    every: SimpleNamespace
    platform: SimpleNamespace
    night: SimpleNamespace
    slow: SimpleNamespace
    routing: SimpleNamespace

    def __init__(self, data: dict[str, Any], *, factor: float = 1) -> None:
        for name in self.__annotations__:
            section = {key: _value(value, factor) for key, value in data[name].items()}
            setattr(self, name, SimpleNamespace(**section))
        #: What happens if nobody does anything, and with which schedules.
        self.consequences = {text["text"]: tuple(text["schedules"]) for text in data["consequences"]}


def load(*, factor: float = 1) -> Thresholds:
    """Return the thresholds of the file, durations multiplied by a factor."""
    return Thresholds(tomllib.loads(FILE.read_text()), factor=factor)


def _value(value: Any, factor: float) -> Any:
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    return Duration(int(match[1]) * _SECONDS[match[2]] * factor) if match else value
