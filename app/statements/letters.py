"""A statement on its way to somebody: the document with sender and addressee on it."""

from loans.identity import Identity
from statements.rendering import letterhead

_MARK = "<!-- letterhead -->"


def addressee(identity: Identity) -> list[str]:
    """Return the lines of an address, without those of which nothing is known."""
    place = " ".join(filter(None, [identity.city, identity.state, identity.zip]))
    return [line for line in (identity.name, identity.address_1, identity.address_2, place) if line]


def letter(document: str, *, sender: str, identity: Identity) -> str:
    """Return the document (HTML) with who sends it and who gets it, both escaped."""
    return document.replace(_MARK, letterhead(sender, addressee(identity)), 1)
