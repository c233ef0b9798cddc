"""Where the engineer sits: shows what would happen, asks whether it may, and shows that it happens."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from infra.deployment import exceptions, view
from infra.engine import Progress as Moment
from infra.engine import Result

Watch = Callable[[Moment], None]


@dataclass(frozen=True, kw_only=True)
class Desk:
    """A terminal, or the log of a CI.

    Args:
        console: to write on.
        yes: agree to everything, because somebody else has (`YES=1`).
    """

    console: Console
    yes: bool = False

    def say(self, text: str) -> None:
        """Write a line."""
        self.console.print(text, highlight=False, markup=False)

    def show(self, stack: str, result: Result) -> None:
        """Write what would happen, or has happened, to a stack."""
        self.console.print(view.page(stack, result))

    def confirm(self, question: str, answer: str = "yes") -> None:
        """Ask.

        Args:
            question: what for.
            answer: the word that agrees.

        Raises:
            NotConfirmedError: another word came, or nobody is there to ask.
        """
        if self.yes:
            return
        if not sys.stdin.isatty():
            raise exceptions.NotConfirmedError(f"{question} Nobody is here to ask; YES=1 agrees beforehand.")
        if self.console.input(f"[bold]{question}[/] Type {answer!r}: ").strip() != answer:
            raise exceptions.NotConfirmedError("Not confirmed: what was shown last was not done.")

    @contextmanager
    def watch(self, title: str, total: int) -> Iterator[Watch]:
        """Show the steps of an operation while it runs.

        Args:
            title: what runs.
            total: steps it will take, or 0 where nobody knows.
        """
        if not self.console.is_terminal:
            yield lambda moment: self._log(title, moment)
            return
        with Progress(*COLUMNS, console=self.console, transient=True) as bar:
            task = bar.add_task(title, total=total or None, doing="")
            yield lambda moment: bar.update(task, advance=int(moment.is_done), doing=_doing(moment))

    def _log(self, title: str, moment: Moment) -> None:
        """Write a line for what is done: a log has no place to draw a bar."""
        if moment.text or moment.is_done:
            self.say(f"{title}: {_doing(moment)}")


COLUMNS = (
    SpinnerColumn(),
    TextColumn("{task.description}"),
    BarColumn(bar_width=24),
    MofNCompleteColumn(),
    TimeElapsedColumn(),
    TextColumn("{task.fields[doing]}"),
)


def _doing(moment: Moment) -> str:
    return f"{moment.step.op} {moment.step.name}" if moment.step else moment.text.splitlines()[0]
