"""What a worker logs while it does a run names the run, as the board tells whoever looks for its lines."""

from schedules.models import Run
from schedules.opening import open_due
from tests.nightjobs import orders
from tests.processes import wait_until
from tests.stage import FAST, at


def test_the_lines_of_a_run_name_it(nightly, start):
    orders.give("acme", "first", "start", "raise no such loan")
    at(1)
    open_due()
    worker = start("worker", env=FAST)
    failed, other = (Run.objects.get(tenant__schema_name=name) for name in ("acme", "beta"))

    def of(run):
        return [line for line in worker.log.read_text().splitlines() if f" run {run.pk} " in line]

    wait_until(lambda: of(failed) and of(other), what="both runs to be told of", process=worker)
    assert any("no such loan" in line for line in of(failed))
    assert not any("no such loan" in line for line in of(other))
