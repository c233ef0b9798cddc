"""A document on paper: HTML as PDF.

Imported only where a PDF is made: the library takes two seconds of processor time, a third of the start of a process.
"""

from datetime import UTC, date, datetime, time

from anyascii import anyascii
from fpdf import FPDF, TextStyle

_BODY, _END = "<body>", "</body>"
_INK = "#1a1a1a"
_MARGIN_MM = 18
_TEXT = 9.5
_FONT = "Helvetica"
_HEADINGS = {
    "h1": TextStyle(color=_INK, font_size_pt=16, t_margin=2, b_margin=1),
    # Not bold: what begins with it would leave all tables after it bold.
    "h3": TextStyle(color=_INK, font_size_pt=10.5, t_margin=2, b_margin=1),
    "h2": TextStyle(color=_INK, font_size_pt=11.5, t_margin=4, b_margin=1),
}


def pdf(document: str, *, issued_on: date) -> bytes:
    """Return a document (HTML) as PDF: of one document always the same bytes, with one version of the library."""
    paper = _Paper(format="letter")
    paper.set_creation_date(datetime.combine(issued_on, time(), UTC))
    paper.set_title("Statement")
    paper.set_margin(_MARGIN_MM)
    paper.add_page()
    paper.set_font(_FONT, size=_TEXT)
    body = document.partition(_BODY)[2].partition(_END)[0]
    paper.write_html(_printable(body), tag_styles=_HEADINGS, table_line_separators=True)
    return bytes(paper.output())


class _Paper(FPDF):
    """Pages that are numbered."""

    def footer(self) -> None:
        """Number the page."""
        self.set_y(-_MARGIN_MM)
        self.set_font(_FONT, size=8)
        self.cell(0, 10, f"Page {self.page_no()} of {{nb}}", align="R")


def _printable(text: str) -> str:
    """Return text in the characters that every PDF reader has a font for; others are transliterated."""
    return "".join(char if ord(char) < 0x100 else anyascii(char) for char in text)  # noqa: PLR2004 - Latin-1
