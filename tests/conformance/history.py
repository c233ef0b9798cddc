"""The undisturbed nights of the world, lived through once; every test begins from a moment of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from django.db import connection
from django_tenants.utils import schema_context

from loans.services import accrue_interest
from schedules.catalog import CATALOG
from schedules.models import Run
from tenants.models import Tenant
from tests.conformance import world
from tests.conformance.merging import parts
from tests.conformance.nights import finished, make_tenant, next_run, open_night, perform, share
from tests.conformance.shelves import Shelf, Shelves
from tests.conformance.telling import Told, books, changed
from tests.stage import deploy

#: The tenant that lives through the nights, and two whose schemas stand by to be like it.
ACME, BETA, GAMMA = "acme", "beta", "gamma"


@dataclass(frozen=True, kw_only=True)
class Scene:
    """One job in one undisturbed night: the moment before it, what it counted, and the books before and after it."""

    job: str
    night: date
    moment: Shelf
    children: int
    counts: Mapping[str, int]
    before: Told
    after: Told

    @property
    def written(self) -> set[str]:
        """The labels of what the job writes."""
        return changed(self.before, self.after)

    @property
    def work(self) -> tuple[int, int]:
        """How many kinds of things it does, and how many things."""
        counts = [count for count in self.counts.values() if count]
        return len(counts), sum(counts)


@dataclass(kw_only=True)
class History:
    """The nights of the world, and the stage on which moments of them are set again."""

    shelves: Shelves
    #: The eve of the first night, of a tenant without a loan and of the world.
    emptiness: Shelf
    opening: Shelf
    #: Of every job the night in which it does the most kinds of things, then the most of them; not the last night.
    scenes: dict[str, Scene] = field(default_factory=dict)
    breaks: dict[date, int] = field(default_factory=dict)
    #: Each night when it is over: the moment, and the books.
    closing: dict[date, tuple[Shelf, Told]] = field(default_factory=dict)

    def scene(self, job: str) -> Scene:
        """Return the scene of a job."""
        assert job in self.scenes, f"{job} has nothing to do in the world: give it a loan in world.py or in a part."
        return self.scenes[job]

    def set(self, scene: Scene) -> Run:
        """Set the stage for a scene; return the job's run, which may begin."""
        self.shelves.put_back(scene.moment, ACME)
        return run_of(scene)

    def set_with_another(self, scene: Scene) -> Run:
        """Set the stage for a scene in which a second tenant, with the same books, is about to do the same."""
        self.shelves.put_back(scene.moment, ACME, BETA)
        acme, beta = tenant(ACME), tenant(BETA)
        columns = ", ".join(one.column for one in Run._meta.concrete_fields if one.name not in {"id", "tenant"})
        with connection.cursor() as cursor:
            cursor.execute(
                f"""INSERT INTO public.schedules_run (tenant_id, {columns})
                    SELECT %s, {columns} FROM public.schedules_run WHERE tenant_id = %s""",
                [beta.pk, acme.pk],
            )
        return run_of(scene)

    def set_eve(self, *schema_names: str) -> None:
        """Set the stage for the eve of the first night, for these tenants."""
        self.shelves.put_back(self.opening, *schema_names)
        for schema_name in schema_names:
            tenant(schema_name)


def tenant(schema_name: str) -> Tenant:
    """Return the tenant of that schema, which takes part in the nights."""
    enabled = {"name": schema_name, "enabled_at": world.EVE}
    return Tenant.objects.get_or_create(schema_name=schema_name, defaults=enabled)[0]


def run_of(scene: Scene) -> Run:
    """Return the run of a scene's job."""
    runs = Run.objects.filter(window__business_date=scene.night, window__skipped="", tenant__schema_name=ACME, item="")
    return runs.select_related("window", "tenant").get(window__schedule=scene.job)


def record(shelves: Shelves) -> History:
    """Live through the world's nights undisturbed, and keep the moment before every job in its busiest night."""
    deploy(CATALOG, at=world.EVE)
    make_tenant(ACME, enabled_at=world.EVE)
    emptiness = shelves.take(ACME)
    with schema_context(ACME):
        build()
    history, told = History(shelves=shelves, emptiness=emptiness, opening=shelves.take(ACME)), books(ACME)
    for night in world.NIGHTS:
        open_night(night)
        while run := next_run():
            scene = play(run, shelves.take(ACME), told)
            told = scene.after
            remember(history, scene)
        history.closing[night] = shelves.take(ACME), told
    for schema_name in (BETA, GAMMA):
        make_tenant(schema_name, like=ACME, enabled_at=world.EVE)
    return history


def build() -> None:
    """Build the world with all its parts; every loan has earned its interest through the eve."""
    world.build()
    for part in parts():
        part.build()
    accrue_interest(business_date=world.EVE.date())


def play(run: Run, moment: Shelf, before: Told) -> Scene:
    """Perform a job that nothing disturbs."""
    parent, *children = share(perform(run))
    assert finished(run) == ("succeeded", 0), [(one.item, one.reason, one.traceback) for one in share(run)]
    return Scene(
        job=run.window.schedule,
        night=run.window.business_date,
        moment=moment,
        children=len(children),
        counts=parent.counts,
        before=before,
        after=books(ACME),
    )


def remember(history: History, scene: Scene) -> None:
    """Keep a scene that is busier than what its job did before."""
    if scene.job == "daily-gl-reconciliation":
        history.breaks[scene.night] = scene.counts["breaks"]
    works = scene.night != world.LAST and scene.written and any(scene.counts.values())
    known = history.scenes.get(scene.job)
    if works and (known is None or scene.work > known.work):
        history.scenes[scene.job] = scene
