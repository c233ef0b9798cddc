"""What is asked of the engine and what it answers, plain enough to cross from one process to another as JSON."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Operation(StrEnum):
    """What can be done with a stack. `preview_…` change nothing."""

    PREVIEW = "preview"
    UP = "up"
    PREVIEW_REFRESH = "preview_refresh"
    REFRESH = "refresh"
    PREVIEW_DESTROY = "preview_destroy"
    DESTROY = "destroy"
    OUTPUTS = "outputs"


class Ending(StrEnum):
    """How an operation ended."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    VIOLATED = "violated"
    MISSING = "missing"
    LOCKED = "locked"
    NO_CLI = "no CLI"


@dataclass(frozen=True, kw_only=True)
class Order:
    """One operation of one stack.

    Args:
        operation: what to do.
        stack: the project's folder, e.g. `network`.
        environment: the stack's name in that project, e.g. `prod`.
        program: `module:function` that describes the stack; its own where this is empty.
        plan: where a preview saves its plan, or of which plan an `up` does not step aside.
        policy_packs: folders of the packs that judge every resource.
        may_create: make the stack if it is not there.
        time_limit_s: seconds after which it is stopped; 0 for the operation's usual limit.
    """

    operation: Operation
    stack: str
    environment: str
    program: str = ""
    plan: str = ""
    policy_packs: tuple[str, ...] = ()
    may_create: bool = False
    time_limit_s: float = 0


@dataclass(frozen=True, kw_only=True)
class Step:
    """What happens, or would happen, to one resource.

    Args:
        op: the engine's word: create, update, replace, create-replacement, delete, …
        urn: names the resource.
        type: its type, e.g. `aws:ecs/service:Service`.
        changed: properties that differ.
        replacing: those of them that force a new resource.
        protected: the engine refuses to delete it.
    """

    op: str
    urn: str
    type: str
    changed: tuple[str, ...] = ()
    replacing: tuple[str, ...] = ()
    protected: bool = False

    @property
    def name(self) -> str:
        """The resource's name in the program."""
        return self.urn.rpartition("::")[2]


@dataclass(frozen=True, kw_only=True)
class Violation:
    """What a policy objects to.

    Args:
        policy: its name.
        level: `mandatory` stops the deployment, `advisory` does not.
        text: what it says.
        urn: of the resource, or empty when it judges the stack.
    """

    policy: str
    level: str
    text: str
    urn: str = ""

    @property
    def is_mandatory(self) -> bool:
        """Whether nothing may be deployed like this."""
        return self.level == "mandatory"


@dataclass(frozen=True, kw_only=True)
class Diagnostic:
    """What the engine, a provider or the program says.

    Args:
        severity: info, warning or error.
        text: without markup.
        urn: of the resource it is about, or empty.
    """

    severity: str
    text: str
    urn: str = ""

    def __str__(self) -> str:
        name, is_stack = self.urn.rpartition("::")[2], "pulumi:pulumi:Stack" in self.urn.split("::")
        return self.text if is_stack or not name else f"{name}: {self.text}"


@dataclass(frozen=True, kw_only=True)
class Result:
    """How an operation went.

    Args:
        ending: whether it succeeded, or why not.
        counts: resources by op, `same` included.
        steps: everything but `same`, in the engine's order.
        violations: of policies.
        diagnostics: warnings and errors.
        outputs: of `Operation.OUTPUTS`; a secret's value is not among them.
        duration_s: seconds it took.
    """

    ending: Ending
    counts: dict[str, int] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()
    violations: tuple[Violation, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    outputs: dict[str, Any] = field(default_factory=dict)
    duration_s: float = 0

    @property
    def changes(self) -> dict[str, int]:
        """Counts of what does not stay as it is."""
        return {op: count for op, count in self.counts.items() if op not in ("same", "read")}

    @property
    def errors(self) -> list[str]:
        """What went wrong, in the engine's words, each once."""
        return list(dict.fromkeys(str(said) for said in self.diagnostics if said.severity == "error"))


@dataclass(frozen=True, kw_only=True)
class Progress:
    """One moment of an operation, for whoever watches.

    Args:
        text: what the program or a provider says, or empty.
        step: what begins or, once `is_done`, has happened.
        is_done: see step.
    """

    text: str = ""
    step: Step | None = None
    is_done: bool = False


@dataclass(frozen=True, kw_only=True)
class Message:
    """A line from the operation's process: progress, and at the end the result."""

    progress: Progress | None = None
    result: Result | None = None
