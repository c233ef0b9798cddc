"""Why an ACH file is not written or not taken; every message says what to do next."""

from payments.processors.exceptions import BadDebitError, ProcessorError


class BadRoutingNumberError(BadDebitError):
    """A routing number is not nine digits with a right check digit."""


class BadAccountError(BadDebitError):
    """An account number does not fit its field."""


class BadAmountError(BadDebitError):
    """An amount is not a positive number of cents that fits its field."""


class BadNameError(BadDebitError):
    """A name or an identification cannot be written with the characters of ACH."""


class BadNumberError(BadDebitError):
    """Two debits would bear the same trace number, or one has none."""


class BadOriginatorError(ProcessorError):
    """The company or its bank cannot be written into a file."""


class BadSubmissionError(ProcessorError):
    """The debits of one submission do not make a file: none, too many, too much, or a key no file can be named by."""


class BadFileError(ProcessorError):
    """A file will not do; nothing of it was taken."""


class BadRecordError(BadFileError):
    """A record has the wrong length, kind, place or content."""


class BadTotalsError(BadFileError):
    """A file's counts, hash or totals are not those of its entries: it was altered or cut off on the way."""


class UnknownReturnCodeError(BadFileError):
    """Entries came back with a return code that is not in the catalogue."""


class ForeignFileError(BadFileError):
    """A file returns the entries of another company."""
