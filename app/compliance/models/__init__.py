"""What compliance keeps: rules and findings, outside monitors and what they report, licences, disputes, and liens."""

from compliance.models.engines import Engine, Report
from compliance.models.facts import Dispute, Licence
from compliance.models.liens import Continuation, Lien, LienAlert, Release
from compliance.models.rules import Finding, FindingChange, Rule, Severity

__all__ = [
    "Continuation",
    "Dispute",
    "Engine",
    "Finding",
    "FindingChange",
    "Licence",
    "Lien",
    "LienAlert",
    "Release",
    "Report",
    "Rule",
    "Severity",
]
