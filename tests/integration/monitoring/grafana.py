"""A small Grafana over real HTTP: folders, permissions, dashboards, teams and search, as its API answers.

What is modelled is what Grafana 10 to 13 do (its sources: pkg/api/folder.go, folder_permission.go, dashboard.go,
team.go, search.go, apierrors/): a folder made without permissions can be seen by every viewer and edited by every
editor; setting permissions replaces all; folders and dashboards share uids of at most 40 characters; a dashboard is
overwritten only when asked; a folder that holds alert rules is not deleted, any other with all that is in it; lists
come in pages; a viewer's search finds what that viewer may see; nothing is said without a token.
"""

import json
import re
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

ADMIN = "glsa_admin"
ROUTES = [
    ("GET", r"/api/search", "search"),
    ("POST", r"/api/folders", "make_folder"),
    ("GET", r"/api/folders/([^/]+)", "get_folder"),
    ("PUT", r"/api/folders/([^/]+)", "rename_folder"),
    ("DELETE", r"/api/folders/([^/]+)", "delete_folder"),
    ("GET", r"/api/folders/([^/]+)/counts", "count"),
    ("GET", r"/api/folders/([^/]+)/permissions", "permissions"),
    ("POST", r"/api/folders/([^/]+)/permissions", "set_permissions"),
    ("POST", r"/api/dashboards/db", "put_dashboard"),
    ("DELETE", r"/api/dashboards/uid/([^/]+)", "delete_dashboard"),
    ("GET", r"/api/teams/search", "teams_page"),
    ("POST", r"/api/teams", "make_team"),
]


class RefusedError(Exception):
    """An answer that is not 200."""

    def __init__(self, status, message):
        super().__init__(message)
        self.status = status


class FakeGrafana:
    """What it holds, which orders it was given, and which misfortunes it has in store."""

    def __init__(self):
        self.folders, self.dashboards, self.teams, self.rules = {}, {}, {}, {}
        self.asked, self.orders, self.misfortunes, self.viewers = [], [], [], {}
        self.largest_page = 5_000

    def admit(self, token, *, team):
        """Let a person of a team in, as a viewer."""
        self.viewers[token] = self.teams[team]

    def answer(self, method, target, token, body):
        """Return the status and what is said."""
        path, fields = target.path, {name: values[0] for name, values in parse_qs(target.query).items()}
        self.asked.append((method, path))
        if self.misfortunes:
            return self.misfortunes.pop(0)
        if token != ADMIN and token not in self.viewers:
            return 401, {}, {"message": "Invalid API key"}
        if token != ADMIN and method != "GET":
            return 403, {}, {"message": "You'll need additional permissions to perform this action."}
        for verb, pattern, name in ROUTES:
            if verb == method and (match := re.fullmatch(pattern, path)):
                return self._answer(name, match.groups(), fields, body, token)
        return 404, {}, {"message": "Not found"}

    def _answer(self, name, uids, fields, body, token):
        if name not in ("search", "get_folder", "count", "permissions", "teams_page"):
            self.orders.append((name, *uids))
        try:
            given = {"fields": fields, "token": token} if name in ("search", "teams_page") else {}
            given |= {"body": body} if body is not None else {}
            return 200, {}, getattr(self, name)(*uids, **given)
        except RefusedError as refusal:
            return refusal.status, {}, {"message": str(refusal)}

    def search(self, *, fields, token):
        folders = ({"uid": uid, "title": one["title"], "type": "dash-folder"} for uid, one in self.folders.items())
        dashboards = (
            {"uid": uid, "type": "dash-db", "folderUid": one["folder"], **one["dashboard"]}
            for uid, one in self.dashboards.items()
        )
        hits = [{"tags": [], **hit} for hit in (*folders, *dashboards)]
        wanted = [
            hit
            for hit in hits
            if hit["type"] == fields.get("type", hit["type"])
            and ("tag" not in fields or fields["tag"] in hit["tags"])
            and self._may_see(token, hit.get("folderUid", hit["uid"]))
        ]
        return self._page(wanted, fields.get("limit", 1000), fields)

    def _page(self, found, size, fields):
        size, page = min(int(size), self.largest_page), int(fields.get("page", 1))
        return found[size * (page - 1) : size * page]

    def _may_see(self, token, folder):
        if token == ADMIN or folder not in self.folders:
            return token == ADMIN
        held = self.folders[folder]["permissions"]
        return any(item.get("role") == "Viewer" or item.get("teamId") == self.viewers[token] for item in held)

    def make_folder(self, *, body):
        self._check_uid(body["uid"])
        if body["uid"] in self.folders or body["uid"] in self.dashboards:
            raise RefusedError(409, "a folder/dashboard with the same uid already exists")
        if not body["title"]:
            raise RefusedError(400, "folder title cannot be empty")
        default = [{"role": "Editor", "permission": 2}, {"role": "Viewer", "permission": 1}]
        self.folders[body["uid"]] = {"title": body["title"], "version": 1, "permissions": default}
        return self.get_folder(body["uid"])

    def get_folder(self, uid):
        folder = self._folder(uid)
        return {"uid": uid, "title": folder["title"], "version": folder["version"]}

    def rename_folder(self, uid, *, body):
        folder = self._folder(uid)
        if not body.get("overwrite") and body.get("version") != folder["version"]:
            raise RefusedError(412, "the folder has been changed by someone else")
        folder |= {"title": body["title"], "version": folder["version"] + 1}
        return self.get_folder(uid)

    def delete_folder(self, uid):
        self._folder(uid)
        if self.rules.get(uid):
            raise RefusedError(400, "folder contains alert rules")
        del self.folders[uid]
        self.dashboards = {name: one for name, one in self.dashboards.items() if one["folder"] != uid}
        return {"message": "Folder deleted"}

    def count(self, uid):
        self._folder(uid)
        inside = sum(one["folder"] == uid for one in self.dashboards.values())
        return {"alertrule": self.rules.get(uid, 0), "dashboard": inside, "folder": 0, "librarypanel": 0}

    def permissions(self, uid):
        return [{"uid": uid, "inherited": False, **item} for item in self._folder(uid)["permissions"]]

    def set_permissions(self, uid, *, body):
        for item in body["items"]:
            if item.get("role") and (item.get("teamId") or item.get("userId")):
                raise RefusedError(400, "team or user permissions cannot have a role")
        self._folder(uid)["permissions"] = body["items"]
        return {"message": "Folder permissions updated"}

    def put_dashboard(self, *, body):
        dashboard, folder = body["dashboard"], body["folderUid"]
        self._check_uid(dashboard["uid"])
        if folder not in self.folders or dashboard["uid"] in self.folders:
            raise RefusedError(400, "folder not found" if folder not in self.folders else "uid is taken by a folder")
        before = self.dashboards.get(dashboard["uid"])
        if before and not body.get("overwrite"):
            raise RefusedError(412, "The dashboard has been changed by someone else")
        version = before["dashboard"]["version"] + 1 if before else 1
        self.dashboards[dashboard["uid"]] = {"folder": folder, "dashboard": {**dashboard, "version": version}}
        return {"status": "success", "uid": dashboard["uid"], "version": version}

    def delete_dashboard(self, uid):
        if uid not in self.dashboards:
            raise RefusedError(404, "Dashboard not found")
        return {"title": self.dashboards.pop(uid)["dashboard"]["title"]}

    def make_team(self, *, body):
        if body["name"] in self.teams:
            raise RefusedError(409, "Team name taken")
        self.teams[body["name"]] = len(self.teams) + 1
        return {"message": "Team created", "teamId": self.teams[body["name"]]}

    def teams_page(self, *, fields, token):
        teams = [{"id": number, "name": name} for name, number in self.teams.items()]
        return {"totalCount": len(teams), "teams": self._page(teams, fields.get("perpage", 1000), fields)}

    def _folder(self, uid):
        if uid not in self.folders:
            raise RefusedError(404, "folder not found")
        return self.folders[uid]

    def _check_uid(self, uid):
        if len(uid) > 40:
            raise RefusedError(400, "uid too long. max 40 characters")
        if not re.fullmatch(r"[a-zA-Z0-9_-]+", uid):
            raise RefusedError(400, "uid contains illegal characters")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def _serve(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        status, headers, said = self.server.grafana.answer(self.command, urlsplit(self.path), token, body)
        content = said if isinstance(said, bytes) else json.dumps(said).encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def __getattr__(self, name):
        if name.startswith("do_"):
            return self._serve
        raise AttributeError(name)

    def log_message(self, *_arguments):
        """Say nothing: what was asked is in `asked`."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """Say nothing of clients that did not wait."""


@contextmanager
def running():
    """Yield a Grafana that answers at its `url`."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.grafana = FakeGrafana()
    server.grafana.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.grafana
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
