"""Where documents are kept: ZIP archives of some hundreds, under names made of what is in them.

A file for each statement would be a million requests to the storage on the first of a month, and one for each run would
have to be fetched whole to read one statement.
"""

import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from hashlib import sha256
from io import BytesIO
from itertools import islice
from urllib.parse import quote

from django.core.files.storage import default_storage

from common.files import keep
from statements.exceptions import StatementFileChangedError, StatementFileMissingError
from statements.models import Statement

#: Documents in one archive: about a quarter of a megabyte.
SIZE = 250
_THEN = (1980, 1, 1, 0, 0, 0)
_READABLE = 0o644 << 16


def digest(document: str) -> str:
    """Return the hash that a statement's row has of its document."""
    return sha256(document.encode()).hexdigest()


def store(schema_name: str, period_end: date, documents: Sequence[tuple[str, str]]) -> Iterator[tuple[str, int]]:
    """Store documents of one period's end, before the commit of their rows; yield each archive's name and their number.

    The same documents in the same order make the same archives, so an attempt that is made again overwrites its own
    and nobody else's.

    Args:
        schema_name: the tenant's.
        period_end: the last day of their period.
        documents: loan numbers and HTML.
    """
    left = iter(documents)
    while batch := list(islice(left, SIZE)):
        content = _pack(batch)
        name = f"{schema_name}/statements/{period_end}/{sha256(content).hexdigest()[:32]}.zip"
        keep(name, BytesIO(content))
        yield name, len(batch)


def overwrite(name: str, documents: Iterable[tuple[str, str]]) -> None:
    """Store documents under the name of an archive that was lost or spoiled."""
    keep(name, BytesIO(_pack(documents)))


def read(statement: Statement) -> str:
    """Return a statement's document.

    Raises:
        StatementFileMissingError: it is not where it was stored.
        StatementFileChangedError: it is not the one that was issued.
    """
    about = (statement.loan.number, statement.period_end.isoformat(), statement.stored_in)
    try:
        with default_storage.open(statement.stored_in) as file, zipfile.ZipFile(file) as archive:
            document = archive.read(_member(statement.loan.number)).decode()
    except (FileNotFoundError, KeyError) as error:
        raise StatementFileMissingError(*about) from error
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, UnicodeDecodeError) as error:
        raise StatementFileChangedError(*about) from error
    if digest(document) != statement.sha256:
        raise StatementFileChangedError(*about)
    return document


def _pack(documents: Iterable[tuple[str, str]]) -> bytes:
    content = BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for number, document in documents:
            entry = zipfile.ZipInfo(_member(number), _THEN)
            entry.external_attr = _READABLE
            archive.writestr(entry, document, zipfile.ZIP_DEFLATED)
    return content.getvalue()


def _member(number: str) -> str:
    return f"{quote(number, safe=' ')}.html"
