"""One operation of one stack, through Pulumi's Automation API, with this process as the program's host."""

import shutil
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pulumi
from pulumi import automation
from pulumi.automation import CommandError, ConcurrentUpdateError, LocalWorkspaceOptions, Stack, StackNotFoundError

from infra.engine.model import Ending, Operation, Order, Progress, Result
from infra.engine.record import Record
from infra.exceptions import DeploymentError

HIDDEN = "[secret]"


def perform(order: Order, projects: Path, watch: Callable[[Progress], None]) -> Result:
    """Do it, and return how it went; only what nobody foresaw is raised.

    Args:
        order: what to do.
        projects: the folder of the stacks' projects.
        watch: is told of progress.
    """
    record, started, outputs = Record(watch), time.monotonic(), {}
    if not shutil.which("pulumi"):
        return Result(ending=Ending.NO_CLI)
    try:
        stack = _stack(order, projects)
        _do(stack, order, record)
        outputs = _outputs(stack) if order.operation is Operation.OUTPUTS else {}
        ending = Ending.SUCCEEDED
    except StackNotFoundError:
        ending = Ending.MISSING
    except CommandError as error:
        record.fail(_reason(error))
        ending = _ending(error, record)
    return record.result(ending, outputs=outputs, duration_s=time.monotonic() - started)


def _ending(error: CommandError, record: Record) -> Ending:
    if isinstance(error, ConcurrentUpdateError):
        return Ending.LOCKED
    return Ending.VIOLATED if record.is_violated else Ending.FAILED


def _stack(order: Order, projects: Path) -> Stack:
    folder = projects / order.stack
    options = LocalWorkspaceOptions(work_dir=str(folder))
    find = automation.create_or_select_stack if order.may_create else automation.select_stack
    program = _program(order.program or f"infra.programs.{order.stack}:program")
    return find(order.environment, project_name=f"matins-{order.stack}", program=program, opts=options)


def _program(path: str) -> Callable[[], None]:
    """Return the function of this path; what it says to operators arrives as a sentence."""

    def run() -> None:
        module, _, function = path.partition(":")
        try:
            getattr(import_module(module), function)()
        except DeploymentError as error:
            raise pulumi.RunError(str(error)) from error

    return run


def _outputs(stack: Stack) -> dict[str, Any]:
    return {name: HIDDEN if output.secret else output.value for name, output in stack.outputs().items()}


def _do(stack: Stack, order: Order, record: Record) -> None:
    """Call the operation; `show_secrets` is about the configuration, which nobody here reads."""
    plan, packs = order.plan or None, list(order.policy_packs)
    match order.operation:
        case Operation.PREVIEW:
            stack.preview(plan=plan, policy_packs=packs, on_event=record)
        case Operation.UP:
            stack.up(plan=plan, policy_packs=packs, on_event=record, show_secrets=False)
        case Operation.PREVIEW_REFRESH:
            stack.preview_refresh(on_event=record, show_secrets=False)
        case Operation.REFRESH:
            stack.refresh(on_event=record, show_secrets=False)
        case Operation.PREVIEW_DESTROY:
            stack.preview_destroy(on_event=record, show_secrets=False)
        case Operation.DESTROY:
            stack.destroy(on_event=record, show_secrets=False)
        case Operation.OUTPUTS:
            pass  # They are read after every operation that is about them.


def _reason(error: CommandError) -> str:
    """Return what the CLI gives as its reason, of all that it printed."""
    lines = [line.strip() for line in str(error).splitlines()]
    reasons = [
        line.removeprefix("stderr:").strip().removeprefix("error:").strip() for line in lines if "error:" in line
    ]
    return "; ".join(dict.fromkeys(reason for reason in reasons if reason)) or lines[-1]
