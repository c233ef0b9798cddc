"""The commands of statements, as operators give them."""

import io
from datetime import UTC, date, datetime

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django_tenants.utils import schema_context
from pypdf import PdfReader

from common import clock
from statements.models import ElectronicConsent, Statement, StatementCycle
from tests.integration.payments.money import accrue, lend
from tests.integration.statements.issued import issue


@pytest.fixture(autouse=True)
def acme(make_tenant):
    """A tenant with one statement, on the day after its issue."""
    clock.set_to(datetime(2024, 2, 2, 9, tzinfo=UTC))
    make_tenant("acme", enabled_at=clock.now())
    with schema_context("acme"):
        lend()
        accrue(date(2024, 1, 31))
        issue(date(2024, 2, 1))


def say(command, *arguments):
    out = io.StringIO()
    call_command(command, "--tenant", "acme", "--loan", "L1", *arguments, stdout=out)
    return out.getvalue().strip()


TOLD = "loan L1, 2024-01-01 to 2024-01-31, closing balance 100.56, due 17.01."


def test_a_statement_is_written_as_pdf_and_html(tmp_path):
    pdf, html = tmp_path / "a.pdf", tmp_path / "a.html"
    said = say("statement", "--period-end", "2024-01-31", "--pdf", str(pdf), "--html", str(html))
    assert said == f"{pdf}: {TOLD}\n{html}: {TOLD}"
    assert "Balance at the end $100.56" in PdfReader(pdf).pages[0].extract_text()
    assert "$100.56" in html.read_text()


def test_without_a_file_it_is_told():
    assert say("statement", "--period-end", "2024-01-31") == TOLD


def test_what_is_lost_is_restored():
    with schema_context("acme"):
        name = Statement.objects.get().stored_in
    default_storage.delete(name)
    with pytest.raises(CommandError, match=r"is not in acme/statements/.*: bring the file back"):
        say("statement", "--period-end", "2024-01-31", "--pdf", "/dev/null")
    assert say("statement", "--period-end", "2024-01-31", "--restore") == f"1 documents of {name} are made again."
    assert default_storage.exists(name)


def test_a_statement_that_is_not_there_is_refused():
    with pytest.raises(CommandError, match="Loan L1 has no statement through 2024-02-29"):
        say("statement", "--period-end", "2024-02-29")


def test_a_cycle_and_a_channel_are_chosen_or_rehearsed():
    chosen = ["--cycle", "quarterly", "--email"]
    assert say("set_statements", *chosen, "--dry-run").startswith("Rehearsed only, nothing is kept")
    assert say("set_statements", *chosen) == "Statements of loan L1 come quarterly and by e-mail."
    with schema_context("acme"):
        cycle = StatementCycle.objects.get()
        assert (cycle.cycle, cycle.starts_on) == ("quarterly", date(2024, 2, 2))
        assert ElectronicConsent.objects.get().given_on == date(2024, 2, 2)
    assert say("set_statements", "--paper") == "Statements of loan L1 come on paper."


@pytest.mark.parametrize(
    ("arguments", "refusal"),
    [
        ([], "Nothing is chosen"),
        (["--cycle", "monthly"], "Loan L1 has monthly statements already"),
        (["--cycle", "weekly"], "invalid choice"),
        (["--email", "--paper"], "not allowed with"),
    ],
)
def test_refusals_are_one_line(arguments, refusal):
    with pytest.raises(CommandError, match=refusal):
        say("set_statements", *arguments)


def test_an_unknown_loan_is_refused():
    with pytest.raises(CommandError, match="There is no loan L2"):
        call_command("set_statements", "--tenant", "acme", "--loan", "L2", "--paper")
