"""Who may do what to whom: the one place that answers it, for signed-in users and for API tokens alike."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User
from django.db import models

from board.exceptions import NotAllowedError
from board.models import TenantBinding
from tenants import selectors
from tenants.exceptions import UnknownTenantError
from tenants.models import Tenant


class Role(models.TextChoices):
    """What somebody is trusted with; each may do what the ones before it may. A migration makes a group of each."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMINISTRATOR = "administrator"


class Permission(StrEnum):
    """What can be done: look, and the actions by their names."""

    VIEW = "view"
    RERUN = "rerun"
    SKIP = "skip"
    CATCH_UP = "catch_up"
    BACKFILL = "backfill"
    SUSPEND = "suspend"
    RESUME = "resume"


#: The least role that may.
NEEDED = {
    Permission.VIEW: Role.VIEWER,
    Permission.RERUN: Role.OPERATOR,
    Permission.SKIP: Role.OPERATOR,
    Permission.CATCH_UP: Role.OPERATOR,
    Permission.BACKFILL: Role.OPERATOR,
    Permission.SUSPEND: Role.ADMINISTRATOR,
    Permission.RESUME: Role.ADMINISTRATOR,
}
#: These are about the whole night: somebody bound to tenants may not.
FOR_ALL_TENANTS = frozenset({Permission.CATCH_UP})
_RANK = {role: rank for rank, role in enumerate(Role)}


@dataclass(frozen=True, kw_only=True)
class Principal:
    """Whoever asks.

    Args:
        name: as the audit names it: a user's, or `token …`.
        role: None for somebody who was given none and may not even look.
        tenant_ids: the tenants it is bound to; None for all.
    """

    name: str
    role: Role | None
    tenant_ids: frozenset[int] | None = None

    @property
    def ids(self) -> list[int] | None:
        """Return the tenants it is bound to as a statement's parameter; None for all."""
        return None if self.tenant_ids is None else sorted(self.tenant_ids)

    def sees(self, tenant_id: int) -> bool:
        """Return whether a tenant is within its bounds."""
        return self.tenant_ids is None or tenant_id in self.tenant_ids


def principal_of(user: AbstractBaseUser | AnonymousUser) -> Principal:
    """Return the principal of a signed-in user: the highest role of its groups; a superuser is an administrator."""
    if not isinstance(user, User) or not user.is_active:
        return Principal(name="", role=None)
    bound = frozenset(TenantBinding.objects.filter(user_id=user.pk).values_list("tenant_id", flat=True))
    return Principal(name=user.get_username(), role=_role_of(user), tenant_ids=bound or None)


def _role_of(user: User) -> Role | None:
    if user.is_superuser:
        return Role.ADMINISTRATOR
    named = set(user.groups.values_list("name", flat=True))
    return next((role for role in reversed(Role) if role in named), None)


def may(principal: Principal, permission: Permission, tenant_id: int | None = None) -> bool:
    """Return whether a principal may do this, to this tenant or (None) to all it is bound to.

    Args:
        principal: who asks.
        permission: for what.
        tenant_id: of whose night.
    """
    if principal.role is None or _RANK[principal.role] < _RANK[NEEDED[permission]]:
        return False
    if permission in FOR_ALL_TENANTS and principal.tenant_ids is not None:
        return False
    return tenant_id is None or principal.sees(tenant_id)


def require(principal: Principal, permission: Permission) -> None:
    """Refuse what the principal may do to nobody.

    Raises:
        NotAllowedError: its role is too low, or it is bound to tenants and asks for the whole night.
    """
    if may(principal, permission):
        return
    needed = NEEDED[permission]
    if permission in FOR_ALL_TENANTS and principal.tenant_ids is not None:
        raise NotAllowedError(f"{permission.replace('_', ' ')} is about every tenant: somebody bound to none may.")
    verb = "see the board" if permission == Permission.VIEW else permission.replace("_", " ")
    raise NotAllowedError(f"To {verb} needs the role {needed}; `manage.py board_user` gives it.")


def tenant_for(principal: Principal, schema_name: str) -> Tenant:
    """Return a tenant the principal may see.

    Raises:
        UnknownTenantError: there is none, or none within its bounds: both are told alike.
    """
    tenant = selectors.tenant(schema_name)
    if not principal.sees(tenant.pk):
        raise UnknownTenantError(f"There is no tenant {schema_name!a}; `manage.py tenants` lists them.")
    return tenant


def tenants_for(principal: Principal, schema_names: Collection[str] | None) -> list[str] | None:
    """Return the schema names an action is about: those asked for, or all within bounds; None for every tenant.

    Raises:
        UnknownTenantError: one of them is none, or not within the principal's bounds.
    """
    if schema_names is not None:
        return [tenant_for(principal, name).schema_name for name in schema_names]
    return bound_names(principal)


def bound_names(principal: Principal) -> list[str] | None:
    """Return the schema names of the tenants a principal is bound to; None for every tenant."""
    if principal.tenant_ids is None:
        return None
    tenants = Tenant.objects.filter(pk__in=principal.tenant_ids).order_by("schema_name")
    return list(tenants.values_list("schema_name", flat=True))
