"""The texts of dunning: Django templates that are checked when a strategy is defined, and rendered when they leave."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal

from django.template import Context, Engine, Template, TemplateSyntaxError
from django.template.base import VariableNode

#: Without loaders and Django's request, a template can name only what it is given. It is text, so nothing is escaped.
_ENGINE = Engine(autoescape=False)


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What a text may name.

    Args:
        first_name: the borrower's.
        surname: the borrower's.
        loan: the loan's number.
        amount: what is past due, in dollars.
        days: the days past due.
        due_date: the oldest due date that is not covered.
        sender: whom the message comes from.
        opt_out: how to opt out, in a sentence.
    """

    first_name: str
    surname: str
    loan: str
    amount: Decimal
    days: int
    due_date: date
    sender: str
    opt_out: str


@dataclass(frozen=True, kw_only=True)
class Text:
    """A rendered message; the subject is one line, and empty where the channel has none."""

    subject: str
    body: str


def render(*, subject: str, body: str, facts: Facts) -> Text:
    """Return the text that templates make of the facts."""
    values = asdict(facts)
    return Text(subject=" ".join(_render(subject, values).split()), body=_render(body, values))


def fault(template: str) -> str:
    """Return what is wrong with a template, or empty: its syntax, or a name that is no fact."""
    try:
        parsed = _ENGINE.from_string(template)
    except TemplateSyntaxError as error:
        return str(error)
    unknown = sorted(_named(parsed) - Facts.__dataclass_fields__.keys())
    return f"it names {', '.join(unknown)}; known are {', '.join(Facts.__dataclass_fields__)}" if unknown else ""


def names(template: str, fact: str) -> bool:
    """Return whether a template says a fact."""
    return fact in _named(_ENGINE.from_string(template))


def _named(template: Template) -> set[str]:
    nodes = template.nodelist.get_nodes_by_type(VariableNode)
    variables = [getattr(node.filter_expression.var, "var", "") for node in nodes if isinstance(node, VariableNode)]
    return {name.partition(".")[0] for name in variables if isinstance(name, str) and name}


def _render(template: str, values: Mapping[str, object]) -> str:
    return _ENGINE.from_string(template).render(Context(values, autoescape=False))
