"""How the other apps hear of a change in a tenant's standing, inside the transaction that makes it."""

from django.dispatch import Signal

#: Sent by `tenants.services` with `tenant`, `old`, `new` (both `Tenant.Status`) and `catch_up: bool`, under the
#: participation lock. A receiver that raises refuses the change: everything is rolled back. Onboarding sends
#: none: a new tenant takes part from the first window whose business date comes after its `enabled_at`.
tenant_status_changed = Signal()
