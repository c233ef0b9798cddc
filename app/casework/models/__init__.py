"""What casework keeps: cases and their queues and clocks; contacts, promises, plans and dunning."""

from casework.models.cases import Campaign, Case, CaseEvent, Outreach
from casework.models.contact import Channel, ContactAttempt, ContactPreference
from casework.models.dunning import Errand, Notice, Step, StepVersion, Strategy
from casework.models.plans import PaymentPlan, PlanInstalment
from casework.models.promises import Promise
from casework.models.queues import Agent, Queue, QueueRule
from casework.models.sla import Calendar, Holiday, OpeningHours, Sla

__all__ = [
    "Agent",
    "Calendar",
    "Campaign",
    "Case",
    "CaseEvent",
    "Channel",
    "ContactAttempt",
    "ContactPreference",
    "Errand",
    "Holiday",
    "Notice",
    "OpeningHours",
    "Outreach",
    "PaymentPlan",
    "PlanInstalment",
    "Promise",
    "Queue",
    "QueueRule",
    "Sla",
    "Step",
    "StepVersion",
    "Strategy",
]
