"""A deployment from nothing to nothing: every stack previewed and made, made again without a change, destroyed."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from infra.deployment.desk import Desk
from infra.engine import Engine, Operation, Order, Result
from infra.exceptions import DeploymentError
from infra.projects import ORDER, POLICY
from infra.rehearsal import unprotecting
from infra.rehearsal.programs import PROGRAMS


class UnsettledError(DeploymentError):
    """A stack that was just made would be changed again."""

    def __init__(self, stack: str, result: Result) -> None:
        lines = "\n".join(f"  {step.op} {step.name}: {', '.join(step.changed)}" for step in result.steps)
        super().__init__(
            f"{stack} is not settled: a second deployment without an edit would change it again.\n{lines}\n"
            "Look for a value that differs from run to run: a time, a random text, a set without an order."
        )


@dataclass(frozen=True, kw_only=True)
class Rehearsal:
    """An environment's stacks on an engine whose providers are stand-ins.

    Args:
        environment: the stacks' name.
        engine: works on a copy.
        desk: shows what happens.
        stacks: which, in the order in which they are made.
    """

    environment: str
    engine: Engine
    desk: Desk
    stacks: Sequence[str] = ORDER

    def make(self) -> dict[str, Result]:
        """Preview every stack with the policies, show its plan, and make exactly that; return the previews.

        Raises:
            OperationError: a program, an input or a policy is wrong.
        """
        return {stack: self._make(stack) for stack in self.stacks}

    def settle(self) -> None:
        """Deploy every stack once more, as many at a time as there are cores: none changes, so none waits for another.

        Raises:
            UnsettledError: something would change.
        """
        with self.desk.watch("up again", 0) as watch, ThreadPoolExecutor(os.cpu_count()) as pool:
            again = [self._order(Operation.UP, stack) for stack in self.stacks]
            results = list(pool.map(lambda order: self.engine.run(order, watch), again))
        for stack, result in zip(self.stacks, results, strict=True):
            if result.changes:
                raise UnsettledError(stack, result)
            self.desk.say(f"{stack}: deployed again, nothing changes.")

    def destroy(self) -> None:
        """Take the protection from what is protected, and delete all of it, from the last stack to the first."""
        for stack in reversed(self.stacks):
            unprotecting.unprotect(self.engine, stack, self.environment)
            result = self.run(Operation.DESTROY, stack)
            self.desk.say(f"{stack}: {result.counts.get('delete', 0)} deleted.")

    def run(self, operation: Operation, stack: str, *, policies: bool = False, plan: str = "") -> Result:
        """Run one operation of one stack.

        Args:
            operation: what to do.
            stack: e.g. `network`.
            policies: judge every resource.
            plan: see `Order.plan`.

        Raises:
            OperationError: it did not succeed.
        """
        with self.desk.watch(f"{operation} {stack}", 0) as watch:
            return self.engine.run(self._order(operation, stack, policies=policies, plan=plan), watch)

    def _order(self, operation: Operation, stack: str, *, policies: bool = False, plan: str = "") -> Order:
        return Order(
            operation=operation,
            stack=stack,
            environment=self.environment,
            program=PROGRAMS.get(stack, ""),
            policy_packs=(str(POLICY),) if policies else (),
            plan=plan,
            may_create=operation is Operation.PREVIEW,
        )

    def _make(self, stack: str) -> Result:
        plan = str(self.engine.projects / f"{stack}.plan.json")
        preview = self.run(Operation.PREVIEW, stack, policies=True, plan=plan)
        self.desk.show(stack, preview)
        self.run(Operation.UP, stack, plan=plan)
        return preview
