"""Who somebody is: kept sealed, opened where it is needed, and shown to nobody by accident."""

import json
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from pydantic import TypeAdapter, ValidationError

from common.exceptions import SealBrokenError
from common.sealing import seal, unseal

COLUMN = "loans_borrower.identity"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Identity:
    """A natural person as the source names them; what it does not say is empty.

    Args:
        generation: Jr., Sr., II, III …
        ssn: the nine digits of the Social Security number, and nothing else.
        phone: ten digits, and nothing else.
        state: two letters.
        zip: five digits, or nine.
        synthetic: made up by Matins; no such person is meant.
    """

    surname: str = ""
    first_name: str = ""
    middle_name: str = ""
    generation: str = ""
    ssn: str = ""
    birth_date: date | None = None
    phone: str = ""
    email: str = ""
    address_1: str = ""
    address_2: str = ""
    city: str = ""
    state: str = ""
    zip: str = ""
    synthetic: bool = False

    def __repr__(self) -> str:
        """Tell what is known, and never what it is: a repr ends up in logs and in tracebacks."""
        return f"<Identity of {', '.join(_known(self)) or 'nobody known'}>"

    @property
    def name(self) -> str:
        """The whole name, as on an envelope."""
        return " ".join(filter(None, (self.first_name, self.middle_name, self.surname, self.generation)))


NOBODY = Identity()
_NAMES = tuple(field.name for field in fields(Identity))
# Text to identity in one step, for a month's file opens every borrower: a third of what json and __init__ take.
_IDENTITY = TypeAdapter(Identity)


def sealed(identity: Identity) -> bytes:
    """Seal an identity for a borrower; nothing known is no bytes.

    Equal identities give equal bytes (`common.sealing`), and a field that is added later changes none.
    """
    said: dict[str, Any] = _known(identity)
    if not said:
        return b""
    if identity.birth_date:
        said["birth_date"] = identity.birth_date.isoformat()
    return seal(json.dumps(said, ensure_ascii=False, separators=(",", ":")), column=COLUMN)


def opened(blob: bytes | memoryview) -> Identity:
    """Open what `sealed` returned, as the borrowers' column `identity` holds it.

    Raises:
        UnknownKeyError: its key is not among `MATINS_IDENTITY_KEYS`.
        SealBrokenError: it is not what was sealed.
    """
    if not blob:
        return NOBODY
    text = unseal(blob, column=COLUMN)
    try:
        return _IDENTITY.validate_json(text)
    except ValidationError:
        raise SealBrokenError(COLUMN) from None  # Pydantic's error quotes who it is, and a traceback would show it.


def _known(identity: Identity) -> dict[str, Any]:
    """Return the fields that say something, by name and in order."""
    return {name: value for name in _NAMES if (value := getattr(identity, name))}
