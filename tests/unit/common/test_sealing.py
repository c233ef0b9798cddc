"""What is sealed opens where it was sealed, with the key it names, and nowhere and with nothing else."""

from base64 import b64encode

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings

from common.exceptions import SealBrokenError, UnknownKeyError
from common.sealing import newest_key_id, seal, unseal

OLD, NEW = (b64encode(bytes([n]) * 64).decode() for n in (1, 2))
COLUMN = "loans_borrower.identity"


def keys(*names):
    return override_settings(MATINS_IDENTITY_KEYS=list(names))


def test_equal_texts_of_a_column_give_equal_bytes_and_others_others():
    assert seal("Doe", column=COLUMN) == seal("Doe", column=COLUMN)
    assert len({seal("Doe", column=COLUMN), seal("Roe", column=COLUMN), seal("Doe", column="other.column")}) == 3
    assert b"Doe" not in seal("Doe", column=COLUMN)


@pytest.mark.parametrize("text", ["", "Doe", "Åsa Ñuñez 李", "x" * 10_000])
def test_what_was_sealed_opens(text):
    assert unseal(memoryview(seal(text, column=COLUMN)), column=COLUMN) == text


def test_a_newer_key_seals_and_an_older_one_still_opens():
    with keys(OLD):
        before = seal("Doe", column=COLUMN)
        assert before[:4] == newest_key_id()
    with keys(NEW, OLD):
        after = seal("Doe", column=COLUMN)
        assert (unseal(before, column=COLUMN), unseal(after, column=COLUMN)) == ("Doe", "Doe")
        assert before[:4] != after[:4] == newest_key_id()


def test_without_its_key_a_value_stays_closed_and_the_key_is_named():
    with keys(OLD):
        value = seal("Doe", column=COLUMN)
    with keys(NEW), pytest.raises(UnknownKeyError, match=f"sealed with the key {value[:4].hex()}, which is not among"):
        unseal(value, column=COLUMN)


@pytest.mark.parametrize("place", [4, 20, -1])
def test_a_changed_byte_breaks_the_seal(place):
    value = bytearray(seal("Doe", column=COLUMN))
    value[place] ^= 1
    with pytest.raises(SealBrokenError, match="was changed, or copied from another column"):
        unseal(bytes(value), column=COLUMN)


def test_a_value_does_not_open_in_another_column():
    with pytest.raises(SealBrokenError):
        unseal(seal("Doe", column=COLUMN), column="payments_bankaccount.account_number")


def test_without_any_key_nothing_is_sealed():
    with keys(), pytest.raises(ImproperlyConfigured, match="names no key"):
        seal("Doe", column=COLUMN)
