"""What loans were at the end of a month, and what bureaus were told."""

from credit_reporting.selectors.accounts import Account, accounts
from credit_reporting.selectors.files import newest_file, newest_report

__all__ = ["Account", "accounts", "newest_file", "newest_report"]
