"""Defining how loans are dunned: what a file says anew is a new version, and what it no longer says ends."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction

from casework.definitions import StepDefinition, StrategyDefinition
from casework.exceptions import BadStrategyError
from casework.models import Step, StepVersion, Strategy
from loans.models import Product

_SAID = ("from_day", "to_day", "channel", "subject", "body", "minimum", "states")


@transaction.atomic
def define_strategy(definition: StrategyDefinition, *, defined_on: date) -> int:
    """Let the nights after a day go by a strategy; return how many of its steps are new, changed or ended.

    The same definition again changes nothing. A step that changes keeps its name: who has had it in this delinquency
    does not get it again.

    Args:
        definition: all of the strategy.
        defined_on: the business date.

    Raises:
        BadStrategyError: there is no such product, or it has a strategy.
    """
    strategy = _strategy(definition)
    current = {one.step.name: one for one in _versions(strategy).filter(ended_on=None)}
    said = {one.name: one for one in definition.steps}
    gone = [one for name, one in current.items() if name not in said or _differs(one, said[name])]
    new = [one for name, one in said.items() if name not in current or _differs(current[name], one)]
    for version in gone:
        version.ended_on = defined_on
    StepVersion.objects.bulk_update(gone, ["ended_on"])
    for one in new:
        _add(strategy, one, defined_on)
    return len({one.step.name for one in gone} | {one.name for one in new})


def _strategy(definition: StrategyDefinition) -> Strategy:
    product = Product.objects.filter(code=definition.product).first()
    if definition.product is not None and product is None:
        raise BadStrategyError(definition.code, f"there is no product {definition.product}")
    others = Strategy.objects.filter(product=product).exclude(code=definition.code)
    if taken := others.first():
        whose = f"product {product}" if product else "all products without one of their own"
        raise BadStrategyError(definition.code, f"{taken} is the strategy of {whose}")
    said = {"product": product, "sender": definition.sender, "opt_out": definition.opt_out}
    strategy, _ = Strategy.objects.update_or_create(code=definition.code, defaults=said)
    return strategy


def _versions(strategy: Strategy) -> Any:
    return StepVersion.objects.filter(step__strategy=strategy).select_related("step")


def _differs(version: StepVersion, said: StepDefinition) -> bool:
    return any(getattr(version, name) != value for name, value in _values(said).items())


def _values(said: StepDefinition) -> Mapping[str, Any]:
    return {name: getattr(said, name) for name in _SAID}


def _add(strategy: Strategy, said: StepDefinition, defined_on: date) -> None:
    step, _ = Step.objects.get_or_create(strategy=strategy, name=said.name)
    StepVersion.objects.create(step=step, version=step.versions.count() + 1, defined_on=defined_on, **_values(said))
