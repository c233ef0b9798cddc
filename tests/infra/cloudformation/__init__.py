"""Recorded resources as CloudFormation templates, so that cfn-lint holds them against AWS' own schemas."""

import json
from functools import cache

from cfnlint.api import lint
from cfnlint.config import ManualArgs
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from tests.infra.cloudformation.building import Verbatim, pairs
from tests.infra.cloudformation.shapes import ELSEWHERE, SHAPES

MADE_UP = "ids and ARNs of what another resource made are made up by the recorder"
__all__ = ["ELSEWHERE", "SHAPES", "faults", "template"]

REGION = "eu-west-1"
#: Rules of cfn-lint that say nothing here, and why.
IGNORED = {
    "E1150": MADE_UP,
    "E1151": MADE_UP,
    "E1154": MADE_UP,
    "E1156": MADE_UP,
    "E3511": MADE_UP,
    "W3010": "zones are named in the environment's file",
    "W3691": "a major version alone is no deprecated one: RDS takes its newest minor version",
}


def template(stacks):
    """Return one template of everything that CloudFormation knows of.

    Args:
        stacks: recorded resources by their stack's name.
    """
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Resources": {
            "".join(filter(str.isalnum, f"{stack} {one.type} {one.name}".title())): _resource(one)
            for stack, resources in stacks.items()
            for one in resources
            if one.type.removeprefix("aws:") in SHAPES
        },
    }


def faults(it):
    """Return what cfn-lint says of a template: the resource, the rule, the message."""
    found = lint(json.dumps(it), config=ManualArgs(regions=[REGION], ignore_checks=[*IGNORED]))
    return [(str(one.path[1]), one.rule.id, one.message) for one in found]


def _resource(one):
    shape = SHAPES[one.type.removeprefix("aws:")]
    inputs = {name: value for name, value in shape.built(one.inputs).items() if name not in shape.without}
    tags = {"tags": pairs(inputs["tags"], "key")} if "tags" in inputs else {}
    kind = f"AWS::{shape.kind}"
    spelling = _spelling(kind)
    named = {shape.names.get(name, name): value for name, value in (inputs | tags).items()}
    return {"Type": kind, "Properties": _spelt(named, spelling)}


def _spelt(value, spelling):
    if isinstance(value, dict) and not isinstance(value, Verbatim):
        return {spelling.get(name.lower(), name): _spelt(inner, spelling) for name, inner in value.items()}
    if isinstance(value, list):
        return [_spelt(inner, spelling) for inner in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


@cache
def _spelling(kind):
    """Return how AWS writes each property of a type, by its small letters: KMSKeyId here, KmsKeyId there."""
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, kind).schema
    return {name.lower(): name for name in _properties(schema)}


def _properties(schema):
    if isinstance(schema, dict):
        yield from schema["properties"] if isinstance(schema.get("properties"), dict) else ()
        for inner in schema.values():
            yield from _properties(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from _properties(inner)
