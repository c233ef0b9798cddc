"""What a kind of rule is made of."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from compliance.exceptions import BadRuleError


class Parameters(BaseModel):
    """Base of what a kind takes; for those that take nothing, all of it."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True, kw_only=True)
class Check:
    """A kind of rule.

    Args:
        select: finds what is not as it should be; see the package.
        parameters: what the rule gives it, by name.
    """

    select: str
    parameters: type[Parameters] = Parameters

    def read(self, code: str, parameters: Mapping[str, Any]) -> Parameters:
        """Return a rule's parameters, checked.

        Raises:
            BadRuleError: one of them is missing, unknown or cannot be.
        """
        try:
            return self.parameters.model_validate(parameters)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            name = ".".join(map(str, first["loc"])) or "its parameters"
            raise BadRuleError(code, f"{name}: {first['msg']}") from error


#: The condition that a loan, `loan`, is still owed on the night.
OWED = """NOT EXISTS (
        SELECT FROM loans_closure closure WHERE closure.loan_id = loan.id AND closure.reopened_on IS NULL
        AND closure.closed_on < %(day)s
    )"""
