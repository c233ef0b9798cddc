"""`work_case`: what is done about a case, and what was."""

from collections.abc import Mapping
from typing import Any

from django.core.management.base import CommandParser

from casework import services
from casework.locks import by_hand, locked_case
from casework.management.reading import instant
from casework.models import Case, CaseEvent
from common.management.operator import BooksWritingCommand


class Command(BooksWritingCommand):
    """See the module."""

    help = "Snooze, wake, pause, resume, assign or close a case; without any of these, tell its story."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the case, and what is done about it."""
        super().add_arguments(parser)
        parser.add_argument("case", metavar="CASE", help="the case's number, e.g. LC0042/1")
        deed = parser.add_mutually_exclusive_group()
        deed.add_argument(
            "--snooze", type=instant, metavar="UNTIL", help="put it aside until a time, e.g. 2024-02-29T16:00Z"
        )
        deed.add_argument("--wake", action="store_true", help="end its snooze now")
        deed.add_argument("--pause", action="store_true", help="stop its clock until it is resumed; say why by --note")
        deed.add_argument("--resume", action="store_true", help="let its clock run again")
        deed.add_argument("--assign", metavar="AGENT", help="give it to somebody")
        deed.add_argument("--close", action="store_true", help="close it; say why by --note")
        parser.add_argument("--note", default="", help="why")
        parser.add_argument("--by", default="operator", metavar="WHO", help="who does it")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Do it and say so, or tell the story."""
        with by_hand(options["tenant"], dry_run=options["dry_run"]):
            case = _work(options)
            if case:
                done = f"case {case.number} is {case.status}, assigned to {case.assignee or 'nobody'}."
            else:
                self._tell(locked_case(options["case"]))
        if case:
            self.report(done, dry_run=options["dry_run"])

    def _tell(self, case: Case) -> None:
        self.stdout.write(f"{case.number}: {case.kind} case of loan {case.loan}, {case.status}")
        for event in case.events.select_related("queue", "agent", "sla").order_by("at", "id"):
            self.stdout.write(f"  {event.at:%Y-%m-%d %H:%M:%SZ} {_told(event)}")


def _told(event: CaseEvent) -> str:
    by = event.by or "the night"
    about = {
        CaseEvent.Kind.QUEUED: f" to {event.queue}",
        CaseEvent.Kind.ASSIGNED: f" to {event.agent}",
        CaseEvent.Kind.SNOOZED: f" until {event.until:%Y-%m-%d %H:%M:%SZ}" if event.until else "",
    }.get(CaseEvent.Kind(event.kind), f" ({event.sla.code})" if event.sla else "")
    return f"{event.kind}{about} by {by}{f': {event.note}' if event.note else ''}"


def _work(options: Mapping[str, Any]) -> Case | None:
    """Do what is asked for; return the case, or None if nothing is."""
    said = {"number": options["case"], "by": options["by"], "note": options["note"]}
    if options["snooze"]:
        return services.snooze(until=options["snooze"], **said)
    if options["assign"]:
        return services.assign(agent_code=options["assign"], **said)
    deeds = {"wake": services.wake, "pause": services.pause, "resume": services.resume, "close": services.close}
    deed = next((deed for name, deed in deeds.items() if options[name]), None)
    return deed(**said) if deed else None
