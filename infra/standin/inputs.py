"""What a provider's own Python types say of a resource: inputs it must have, may have, and of which type."""

import enum
import importlib
import inspect
import json
import re
import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import pulumi
from pulumi import _types

#: The provider's name in a type's token, and its Python package.
PACKAGES = {"aws": "pulumi_aws", "grafana": "pulumiverse_grafana"}
MODULES = re.compile(r'resource_modules="""\s*(\[.*?\])\s*"""', re.DOTALL)
#: What stands for a value that a preview does not know.
UNKNOWN = pulumi.runtime.rpc.UNKNOWN

Fault = tuple[str, str]


class UnknownTypeError(LookupError):
    """The provider has no resource of this type."""


def faults(token: str, inputs: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield where inputs are missing, unknown to the provider or of another type: the property's path and why.

    Args:
        token: the resource's type, e.g. `aws:ecs/service:Service`.
        inputs: with `UNKNOWN` where a preview does not know.

    Raises:
        UnknownTypeError: there is no such resource.
    """
    yield from _in_fields(inputs, _args_of(resource_class(token)), "")


@cache
def resource_class(token: str) -> type:
    """Return the class of a type.

    Raises:
        UnknownTypeError: there is none.
    """
    module, name = _classes(token.partition(":")[0]).get(token, ("", ""))
    if not module:
        raise UnknownTypeError(f"There is no {token}.")
    found: type = getattr(importlib.import_module(module), name)
    return found


@cache
def outputs_only(token: str) -> Mapping[str, Any]:
    """Return what the provider tells of a resource and nobody gives it, with its type."""
    cls = resource_class(token)
    given = _types.input_type_types(_args_of(cls))
    return {name: kind for name, kind in _types.resource_types(cls).items() if name not in given}


@cache
def _classes(package: str) -> Mapping[str, tuple[str, str]]:
    module = importlib.import_module(PACKAGES[package])
    found = MODULES.search(inspect.getsource(module))
    rows = json.loads(found[1]) if found else []
    return {token: (row["fqn"], name) for row in rows for token, name in row["classes"].items()}


@cache
def _args_of(cls: type) -> type:
    """Return the type of a resource's inputs; it has another name where a nested type has taken its own."""
    module = importlib.import_module(cls.__module__)
    found: type = getattr(module, f"{cls.__name__}InitArgs", None) or getattr(module, f"{cls.__name__}Args")
    return found


@cache
def _required(args: type) -> frozenset[str]:
    names = _types.input_type_py_to_pulumi_names(args)
    parameters = list(inspect.signature(args).parameters.values())
    return frozenset(names[one.name] for one in parameters if one.default is inspect.Parameter.empty)


@cache
def _fields(args: type) -> Mapping[str, Any]:
    return _types.input_type_types(args)


def _in_fields(value: Mapping[str, Any], args: type, path: str) -> Iterator[Fault]:
    fields = _fields(args)
    for name in sorted(_required(args) - value.keys()):
        yield _join(path, name), "is missing"
    for name, inner in value.items():
        if name in fields:
            yield from _in_value(inner, fields[name], _join(path, name))
        elif not name.startswith("__"):  # The engine's own.
            yield _join(path, name), "is no property the provider knows"


def _in_value(value: Any, kind: Any, path: str) -> Iterator[Fault]:
    """Yield the faults of the alternative that fits best: most have but one."""
    if value is None or value == UNKNOWN:
        return
    found = [list(_in_alternative(value, one, path)) for one in _alternatives(kind)]
    if found:
        yield from min(found, key=len)


def _in_alternative(value: Any, kind: Any, path: str) -> Iterator[Fault]:
    origin, inner = typing.get_origin(kind) or kind, typing.get_args(kind)
    if _is_class(origin) and _types.is_input_type(origin):
        yield from _in_fields(value, origin, path) if isinstance(value, dict) else [_wrong(value, origin, path)]
    elif origin in (Sequence, list):
        yield from _in_list(value, inner, path)
    elif origin in (Mapping, dict):
        yield from _in_map(value, inner, path)
    elif not _fits(value, origin):
        yield _wrong(value, origin, path)


def _in_list(value: Any, inner: Sequence[Any], path: str) -> Iterator[Fault]:
    if not isinstance(value, list):
        yield path, f"is {_name(type(value))}, not a list"
        return
    for index, item in enumerate(value):
        yield from _in_value(item, inner[0], f"{path}[{index}]")


def _in_map(value: Any, inner: Sequence[Any], path: str) -> Iterator[Fault]:
    if not isinstance(value, dict):
        yield path, f"is {_name(type(value))}, not a map"
        return
    for key, item in value.items():
        yield from _in_value(item, inner[1], f"{path}[{key!r}]")


def _alternatives(kind: Any) -> list[Any]:
    """Return what a value may be, without the ways in which Python may hand it over later."""
    if typing.get_origin(kind) not in (typing.Union, types.UnionType):
        return [kind]
    plain = [one for one in typing.get_args(kind) if not _is_later(one)]
    return [alternative for one in plain for alternative in _alternatives(one)]


def _is_later(kind: Any) -> bool:
    origin = typing.get_origin(kind) or kind
    return origin in (type(None), pulumi.Output, typing.get_origin(typing.Awaitable[Any])) or typing.is_typeddict(kind)


def _fits(value: Any, kind: Any) -> bool:
    """Whether a value of JSON is of a type: whole numbers arrive as floats."""
    if kind is bool:
        return isinstance(value, bool)
    if kind in (int, float):
        is_number = isinstance(value, float | int) and not isinstance(value, bool)
        return is_number and (kind is float or float(value).is_integer())
    if _is_class(kind) and issubclass(kind, enum.Enum):
        return value in [member.value for member in kind]
    return isinstance(value, str) if kind is str else True


def _is_class(kind: Any) -> bool:
    return isinstance(kind, type)


def _wrong(value: Any, kind: Any, path: str) -> Fault:
    return path, f"is {_name(type(value))}, not {_name(kind)}"


def _name(kind: Any) -> str:
    return {str: "a text", bool: "true or false", float: "a number", int: "a whole number", list: "a list"}.get(
        kind, f"a {getattr(kind, '__name__', kind)}"
    )


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
