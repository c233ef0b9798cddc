"""A bank in a box, for development, demonstrations and tests: the ACH processor, and a bank that answers its files.

What the bank does is asked for by the beginning of a debit's account number:

    R01…, R10…, …    it comes back with that code, also when it is retried
    R01ONCE…         it comes back once; the retry is paid
    REJECT…          its whole submission is rejected
    TIMEOUTKEPT…     the first answer to its submission is lost on the way back: the outcome is unknown, but accepted
    TIMEOUTLOST…     its submission is lost on the way there the first time: the outcome is unknown, nothing arrived

All that the bank knows is in the storage, so that any number of processes share it. The return files are dated as a
bank dates them: `returns` shows them to the nights after that date, however late these run.
"""

from datetime import date

from django.core.files.base import ContentFile

from payments.ach.processor import AchProcessor
from payments.ach.reading import read_file
from payments.ach.simulated_bank import return_files
from payments.processors.exceptions import UnknownOutcomeError
from payments.processors.port import Receipt, ReturnPage, Submission

_REJECTION = "an account number begins with REJECT"


class Simulator(AchProcessor):
    """Implements `payments.processors.port.PaymentProcessor` without a bank."""

    def submit(self, submission: Submission) -> Receipt:
        """Do what the account numbers ask for (see the port)."""
        if _asks_for("REJECT", submission):
            self._note("rejected", submission.key)
            return self._rejection(submission.key)
        if _asks_for("TIMEOUTLOST", submission) and self._note("timed-out", submission.key):
            raise _timeout(submission.key)
        receipt = super().submit(submission)
        if _asks_for("TIMEOUTKEPT", submission) and self._note("timed-out", submission.key):
            raise _timeout(submission.key)
        return receipt

    def status(self, key: str) -> Receipt | None:
        """Return the answer to what arrived (see the port)."""
        return self._rejection(key) if key in self._noted("rejected") else super().status(key)

    def returns(self, *, since: str, until: date) -> ReturnPage:
        """Let the bank answer what it has accepted, then read its files (see the port)."""
        answered = self._noted("answered")
        for key in self._names("outbox"):
            if key not in answered:
                self._answer(key)
        return super().returns(since=since, until=until)

    def _answer(self, name: str) -> None:
        data = self._accepted(name.removesuffix(".ach"))
        if data is None:
            return
        for day, answer in return_files(read_file(data)).items():
            self._save_once(f"inbox/{day}-{name}", answer)
        self._note("answered", name)

    def _rejection(self, key: str) -> Receipt:
        return Receipt(key=key, accepted=False, reason=_REJECTION)

    def _noted(self, part: str) -> list[str]:
        return self._names(f"bank/{part}")

    def _note(self, part: str, name: str) -> bool:
        """Remember a name; return whether it was new."""
        return self._save_once(f"bank/{part}/{name}", b"")

    def _save_once(self, path: str, data: bytes) -> bool:
        name = f"{self.folder}/{path}"
        if self.storage.exists(name):
            return False
        saved = self.storage.save(name, ContentFile(data))
        if saved != name:  # Another process was first.
            self.storage.delete(saved)
        return saved == name


def _asks_for(wish: str, submission: Submission) -> bool:
    return any(debit.account_number.startswith(wish) for debit in submission.debits)


def _timeout(key: str) -> UnknownOutcomeError:
    return UnknownOutcomeError(f"{key} timed out, and may or may not have arrived: ask for its status first.")
