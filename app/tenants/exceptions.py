"""What can go wrong with a tenant, each with a sentence that tells the operator what to do next."""


class TenantError(Exception):
    """Base of every refusal of this app; its message is complete and made for the operator's eyes."""


class InvalidNameError(TenantError):
    """A schema name, a tenant's name or a host name was refused before the database was asked."""


class UnknownTenantError(TenantError):
    """No tenant has this schema name."""


class TenantExistsError(TenantError):
    """The schema name or the host name is taken."""


class TenantClosedError(TenantError):
    """A closed tenant takes part no more, and nothing reopens it."""


class TenantNotSuspendedError(TenantError):
    """There is nothing to catch up for a tenant that was not suspended."""


class TemplateStaleError(TenantError):
    """The template schema is missing, or older than this code's migrations."""


class AppRoleError(TenantError):
    """The app role is missing, or is no second role at all."""
