"""Runs every operation in a process of its own, with a time limit: after a failure Pulumi may hang in its process."""

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from infra.engine import exceptions
from infra.engine.model import Ending, Operation, Order, Progress, Result
from infra.engine.process import Process
from infra.projects import FOLDER, ROOT

#: Seconds. Databases take half an hour, a release's migrations up to two.
LIMITS_S = {Operation.UP: 4 * 3600, Operation.DESTROY: 4 * 3600}
LIMIT_S = 900
#: Seconds the engine has, once interrupted, to save its state and to give back its lock.
GRACE_S = 60
#: Before the user's PATH: what runs policy packs; after it: the CLI that `make tools` built.
BIN, TOOLS = ROOT / "infra" / "engine" / "bin", ROOT / ".matins" / "tools"


def ignore(progress: Progress) -> None:
    """Watch nothing."""


@dataclass(frozen=True, kw_only=True)
class Engine:
    """Where operations run.

    Args:
        projects: the folder that holds each stack's `Pulumi.yaml` and `Pulumi.<environment>.yaml`.
        variables: what an operation's process finds in its environment besides this process' own.
        grace_s: seconds between the interruption of an operation and its end by force.
    """

    projects: Path = FOLDER
    variables: Mapping[str, str] = field(default_factory=dict)
    grace_s: float = GRACE_S

    def run(self, order: Order, watch: Callable[[Progress], None] = ignore) -> Result:
        """Do it and return how it went.

        Args:
            order: what to do.
            watch: is called with every step, and with what is said, while it runs.

        Raises:
            OperationError: it did not succeed; where it came as far as a result, that is the error's.
        """
        limit_s = order.time_limit_s or LIMITS_S.get(order.operation, LIMIT_S)
        process = Process(order, self.projects, environment=self.environment(), limit_s=limit_s, grace_s=self.grace_s)
        with process:
            result = _listen(order, process, watch)
        if result and result.ending is Ending.SUCCEEDED:
            return result
        if process.is_late:
            raise exceptions.TimeLimitError(order, result, more=f"{limit_s:g}")
        raise _failure(order, result) if result else exceptions.ProcessDiedError(order, more=process.last_words)

    def environment(self) -> dict[str, str]:
        """Return what its processes find in their environment."""
        path = os.pathsep.join([str(BIN), os.environ.get("PATH", os.defpath), str(TOOLS)])
        own = {
            "PATH": path,
            "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "app")]),
            "MATINS_PYTHON": sys.executable,
            # A process per operation imports the same packages again and again: they are compiled once.
            "PYTHONDONTWRITEBYTECODE": "",
            "PULUMI_SKIP_UPDATE_CHECK": "1",
        }
        return {**os.environ, **own, **self.variables}


def _listen(order: Order, process: Process, watch: Callable[[Progress], None]) -> Result | None:
    """Hand on its progress, and return its result, if it comes to one."""
    result = None
    try:
        for message in process.messages():
            result = message.result or result
            if message.progress:
                watch(message.progress)
    except KeyboardInterrupt:
        process.interrupt()
        raise exceptions.StoppedError(order) from None
    return result


def _failure(order: Order, result: Result) -> exceptions.OperationError:
    if result.ending is Ending.FAILED:
        return exceptions.OperationFailedError(order, result, more="\n".join(result.errors))
    if result.ending is Ending.VIOLATED:
        said = [f"  {it.policy}: {it.text}" for it in result.violations if it.is_mandatory]
        return exceptions.PolicyViolatedError(order, result, more="\n".join(said))
    return OTHERS[result.ending](order, result)


OTHERS = {
    Ending.MISSING: exceptions.StackMissingError,
    Ending.LOCKED: exceptions.StackLockedError,
    Ending.NO_CLI: exceptions.CliMissingError,
}
