"""The ACH processor: a key is one file, whatever is sent twice; a poll takes every file of the inbox once."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, InMemoryStorage, storages
from django.test import override_settings

from payments.ach.exceptions import BadAccountError, BadSubmissionError
from payments.ach.processor import AchProcessor
from payments.ach.reading import read_file
from payments.ach.simulated_bank import return_files
from payments.processors import processor_for
from payments.processors.exceptions import KeyReusedError, NoProcessorError, UnknownOutcomeError
from payments.processors.port import Receipt
from tests.unit.payments.samples import ORIGINATOR, a_debit, a_file, a_submission

KEY = "acme-2024-01-04"
OUTBOX = f"acme/outbox/{KEY}.ach"
LATER = datetime(2024, 1, 8, 21, 0, tzinfo=UTC)
JAN_8, JAN_9, JAN_10 = date(2024, 1, 8), date(2024, 1, 9), date(2024, 1, 10)


@pytest.fixture(params=[InMemoryStorage, FileSystemStorage])
def storage(request, tmp_path):
    return request.param(location=str(tmp_path))


@pytest.fixture
def processor(storage):
    return AchProcessor(originator=ORIGINATOR, storage=storage, folder="acme")


def stored(storage, name=OUTBOX):
    with storage.open(name) as file:
        return file.read()


def a_return_file(**changed):
    """The return of one debit, with what it is dated."""
    ((day, data),) = return_files(read_file(a_file(a_debit(account_number="R01", **changed)))).items()
    return day, data


def put(storage, name, data):
    assert storage.save(f"acme/inbox/{name}", ContentFile(data)) == f"acme/inbox/{name}"


def test_a_submission_is_one_file_under_its_key(processor, storage):
    assert processor.submit(a_submission()) == Receipt(key=KEY, accepted=True)
    assert storage.listdir("acme/outbox") == ([], [f"{KEY}.ach"])
    assert stored(storage) == a_file()


def test_a_key_sent_again_changes_nothing(processor, storage):
    processor.submit(a_submission())
    assert processor.submit(a_submission(created_at=LATER)).accepted
    assert storage.listdir("acme/outbox") == ([], [f"{KEY}.ach"])
    assert stored(storage) == a_file()


def test_a_key_stands_for_its_debits(processor, storage):
    processor.submit(a_submission())
    with pytest.raises(KeyReusedError, match=f"{KEY} stands for other debits, already sent"):
        processor.submit(a_submission(a_debit(amount=Decimal("125.46"))))
    assert stored(storage) == a_file()


def test_status_tells_what_has_arrived(processor):
    assert processor.status(KEY) is None
    processor.submit(a_submission())
    assert processor.status(KEY) == Receipt(key=KEY, accepted=True)


@pytest.mark.parametrize("kept", [0, 94, 500])
def test_a_part_of_a_file_has_not_arrived_and_is_written_anew(processor, storage, kept):
    storage.save(OUTBOX, ContentFile(a_file()[:kept]))
    assert processor.status(KEY) is None
    assert processor.submit(a_submission()).accepted
    assert stored(storage) == a_file()
    assert storage.listdir("acme/outbox") == ([], [f"{KEY}.ach"])


def test_bad_input_leaves_no_file(processor, storage):
    bad = a_debit(number=2, account_number="1" * 18)
    with pytest.raises(BadAccountError):
        processor.submit(a_submission(a_debit(), bad))
    with pytest.raises(BadAccountError):
        processor.check(bad)
    assert processor.status(KEY) is None
    assert not storage.exists(OUTBOX)


@pytest.mark.parametrize("key", ["", "../escape", "a/b", ".hidden", "k" * 101, "a b"])
def test_a_key_must_name_a_file(processor, key):
    with pytest.raises(BadSubmissionError, match="names no file"):
        processor.submit(a_submission(key=key))


def test_a_storage_that_fails_leaves_the_outcome_unknown(tmp_path):
    (tmp_path / "acme").write_text("a file where the folder should be")
    processor = AchProcessor(originator=ORIGINATOR, storage=FileSystemStorage(tmp_path), folder="acme")
    for ask in (lambda: processor.submit(a_submission()), lambda: processor.status(KEY)):
        with pytest.raises(UnknownOutcomeError, match="ask for its status first"):
            ask()


class Full(FileSystemStorage):
    """A storage that breaks off in the middle of a file."""

    def save(self, name, content, max_length=None):
        super().save(name, ContentFile(content.read()[:100]))
        raise OSError("No space left on device")


def test_a_storage_that_breaks_off_leaves_the_outcome_unknown_and_the_key_free(tmp_path):
    broken = AchProcessor(originator=ORIGINATOR, storage=Full(tmp_path), folder="acme")
    with pytest.raises(UnknownOutcomeError, match="No space left on device"):
        broken.submit(a_submission())
    mended = AchProcessor(originator=ORIGINATOR, storage=FileSystemStorage(tmp_path), folder="acme")
    assert mended.status(KEY) is None
    assert mended.submit(a_submission()).accepted
    assert stored(mended.storage) == a_file()


class Overtaken(FileSystemStorage):
    """A storage in which another process saves the same name in the last moment."""

    def save(self, name, content, max_length=None):
        data = content.read()
        super().save(name, ContentFile(data))
        return super().save(name, ContentFile(data), max_length)


def test_two_processes_that_send_one_key_leave_one_file(tmp_path):
    storage = Overtaken(tmp_path)
    processor = AchProcessor(originator=ORIGINATOR, storage=storage, folder="acme")
    with pytest.raises(UnknownOutcomeError, match="by another process as well: ask for its status first"):
        processor.submit(a_submission())
    assert processor.status(KEY).accepted
    assert storage.listdir("acme/outbox") == ([], [f"{KEY}.ach"])


def test_an_empty_inbox_is_an_empty_page(processor):
    page = processor.returns(since="", until=JAN_9)
    assert (page.returns, page.corrections, page.refusals, page.cursor) == ([], [], [], "")


def test_every_file_is_taken_once(processor, storage):
    day, data = a_return_file()
    assert day == JAN_9
    put(storage, "b.ach", data)
    first = processor.returns(since="", until=JAN_9)
    assert [(one.number, one.code, one.source, one.returned_on) for one in first.returns] == [
        (1, "R01", "b.ach", JAN_9)
    ]
    assert processor.returns(since=first.cursor, until=JAN_9).returns == []


def test_a_file_is_found_whatever_its_name_sorts_before(processor, storage):
    put(storage, "b.ach", a_return_file()[1])
    cursor = processor.returns(since="", until=JAN_9).cursor
    put(storage, "a.ach", a_return_file(number=2)[1])
    page = processor.returns(since=cursor, until=JAN_9)
    assert [one.number for one in page.returns] == [2]
    assert page.cursor == "a.ach\nb.ach"


def test_a_late_night_sees_what_a_night_on_time_would_have_seen(processor, storage):
    put(storage, "b.ach", a_return_file()[1])
    early = processor.returns(since="", until=JAN_8)
    assert (early.returns, early.cursor) == ([], "")
    assert [one.number for one in processor.returns(since=early.cursor, until=JAN_9).returns] == [1]


def test_a_file_that_cannot_be_read_holds_up_no_other(processor, storage):
    data = a_return_file()[1]
    put(storage, "a.ach", data.replace(b"0000012545LC", b"0000012546LC"))
    put(storage, "b.ach", data)
    page = processor.returns(since="", until=JAN_9)
    assert [one.source for one in page.returns] == ["b.ach"]
    ((source, reason),) = [(one.source, one.reason) for one in page.refusals]
    assert source == "a.ach"
    assert "debit_cents is stated as 12545 but is 12546. Nothing was taken" in reason
    assert page.cursor == "b.ach"
    assert processor.returns(since=page.cursor, until=JAN_10).refusals == page.refusals


def test_a_file_replaced_by_the_bank_is_taken_then(processor, storage):
    put(storage, "a.ach", b"half a fi")
    cursor = processor.returns(since="", until=JAN_9).cursor
    storage.delete("acme/inbox/a.ach")
    put(storage, "a.ach", a_return_file()[1])
    assert [one.number for one in processor.returns(since=cursor, until=JAN_9).returns] == [1]


def test_the_cursor_forgets_files_that_were_moved_away(processor, storage):
    put(storage, "a.ach", a_return_file()[1])
    cursor = processor.returns(since="", until=JAN_9).cursor
    storage.delete("acme/inbox/a.ach")
    assert processor.returns(since=cursor, until=JAN_9).cursor == ""


def test_tenants_share_nothing(processor, storage):
    processor.submit(a_submission())
    put(storage, "a.ach", a_return_file()[1])
    other = AchProcessor(originator=ORIGINATOR, storage=storage, folder="beta")
    assert other.status(KEY) is None
    assert other.returns(since="", until=JAN_9).returns == []


def test_the_setting_names_the_processor():
    with override_settings(MATINS_PAYMENT_PROCESSOR="payments.ach.processor.AchProcessor"):
        processor = processor_for(tenant="acme", originator=ORIGINATOR)
    assert (type(processor), processor.folder) == (AchProcessor, "acme")
    assert processor.storage == storages["payments"]


def test_without_a_processor_nothing_is_collected():
    with override_settings(MATINS_PAYMENT_PROCESSOR=""), pytest.raises(NoProcessorError, match="so nothing is collect"):
        processor_for(tenant="acme", originator=ORIGINATOR)
