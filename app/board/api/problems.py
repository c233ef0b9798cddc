"""Every error of the API is a problem document (RFC 9457), also what Django itself refuses; none has a traceback."""

import logging
from http import HTTPStatus
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.deprecation import MiddlewareMixin
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError
from pydantic import Field

from board.api.exceptions import ApiError
from board.exceptions import BoardError, NotAllowedError
from schedules.exceptions import OperationRefusedError, ScheduleError, UnknownScheduleError
from tenants.exceptions import TenantError, UnknownTenantError

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
#: What a script is told where Django itself answers.
PLAIN = {
    400: "The request cannot be read.",
    404: "There is nothing here for this token.",
    405: "This address does not do that; `Allow` says what it does.",
    413: "The body is too large.",
    500: "Something went wrong on our side; the log has it. Nothing was answered for this key: send it again.",
}


class Fault(Schema):
    """One thing that is wrong with a request."""

    at: str = Field(description="Where, e.g. `body.business_date`.")
    detail: str


class Problem(Schema):
    """Why a request was not done (RFC 9457)."""

    type: str = Field(description="Tells kinds of problems apart.")
    title: str
    status: int
    detail: str = Field(description="For people: what to do next.")
    errors: list[Fault] = Field(default=[], description="What is wrong with the request, part by part.")


def problem(status: int, kind: str = "", detail: str = "", errors: list[Fault] | None = None) -> HttpResponse:
    """Return a problem as an answer.

    Args:
        status: of HTTP.
        kind: the last part of its type; without one the status says it all.
        detail: for people.
        errors: what is wrong with the request.
    """
    document = Problem(
        type=f"urn:matins:problem:{kind}" if kind else "about:blank",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail or PLAIN.get(status, HTTPStatus(status).description),
        errors=errors or [],
    )
    return HttpResponse(document.model_dump_json(), content_type=MEDIA_TYPE, status=status)


def _api_error(_request: HttpRequest, error: Any) -> HttpResponse:
    answer = problem(error.status, error.kind, str(error))
    if error.retry_after_s is not None:
        answer["Retry-After"] = str(error.retry_after_s)
    if error.status == HTTPStatus.UNAUTHORIZED:
        answer["WWW-Authenticate"] = "Bearer"
    return answer


def _not_signed_in(_request: HttpRequest, _error: Any) -> HttpResponse:
    answer = problem(401, "not-signed-in", "Send a token: `Authorization: Bearer matins_…`.")
    answer["WWW-Authenticate"] = "Bearer"
    return answer


def _invalid(_request: HttpRequest, error: Any) -> HttpResponse:
    faults = [Fault(at=".".join(map(str, _place(one["loc"]))), detail=one["msg"]) for one in error.errors]
    return problem(422, "invalid", "The request is not what this operation takes; `errors` says where.", faults)


def _place(where: Any) -> list[Any]:
    """Leave out what only the program calls a body: `body, wanted, reason` is `body.reason` to who sent it."""
    return [part for number, part in enumerate(where) if not (number == 1 and where[0] == "body")]


def _refused(_request: HttpRequest, error: Any) -> HttpResponse:
    return problem(409, "refused", str(error))


def _not_allowed(_request: HttpRequest, error: Any) -> HttpResponse:
    return problem(403, "not-allowed", str(error))


def _unknown(_request: HttpRequest, error: Any) -> HttpResponse:
    return problem(404, "unknown", str(error))


def _nothing_here(_request: HttpRequest, _error: Any) -> HttpResponse:
    return problem(404)


def _by_status(_request: HttpRequest, error: Any) -> HttpResponse:
    return problem(error.status_code, detail=str(error))


def _too_large(_request: HttpRequest, _error: Any) -> HttpResponse:
    return problem(413)


def _database_away(_request: HttpRequest, error: Any) -> HttpResponse:
    logger.warning("The database did not answer: %s", error)
    answer = problem(503, "database-away", "The database does not answer; send the same again with the same key.")
    answer["Retry-After"] = "5"
    return answer


def _unexpected(request: HttpRequest, error: Any) -> HttpResponse:
    logger.error("%s %s went wrong.", request.method, request.path, exc_info=error)
    return problem(500)


HANDLERS = {
    ApiError: _api_error,
    NotAllowedError: _not_allowed,
    BoardError: _refused,
    AuthenticationError: _not_signed_in,
    ValidationError: _invalid,
    UnknownScheduleError: _unknown,
    UnknownTenantError: _unknown,
    OperationRefusedError: _refused,
    ScheduleError: _refused,
    TenantError: _refused,
    Http404: _nothing_here,
    HttpError: _by_status,
    RequestDataTooBig: _too_large,
    OperationalError: _database_away,
    Exception: _unexpected,
}


def tell(api: NinjaAPI) -> None:
    """Let an API answer every exception with a problem."""
    for exception, handler in HANDLERS.items():
        api.add_exception_handler(exception, handler)


class Middleware(MiddlewareMixin):
    """Turns what Django itself refuses under `/api/` into problems: unknown addresses, methods, hosts."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Return the answer, or a problem with the same status in its place."""
        is_error = response.status_code >= HTTPStatus.BAD_REQUEST
        if not (is_error and request.path.startswith("/api/")) or response["Content-Type"] == MEDIA_TYPE:
            return response
        answer = problem(response.status_code)
        if "Allow" in response:
            answer["Allow"] = response["Allow"]
        return answer
