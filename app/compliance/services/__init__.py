"""What changes compliance's rows: the night's checks and polls, and what operators enter."""

from compliance.services.checking import check_rule, summarize
from compliance.services.defining import define_engine, define_rule
from compliance.services.expiring import check_expirations
from compliance.services.polling import begin_poll, end_poll
from compliance.services.recording import answer_dispute, end_status, record_dispute, record_licence, record_status
from compliance.services.securing import continue_lien, file_lien, insure, release

__all__ = [
    "answer_dispute",
    "begin_poll",
    "check_expirations",
    "check_rule",
    "continue_lien",
    "define_engine",
    "define_rule",
    "end_poll",
    "end_status",
    "file_lien",
    "insure",
    "record_dispute",
    "record_licence",
    "record_status",
    "release",
    "summarize",
]
