"""What the storm sees of the bodies: one row for each that committed, and a line for each that began elsewhere.

The rows are written in the bodies' own transactions, into a table that nothing keeps from holding one twice. It is
also here that a worker now and then stands still between its claim and its lock, for longer than its grace.
"""

import os
import random
import time
from collections import Counter
from functools import wraps
from pathlib import Path

from django.db import connection

from common import tasks
from common.tasks import TenantTask
from schedules import broker, claims, sql

#: The file in which a process notes what began outside its tenant.
DIARY = "MATINS_STORM_DIARY"
CREATE = """
    DROP TABLE IF EXISTS public.storm_effect;
    CREATE TABLE public.storm_effect (run_id bigint NOT NULL, step text NOT NULL);
    GRANT INSERT ON public.storm_effect TO matins_app"""
DROP = "DROP TABLE IF EXISTS public.storm_effect"
#: After one claim in so many, and for so long: the grace of `tests.stage.FAST` is over, and another does the run.
STANDS_STILL_ONE_IN, STANDS_STILL_S = 100, 5.0
_luck = random.SystemRandom()  # The processes of a worker are forked: an ordinary one would give all the same.


def install():
    """Put the watch in place, for this process and those it forks."""
    broker.IN_HAND_S = 3.0  # No promise is about this figure, and every lost message would wait for it.
    tasks._record = _noting(tasks._record)
    TenantTask._run_body = _proving_its_place(TenantTask._run_body)
    claims.claim = _standing_still(claims.claim)


def committed():
    """Count the committed bodies by (run, step); a parent has two, `fanned out` and `done`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT run_id, step, count(*) FROM public.storm_effect GROUP BY 1, 2")
        return Counter({(run, step): times for run, step, times in cursor.fetchall()})


def _noting(original):
    @wraps(original)
    def record(held, result):
        step = "fanned out" if isinstance(result, tasks.FanOut) else "done"
        sql.execute("INSERT INTO public.storm_effect VALUES (%(run)s, %(step)s)", {"run": held.run_id, "step": step})
        return original(held, result)

    return record


def _proving_its_place(original):
    @wraps(original)
    def run_body(self, call, **offered):
        wanted, here = call.arguments["schema_name"], connection.connection.execute("SELECT current_schema()")
        (place,) = here.fetchone()
        if place != wanted:
            with Path(os.environ[DIARY]).open("a") as diary:
                diary.write(f"{self.name} of {wanted} began in {place}\n")
        return original(self, call, **offered)

    return run_body


def _standing_still(original):
    @wraps(original)
    def claim(**named):
        held = original(**named)
        if held is not None and _luck.randrange(STANDS_STILL_ONE_IN) == 0:
            time.sleep(STANDS_STILL_S)
        return held

    return claim
