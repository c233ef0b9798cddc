"""Promises to pay: made by people, decided by the night, decided again when a payment comes or goes afterwards."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection, transaction

from casework.exceptions import BadPromiseError, NoPromiseError
from casework.judging import judge_promises
from casework.models import Promise
from casework.selectors.received import CHANGED_SINCE, Account, accounts, night_parameters
from common.outcomes import BadItem, Outcome
from loans.scope import Scope
from loans.selectors.running import running_loan
from loans.services.chosen import bad_loan, chosen

Status = Promise.Status

#: Why a loan's promises cannot be decided.
UNBOOKED = "its payment {} is not in the sub-ledger with its amount: correct that first"


@transaction.atomic
def make_promise(
    *, loan_number: str, amount: Decimal, made_on: date, due_on: date, tolerance_days: int = 0, made_by: str = ""
) -> Promise:
    """Keep a promise on record; while it is open, the loan is not dunned.

    Args:
        loan_number: the loan's number.
        amount: what is promised, in dollars.
        made_on: payments that count from this day on count for it.
        due_on: the day by which it is to be there.
        tolerance_days: so many days later is still in time.
        made_by: who took it.

    Raises:
        NoSuchLoanError, LoanEndedError: nothing can be promised for the loan.
        BadPromiseError: nothing is promised, or only for the past, or the same twice.
    """
    loan = running_loan(loan_number)
    if amount <= 0 or due_on < made_on:
        raise BadPromiseError(loan_number, f"{amount} by {due_on}, made on {made_on}, is nothing to wait for")
    if Promise.objects.filter(loan=loan, made_on=made_on, due_on=due_on).exclude(status=Status.WITHDRAWN).exists():
        raise BadPromiseError(loan_number, f"one of {made_on} for {due_on} is on record; withdraw it first")
    return Promise.objects.create(
        loan=loan, amount=amount, made_on=made_on, due_on=due_on, tolerance_days=tolerance_days, made_by=made_by
    )


@transaction.atomic
def withdraw_promise(*, loan_number: str, due_on: date, withdrawn_on: date) -> Promise:
    """Take back an open promise, e.g. one that was entered wrongly.

    Args:
        loan_number: the loan's number.
        due_on: the day by which it was to be paid.
        withdrawn_on: the business date.

    Raises:
        NoPromiseError: there is none that is open.
    """
    found = Promise.objects.filter(loan__number=loan_number, due_on=due_on, status=Status.OPEN).order_by("-id").first()
    if found is None:
        raise NoPromiseError(loan_number, due_on.isoformat())
    found.status, found.decided_on = Status.WITHDRAWN, withdrawn_on
    found.save(update_fields=["status", "decided_on"])
    return found


@transaction.atomic
def check_promises(
    *,
    business_date: date,
    due_at: datetime | None = None,
    only: Sequence[str] | None = None,
) -> Outcome:
    """Decide the promises whose day and tolerance have passed: kept, partly kept, broken (settled rule 19).

    One that is decided is decided again when a payment of its time came in later or was taken back. Repeated, it
    changes nothing.

    Args:
        business_date: D; payments effective before it count, those taken back do not.
        due_at: when the run's window was due; none when done by hand.
        only: the numbers of the loans to do; all when None.
    """
    scope, bad = chosen(only)
    found = _to_decide(scope, business_date, due_at)
    promises = _of_loans(list(found))
    changed = list[Promise]()
    for loan_id, account in accounts(list(found), business_date=business_date, due_at=due_at).items():
        if account.unbooked:
            bad.append(_bad(promises[loan_id][0], account))
        else:
            changed += _decide(promises[loan_id], found[loan_id], account)
    _keep(changed, business_date, due_at)
    counts = Counter(one.status for one in changed)
    return Outcome(
        counts={status: counts[status] for status in (Status.KEPT, Status.PARTIAL, Status.BROKEN)}, quarantined=bad
    )


_TO_DECIDE = f"""
    SELECT id, loan_id FROM casework_promise promise
    WHERE ((status = '{Status.OPEN}' AND due_on + tolerance_days < %(day)s)
           OR (status IN ('{Status.KEPT}', '{Status.PARTIAL}', '{Status.BROKEN}') AND decided_on < %(day)s
               AND {CHANGED_SINCE.format(loan_id="promise.loan_id", since="promise.decided_on")}))
        {{of_loan}}
    ORDER BY loan_id, id"""


def _to_decide(scope: Scope, business_date: date, due_at: datetime | None) -> Mapping[int, set[int]]:
    """Return the ids of the promises to decide, by loan."""
    found = defaultdict[int, set[int]](set)
    with connection.cursor() as cursor:
        statement = _TO_DECIDE.format(of_loan=scope.of("loan_id"))
        cursor.execute(statement, {**night_parameters(business_date, due_at), **scope.parameters})
        for pk, loan_id in cursor.fetchall():
            found[loan_id].add(pk)
    return found


def _of_loans(loan_ids: Sequence[int]) -> Mapping[int, list[Promise]]:
    """Return all promises of loans, by loan: they share the payments."""
    promises = defaultdict[int, list[Promise]](list)
    rows = Promise.objects.filter(loan_id__in=loan_ids).exclude(status=Status.WITHDRAWN)
    for one in rows.select_related("loan").order_by("loan_id", "id"):
        promises[one.loan_id].append(one)
    return promises


def _decide(promises: Sequence[Promise], ids: set[int], account: Account) -> list[Promise]:
    """Write the verdicts on those promises of a loan that have these ids; return those that it changes."""
    changed, verdicts = list[Promise](), judge_promises(promises, account)
    for one in promises:
        verdict = verdicts[one.pk]
        now = (verdict.status, verdict.paid, verdict.kept_on)
        if one.pk in ids and now != (one.status, one.paid, one.kept_on):
            one.status, one.paid, one.kept_on = now
            changed.append(one)
    return changed


_KEEP = """
    UPDATE casework_promise promise
    SET status = verdict.status, paid = verdict.paid, kept_on = verdict.kept_on, decided_on = %(day)s,
        due_at = %(due_at)s
    FROM unnest(%(ids)s::bigint[], %(statuses)s::text[], %(paid)s::numeric[], %(kept_on)s::date[])
        AS verdict (id, status, paid, kept_on)
    WHERE promise.id = verdict.id"""


def _keep(changed: Sequence[Promise], business_date: date, due_at: datetime | None) -> None:
    columns: dict[str, Any] = {
        "ids": [one.pk for one in changed],
        "statuses": [one.status for one in changed],
        "paid": [one.paid for one in changed],
        "kept_on": [one.kept_on for one in changed],
    }
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, {**columns, "day": business_date, "due_at": due_at})


def _bad(promise: Promise, account: Account) -> BadItem:
    return bad_loan(promise.loan.number, UNBOOKED.format(account.unbooked))
