"""The programs of stacks that, when really deployed, ask AWS on the way: a rehearsal has nobody to ask."""

import pulumi

from infra.programs import app as real_app
from infra.programs import observability as real_observability

PROGRAMS = {stack: f"infra.rehearsal.programs:{stack}" for stack in ("app", "observability")}


def app() -> None:
    """Deploy without migrations."""
    real_app.program(migrate=_skip)


def observability() -> None:
    """Deploy without looking for Identity Center."""
    real_observability.program(check_sign_in=_skip)


def _skip(_args: pulumi.ResourceHookArgs) -> None:
    """Do nothing."""
