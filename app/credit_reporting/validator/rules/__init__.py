"""What fields must say together: within a segment, against the calendar, and against last month."""

from credit_reporting.validator.rules import attached, base  # noqa: F401 - importing them registers their rules.
from credit_reporting.validator.rules.rule import RULES, Parts, Rule, RuleBook, day

__all__ = ["RULES", "Parts", "Rule", "RuleBook", "day"]
