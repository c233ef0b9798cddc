"""What the board refuses, each with a sentence that says what to do next."""


class BoardError(Exception):
    """Base of every refusal of the board itself; those of the ledger and of the tenants are theirs."""


class NotAllowedError(BoardError):
    """The principal may see what it asks about, but not do this to it."""


class BadRequestError(BoardError):
    """An action lacks what it needs: a schedule, a date, a tenant."""
