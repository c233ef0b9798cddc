"""Numbers of bank accounts: kept sealed, opened where a debit is made."""

from common.sealing import seal, unseal

COLUMN = "payments_bankaccount.account_number"


def sealed_number(number: str) -> bytes:
    """Seal an account's number for `BankAccount`."""
    return seal(number, column=COLUMN)


def opened_number(blob: bytes | memoryview) -> str:
    """Open what `sealed_number` returned, as the accounts' column `account_number` holds it.

    Raises:
        UnknownKeyError: its key is not among `MATINS_IDENTITY_KEYS`.
        SealBrokenError: it is not what was sealed.
    """
    return unseal(blob, column=COLUMN)
