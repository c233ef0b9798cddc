"""The ACH processor: debits leave as files in a storage's outbox, and returns are read from its inbox.

What carries the files between the storage and the bank is the operator's: an SFTP gateway, a bank's agent. It copies
what is in `<folder>/outbox` and leaves it there, for a file that is gone counts as never sent; those of the bank it
puts, unchanged and each under a name of its own, into `<folder>/inbox`.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from django.core.files.base import ContentFile
from django.core.files.storage import Storage

from payments.ach.exceptions import BadFileError, BadSubmissionError
from payments.ach.layouts import RECORD_LENGTH
from payments.ach.reading import read_file
from payments.ach.returns import ReturnFile, read_return_file
from payments.ach.writing import check_debit, debit_file
from payments.processors.exceptions import KeyReusedError, UnknownOutcomeError
from payments.processors.port import Correction, Debit, Originator, Receipt, Refusal, Return, ReturnPage, Submission

_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


class AchProcessor:
    """Implements `payments.processors.port.PaymentProcessor` with files.

    Args:
        originator: who collects.
        storage: where the files are; a save must not overwrite, or must be atomic (object stores).
        folder: the tenant's folder in it.
    """

    def __init__(self, *, originator: Originator, storage: Storage, folder: str) -> None:
        self.originator = originator
        self.storage = storage
        self.folder = folder

    def check(self, debit: Debit) -> None:
        """Refuse a debit that could not be written (see the port)."""
        check_debit(debit)

    def submit(self, submission: Submission) -> Receipt:
        """Store the debits' file under the key's name; a file that is there already stands (see the port)."""
        data = debit_file(self.originator, submission)
        stored = self._accepted(submission.key)
        if stored is None:
            self._store(self._outbox(submission.key), data)
        elif _but_header(stored) != _but_header(data):
            raise KeyReusedError(
                f"{submission.key} stands for other debits, already sent: keep them, and send these under a new key."
            )
        return Receipt(key=submission.key, accepted=True)

    def status(self, key: str) -> Receipt | None:
        """Return whether the whole file of `key` is in the outbox (see the port)."""
        return None if self._accepted(key) is None else Receipt(key=key, accepted=True)

    def returns(self, *, since: str, until: date) -> ReturnPage:
        """Read the inbox's files that `since` does not name (see the port).

        The cursor names the files taken that are still in the inbox, so that no order of names or times has to be
        trusted; it stays short as long as old files are moved away.
        """
        taken, refusals = set(since.splitlines()), list[Refusal]()
        returns, corrections = list[Return](), list[Correction]()
        names = self._names("inbox")
        for name in names:
            if name in taken:
                continue
            file = self._read(name)
            if isinstance(file, Refusal):
                refusals.append(file)
            elif file.created_on <= until:
                taken.add(name)
                returns += file.returns
                corrections += file.corrections
        cursor = "\n".join(name for name in names if name in taken)
        return ReturnPage(returns=returns, corrections=corrections, refusals=refusals, cursor=cursor)

    def _outbox(self, key: str) -> str:
        if not _KEY.fullmatch(key):
            raise BadSubmissionError(f"{key!r} names no file: use up to 100 letters, digits and . _ -")
        return f"{self.folder}/outbox/{key}.ach"

    def _accepted(self, key: str) -> bytes | None:
        """Return the file of a key; None if there is none, or a part of one that a process left when it died."""
        name = self._outbox(key)
        with _unknown_if_it_fails(name):
            data = self._content(name)
        try:
            read_file(data or b"")
        except BadFileError:
            return None
        return data

    def _store(self, name: str, data: bytes) -> None:
        with _unknown_if_it_fails(name):
            self.storage.delete(name)  # A part that a process left when it died: a whole file would stand.
            saved = self.storage.save(name, ContentFile(data))
        if saved != name:
            self.storage.delete(saved)
            raise UnknownOutcomeError(f"{name} is being stored by another process as well: ask for its status first.")

    def _names(self, part: str) -> list[str]:
        try:
            return sorted(self.storage.listdir(f"{self.folder}/{part}")[1])
        except FileNotFoundError:
            return []

    def _read(self, name: str) -> ReturnFile | Refusal:
        data = self._content(f"{self.folder}/inbox/{name}") or b""
        try:
            return read_return_file(data, originator=self.originator, source=name)
        except BadFileError as error:
            return Refusal(source=name, reason=str(error))

    def _content(self, name: str) -> bytes | None:
        try:
            with self.storage.open(name) as file:
                content: bytes = file.read()
        except FileNotFoundError:
            return None
        return content


@contextmanager
def _unknown_if_it_fails(name: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        raise UnknownOutcomeError(f"{name} may be stored, or not ({error}): ask for its status first.") from error


def _but_header(data: bytes) -> bytes:
    """Return a file without its header, which alone says when it was written."""
    return data[RECORD_LENGTH:]
