"""Monitoring engines over HTTP: `GET {url}?cursor=…&limit=…` with a bearer token, answered by a page of JSON."""

from collections.abc import Iterator
from contextlib import closing

from pydantic import ValidationError
from urllib3 import BaseHTTPResponse, PoolManager, Retry, Timeout
from urllib3.exceptions import HTTPError

from compliance.engines.exceptions import BadAnswerError, EngineRefusedError, EngineUnreachableError
from compliance.engines.port import Page

CONNECT_TIMEOUT_S, READ_TIMEOUT_S = 3.0, 10.0
#: Tries after the first, at most a second apart, for what passes by itself. `Retry-After` is not obeyed: the ledger
#: retries too, and a provider must not decide how long the night's transaction stays open.
RETRY = Retry(
    total=2,
    backoff_factor=0.5,
    status_forcelist=(429, 500, 502, 503, 504),
    allowed_methods=("GET",),
    respect_retry_after_header=False,
    raise_on_status=False,
)
PAGE_SIZE = 500
#: What a poll takes at most; the next one goes on from there.
MAX_PAGES = 1_000
MAX_BYTES = 4 * 1024 * 1024


class HttpEngine:
    """A `compliance.engines.port.MonitoringEngine` asked over HTTP; our token follows no redirect."""

    def __init__(self, *, code: str, url: str, token: str) -> None:
        self._code, self._url = code, url
        self._headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}

    def pages(self, *, cursor: str) -> Iterator[Page]:
        """Yield the pages after the cursor; see the port."""
        with PoolManager(retries=RETRY, timeout=Timeout(connect=CONNECT_TIMEOUT_S, read=READ_TIMEOUT_S)) as pool:
            for _ in range(MAX_PAGES):
                page = self._parse(self._get(pool, cursor))
                if page.has_more and page.next_cursor == cursor:
                    raise BadAnswerError(self._code, f"has_more without a new cursor after {cursor!r}")
                yield page
                if not page.has_more:
                    return
                cursor = page.next_cursor

    def _get(self, pool: PoolManager, cursor: str) -> bytes:
        fields = {"limit": str(PAGE_SIZE), **({"cursor": cursor} if cursor else {})}
        try:
            response = pool.request(
                "GET", self._url, fields=fields, headers=self._headers, redirect=False, preload_content=False
            )
            with closing(response):
                return self._body(response)
        except HTTPError as error:
            raise EngineUnreachableError(self._code, type(error).__name__) from error

    def _body(self, response: BaseHTTPResponse) -> bytes:
        if response.status != 200:  # noqa: PLR2004 - everybody knows it
            raise EngineRefusedError(self._code, response.status)
        body = response.read(MAX_BYTES + 1)
        if len(body) > MAX_BYTES:
            raise BadAnswerError(self._code, f"a page of more than {MAX_BYTES} bytes")
        return body

    def _parse(self, body: bytes) -> Page:
        try:
            return Page.model_validate_json(body)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False, include_context=False)[0]
            raise BadAnswerError(self._code, f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error
