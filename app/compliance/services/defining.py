"""Which rules are checked, and which outside monitors are asked."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction

from compliance.checks import CHECKS
from compliance.exceptions import BadEngineError, BadRuleError
from compliance.models import Engine, Rule, Severity
from compliance.models.engines import TOKEN_VARIABLE


@transaction.atomic
def define_rule(
    *,
    code: str,
    kind: str | None = None,
    severity: Severity | None = None,
    parameters: Mapping[str, Any] | None = None,
    active: bool = True,
) -> Rule:
    """Add a rule, or change what is given of the one that has this code; the next night checks it.

    Args:
        code: what it is called.
        kind: one of `Rule.Kind`; it cannot be changed.
        severity: of what it finds; medium by default.
        parameters: what its kind takes (`compliance.checks`); those that are not named stay.
        active: whether nights check it.

    Raises:
        BadRuleError: it is new and has no kind, its kind is another, or its parameters cannot be.
    """
    rule = Rule.objects.select_for_update(no_key=True).filter(code=code).first()
    if rule is None:
        rule = Rule(code=code, kind=_kind(code, kind), severity=Severity.MEDIUM)
    elif kind not in (None, rule.kind):
        raise BadRuleError(code, f"it is of kind {rule.kind!r}: give a new one a code of its own")
    rule.severity, rule.active = severity or rule.severity, active
    rule.parameters = CHECKS[rule.kind].read(code, {**rule.parameters, **(parameters or {})}).model_dump(mode="json")
    rule.save()
    return rule


def _kind(code: str, kind: str | None) -> str:
    if kind not in Rule.Kind.values or kind == Rule.Kind.REPORTED:
        known = ", ".join(sorted(set(Rule.Kind.values) - {Rule.Kind.REPORTED}))
        raise BadRuleError(code, f"{kind!r} is no kind of rule that can be defined; there are: {known}")
    return kind


@transaction.atomic
def define_engine(
    *, code: str, url: str, token_variable: str, severity: Severity = Severity.MEDIUM, active: bool = True
) -> Engine:
    """Add a monitor, or change the one that has this code; its cursor stays.

    Args:
        code: what it is called; its alerts are findings of a rule of that name.
        url: what is asked with GET; https in production.
        token_variable: the environment variable of the workers that holds its token, `MATINS_ENGINE_TOKEN_…`.
        severity: of the rule; each alert has its own.
        active: whether nights ask it.

    Raises:
        BadEngineError: its address or its variable cannot be, or a rule has its code.
    """
    _refuse_address(code, url)
    if re.fullmatch(TOKEN_VARIABLE, token_variable) is None:
        raise BadEngineError(code, f"the token's variable is to be named {TOKEN_VARIABLE[1:-1]}")
    engine = Engine.objects.filter(code=code).first() or Engine(code=code, rule=_rule_of(code, severity))
    engine.url, engine.token_variable, engine.active = url, token_variable, active
    engine.save()
    return engine


def _refuse_address(code: str, url: str) -> None:
    address = urlsplit(url)
    is_safe = address.scheme == "https" or (address.scheme == "http" and settings.MATINS_ENV != "production")
    if not is_safe or not address.hostname or address.username or address.query:
        raise BadEngineError(code, "its address is to be https://host/path, without user or query")


def _rule_of(code: str, severity: Severity) -> Rule:
    if Rule.objects.filter(code=code).exists():
        raise BadEngineError(code, "a rule has that code: choose another")
    return Rule.objects.create(code=code, kind=Rule.Kind.REPORTED, severity=severity)
