"""Grafana's HTTP API: the few questions and orders that keeping folders in step needs.

The paths and answers are those of Grafana 10 to 13, which Managed Grafana has too.
"""

import json
from collections.abc import Iterator
from itertools import count
from typing import Any, Self
from urllib.parse import quote, urlencode, urlsplit

from urllib3 import BaseHTTPResponse, PoolManager, Retry, Timeout
from urllib3.exceptions import HTTPError

from monitoring.tenant_dashboards.exceptions import (
    BadAddressError,
    GrafanaRefusedError,
    GrafanaUnreachableError,
    NotGrafanaError,
)

TIMEOUT = Timeout(connect=5.0, read=30.0)
#: Every order can be repeated: uids are ours, and what exists already is no error.
RETRY = Retry(
    total=4,
    backoff_factor=0.5,
    status_forcelist=(429, 502, 503, 504),
    allowed_methods=None,
    raise_on_status=False,
)
PAGE_SIZE = 1_000
VIEW = 1
OK, NOT_FOUND, EXISTS = 200, 404, (409, 412)

Found = dict[str, Any]


class Grafana:
    """One organisation of a Grafana, as a service account sees it.

    Args:
        url: where it is, with its path if it has one.
        token: of a service account with the role Admin; goes nowhere else, redirects included.

    Raises:
        BadAddressError: if the address is none, or has a password in it.
    """

    def __init__(self, *, url: str, token: str) -> None:
        self._url = _checked(url)
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        self._pool = PoolManager(headers=headers, retries=RETRY, timeout=TIMEOUT)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._pool.clear()

    def folders(self) -> dict[str, str]:
        """Return the titles of all folders by their uid."""
        return {found["uid"]: found["title"] for found in self._search(type="dash-folder")}

    def dashboards(self, *, tag: str) -> dict[str, Found]:
        """Return the dashboards with a tag by their uid, without what is on them."""
        return {found["uid"]: found for found in self._search(type="dash-db", tag=tag)}

    def teams(self) -> dict[str, int]:
        """Return the ids of all teams by their name."""
        found: dict[str, int] = {}
        for page in self._pages("/api/teams/search", "perpage"):
            found |= {team["name"]: team["id"] for team in page["teams"]}
            if len(page["teams"]) < PAGE_SIZE:
                break
        return found

    def make_team(self, name: str) -> int:
        """Make a team and return its id; one of the name that exists is as good."""
        status, answer = self._ask("POST", "/api/teams", {"name": name}, fine=(OK, *EXISTS))
        return int(answer["teamId"]) if status == OK else self.teams()[name]

    def make_folder(self, *, uid: str, title: str) -> None:
        """Make a folder; one of the uid that exists is as good."""
        order = "/api/folders"
        status, answer = self._ask("POST", order, {"uid": uid, "title": title}, fine=(OK, *EXISTS))
        if status != OK and self._ask("GET", f"{order}/{uid}", fine=(OK, NOT_FOUND))[0] != OK:
            raise GrafanaRefusedError(f"POST {order}", status, answer.get("message", title))

    def rename_folder(self, *, uid: str, title: str) -> None:
        """Give a folder another title."""
        self._ask("PUT", f"/api/folders/{uid}", {"title": title, "overwrite": True})

    def permissions(self, folder: str) -> set[tuple[str, Any, int]]:
        """Return who may do what in a folder: kind of holder, its id or role, level. Administrators always may."""
        _, held = self._ask("GET", f"/api/folders/{folder}/permissions")
        return {(*_holder(entry), entry["permission"]) for entry in held if not entry.get("inherited")}

    def show_folder(self, folder: str, *, team: int) -> None:
        """Let one team see a folder, and nobody else but administrators."""
        items = {"items": [{"teamId": team, "permission": VIEW}]}
        self._ask("POST", f"/api/folders/{folder}/permissions", items)

    def put_dashboard(self, dashboard: Found, *, folder: str) -> None:
        """Put a dashboard into a folder, over the one of its uid."""
        order = {"dashboard": dashboard, "folderUid": folder, "overwrite": True, "message": "tenant_dashboards --sync"}
        self._ask("POST", "/api/dashboards/db", order)

    def delete_dashboard(self, uid: str) -> None:
        """Delete a dashboard, if it is there."""
        self._ask("DELETE", f"/api/dashboards/uid/{quote(uid)}", fine=(OK, NOT_FOUND))

    def is_empty(self, folder: str) -> bool:
        """Return whether nothing is in a folder: no dashboard, folder, alert rule or library panel."""
        _, counts = self._ask("GET", f"/api/folders/{quote(folder)}/counts")
        return not any(counts.values())

    def delete_folder(self, uid: str) -> None:
        """Delete a folder, if it is there."""
        self._ask("DELETE", f"/api/folders/{quote(uid)}", fine=(OK, NOT_FOUND))

    def _search(self, **fields: str) -> Iterator[Found]:
        for page in self._pages("/api/search", "limit", **fields):
            yield from page
            if len(page) < PAGE_SIZE:
                return

    def _pages(self, path: str, size: str, **fields: str) -> Iterator[Any]:
        for page in count(1):
            asked = urlencode({**fields, size: PAGE_SIZE, "page": page})
            yield self._ask("GET", f"{path}?{asked}")[1]

    def _ask(
        self, method: str, path: str, body: Found | None = None, *, fine: tuple[int, ...] = (OK,)
    ) -> tuple[int, Any]:
        asked = f"{method} {path.partition('?')[0]}"
        try:
            response = self._pool.request(method, f"{self._url}{path}", json=body, redirect=False)
        except HTTPError as error:
            raise GrafanaUnreachableError(self._url, _reason(error)) from error
        if response.status not in fine:
            raise GrafanaRefusedError(asked, response.status, _message(response))
        return response.status, _parsed(response, asked)


def _checked(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise BadAddressError("must begin with https:// or http:// and a host")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise BadAddressError("must have no user, password, query or fragment")
    return url.rstrip("/")


def _holder(entry: Found) -> tuple[str, Any]:
    if entry.get("teamId"):
        return "team", entry["teamId"]
    return ("user", entry["userId"]) if entry.get("userId") else ("role", entry.get("role"))


def _reason(error: HTTPError) -> str:
    cause = getattr(error, "reason", None) or error
    return type(cause).__name__


def _parsed(response: BaseHTTPResponse, asked: str) -> Any:
    try:
        return response.json()
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise NotGrafanaError(asked) from error


def _message(response: BaseHTTPResponse) -> str:
    hints = {
        401: "the token in MATINS_GRAFANA_TOKEN is wrong or has expired",
        403: "the token's service account needs the role Admin",
    }
    if moved := response.headers.get("Location"):
        return f"it is at {moved}; give that address"
    return hints.get(response.status) or _said(response)


def _said(response: BaseHTTPResponse) -> str:
    try:
        return str(response.json()["message"]).partition("\n")[0]
    except (json.JSONDecodeError, UnicodeDecodeError, KeyError, TypeError):
        return "no reason given"
