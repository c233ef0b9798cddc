"""Five ways to break the promises on purpose, to see that the storm notices: `make storm SABOTAGE=fence`.

    key         the unique keys of windows are dropped, and with them the lock that keeps them idle
    ack         a books run is marked done before its body, as a message acknowledged early would be
    fence       whoever claimed a run writes, whether or not it was given to another meanwhile
    reconciler  no beat looks for dead workers' runs or for lost messages
    activation  an error on the way into a tenant's schema is swallowed, and the body begins

They are patches of a process of the storm; nothing of `app/` can be told to do any of this. A message acknowledged
early is none of them: it is only a wake-up, which the ledger sends again.
"""

from contextlib import suppress
from functools import wraps

from django.db import connection

from common import tasks, tenancy
from schedules import beat, claims, opening, sql

VARIABLE = "MATINS_STORM_SABOTAGE"
UNDERMINE = """
    ALTER TABLE public.schedules_window DROP CONSTRAINT schedules_one_window;
    DROP INDEX public.schedules_one_window_a_date"""


def install(name):
    """Do one of them to this process; the empty name is none."""
    if name:
        SABOTAGES[name]()


def undermine(name):
    """Do to the database what belongs to a sabotage; called by the owner, once."""
    if name == "key":
        with connection.cursor() as cursor:
            cursor.execute(UNDERMINE)


def _key():
    opening.participation_lock = lambda: None


def _ack():
    original = tasks.TenantTask._run_claimed

    @wraps(original)
    def run_claimed(self, held, args, kwargs):
        if held.books:
            sql.execute(
                """UPDATE public.schedules_run SET state = 'succeeded', token = NULL, finished_at = %(now)s
                   WHERE id = %(run_id)s""",
                {"run_id": held.run_id, "now": claims.clock.now()},
            )
        return original(self, held, args, kwargs)

    tasks.TenantTask._run_claimed = run_claimed
    _let_write("state = 'succeeded'")


def _fence():
    _let_write("%(token)s IS NOT NULL")


def _let_write(whom):
    """Let bodies lock and mark their runs where the token did not let them."""
    by_token, marked = "r.token = %(token)s AND r.state = 'running'", "token = %(token)s\n"
    assert by_token in claims._HOLD
    assert marked in claims._SUCCEED
    claims._HOLD = claims._HOLD.replace(by_token, f"({by_token} OR {whom.replace('state', 'r.state')})")
    claims._SUCCEED = claims._SUCCEED.replace(marked, f"(token = %(token)s OR {whom})\n")


def _reconciler():
    beat.WindowScheduler._reconcile = lambda self: self._say_alive()


def _activation():
    original = tenancy._enter

    @wraps(original)
    def enter(entered, hold):
        with suppress(Exception):
            original(entered, hold)

    tenancy._enter = enter


SABOTAGES = {
    "key": _key,
    "ack": _ack,
    "fence": _fence,
    "reconciler": _reconciler,
    "activation": _activation,
}
