"""The API itself: who is let in, what is mounted, and the document that describes it."""

from typing import Any

from django.http import HttpRequest
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.security import HttpBearer

from board.access import Principal
from board.api import problems, tokens
from board.api.reads import router as reads
from board.api.writes import router as writes


class Token(HttpBearer):
    """A token as `api_token issue` prints it."""

    def authenticate(self, request: HttpRequest, token: str) -> Principal:
        """Return who asks.

        Raises:
            NotSignedInError: nobody we know.
            TooManyRequestsError: somebody who asks too often.
        """
        row = tokens.check(token, address=request.META.get("REMOTE_ADDR", ""))
        request.token_id = row.id  # type: ignore[attr-defined] # What `idempotency` keeps answers by.
        return tokens.principal(row)


class MatinsAPI(NinjaAPI):
    """Describes its errors as what they are: `application/problem+json`."""

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        """Return the OpenAPI document."""
        document = super().get_openapi_schema(**options)
        for path in document["paths"].values():
            for operation in path.values():
                _name_problems(operation["responses"])
        return document


def _name_problems(responses: dict[int, dict[str, Any]]) -> None:
    for status, response in responses.items():
        if int(status) >= 400:  # noqa: PLR2004 - HTTP's own.
            response["content"] = {problems.MEDIA_TYPE: response["content"]["application/json"]}


api = MatinsAPI(
    title="Matins: the night board",
    version="1",
    description="See the night and act on it: the board's own reads and actions. `docs/how-to/call-the-api.md`.",
    docs_url=None,
    urls_namespace="board-api",
    auth=Token(),
)
problems.tell(api)
api.add_router("", reads)
api.add_router("/actions", writes)
