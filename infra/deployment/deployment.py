"""All stacks of one environment: previewed, deployed by exactly that plan, compared with what is there, destroyed."""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path

from infra.deployment import exceptions
from infra.deployment.desk import Desk
from infra.engine import Engine, Operation, OperationError, Order, Result, Step
from infra.engine.exceptions import StackMissingError
from infra.projects import DEPLOYED, POLICY

Lend = Callable[[str, Operation], AbstractContextManager[Mapping[str, str]]]


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """An environment's stacks and what they are deployed with.

    Args:
        environment: the stacks' name.
        engine: runs the operations.
        desk: shows them, and asks.
        stacks: which, in the order in which they are made.
        policy_packs: judge every preview and every deployment.
        programs: `module:function` of stacks that do not run their own.
        lend: what an operation of a stack finds in its environment, for its own time only.
    """

    environment: str
    engine: Engine
    desk: Desk
    stacks: Sequence[str] = DEPLOYED
    policy_packs: Sequence[Path] = (POLICY,)
    programs: Mapping[str, str] = field(default_factory=dict)
    lend: Lend = field(default=lambda *_: nullcontext({}))

    def preview(self) -> None:
        """Show what a deployment would do; what a stack before would only then tell is unknown."""
        for stack in self.stacks:
            self._preview(stack)

    def deploy(self) -> None:
        """Preview, ask and deploy by exactly that plan, one stack after the other.

        Raises:
            NotConfirmedError: nobody agreed; the stacks before stay as they were deployed.
            OperationError: a stack failed; those behind it are untouched.
        """
        with tempfile.TemporaryDirectory(prefix="matins-plans-") as folder:
            for stack in self.stacks:
                plan = Path(folder) / f"{stack}.json"
                preview = self._preview(stack, plan)
                if preview.changes:
                    self.desk.confirm(f"Deploy this to {stack} in {self.environment}?")
                self._run(Operation.UP, stack, plan, of=sum(preview.changes.values()))

    def destroy(self) -> None:
        """Look first whether everything may go, ask, then delete from the last stack to the first.

        Raises:
            ProtectedError: something may not; nothing was deleted.
            NotConfirmedError: nobody agreed; nothing was deleted.
        """
        previews = self._destructions()
        for stack, preview in previews.items():
            self.desk.show(stack, preview)
        self.desk.confirm(f"Delete all of this in {self.environment}, for good?", answer=self.environment)
        for stack, preview in previews.items():
            self._run(Operation.DESTROY, stack, of=sum(preview.changes.values()))

    def drift(self) -> bool:
        """Show what changed in AWS without these programs; return whether anything did. Changes nothing."""
        results = {stack: self._run(Operation.PREVIEW_REFRESH, stack) for stack in self.stacks}
        for stack, result in results.items():
            self.desk.show(stack, result)
        return any(result.changes for result in results.values())

    def _preview(self, stack: str, plan: Path | None = None) -> Result:
        result = self._run(Operation.PREVIEW, stack, plan)
        self.desk.show(stack, result)
        return result

    def _destructions(self) -> dict[str, Result]:
        """Return what would be deleted, by stack, if all of it may be."""
        previews, kept = {}, []
        for stack in reversed(self.stacks):
            try:
                previews[stack] = self._run(Operation.PREVIEW_DESTROY, stack)
            except StackMissingError:
                self.desk.say(f"{stack} is not there.")
            except OperationError as error:
                if not (protected := _protected(error)):
                    raise
                kept += [(stack, step) for step in protected]
        if kept:
            raise exceptions.ProtectedError(kept, self.environment)
        return previews

    def _run(self, operation: Operation, stack: str, plan: Path | None = None, *, of: int = 0) -> Result:
        order = Order(
            operation=operation,
            stack=stack,
            environment=self.environment,
            program=self.programs.get(stack, ""),
            plan=str(plan or ""),
            policy_packs=tuple(map(str, self.policy_packs)),
        )
        with self.lend(stack, operation) as lent, self.desk.watch(f"{operation} {stack}", of) as watch:
            return replace(self.engine, variables={**self.engine.variables, **lent}).run(order, watch)


def _protected(error: OperationError) -> list[Step]:
    return [step for step in error.result.steps if step.protected] if error.result else []
