"""What a rule is: a sentence about resources, and a function that says what to change where it is not true."""

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cache
from typing import Any

from pulumi_policy import (
    EnforcementLevel,
    PolicyResource,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.proxy import UnknownValueError

from infra.settings import SettingsError, load

#: What breaks it loses data, opens a door or stops the night …
MANDATORY = EnforcementLevel.MANDATORY
#: … or only costs money or time: the engineer is told, and decides.
ADVISORY = EnforcementLevel.ADVISORY


class Resource:
    """One resource as rules see it: its inputs, its options, its place.

    Secrets come in the clear and unmarked, so no rule may repeat a text that somebody configured.

    Args:
        seen: by the engine; the values that a preview does not know raise when they are read.
    """

    def __init__(self, seen: ResourceValidationArgs | PolicyResource) -> None:
        self._seen = seen
        self.type, self.name, self.urn = seen.resource_type, seen.name, seen.urn
        self.options, self.provider = seen.opts, seen.provider

    def get(self, name: str, default: Any = None) -> Any:
        """Return an input; where it is unknown, the engine says that the rule will be applied during `up`."""
        return self._seen.props.get(name, default)

    def has(self, name: str) -> bool:
        """Whether an input is set, known or not."""
        return name in set(self._seen.props)

    def known(self, name: str) -> Any:
        """Return an input, or None while it is unknown: for texts that hold names AWS has yet to give."""
        try:
            return self.get(name)
        except UnknownValueError:
            return None

    def document(self, name: str) -> Any:
        """Return what an input says in JSON, or an empty list while it is unknown or not there."""
        return json.loads(self.known(name) or "[]")

    def statements(self, name: str) -> list[Mapping[str, Any]]:
        """Return the statements of an input that is an IAM policy; none while it is unknown."""
        document = self.document(name)
        found = document["Statement"] if document else []
        return found if isinstance(found, list) else [found]

    @property
    def stack(self) -> str:
        """The stack's name, which is its environment's."""
        return self.urn.split(":")[2]

    @property
    def production(self) -> bool:
        """Whether its environment says that it is production; one that nobody described is taken for it."""
        return _is_production(self.stack)


class Member(Resource):
    """A resource among the others of its stack.

    Args:
        seen: by the engine, its references to others included.
    """

    def __init__(self, seen: PolicyResource) -> None:
        super().__init__(seen)
        self._sources = seen.property_dependencies

    def made_from(self, name: str) -> list[Resource]:
        """Return the resources that an input's value was taken from: known even where the value is not."""
        return [Resource(one) for one in self._sources.get(name, [])]


Members = list[Member]
Faults = Iterator[str]
Found = Iterator[tuple[Resource, str]]


def rule(
    *types: str, level: EnforcementLevel = MANDATORY
) -> Callable[[Callable[[Resource], Faults]], ResourceValidationPolicy]:
    """Make a rule about single resources of a function whose docstring states it.

    Args:
        types: that it is about; without any, it is about all.
        level: whether what breaks it can be deployed.
    """

    def made(check: Callable[[Resource], Faults]) -> ResourceValidationPolicy:
        def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
            if not types or args.resource_type in types:
                for fault in check(Resource(args)):
                    report(fault, None)

        return ResourceValidationPolicy(_name(check), _sentence(check), validate, level)

    return made


def stack_rule(*, level: EnforcementLevel = MANDATORY) -> Callable[[Callable[[Members], Found]], StackValidationPolicy]:
    """Make a rule about how the resources of a stack fit each other.

    Args:
        level: whether what breaks it can be deployed.
    """

    def made(check: Callable[[Members], Found]) -> StackValidationPolicy:
        def validate(args: StackValidationArgs, report: ReportViolation) -> None:
            for resource, fault in check([Member(one) for one in args.resources]):
                report(fault, resource.urn)

        return StackValidationPolicy(_name(check), _sentence(check), validate, level)

    return made


def of(members: Members, types: Collection[str]) -> Members:
    """Return those of some types."""
    return [one for one in members if one.type in types]


def _name(check: Callable[..., object]) -> str:
    return check.__name__.replace("_", "-")


def _sentence(check: Callable[..., object]) -> str:
    return (check.__doc__ or "").strip()


@cache
def _is_production(stack: str) -> bool:
    try:
        return load(stack).production
    except SettingsError:
        return True
