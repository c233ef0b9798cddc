"""Ways to change a recorded resource so that it breaks a rule."""

import json
from collections.abc import Callable
from dataclasses import dataclass

from tests.infra.judging import Seen

SERVICE = "ecs/service:Service"


@dataclass(frozen=True)
class Break:
    """One way to break a rule.

    Args:
        rule: that is broken.
        at: stack, type and name of the resource that is changed.
        change: of it, given everything in its stack.
        says: the message.
        blames: the resource that the message is about.
        environment: whose.
    """

    rule: str
    at: tuple[str, str, str]
    change: Callable[[Seen, list], None]
    says: str
    blames: str
    environment: str


def broken(rule, at, says, *changes, blames="", environment="prod"):
    """Return a break for each change that a rule answers with the same words."""
    return [Break(rule, at, change, says, blames or at[2], environment) for change in changes]


def to(**inputs):
    """Change inputs; None takes one away."""

    def change(it, _all):
        it.inputs = _with(it.inputs, inputs)

    return change


def container(**keys):
    """Change keys of every container of a task; None takes one away."""
    return _each_container(lambda one: _with(one, keys))


def variable(name, value):
    """Give every container of a task one more variable."""
    return _each_container(lambda one: one | {"environment": [*one["environment"], {"name": name, "value": value}]})


def _each_container(changed):
    def change(it, _all):
        containers = json.loads(it.inputs["containerDefinitions"])
        it.inputs["containerDefinitions"] = json.dumps([changed(one) for one in containers])

    return change


def _with(mapping, changes):
    return {name: value for name, value in (mapping | changes).items() if value is not None}


def options(**given):
    """Change options."""

    def change(it, _all):
        for name, value in given.items():
            setattr(it.options, name, value)

    return change


def parameter(name, value):
    """Change one of a parameter group's parameters."""

    def change(it, _all):
        (one,) = [one for one in it.inputs["parameters"] if one["name"] == name]
        one["value"] = value

    return change


def a(kind):
    """Make it a resource of another type."""

    def change(it, _all):
        it.type = f"aws:{kind}"

    return change


def gone(it, everything):
    """Take it away."""
    everything.remove(it)


def scales(service):
    """Let a scalable target scale another service, or None that can be seen."""

    def change(it, everything):
        services = [one for one in everything if one.type == f"aws:{SERVICE}"]
        it.sources["resourceId"] = [one.urn for one in services if one.name == service]

    return change
