"""A desk that says which operation runs, and not each of its hundred steps, where nobody can watch a bar."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from infra.deployment.desk import Desk, Watch
from infra.engine.engine import ignore


@dataclass(frozen=True, kw_only=True)
class Brief(Desk):
    """Writes a line per operation to a log, and draws a bar on a terminal."""

    @contextmanager
    def watch(self, title: str, total: int) -> Iterator[Watch]:
        """See `Desk.watch`."""
        if self.console.is_terminal:
            with super().watch(title, total) as watch:
                yield watch
        else:
            self.say(f"{title} …")
            yield ignore
