"""The account that the stand-ins keep: what exists in it, for as long as the process that serves it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

Properties = dict[str, Any]


@dataclass(kw_only=True)
class Held:
    """One resource that exists.

    Args:
        id: names it among all.
        type: e.g. `aws:ecs/service:Service`.
        urn: its name in the program's stack.
        inputs: as asked for last; who changes them here has changed the resource behind Pulumi's back.
        made: what only the provider knows: ARNs, endpoints.
    """

    id: str
    type: str
    urn: str
    inputs: Properties
    made: Properties

    @property
    def name(self) -> str:
        """Its name in the program."""
        return self.urn.rpartition("::")[2]

    @property
    def outputs(self) -> Properties:
        """All that can be read of it."""
        return {**self.made, **self.inputs}


class RefusedError(Exception):
    """The account does not do what it was asked, as AWS might not."""


@dataclass
class Account:
    """What exists, and what was done to it in which order.

    Args:
        held: resources by id.
        history: (`create`, `update` or `delete`, the resource's name) in order.
        refusals: names of resources that cannot be made or changed, with the reason.
    """

    held: dict[str, Held] = field(default_factory=dict)
    history: list[tuple[str, str]] = field(default_factory=list)
    refusals: dict[str, str] = field(default_factory=dict)
    _numbers: dict[str, int] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def next_id(self, type_: str) -> str:
        """Return an id that nothing has had, e.g. `service-0007`."""
        kind = type_.rpartition(":")[2].lower()
        with self._lock:
            self._numbers[kind] = self._numbers.get(kind, 0) + 1
            return f"{kind}-{self._numbers[kind]:04}"

    def create(self, held: Held) -> None:
        """Let it exist.

        Raises:
            RefusedError: a test said so.
        """
        with self._doing("create", held.name):
            self.held[held.id] = held

    def update(self, id_: str, inputs: Properties) -> Held:
        """Change it, and return it.

        Raises:
            RefusedError: it is not there, or a test said so.
        """
        held = self.get(id_)
        if held is None:
            raise RefusedError(f"{id_} does not exist")
        with self._doing("update", held.name):
            held.inputs = inputs
        return held

    def delete(self, id_: str) -> None:
        """Let it exist no more; what is not there stays away."""
        if held := self.get(id_):
            with self._doing("delete", held.name):
                del self.held[id_]

    def get(self, id_: str) -> Held | None:
        """Return what has this id, if anything has."""
        return self.held.get(id_)

    def of(self, type_: str) -> dict[str, Held]:
        """Return what exists of a type, by its name in the program."""
        return {held.name: held for held in list(self.held.values()) if held.type == type_}

    @contextmanager
    def _doing(self, what: str, name: str) -> Iterator[None]:
        with self._lock:
            if what != "delete" and name in self.refusals:
                raise RefusedError(self.refusals[name])
            self.history.append((what, name))
            yield
