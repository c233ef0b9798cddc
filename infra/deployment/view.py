"""What an operation does, or would do, as people read it: what is lost first and loudest, what is made last."""

from collections import Counter
from collections.abc import Iterable, Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from infra.engine import Result, Step
from infra.engine.model import Violation

#: Sign, word and colour of what happens to a resource; the order is that of the page.
KINDS = {
    "replace": ("±", "replaced", "bold red"),
    "delete": ("-", "deleted", "bold red"),
    "update": ("~", "changed", "yellow"),
    "import": ("=", "adopted", "cyan"),
    "create": ("+", "made", "green"),
}

#: Names of one type before "and n more".
SHOWN = 4


def page(title: str, result: Result) -> RenderableType:
    """Return counts, what is lost or changed one by one, what is made by type, and what policies say.

    Args:
        title: e.g. the stack.
        result: of a preview, or of what was done.
    """
    parts = [Text.assemble((title, "bold"), "  ", counts(result)), *_details(result)]
    parts += [_objection(violation) for violation in result.violations]
    parts += [Text(f"  ! {said.text}", "yellow") for said in result.diagnostics if said.severity == "warning"]
    return Group(*parts)


def counts(result: Result) -> Text:
    """Return `+ 12 made  ~ 3 changed  118 as they are`."""
    found = Counter(step.op for step in result.steps)
    parts = [(f"{sign} {found[op]} {word}  ", style) for op, (sign, word, style) in KINDS.items() if found[op]]
    same = result.counts.get("same", 0)
    return Text.assemble(*parts, (f"{same} as they are" if same else "" if parts else "nothing changes", "dim"))


def _details(result: Result) -> Iterator[RenderableType]:
    table = Table(box=None, show_header=False, padding=(0, 1), pad_edge=True)
    for op in KINDS:
        steps = [step for step in result.steps if step.op == op]
        for row in _by_type(steps) if op == "create" else map(_row, steps):
            table.add_row(Text(f" {KINDS[op][0]}", KINDS[op][2]), *row)
    if table.row_count:
        yield table


def _row(step: Step) -> tuple[Text, Text, Text]:
    style = KINDS[step.op][2]
    loud = Text(" PROTECTED", "bold white on red") if step.protected and step.op != "update" else Text()
    return Text.assemble((step.name, style), loud), Text(step.type, "dim"), _why(step)


def _why(step: Step) -> Text:
    """Return what differs, and of that what makes a new resource necessary."""
    if step.op == "replace" and step.replacing:
        return Text(f"REPLACED because of {', '.join(step.replacing)}", "bold red")
    return Text(", ".join(step.changed))


def _by_type(steps: Iterable[Step]) -> Iterator[tuple[Text, Text, Text]]:
    """Return one row per type: dozens of new resources are read by what they are."""
    for type_, count in sorted(Counter(step.type for step in steps).items()):
        names = [step.name for step in steps if step.type == type_]
        more = f" and {count - SHOWN} more" if count > SHOWN else ""
        yield Text(f"{count} x {type_.rpartition(':')[2]}"), Text(type_, "dim"), Text(", ".join(names[:SHOWN]) + more)


def _objection(violation: Violation) -> Text:
    style = "bold red" if violation.is_mandatory else "yellow"
    where = f" ({violation.urn.rpartition('::')[2]})" if violation.urn else ""
    return Text(f"  {violation.level} policy {violation.policy}{where}: {violation.text}", style)
