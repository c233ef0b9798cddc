"""Why a tenant task does not start; every message says what to do next."""


class TenancyError(Exception):
    """Base of the refusals: the body has not run, nothing was written."""


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
