"""How casework is arranged: queues, the rules that lead to them, agents, and campaigns."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Q

from casework.exceptions import BadArrangementError, NoSuchError
from casework.models import Agent, Campaign, Queue, QueueRule
from loans.models import Product

ONE_DAY = timedelta(days=1)


def found_queue(code: str) -> Queue:
    """Return the queue of that code.

    Raises:
        NoSuchError: there is none.
    """
    if queue := Queue.objects.filter(code=code).first():
        return queue
    raise NoSuchError("queue", code)


def found_agent(code: str) -> Agent:
    """Return the agent of that code.

    Raises:
        NoSuchError: there is none.
    """
    if agent := Agent.objects.filter(code=code).first():
        return agent
    raise NoSuchError("agent", code)


@transaction.atomic
def define_queue(*, code: str, skill: str | None = None, is_default: bool = False) -> Queue:
    """Make a queue, or change one.

    Args:
        code: what it is called.
        skill: what an agent must be able to do to work it; blank for nothing special, None for what it was.
        is_default: whether cases come here that no rule leads anywhere; another queue then no longer is the default.
    """
    if is_default:
        Queue.objects.filter(is_default=True).exclude(code=code).update(is_default=False)
    queue, _made = Queue.objects.get_or_create(code=code)
    queue.skill = queue.skill if skill is None else skill
    queue.is_default |= is_default
    queue.save()
    return queue


@transaction.atomic
def define_rule(
    *,
    priority: int,
    queue_code: str,
    starts_on: date,
    min_days: int = 0,
    max_days: int | None = None,
    min_balance: Decimal | None = None,
    product_code: str | None = None,
    state: str = "",
) -> QueueRule:
    """Lead cases to a queue from a night on; the rule of that priority before ends the day before.

    Args:
        priority: of the rules that fit a case, the lowest decides.
        queue_code: the queue.
        starts_on: the first business date.
        min_days: days past due at least; 0 takes loans that are current too.
        max_days: days past due below this; None for however many.
        min_balance: dollars owed at least.
        product_code: only loans of this product.
        state: only borrowers of this state.

    Raises:
        NoSuchError: there is no such queue or product.
        BadArrangementError: no loan can fit it, or that priority has a rule from that day on.
    """
    if max_days is not None and max_days <= min_days:
        raise BadArrangementError(f"rule {priority}", "its days end before they begin")
    product = _found_product(product_code) if product_code else None
    queue = found_queue(queue_code)
    end_rule(priority=priority, ends_on=starts_on - ONE_DAY, may_lack=True)
    return QueueRule.objects.create(
        priority=priority,
        queue=queue,
        starts_on=starts_on,
        min_days=min_days,
        max_days=max_days,
        min_balance=min_balance,
        product=product,
        state=state,
    )


@transaction.atomic
def end_rule(*, priority: int, ends_on: date, may_lack: bool = False) -> None:
    """End the rule of a priority; cases go where other rules lead them from the next night on.

    Args:
        priority: the rule's.
        ends_on: the last business date it decides on.
        may_lack: whether it is right if there is none.

    Raises:
        NoSuchError: there is none.
        BadArrangementError: it begins, or another of that priority does, after that day.
    """
    same = QueueRule.objects.filter(priority=priority)
    if same.filter(Q(starts_on__gt=ends_on) | Q(ends_on__gt=ends_on)).exists():
        raise BadArrangementError(f"rule {priority}", f"it decides after {ends_on} already; choose a later day")
    if not same.filter(ends_on=None).update(ends_on=ends_on) and not may_lack:
        raise NoSuchError("rule", priority)


def _found_product(code: str) -> Product:
    if product := Product.objects.filter(code=code).first():
        return product
    raise NoSuchError("product", code)


def define_agent(*, code: str, capacity: int, skills: Sequence[str] = (), is_active: bool = True) -> Agent:
    """Make an agent, or change one; the next night gives the cases of those who cannot work them to others.

    Args:
        code: what they are called.
        capacity: so many open cases at most.
        skills: what they can do, as queues name it.
        is_active: whether they work at present.
    """
    fields = {"capacity": capacity, "skills": sorted(set(skills)), "is_active": is_active}
    agent, _made = Agent.objects.update_or_create(code=code, defaults=fields)
    return agent


def define_campaign(
    *, code: str, trigger: str, days_ahead: int, starts_on: date, look_back_days: int = 90, queue_code: str = ""
) -> Campaign:
    """Reach borrowers before their instalments are due, from a night on.

    Args:
        code: what it is called; one that has run is not changed but ended, and another begun.
        trigger: one of `Campaign.Trigger`.
        days_ahead: on night D, for instalments due from D + 1 through D + so many days.
        starts_on: the first business date.
        look_back_days: of a risk: what happened so many days ago at most counts.
        queue_code: where its cases are worked; blank for the default queue.

    Raises:
        NoSuchError: there is no such queue.
        BadArrangementError: there is one of that code, or it looks at no day.
    """
    if days_ahead < 1:
        raise BadArrangementError(f"campaign {code}", "it must look at least one day ahead")
    if Campaign.objects.filter(code=code).exists():
        raise BadArrangementError(f"campaign {code}", "there is one already: end it, and give the new one another code")
    return Campaign.objects.create(
        code=code,
        trigger=trigger,
        days_ahead=days_ahead,
        starts_on=starts_on,
        look_back_days=look_back_days,
        queue=found_queue(queue_code) if queue_code else None,
    )


def end_campaign(*, code: str, ends_on: date) -> None:
    """End a campaign; those it has reached stay cases until nothing more is due soon.

    Args:
        code: the campaign's.
        ends_on: the last business date it looks at.

    Raises:
        NoSuchError: none of that code runs that began by then.
    """
    if not Campaign.objects.filter(code=code, ends_on=None, starts_on__lte=ends_on).update(ends_on=ends_on):
        raise NoSuchError("running campaign", code)
