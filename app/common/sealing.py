"""Seals what nobody may read in the database, on its disk or in its backups: who somebody is, what account they have.

AES-SIV (RFC 5297) needs no nonce: equal texts of one column give equal bytes under one key, so that equal books have
equal checksums, and nothing can go wrong where two writers draw the same number. What is sealed is authenticated, and
opens only in the column it was sealed for. In front of it stand four bytes that name the key, so that each opening
tries one key, and everybody sees which keys are still needed.
"""

from base64 import b64decode
from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models

from common.exceptions import SealBrokenError, UnknownKeyError

#: AES-256-SIV takes two keys of 32 bytes: one for the text, one for its seal.
KEY_BYTES = 64
ID_BYTES = 4


class SealedField(models.BinaryField):  # type: ignore[type-arg]
    """A column of sealed bytes, sealed for `table.column`; `reseal` finds them all by this class."""


def seal(text: str, *, column: str) -> bytes:
    """Seal a text with the newest key.

    Args:
        text: what nobody may read.
        column: where it will be kept, as `table.column`.

    Raises:
        ImproperlyConfigured: there is no key, or one is none.
    """
    key_id = newest_key_id()
    return key_id + _keys()[key_id].encrypt(text.encode(), [column.encode()])


def unseal(sealed: bytes | memoryview, *, column: str) -> str:
    """Open what `seal` sealed for the same column, with whatever key it names.

    Raises:
        UnknownKeyError: that key is not among `MATINS_IDENTITY_KEYS`.
        SealBrokenError: the bytes were changed, or belong to another column.
    """
    sealed = bytes(sealed)
    key = _keys().get(sealed[:ID_BYTES])
    if key is None:
        raise UnknownKeyError(column, sealed[:ID_BYTES].hex())
    try:
        return key.decrypt(sealed[ID_BYTES:], [column.encode()]).decode()
    except InvalidTag as error:
        raise SealBrokenError(column) from error


def newest_key_id() -> bytes:
    """Return the four bytes in front of all that is sealed from now on."""
    return next(iter(_keys()))


def check_keys() -> None:
    """Refuse keys that cannot seal.

    Raises:
        ImproperlyConfigured: saying what to do; no key is repeated in it.
    """
    _keys()


def _keys() -> Mapping[bytes, AESSIV]:
    return _read(tuple(settings.MATINS_IDENTITY_KEYS))


@lru_cache(maxsize=16)
def _read(keys: tuple[str, ...]) -> Mapping[bytes, AESSIV]:
    """Return the keys by their ids, the newest first."""
    if not keys:
        raise ImproperlyConfigured("MATINS_IDENTITY_KEYS names no key: identities can be neither sealed nor opened.")
    found = [_key(number, text) for number, text in enumerate(keys, start=1)]
    return {sha256(key).digest()[:ID_BYTES]: AESSIV(key) for key in found}


def _key(number: int, text: str) -> bytes:
    try:
        key = b64decode(text, validate=True)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise ImproperlyConfigured(
            f"Key {number} of MATINS_IDENTITY_KEYS is not {KEY_BYTES} bytes in base64: "
            f"`openssl rand -base64 {KEY_BYTES} | tr -d '\\n'` makes one."
        )
    return key
