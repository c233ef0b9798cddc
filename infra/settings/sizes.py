"""What can be bought: Fargate's pairs of CPU and memory, and how many connections a database class takes."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

GIB = 1024**3
#: CPU units (1024 are one core) and the MiB of memory that Fargate sells with them.
FARGATE: dict[int, Sequence[int]] = {
    256: (512, 1024, 2048),
    512: range(1024, 4096 + 1, 1024),
    1024: range(2048, 8192 + 1, 1024),
    2048: range(4096, 16384 + 1, 1024),
    4096: range(8192, 30720 + 1, 1024),
    8192: range(16384, 61440 + 1, 4096),
    16384: range(32768, 122880 + 1, 8192),
}
#: GiB of memory of the database classes that are offered here; each is sold for Postgres with a standby.
DATABASE_GIB: dict[str, int] = {
    "db.t4g.medium": 4,
    "db.t4g.large": 8,
    "db.m7g.large": 8,
    "db.m7g.xlarge": 16,
    "db.r7g.large": 16,
    "db.r7g.xlarge": 32,
    "db.r7g.2xlarge": 64,
    "db.r7g.4xlarge": 128,
}
#: RDS' own default: a connection for so many bytes of the class's memory …
BYTES_PER_CONNECTION = 9_531_392
#: … up to so many.
CONNECTIONS_AT_MOST = 5000


class Model(BaseModel):
    """Settings that do not change and have no key nobody knows."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Size(Model):
    """What one task of a service gets.

    Args:
        cpu: CPU units; 1024 are one core.
        memory: MiB.
    """

    cpu: int
    memory: int

    @model_validator(mode="after")
    def _is_sold(self) -> Self:
        if self.cpu not in FARGATE:
            raise ValueError(f"Fargate sells no {self.cpu} CPU units; take one of {_listed(FARGATE)}")
        sold = FARGATE[self.cpu]
        if self.memory not in sold:
            raise ValueError(
                f"Fargate sells no {self.memory} MiB with {self.cpu} CPU units; take one of {_listed(sold)}"
            )
        return self


def max_connections(instance_class: str) -> int:
    """Return how many connections a database of this class takes."""
    return min(CONNECTIONS_AT_MOST, DATABASE_GIB[instance_class] * GIB // BYTES_PER_CONNECTION)


def _offered(instance_class: str) -> str:
    if instance_class not in DATABASE_GIB:
        raise ValueError(f"{instance_class!r} is not offered; take one of {_listed(DATABASE_GIB)}, or add its memory")
    return instance_class


def _listed(choices: Iterable[object]) -> str:
    return ", ".join(map(str, choices))


DatabaseClass = Annotated[str, AfterValidator(_offered)]
Days = Annotated[int, Field(ge=1)]
