"""Keeps what matters of the engine's events; property values, which may be secret, are not among it."""

import re
from collections.abc import Callable

from pulumi.automation import EngineEvent, OpType
from pulumi.automation.events import DiagnosticEvent, PolicyEvent, StepEventMetadata

from infra.engine.model import Diagnostic, Ending, Progress, Result, Step, Violation
from infra.projects import ROOT

MARKUP = re.compile(r"<\{%.*?%\}>")
#: How the language host introduces an exception of a program, which its traceback follows.
CRASH = re.compile(r"python inline source runtime error: (?P<text>.*?)\nTraceback \(most recent.*", re.DOTALL)
#: A line of a traceback that is about this repository's code.
OURS = re.compile(rf'File "{re.escape(str(ROOT))}/([^".][^"]*)", line (\d+)')
KEPT = ("error", "warning")
SILENT = (OpType.SAME, OpType.READ)


class Record:
    """Is called with every event of one operation, and sums them up.

    Args:
        watch: is told of every step and of what is said, as it happens.
    """

    def __init__(self, watch: Callable[[Progress], None]) -> None:
        self._watch = watch
        self._steps: dict[tuple[str, str], Step] = {}
        self._counts: dict[str, int] = {}
        self._violations: list[Violation] = []
        self._diagnostics: list[Diagnostic] = []

    def __call__(self, event: EngineEvent) -> None:
        """Take one event."""
        if event.resource_pre_event:
            self._step(event.resource_pre_event.metadata, is_done=False)
        elif event.res_outputs_event:
            self._step(event.res_outputs_event.metadata, is_done=True)
        elif event.policy_event:
            self._violations.append(_violation(event.policy_event))
        elif event.diagnostic_event:
            self._say(event.diagnostic_event)
        elif event.summary_event:
            self._counts = {str(getattr(op, "value", op)): n for op, n in event.summary_event.resource_changes.items()}

    def fail(self, text: str) -> None:
        """Keep why the CLI gave up, unless the engine has said it."""
        if not any(said.severity == "error" for said in self._diagnostics):
            self._diagnostics.append(Diagnostic(severity="error", text=text))

    @property
    def is_violated(self) -> bool:
        """Whether a mandatory policy objects."""
        return any(violation.is_mandatory for violation in self._violations)

    def result(self, ending: Ending, *, outputs: dict[str, object], duration_s: float) -> Result:
        """Return all of it."""
        return Result(
            ending=ending,
            counts=self._counts,
            steps=tuple(self._steps.values()),
            violations=tuple(self._violations),
            diagnostics=tuple(self._diagnostics),
            outputs=outputs,
            duration_s=round(duration_s, 3),
        )

    def _step(self, about: StepEventMetadata, *, is_done: bool) -> None:
        if about.op in SILENT or (about.op == OpType.REFRESH and not is_done):
            return
        step = _step(about)
        self._steps.setdefault((step.urn, step.op), step)
        self._watch(Progress(step=step, is_done=is_done))

    def _say(self, event: DiagnosticEvent) -> None:
        said = Diagnostic(severity=event.severity.partition("#")[0], text=_readable(event.message), urn=event.urn or "")
        if event.ephemeral or not said.text:
            return
        if said.severity in KEPT and said not in self._diagnostics:
            self._diagnostics.append(said)
        if said.severity != "debug":
            self._watch(Progress(text=said.text))


def _step(about: StepEventMetadata) -> Step:
    states = [state for state in (about.old, about.new) if state]
    return Step(
        op=about.op.value,
        urn=about.urn,
        type=about.type,
        changed=tuple(about.diffs or ()),
        replacing=tuple(about.keys or ()),
        protected=any(state.protect for state in states),
    )


def _violation(event: PolicyEvent) -> Violation:
    return Violation(
        policy=event.policy_name,
        level=event.enforcement_level,
        text=_readable(event.message),
        urn=event.resource_urn or "",
    )


def _readable(text: str) -> str:
    """Return text without markup, and an exception without its traceback."""
    plain = MARKUP.sub("", text).strip()
    crash = CRASH.search(plain)
    return _crash(plain, crash["text"]) if crash else plain


def _crash(plain: str, text: str) -> str:
    """Return an exception's type, text, and the last place in our programs that it went through."""
    places = OURS.findall(plain)
    kind = re.findall(r"^([\w.]+)(?=:|$)", plain.splitlines()[-1])
    where = f" ({places[-1][0]}, line {places[-1][1]})" if places else ""
    return f"{kind[0] if kind else 'Error'}: {text}{where}"
