"""Points around a body where a process of the night can be told to misbehave; `app/` knows nothing of them.

A tenant's `<job>` is its task's last name, `child-<item>` for a child, `join` for the call that
joins. In the order they are passed:

    <tenant>.<job>.before-claim    the message is taken, nothing is claimed (a join is still called `parent` here)
    <tenant>.<job>.claimed         the claim is committed, the body's transaction is not open
    <tenant>.<job>.held            the row is locked
    <tenant>.<job>.before-chunk-N  the chunk before is committed, the row is not locked again (for N from 2)
    <tenant>.<job>.before-mark     the body has ended (as `fanned-out` for a parent that returned children)
    <tenant>.<job>.before-commit   the run is marked succeeded, nothing is committed
    <tenant>.<job>.committed       all is committed, the message is not acknowledged

    beat.open.looking              the opening lock is held, nothing is open yet
    beat.open.expanded             a window and its runs are inserted, nothing is committed
    beat.open.committed            the windows are committed, no message is sent
    beat.reconcile.start           before dead workers' runs are looked for
    dispatcher.open.expanded       as for beat, of a dispatch by hand
    dispatcher.open.committed
    anybody.push.half              half of the messages are in the broker
"""

from functools import wraps

from common.tasks import TenantTask
from schedules import ad_hoc, broker, children, claims, opening, publishing, reconcile
from tests.nightjobs import orders

# The run this process has in hand; a worker's process has one at a time.
_in_hand = {"who": "", "job": "", "holds": 0}


def install():
    """Put the points in place, for this process and those it forks."""
    broker.IN_HAND_S = 3.0  # No promise is about this figure, and the tests would wait for it.
    _around(claims, "claim", before=_before_claim, after=_after_claim)
    _around(claims, "hold", before=_before_hold, after=_here("held"))
    _around(claims, "succeed", before=_here("before-mark"), after=_here("before-commit"))
    _around(children, "fan_out", after=_here("fanned-out"))
    _around(TenantTask, "_run_claimed", after=_here("committed"))
    for who, module in (("beat", opening), ("dispatcher", ad_hoc)):
        _around(module, "expand", after=_point(who, "open", "expanded"))
        _around(module, "publish_or_leave", before=_point(who, "open", "committed"))
    _around(opening, "missing", before=_point("beat", "open", "looking"))
    _around(reconcile, "recover_orphans", before=_point("beat", "reconcile", "start"))
    _push_in_halves()


def _around(module, name, before=None, after=None):
    original = getattr(module, name)

    @wraps(original)
    def call(*args, **kwargs):
        if before:
            before(*args, **kwargs)
        result = original(*args, **kwargs)
        if after:
            after(result, *args, **kwargs)
        return result

    setattr(module, name, call)


def _point(who, job, point):
    return lambda *_, **__: orders.obey(who, job, point)


def _here(point):
    return lambda *_, **__: _at(point)


def _at(point):
    orders.obey(_in_hand["who"], _in_hand["job"], point)


def _before_claim(*, run_id, schema_name, task):
    orders.obey(schema_name, task.rsplit(".", 1)[1], "before-claim")


def _after_claim(held, *, task, **_):
    if held is not None:
        job = "join" if held.is_join else f"child-{held.item}" if held.item else task.rsplit(".", 1)[1]
        _in_hand.update(who=held.schema_name, job=job, holds=0)
        _at("claimed")


def _before_hold(_):
    _in_hand["holds"] += 1
    if _in_hand["holds"] > 1:
        _at(f"before-chunk-{_in_hand['holds']}")


def _push_in_halves():
    original = publishing._push

    def push(*args):
        *rest, wakeups = args
        wakeups = list(wakeups)
        half = len(wakeups) // 2
        original(*rest, iter(wakeups[:half]))
        orders.obey("anybody", "push", "half")
        original(*rest, iter(wakeups[half:]))

    publishing._push = push
