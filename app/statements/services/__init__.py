"""What writes statements, stores them, and lets them leave."""

from statements.services.choosing import set_cycle, set_electronic
from statements.services.documents import restore, write_html, write_pdf
from statements.services.issuing import issue_statements

__all__ = ["issue_statements", "restore", "set_cycle", "set_electronic", "write_html", "write_pdf"]
