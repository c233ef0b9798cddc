"""How an operation on the engine can fail, each in a sentence that says what to do next."""

from infra.engine.model import Order, Result
from infra.exceptions import DeploymentError


class OperationError(DeploymentError):
    """An operation of a stack did not succeed.

    Args:
        order: what was asked for.
        result: as far as it came.
        more: fills `{more}` of the class' `TEXT`.
    """

    TEXT = "{more}"

    def __init__(self, order: Order, result: Result | None = None, *, more: str = "") -> None:
        names = {"stack": order.stack, "environment": order.environment, "more": more}
        super().__init__(f"{order.stack} in {order.environment}, {order.operation}: {self.TEXT.format(**names)}")
        self.order, self.result = order, result


class OperationFailedError(OperationError):
    """The engine, a provider or the program refused."""

    TEXT = "{more}\nMend that and run it again; what had been done is in the state, and stays done."


class PolicyViolatedError(OperationError):
    """A mandatory policy objects."""

    TEXT = "policies object:\n{more}\nNothing was changed; change the settings or the component it names."


class StackMissingError(OperationError):
    """The stack has not been made yet."""

    TEXT = (
        'there is no such stack yet. Make it, as infra/README.md says under "From an empty account": '
        "`pulumi -C infra/stacks/{stack} stack init {environment} --secrets-provider …`."
    )


class StackLockedError(OperationError):
    """Somebody else is at work on the stack, or was killed while at work."""

    TEXT = (
        "the stack is locked. Wait for whoever is at work on it; if nobody is, give the lock back with "
        "`pulumi -C infra/stacks/{stack} cancel --stack {environment}`, then run it again."
    )


class CliMissingError(OperationError):
    """There is no Pulumi to run."""

    TEXT = (
        "there is no `pulumi` on the PATH. Install 3.259 (https://www.pulumi.com/docs/install/), or run `make tools`."
    )


class TimeLimitError(OperationError):
    """It took too long, and was stopped."""

    TEXT = (
        "stopped after {more} s, its time limit. Look in AWS at what it waited for, "
        "`make drift ENV={environment}` shows what the state does not know, then run it again."
    )


class StoppedError(OperationError):
    """Somebody pressed Ctrl-C."""

    TEXT = "stopped on request. What had been done is in the state; `make drift ENV={environment}` shows what is not."


class ProcessDiedError(OperationError):
    """The process of the operation ended without a word."""

    TEXT = "its process ended without a result: {more}\nRun it again; if it says the stack is locked, do as it says."
