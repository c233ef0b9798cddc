"""Why a tenant task does not start; every message says what to do next."""

from kombu.exceptions import OperationalError


class TenancyError(Exception):
    """Base of the refusals: nothing was written."""


class MissingSchemaNameError(TenancyError):
    """A tenant task was called without its first argument."""

    def __init__(self, task: str) -> None:
        super().__init__(
            f"{task} needs the tenant's schema_name first, or by keyword where Canvas puts a result first."
        )


class TenantNotActiveError(TenancyError):
    """The tenant takes no part at present."""

    def __init__(self, schema_name: str, status: str) -> None:
        super().__init__(f"Tenant {schema_name!r} is {status}; `resume {schema_name}` lets a suspended one take part.")
        self.schema_name = schema_name
        self.status = status


class WrongSchemaError(TenancyError):
    """The connection is not in the schema the task was asked to work in."""

    def __init__(self, expected: str, actual: str | None) -> None:
        super().__init__(
            f"The transaction is in schema {actual!r}, not in {expected!r}: everything was rolled back. Either the "
            "schema is missing (`migrate_tenants` names such tenants) or the body changed the search path itself."
        )


class NotActivatedError(TenancyError):
    """Postgres failed on the way into the tenant's schema."""

    def __init__(self, schema_name: str, error: Exception) -> None:
        super().__init__(
            f"Postgres failed before the body in {schema_name!r} began ({type(error).__name__}: {error}). "
            "Nothing was written; what the ledger sent comes back by itself, what was sent by hand can be sent again."
        )


class OpenTransactionError(TenancyError):
    """A tenant task was called inside somebody's transaction, whose search path is not its to change."""

    def __init__(self, schema_name: str) -> None:
        super().__init__(
            f"A tenant task for {schema_name!r} needs a transaction of its own, and one is open: call the service it "
            "wraps instead, or send the task with `transaction.on_commit`."
        )


class RollbackOnlyError(Exception):
    """The body ended well, but in a transaction that Django would roll back."""

    def __init__(self, schema_name: str) -> None:
        super().__init__(
            f"The body in {schema_name!r} caught an error that broke its transaction; everything was rolled back. "
            "Wrap the statement that may fail in `transaction.atomic()` of its own, and catch outside of that."
        )


class NeedsLedgerError(Exception):
    """A fan-out was called by hand: its children and their join are runs of the ledger."""

    def __init__(self, task: str) -> None:
        super().__init__(
            f"{task} fans out, which only the ledger can do; everything was rolled back. Use `run_window`, or "
            "`dispatch_to_all_tenants`."
        )


class NotSentError(OperationalError):  # type: ignore[misc] # Celery ships no types
    """A task could not be sent; catch it as kombu's OperationalError, which it is."""

    def __init__(self, task: str, reason: object) -> None:
        super().__init__(f"{task} was not sent: the broker is away ({reason}). Send it again when it is back.")
