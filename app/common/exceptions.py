"""Why a tenant task does not start, or is not kept; every message says what to do next.

Each is made of its arguments alone and tells its message when it is read: a worker sends errors out as their class
and arguments, and one that cannot be made again from these would arrive under another name.
"""

from kombu.exceptions import OperationalError


class TaskError(Exception):
    """Base of them all; `message` is completed with the arguments."""

    message = "{}"

    def __str__(self) -> str:
        return self.message.format(*self.args)


class TenancyError(TaskError):
    """Base of the refusals: nothing was written."""


class MissingSchemaNameError(TenancyError):
    """A tenant task (its name) was called without its first argument."""

    message = "{0} needs the tenant's schema_name first, or by keyword where Canvas puts a result first."


class TenantNotActiveError(TenancyError):
    """The tenant (its schema name, its status) takes no part at present."""

    message = "Tenant {0!r} is {1}; `resume {0}` lets a suspended one take part."


class WrongSchemaError(TenancyError):
    """The connection is not in the expected schema but in an actual one, or in none."""

    message = (
        "The transaction is in schema {1!r}, not in {0!r}: everything was rolled back. Either the schema is missing "
        "(`migrate_tenants` names such tenants) or the body changed the search path itself."
    )


class NotActivatedError(TenancyError):
    """Postgres failed (a schema name, the error) on the way into the tenant's schema."""

    message = (
        "Postgres failed before the body in {0!r} began ({1}). What the ledger sent comes back by itself; what was "
        "sent by hand can be sent again."
    )


class OpenTransactionError(TenancyError):
    """A tenant task was called inside somebody's transaction, whose search path is not its to change."""

    message = (
        "A tenant task needs a transaction of its own, and one is open: call the service it wraps instead, or send "
        "the task with `transaction.on_commit`."
    )


class RollbackOnlyError(TenancyError):
    """The body (in a schema) ended well, but in a transaction that Django would roll back without a word."""

    message = (
        "The body in {0!r} caught an error that broke its transaction; everything was rolled back. Wrap the statement "
        "that may fail in a `transaction.atomic()` of its own, and catch outside of that."
    )


class UnfinishedBlockError(TenancyError):
    """The body (in a schema) left a transaction inside its own open: Django would end that one for its own."""

    message = (
        "The body in {0!r} left a `transaction.atomic()` open, or yielded inside one; everything since was rolled "
        "back. End the block first."
    )


class NeedsLedgerError(TenancyError):
    """A task that fans out was called by hand: its children and their join are runs of the ledger."""

    message = (
        "{0} fans out, which only the ledger can do; everything was rolled back. Use `run_window` or "
        "`dispatch_to_all_tenants`."
    )


class NotSentError(TaskError, OperationalError):  # type: ignore[misc] # Celery ships no types
    """A task (its name, the reason) could not be sent; it can be caught as kombu's OperationalError too."""

    message = "{0} was not sent: the broker is away ({1}). Send it again when it is back."


class BooksError(TaskError):
    """Base of what a tenant's books refuse: nothing was written."""


class BooksBusyError(BooksError):
    """Another writer of the tenant (its schema name) kept the books to itself for too long."""

    message = "The books of {0} are being written just now, by the night or somebody else: try again in a minute."


class FileNotKeptError(TaskError):
    """A file could not be stored under its name, but only under another."""

    message = "{0} was not stored, for the storage called it {1}: somebody else is storing it too. Try again later."


class SealError(TaskError):
    """Base of what keeps a sealed value closed."""


class UnknownKeyError(SealError):
    """A value (its column) was sealed with a key (its id) that this process does not have."""

    message = (
        "{0} was sealed with the key {1}, which is not among MATINS_IDENTITY_KEYS: put it back, behind the newest, "
        "until `reseal` has ended everywhere."
    )


class SealBrokenError(SealError):
    """A sealed value (its column) is not what was sealed there."""

    message = "A value of {0} was changed, or copied from another column: enter it again, or restore it."
