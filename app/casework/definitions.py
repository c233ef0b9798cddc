"""Strategies as people write them: one TOML file each, checked as a whole before anything is defined."""

import tomllib
from decimal import Decimal
from email.utils import parseaddr
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from casework import texts, zones
from casework.exceptions import BadStrategyError

#: Those who communicate by these must say how to opt out in every message (12 CFR 1006.6(e)).
SAYS_HOW_TO_OPT_OUT = ("email", "sms")


def _template(text: str) -> str:
    if reason := texts.fault(text):
        raise ValueError(reason)
    return text


def _state(text: str) -> str:
    if text not in zones.STATES:
        raise ValueError(f"{text!r} is no state as the post abbreviates it")
    return text


def _sender(text: str) -> str:
    if "@" not in parseaddr(text)[1]:
        raise ValueError(f"{text!r} has no e-mail address")
    return text


class StepDefinition(BaseModel):
    """One step, as its table in the file says."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=40)]
    from_day: Annotated[int, Field(ge=1, le=32_767)]
    to_day: Annotated[int | None, Field(le=32_767)] = None
    channel: Literal["email", "sms", "letter", "call"]
    subject: Annotated[str, Field(max_length=200), AfterValidator(_template)] = ""
    body: Annotated[str, AfterValidator(_template)]
    minimum: Annotated[Decimal, Field(ge=0, max_digits=14, decimal_places=2)] = Decimal("0.00")
    states: list[Annotated[str, AfterValidator(_state)]] = []

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.to_day is not None and self.to_day < self.from_day:
            raise ValueError(f"step {self.name} ends before it begins")
        if self.channel == "email" and not self.subject:
            raise ValueError(f"step {self.name} has no subject")
        if self.channel in SAYS_HOW_TO_OPT_OUT and not texts.names(self.body, "opt_out"):
            raise ValueError(f"step {self.name} must say {{{{ opt_out }}}}: 12 CFR 1006.6(e)")
        return self


class StrategyDefinition(BaseModel):
    """A whole file."""

    model_config = ConfigDict(extra="forbid")

    code: Annotated[str, Field(min_length=1, max_length=40)]
    #: The code of the product whose loans it is for; for all that have none of their own when absent.
    product: str | None = None
    sender: Annotated[str, Field(max_length=200), AfterValidator(_sender)]
    opt_out: Annotated[str, Field(min_length=1, max_length=200)]
    steps: list[StepDefinition]

    @model_validator(mode="after")
    def _is_a_ladder(self) -> Self:
        for what in ("name", "from_day"):
            values = [getattr(step, what) for step in self.steps]
            if twice := sorted({value for value in values if values.count(value) > 1}):
                raise ValueError(f"two steps have the {what} {twice[0]}: a loan takes one step a night")
        return self


def read_strategy(path: Path) -> StrategyDefinition:
    """Read a strategy's file.

    Raises:
        BadStrategyError: it cannot be read, or does not say what a strategy needs.
    """
    try:
        return StrategyDefinition.model_validate(tomllib.loads(path.read_text()))
    except ValidationError as error:
        raise BadStrategyError(path.name, _told(error.errors()[0])) from error
    except (OSError, ValueError) as error:
        raise BadStrategyError(path.name, str(error)) from error


def _told(error: Any) -> str:
    where = ".".join(str(part) for part in error["loc"])
    said = str(error["msg"]).removeprefix("Value error, ")
    return f"{where}: {said}" if where else said
