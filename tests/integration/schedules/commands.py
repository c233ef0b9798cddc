"""Typing the night's commands as an operator does, and reading what they print and leave."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from schedules.models import OutboxMessage, QuarantinedItem, Registration, Run, Window

LEDGER = (Registration, Window, Run, QuarantinedItem, OutboxMessage)


def run(*words):
    """Run a command and return what it prints."""
    out = StringIO()
    call_command(*words, stdout=out, no_color=True)
    return out.getvalue()


def refused(*words):
    """Return the one line with which a command refuses."""
    with pytest.raises(CommandError) as refusal:
        run(*words)
    message = str(refusal.value)
    assert "\n" not in message
    return message


def ledger():
    """Return every row of the ledger."""
    return [list(model.objects.order_by("pk").values()) for model in LEDGER]


def fail(schedule_name, schema_name="acme"):
    """Let a tenant's runs of a schedule have failed."""
    runs = Run.objects.filter(window__schedule=schedule_name, tenant__schema_name=schema_name)
    runs.update(state="failed", failures=4, reason="RuntimeError: the till is short")
