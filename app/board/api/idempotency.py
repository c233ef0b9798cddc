"""A write is done once for each `Idempotency-Key`, however often it is sent, also at the same time.

The key is written down before the work begins, under a unique constraint, and the work holds an advisory lock of the
session: a repetition that finds the lock taken comes too early, and one that finds it free and no answer knows that
the process before it died, and does the work (which is safe to repeat) in its place.
"""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse

from board.api.exceptions import KeyReusedError, StillGoingOnError
from board.api.models import Answer
from schedules import sql

#: So long a repetition gets the answer of the first; afterwards the key is free.
REMEMBERED = timedelta(days=7)
# The first number of the advisory lock; the second is the answer's id.
ANSWERS = 0x4D41544B  # "MATK"
# What the repetition of a refused write is told again; after anything else it may be tried again.
FINAL = range(200, 500)


def once(request: HttpRequest, *, token_id: int, key: str, work: Callable[[], HttpResponse]) -> HttpResponse:
    """Return the answer to a write: by doing it, or what it was answered before.

    Args:
        request: the write.
        token_id: who asks; keys of different tokens have nothing to do with each other.
        key: its `Idempotency-Key`.
        work: does it.

    Raises:
        KeyReusedError: the key came with another request before.
        StillGoingOnError: the same write is being done right now.
    """
    fingerprint = _fingerprint(request)
    answer_id = _noted(token_id, key, fingerprint)
    with _alone(answer_id):
        answer = Answer.objects.get(pk=answer_id)
        if answer.request != fingerprint:
            raise KeyReusedError(f"The key {key!a} belongs to another request: a new request takes a new key.")
        return _again(answer) if answer.status else _kept(answer, work())


def _noted(token_id: int, key: str, fingerprint: str) -> int:
    Answer.objects.filter(asked_at__lt=Now() - REMEMBERED).delete()
    rows = sql.fetch(
        """INSERT INTO public.board_api_answer (token_id, key, request, asked_at, content_type, body)
           VALUES (%(token_id)s, %(key)s, %(request)s, clock_timestamp(), '', '')
           ON CONFLICT (token_id, key) DO UPDATE SET key = excluded.key RETURNING id""",
        {"token_id": token_id, "key": key, "request": fingerprint},
    )
    return int(rows[0].id)


@contextmanager
def _alone(answer_id: int) -> Iterator[None]:
    lock = {"answers": ANSWERS, "id": answer_id}
    if not sql.fetch("SELECT pg_try_advisory_lock(%(answers)s, %(id)s::int) AS taken", lock)[0].taken:
        raise StillGoingOnError("The same write is being done; ask again for its answer.", retry_after_s=1)
    try:
        yield
    finally:
        sql.fetch("SELECT pg_advisory_unlock(%(answers)s, %(id)s::int)", lock)


def _kept(answer: Answer, response: HttpResponse) -> HttpResponse:
    if response.status_code in FINAL:
        answer.status = response.status_code
        answer.content_type = response["Content-Type"]
        answer.body = response.content.decode()
        answer.save(update_fields=["status", "content_type", "body"])
    return response


def _again(answer: Answer) -> HttpResponse:
    response = HttpResponse(answer.body, content_type=answer.content_type, status=answer.status)
    response["Idempotent-Replayed"] = "true"
    return response


def _fingerprint(request: HttpRequest) -> str:
    parts = (str(request.method).encode(), request.get_full_path().encode(), request.body)
    return hashlib.sha256(b"\0".join(parts)).hexdigest()
