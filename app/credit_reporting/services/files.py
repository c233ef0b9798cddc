"""The files of one report while they are written: on disk, hashed as they grow, stored when they are whole."""

from hashlib import sha256
from tempfile import TemporaryFile
from typing import Self

from common.files import keep
from credit_reporting.metro2.writing import header_line
from credit_reporting.models import Bureau, Metro2File, Reporter
from credit_reporting.months import Month
from credit_reporting.rendering import header


class BureauFile:
    """One bureau's file, open in a `with` block; a line ends with a line feed."""

    def __init__(self, *, reporter: Reporter, month: Month, bureau: Bureau) -> None:
        self.bureau = bureau
        self._hash, self._size = sha256(), 0
        self._file = TemporaryFile()  # noqa: SIM115 - the end of the block closes it.
        self.write(f"{header_line(header(reporter, month, bureau))}\n".encode("ascii"))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def write(self, content: bytes | bytearray) -> None:
        """Add to the file."""
        self._file.write(content)
        self._hash.update(content)
        self._size += len(content)

    def store(self, *, report_id: int, path: str) -> Metro2File:
        """Store the file, and return the row that tells of it, not saved."""
        self._file.seek(0)
        keep(path, self._file)
        return Metro2File(
            report_id=report_id, bureau=self.bureau, stored_in=path, sha256=self._hash.hexdigest(), size=self._size
        )
