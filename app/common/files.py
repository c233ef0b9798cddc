"""Files that rows tell of: stored before the commit of these rows, under names that an attempt done again finds."""

from typing import IO, Any

from django.core.files import File
from django.core.files.storage import default_storage

from common.context import is_rehearsal
from common.exceptions import FileNotKeptError


def keep(name: str, content: IO[Any]) -> None:
    """Store a file under exactly this name, within the transaction of the row that tells of it; in a rehearsal, not.

    What is there already is of an attempt that was rolled back, whole or in part, and gives way: the caller makes sure
    that no committed row has the name, and that nobody else stores it at the same time.

    Args:
        name: its path in the default storage, the tenant's schema first.
        content: an open file, at its beginning.

    Raises:
        FileNotKeptError: the storage gave it another name.
    """
    if is_rehearsal():
        return
    default_storage.delete(name)
    kept = default_storage.save(name, File(content))
    if kept != name:
        default_storage.delete(kept)
        raise FileNotKeptError(name, kept)
