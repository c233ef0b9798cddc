"""What the API takes and gives: the words of the design, strict about what comes in, plain about what goes out."""

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any, Self

from ninja import Path, Schema
from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, StrictBool, model_validator

from board.actions import MOST_DAYS
from board.api.pagination import Page

#: No business date lies outside; the far ends of the calendar have no day before or after.
FIRST_YEAR, LAST_YEAR = 2000, 2199
_DATE = r"^(20|21)\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$"


def _iso_date(value: Any) -> date:
    """Read only `2024-02-29`, where pydantic would also take seconds since 1970.

    Raises:
        ValueError: it is no such date.
    """
    if isinstance(value, str) and re.fullmatch(_DATE, value, re.ASCII):
        return date.fromisoformat(value)
    raise ValueError(f"This is no date from {FIRST_YEAR} to {LAST_YEAR} like 2024-02-29.")


def _utc(value: datetime) -> datetime:
    return value.astimezone(UTC)


BusinessDate = Annotated[
    date,
    BeforeValidator(_iso_date),
    Field(description="The UTC date of when a window was due.", json_schema_extra={"pattern": _DATE}),
]
ScheduleName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9:._\-]*$", max_length=200)]
SchemaName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=63)]
#: Whatever people write, but something, and nothing that Postgres cannot keep.
Reason = Annotated[str, Field(pattern=r"^[^\x00]*[^\s\x00][^\x00]*$", max_length=1000, description="Why; it is kept.")]
Remark = Annotated[str, Field(pattern=r"^[^\x00]*$", max_length=1000)]
SchemaNames = Annotated[
    list[SchemaName] | None,
    Field(min_length=1, max_length=1000, description="Only these tenants; all that the token sees by default."),
]
#: Ids in addresses; beyond is no id of any table.
Number = Annotated[int, Path(ge=1, le=2**63 - 1)]
Moment = Annotated[datetime, AfterValidator(_utc)]


class Asked(Schema):
    """What every action is asked with."""

    model_config = ConfigDict(extra="forbid")

    dry_run: StrictBool = Field(default=False, description="Say what it would do; nothing is written.")
    reason: Remark = Field("", description="Why; the audit keeps it.")


class OneWindow(Asked):
    """A window, and whose runs of it."""

    schedule: ScheduleName
    business_date: BusinessDate
    tenants: SchemaNames = None


class Rerun(OneWindow):
    """Run again what failed or was skipped, and the quarantined items of what succeeded."""


class Skip(OneWindow):
    """Give up what is waiting, ready or failed, so that its line goes on."""

    reason: Reason


class CatchUp(Asked):
    """Open every window that should have been opened by now."""


class Backfill(Asked):
    """Run a past range of one schedule, a year of it at most."""

    schedule: ScheduleName
    first: BusinessDate
    last: BusinessDate
    tenants: SchemaNames = None

    @model_validator(mode="after")
    def _is_short(self) -> Self:
        """Refuse a range that would hold up the night while it is opened."""
        if (self.last - self.first).days >= MOST_DAYS:
            raise ValueError(f"A backfill opens at most {MOST_DAYS} days at once; ask for the rest in another.")
        return self


class Suspend(Asked):
    """Let a tenant take no part in the night."""

    tenant: SchemaName


class Resume(Asked):
    """Let a suspended tenant take part again."""

    tenant: SchemaName
    catch_up: StrictBool = Field(default=False, description="Bring back what was skipped meanwhile.")


class Effect(Schema):
    """What an action did, or with `dry_run` would do."""

    dry_run: bool
    said: list[str] = Field(description="One fact a line, the first ones.")
    more: int = Field(description="How many more facts there are.")
    runs: int = Field(description="How many runs it touched.")
    windows: list[int] = Field(description="The windows whose runs it set going: ask for them to see how they end.")
    audit: int | None = Field(description="Its row in the audit; null for a dry run.")


class Schedule(Schema):
    """A schedule as the catalog declares it."""

    name: str
    cron: str = Field(description="Five fields, UTC.")
    purpose: str
    task: str
    queue: str
    criticality: str
    books: bool = Field(description="Whether it writes money or loan state.")
    catch_up: str
    grace_s: float = Field(description="From due to late.")
    deadline_s: float = Field(description="From due to overdue or missed.")
    after: list[str] = Field(description="The schedules that come first on a business date.")
    before: list[str] = Field(description="The schedules that come after it.")


class Window(Schema):
    """One occurrence of a schedule, with the share of the tenants that the token sees."""

    id: int | None = Field(description="Null while nobody has opened it.")
    schedule: str
    business_date: date
    due_at: Moment
    late_at: Moment
    deadline_at: Moment
    opened_at: Moment | None
    origin: str
    skipped: str = Field(description="Why the whole window was skipped, or empty.")
    counts: dict[str, int] = Field(description="Tenants by state or judgement.")
    exceptions: int = Field(description="Items in quarantine.")
    first_start: Moment | None
    last_end: Moment | None


class Root(Schema):
    """One problem that explains others."""

    schedule: str
    business_date: date
    problem: str = Field(description="failed, overdue or missed")
    tenants: int = Field(description="How many have it.")
    behind: int = Field(description="How many tenants have runs that wait for it.")
    named: list[str] = Field(description="The first few tenants.")
    reason: str = Field(description="The first failed run's error.")
    run: int | None = Field(description="That run.")


class Progress(Schema):
    """How a catch-up or backfill goes on."""

    origin: str
    done: int
    total: int
    ends_at: Moment | None


class Night(Schema):
    """One business date: what is wrong first, then its windows in due order."""

    business_date: date
    at: Moment = Field(description="Business time of this look.")
    is_calm: bool = Field(description="Whether there is nothing to look at.")
    roots: list[Root]
    windows: list[Window]
    due_later: list[str] = Field(description="Schedules that are due on this date, but not yet.")
    progress: list[Progress]


class Tenant(Schema):
    """Who is served."""

    schema_name: str
    name: str
    status: str
    enabled_at: Moment


class Wait(Schema):
    """A run that waits, and for what."""

    schedule: str
    business_date: date
    root: str = Field(description="The schedule that it really waits for.")
    root_date: date
    how: str = Field(description="How that one stands.")


class TenantLine(Tenant):
    """One tenant, and what its line waits for."""

    fresh: date | None = Field(description="The last business date through which its books are done.")
    waits: list[Wait]


class Run(Schema):
    """One tenant's share of one window; with an item, a child of that share."""

    id: int
    window: int = Field(validation_alias="window_id")
    schedule: str = Field(validation_alias="window.schedule")
    business_date: date = Field(validation_alias="window.business_date")
    due_at: Moment = Field(validation_alias="window.due_at")
    tenant: str = Field(validation_alias="tenant.schema_name")
    item: str
    state: str
    reason: str = Field(description="Why it was skipped, or its last error in one line.")
    attempt: int
    failures: int
    started_at: Moment | None
    finished_at: Moment | None
    counts: dict[str, Any] | None = Field(description="What its body counted.")
    exceptions: int = Field(description="Items in quarantine.")


class QuarantinedItem(Schema):
    """One bad item that a run left out."""

    id: int
    model: str
    key: str
    reason: str
    quarantined_at: Moment
    resolved_at: Moment | None


class AuditRow(Schema):
    """One action that somebody asked for."""

    id: int
    at: Moment
    who: str
    via: str
    action: str
    schedule: str
    first: date | None
    last: date | None
    tenants: list[str] = Field(description="Schema names; empty for all the asker sees.")
    why: str
    outcome: str
    said: str


class Schedules(Schema):
    """All of them; there are few."""

    items: list[Schedule]


class Windows(Page):
    """Windows, the newest first."""

    items: list[Window]


class Tenants(Page):
    """Tenants by schema name."""

    items: list[Tenant]


class Runs(Page):
    """Runs, children behind their parent."""

    items: list[Run]


class QuarantinedItems(Page):
    """What a run left out."""

    items: list[QuarantinedItem]


class AuditRows(Page):
    """Actions, the newest first."""

    items: list[AuditRow]
