"""A storm from its first blow to the judgement."""

import time
from collections import Counter
from dataclasses import dataclass, field

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from common import clock
from tests.faults.storm import judging, twin
from tests.faults.storm.chaos import Chaos
from tests.faults.storm.nights import Nights, NightStoppedError
from tests.faults.storm.plan import Plan
from tests.faults.storm.stage import staged
from tests.faults.storm.watching import Latencies, Watch, use

COLUMNS = (TextColumn("[bold]{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
           TextColumn("{task.fields[said]}"))  # fmt: skip
#: What a twin's night takes at most, and judging all that is left, seconds.
TWIN_NIGHT_S, JUDGING_S = 4.0, 15.0


@dataclass
class Storm:
    """What became of a storm.

    Args:
        plan: the storm that was asked for.
        nights: how many there were.
        took_s: how long it took, all in all.
        blows: how many of each fell.
        short_leaves: how many tenants were suspended within a night.
        latencies: how long passed deadlines went unseen.
        expectations: what must hold.
    """

    plan: Plan
    nights: int = 0
    took_s: float = 0.0
    blows: Counter = field(default_factory=Counter)
    short_leaves: int = 0
    latencies: Latencies = field(default_factory=Latencies)
    expectations: list = field(default_factory=list)

    def broken(self):
        """Return the expectations that do not hold."""
        return [one for one in self.expectations if not one.holds]

    def headline(self):
        """Return the storm in two lines."""
        plan, blows = self.plan, ", ".join(f"{blow} {number}" for blow, number in self.blows.items())
        sabotaged = f", sabotaged: {plan.sabotage}" if plan.sabotage else ""
        return (
            f"Seed {plan.seed}{sabotaged}: {self.nights} nights of {plan.tenants} tenants "
            f"in {self.took_s / 60:.1f} min, {self.blows.total()} blows.\n"
            f"{blows}; {self.short_leaves} suspensions within a night"
        )


def rage(plan, sandbox, console=None):
    """Let a storm rage, and judge what it leaves.

    Args:
        plan: the storm.
        sandbox: Postgres, migrated and without tenants, and the broker.
        console: where progress is shown; nowhere by default.
    """
    storm, console, began = Storm(plan), console or Console(quiet=True), time.monotonic()
    plan.folder.mkdir(parents=True, exist_ok=True)
    with staged(plan, sandbox, console) as stage, Progress(*COLUMNS, console=console) as progress:
        course = _Course(storm, stage, progress, began)
        course.run()
        stage.crew.stop()
        storm.expectations += judging.of_the_ledger(plan, clock.now())
        if not course.has_stopped:
            _compare_with_twins(plan, course.days, progress)
            storm.expectations += judging.of_the_books(plan)
    storm.nights, storm.took_s = len(course.days), time.monotonic() - began
    return storm


class _Course:
    """The nights of a storm, from the start of the processes to the calm.

    Args:
        storm: what becomes of it is noted here.
        stage: where.
        progress: where it is shown.
        began: `time.monotonic()` of the beginning.
    """

    def __init__(self, storm, stage, progress, began):
        self._storm, self._stage, self._plan, self._began = storm, stage, storm.plan, began
        self._progress = progress
        self._bar = progress.add_task("starting the processes", total=self._plan.nights, said="")
        self._chaos = Chaos(stage, lambda blow: progress.update(self._bar, said=f"[red]{blow}[/]"))
        self._nights = Nights(stage, self._chaos)
        #: What the platform used after the first night, and how long the longest one took, seconds.
        self._before, self._longest_s = None, 0.0
        #: The nights that were lived through, and whether one never ended.
        self.days, self.has_stopped = [], False

    def run(self):
        """Live through as many nights as there is time for, and judge the platform."""
        self._stage.crew.start()
        watch = Watch(self._stage.crew.port)
        try:
            self._live()
            self._come_to_rest()
        except NightStoppedError as error:
            self.has_stopped = True
            self._expect(judging.Expectation("every night ends", f"{len(self.days)} ended", [str(error)]))
        finally:
            watch.stop()
        self._storm.blows, self._storm.short_leaves = self._chaos.dealt, self._nights.left_in_the_night
        self._storm.latencies = watch.latencies
        self._expect(*judging.of_the_latencies(watch.latencies), *judging.of_the_bodies(self._stage.crew))

    def _expect(self, *expectations):
        self._storm.expectations += expectations

    def _live(self):
        for day in self._plan.dates():
            self._progress.update(self._bar, description=f"night of {day}")
            started = time.monotonic()
            self._nights.live(day)
            self.days.append(day)
            self._progress.advance(self._bar)
            self._before = self._before or use(self._stage.crew)
            self._longest_s = max(self._longest_s, time.monotonic() - started)
            if self._is_time():
                break
            self._nights.end_the_day(day)
        self._nights.call_everybody_back(self.days[-1])

    def _is_time(self):
        """Return whether another night would end too late for the twins and the judgement, or is one too many."""
        ends = time.monotonic() - self._began + self._longest_s
        twins = (len(self.days) + 1) * len(self._plan.played()) * TWIN_NIGHT_S
        return len(self.days) == self._plan.nights or ends + twins + JUDGING_S > 60 * self._plan.minutes

    def _come_to_rest(self):
        """End the blows, let everything be done, and judge what is in use then."""
        self._chaos.calm_down()
        self._stage.crew.wait_until_whole()
        self._nights.until_drained()
        self._expect(*judging.of_the_platform(self._before, use(self._stage.crew)))


def _compare_with_twins(plan, days, progress):
    """Let every script's twin live through the same days."""
    bar = progress.add_task("the twins", total=len(plan.played()) * len(days), said="")
    for script in plan.played():
        twin.live(plan, script, days, advance=lambda: progress.advance(bar))
