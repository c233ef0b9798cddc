"""The document of a statement, with whom it goes to on it, and as PDF."""

import io
import zipfile
from datetime import date
from decimal import Decimal

import pytest
from msgspec.structs import replace
from pypdf import PdfReader

from loans.identity import Identity
from statements import archives
from statements.letters import addressee, letter
from statements.models import Statement
from statements.paper import pdf
from statements.rendering import dollars, html
from statements.selectors.lines import Line

D = Decimal
JANE = Identity(
    surname="Doe",
    first_name="Jane",
    address_1="1 Main St",
    city="Springfield",
    state="IL",
    zip="62701",
    ssn="900010001",
)


def line(kind="payment", day=date(2024, 1, 5), **options):
    defaults = {"in_period": True, "this_year": True, "is_earlier": False, "is_reversal": False}
    return Line(kind=kind, day=day, **{**defaults, **options})


def statement(**figures):
    zeros = {
        field.name: D("0.00")
        for field in Statement._meta.fields
        if field.get_internal_type() == "DecimalField" and field.name not in figures
    }
    period = {"period_start": date(2024, 1, 1), "period_end": date(2024, 1, 31)}
    return Statement(**zeros, **{**period, **figures})


def text(document, **options):
    """Return the PDF's text, page by page."""
    reader = PdfReader(io.BytesIO(pdf(document, issued_on=date(2024, 2, 1), **options)))
    return [page.extract_text() for page in reader.pages]


@pytest.fixture
def ordinary():
    """A month of a loan that paid."""
    figures = statement(
        opening=D("1000.00"),
        interest=D("5.83"),
        payments=D("88.85"),
        closing=D("916.98"),
        principal_owed=D("916.98"),
        next_due=date(2024, 2, 1),
        scheduled=D("88.85"),
        amount_due=D("88.85"),
        interest_ytd=D("5.83"),
    )
    lines = [
        line(principal=D("-83.02"), interest=D("-5.83")),
        line(
            "interest",
            date(2024, 1, 31),
            interest=D("5.83"),
            first_day=date(2024, 1, 1),
            rate=D("0.07000000"),
            days=31,
        ),
    ]
    return html(figures, number="L1", lines=lines)


def test_the_pdf_has_the_figures_of_the_document(ordinary):
    (page,) = text(letter(ordinary, sender="Acme Lending", identity=JANE))
    for said in (
        "Acme Lending",
        "Jane Doe",
        "1 Main St",
        "Springfield IL 62701",
        "Loan L1",
        "Period 01/01/2024 to 01/31/2024",
        "Balance at the beginning $1,000.00",
        "Payments -$88.85",
        "Balance at the end $916.98",
        "Amount due on 02/01/2024 $88.85",
        "Interest 01/01/2024 to 01/31/2024 at 7% a year $5.83",
        "01/05/2024 Payment -$88.85",
        "Page 1 of 1",
    ):
        assert said in page
    assert "900010001" not in page


def test_the_same_document_makes_the_same_pdf(ordinary):
    first, second = (pdf(ordinary, issued_on=date(2024, 2, 1)) for _ in range(2))
    assert first == second
    assert PdfReader(io.BytesIO(first)).metadata.creation_date.date() == date(2024, 2, 1)
    assert pdf(ordinary.replace("916.98", "916.99"), issued_on=date(2024, 2, 1)) != first


def test_a_long_list_of_transactions_goes_over_several_pages():
    lines = [line(day=date(2024, 1, 1 + n % 31), principal=D(-n)) for n in range(150)]
    pages = text(html(statement(closing=sum(one.amount for one in lines)), number="L1", lines=lines))
    assert len(pages) > 2
    assert sum(page.count(" Payment ") for page in pages) == 150


def test_names_and_numbers_cannot_bring_markup_into_the_document(ordinary):
    evil = "<script>alert('x')</script>&amp;\"<!-- letterhead -->"
    identity = replace(JANE, surname=evil, address_1=evil)
    document = letter(html(statement(), number=evil, lines=[]), sender=evil, identity=identity)
    assert "<script" not in document
    assert document.count("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;amp;") == 5
    (page,) = text(letter(ordinary, sender="Acme", identity=identity))
    assert "<script>alert('x')</script>&amp;" in page


def test_a_name_in_other_letters_is_transliterated_in_the_pdf(ordinary):
    identity = replace(JANE, surname="Müller-Łukasz 李")
    assert "Jane Müller-Lukasz Li" in text(letter(ordinary, sender="Acme", identity=identity))[0]


def test_of_an_address_what_is_unknown_leaves_no_line():
    assert addressee(Identity()) == []
    assert addressee(Identity(surname="Doe", generation="Jr.", zip="62701")) == ["Doe Jr.", "62701"]


def test_the_document_itself_names_nobody(ordinary):
    assert "letterhead" in ordinary
    assert "Acme" not in ordinary
    assert "Doe" not in ordinary


def test_who_is_more_than_45_days_late_is_told_so_unless_bankrupt():
    late = {"oldest_due": date(2023, 12, 17), "past_due": D("20.00"), "amount_due": D("20.00")}
    notice = "You are late on your payments"
    assert notice in html(statement(**late), number="L1", lines=[])
    assert "past due for 46 days, since\n12/17/2023" in html(statement(**late), number="L1", lines=[])
    assert notice not in html(statement(**{**late, "oldest_due": date(2023, 12, 18)}), number="L1", lines=[])
    bankrupt = html(statement(**late, variant="bankruptcy"), number="L1", lines=[])
    assert notice not in bankrupt
    assert "Amount due" not in bankrupt
    assert "not an attempt to collect a debt" in bankrupt


def test_how_a_loan_ended_is_said_in_place_of_what_is_due():
    ended = html(statement(ending="fully paid"), number="L1", lines=[])
    assert "paid in full" in ended
    assert "Amount due" not in ended
    assert "Notice of Charge Off" in html(statement(ending="charged off"), number="L1", lines=[])


def test_what_no_line_tells_of_has_a_line_of_its_own():
    late = html(statement(adjustments=D("0.07"), closing=D("0.07")), number="L1", lines=[])
    assert 'Booked after the last statement (adjustment)</td>\n<td align="right">$0.07' in late


def test_lines_say_what_they_are():
    lines = [
        line("payment", is_earlier=True, principal=D("-1.00")),
        line("payment", is_reversal=True, principal=D("2.00")),
        line("payment", recovered=D("3.00")),
        line("payment reversal", principal=D("4.00")),
        line("deferred interest", interest=D("5.00")),
    ]
    document = html(statement(closing=D("10.00")), number="L1", lines=lines)
    for said in (
        'Payment (adjustment)</td><td align="right">-$1.00',
        'Payment, corrected</td><td align="right">$2.00',
        'Payment, $3.00 after charge-off</td><td align="right">$0.00',
        'Payment returned</td><td align="right">$4.00',
        'Deferred interest</td><td align="right">$5.00',
    ):
        assert said in document


@pytest.mark.parametrize(("amount", "told"), [("0", "$0.00"), ("-1234.5", "-$1,234.50"), ("1e6", "$1,000,000.00")])
def test_amounts_are_told_in_dollars(amount, told):
    assert dollars(D(amount)) == told


def test_an_archive_is_the_same_whenever_it_is_packed_and_opens_with_any_tool(ordinary):
    packed = archives._pack([("L/1", ordinary), ("L 2", "<p>")])
    assert packed == archives._pack([("L/1", ordinary), ("L 2", "<p>")])
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["L%2F1.html", "L 2.html"]
        assert archive.read("L%2F1.html").decode() == ordinary
