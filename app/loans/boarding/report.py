"""What became of a tape's lines."""

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something about one line of the file.

    Args:
        line: its number, the header being 1.
        loan_number: as far as it could be read.
        reason: what is odd, or why the line is refused.
    """

    line: int
    loan_number: str
    reason: str


@dataclass(kw_only=True)
class BoardingReport:
    """How many loans came, and every line that is odd or was refused."""

    loaded: int = 0
    #: Lines whose loans were boarded before, by the very same line.
    unchanged: int = 0
    #: Loaded all the same.
    warnings: list[Finding] = field(default_factory=list)
    refused: list[Finding] = field(default_factory=list)
