"""What casework writes: by hand and by night."""

from casework.services.agreements import define_calendar, define_sla, public_holidays
from casework.services.arrangements import (
    define_agent,
    define_campaign,
    define_queue,
    define_rule,
    end_campaign,
    end_rule,
)
from casework.services.by_hand import assign, close, open_case, pause, resume, snooze, wake
from casework.services.pre_delinquency import find_pre_delinquent
from casework.services.queue_assignment import assign_queues
from casework.services.slas import check_slas
from casework.services.unsnoozing import unsnooze

__all__ = [
    "assign",
    "assign_queues",
    "check_slas",
    "close",
    "define_agent",
    "define_calendar",
    "define_campaign",
    "define_queue",
    "define_rule",
    "define_sla",
    "end_campaign",
    "end_rule",
    "find_pre_delinquent",
    "open_case",
    "pause",
    "public_holidays",
    "resume",
    "snooze",
    "unsnooze",
    "wake",
]
