"""What can go wrong with windows and runs; every message says what to do next."""

from tenants.exceptions import TenantError


class ScheduleError(Exception):
    """Base of every error of the ledger."""


class UnknownScheduleError(ScheduleError):
    """No registered schedule has that name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no schedule {name!r}. `windows` lists them; `migrate` registers new ones.")


class UnknownRunError(ScheduleError):
    """A message names a run that is not in the ledger, or not this tenant's, or not this task's."""

    def __init__(self, run_id: object, schema_name: object, task: str) -> None:
        # Not the message: a worker sends errors out as class and arguments, to be made again from these.
        super().__init__(run_id, schema_name, task)

    def __str__(self) -> str:
        run_id, schema_name, task = self.args
        return (
            f"Run {run_id!r} is not one of {task} for tenant {schema_name!r}: the message is forged, or the tenant "
            "or task was renamed. Nothing was done; the ledger publishes the run again under its present name."
        )


class LeaseLostError(ScheduleError):
    """Another process took the run over; nothing of this attempt was kept."""

    def __init__(self, run_id: int) -> None:
        super().__init__(f"Run {run_id} was taken over while this attempt was on its way; it was rolled back.")


class LineNotFinishedError(ScheduleError):
    """The work would overtake earlier work of the same tenant."""


class OperationRefusedError(ScheduleError):
    """An operator's request would rewrite history or break an order; the message names what stands in the way."""


class CatchUpRefusedError(OperationRefusedError, TenantError):
    """A tenant cannot be resumed with catch-up: its later books stand on the gap already."""


class BadDispatchError(ScheduleError):
    """`dispatch_to_all_tenants` was asked for something that is not a tenant task."""


class BrokerAwayError(ScheduleError):
    """The broker could not be reached; nothing is lost, the ledger sends again when it is back."""

    def __init__(self, error: BaseException) -> None:
        super().__init__(f"The broker is away ({type(error).__name__}: {error}). Runs stay in the ledger and follow.")
