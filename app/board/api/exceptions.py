"""What the API refuses by itself; every message says what to do next."""


class ApiError(Exception):
    """Base of the API's own refusals.

    Args:
        status: of the HTTP answer.
        kind: the last part of the problem's `type`, by which programs tell refusals apart.
        detail: for people.
        retry_after_s: when the same request may be sent again.
    """

    status = 400
    kind = "bad-request"

    def __init__(self, detail: str, *, retry_after_s: int | None = None) -> None:
        super().__init__(detail)
        self.retry_after_s = retry_after_s


class NotSignedInError(ApiError):
    """No token, or none that opens anything."""

    status, kind = 401, "not-signed-in"


class BadCursorError(ApiError):
    """A cursor that this list never handed out."""

    status, kind = 422, "bad-cursor"


class KeyReusedError(ApiError):
    """An idempotency key came back with another request."""

    status, kind = 422, "idempotency-key-reused"


class StillGoingOnError(ApiError):
    """The same write, by the same key, is being done right now."""

    status, kind = 409, "still-going-on"


class TooManyRequestsError(ApiError):
    """The token has used up its minute, or has opened nothing too often."""

    status, kind = 429, "too-many-requests"


class UnknownTokenError(ApiError):
    """The command line named no token."""


class BadTokenRequestError(ApiError):
    """A token cannot be issued as asked."""
