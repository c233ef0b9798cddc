"""Keeps a Grafana in step with the tenants: makes what is missing, changes what differs, removes what has no tenant."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from monitoring.tenant_dashboards.grafana import VIEW, Found, Grafana
from monitoring.tenant_dashboards.shares import DASHBOARD, FOLDER, Share
from monitoring.tenant_dashboards.steps import Done, Step
from ops.dashboards.own import TAG
from ops.dashboards.site import Site


@dataclass(frozen=True)
class _Present:
    """What Grafana has, asked once for all tenants."""

    folders: dict[str, str]
    dashboards: dict[str, Found]
    teams: dict[str, int]


def sync(grafana: Grafana, *, site: Site, active: Sequence[Share], kept: Sequence[Share]) -> Iterator[Step]:
    """Bring folders, teams, permissions and dashboards in step; the second time there is nothing to do.

    Teams are made where they are missing and never removed: who is in them is other people's work.

    Args:
        grafana: the one to keep in step.
        site: the deployment.
        active: tenants that get a dashboard.
        kept: tenants that keep what they have.

    Raises:
        MonitoringError: if Grafana does not do what it is asked to.
    """
    present = _Present(grafana.folders(), grafana.dashboards(tag=TAG), grafana.teams())
    for share in active:
        yield _bring_in_step(grafana, share, share.dashboard(site), present)
    yield from _remove_others(grafana, [*active, *kept], present)


def _bring_in_step(grafana: Grafana, share: Share, dashboard: str, present: _Present) -> Step:
    # In this order nobody else sees the dashboard, not for a moment.
    folder_made = _ensure_folder(grafana, share, present)
    changed = [_ensure_permissions(grafana, share, present), _ensure_dashboard(grafana, share, dashboard, present)]
    if folder_made is Done.UNCHANGED and any(changed):
        return Step(share.tenant, Done.CHANGED)
    return Step(share.tenant, folder_made)


def _ensure_folder(grafana: Grafana, share: Share, present: _Present) -> Done:
    title = present.folders.get(share.folder_uid)
    if title is None:
        grafana.make_folder(uid=share.folder_uid, title=share.folder_title)
        return Done.MADE
    if title != share.folder_title:
        grafana.rename_folder(uid=share.folder_uid, title=share.folder_title)
        return Done.CHANGED
    return Done.UNCHANGED


def _ensure_permissions(grafana: Grafana, share: Share, present: _Present) -> bool:
    team = present.teams.get(share.team) or grafana.make_team(share.team)
    if grafana.permissions(share.folder_uid) == {("team", team, VIEW)}:
        return False
    grafana.show_folder(share.folder_uid, team=team)
    return True


def _ensure_dashboard(grafana: Grafana, share: Share, dashboard: str, present: _Present) -> bool:
    # Grafana migrates what it stores, so what it gives back need not be what it was given. Tags stay, and a search
    # tells those of a thousand dashboards at once.
    mark = f"{TAG}-{hashlib.sha256(dashboard.encode()).hexdigest()[:12]}"
    before = present.dashboards.get(share.dashboard_uid, {})
    if mark in before.get("tags", ()) and before.get("folderUid") == share.folder_uid:
        return False
    content = json.loads(dashboard)
    grafana.put_dashboard({**content, "tags": [*content["tags"], mark]}, folder=share.folder_uid)
    return True


def _remove_others(grafana: Grafana, still: Sequence[Share], present: _Present) -> Iterator[Step]:
    for uid in _others(present.dashboards, DASHBOARD, {share.dashboard_uid for share in still}):
        grafana.delete_dashboard(uid)
        yield Step(present.dashboards[uid]["title"], Done.REMOVED)
    for uid in _others(present.folders, FOLDER, {share.folder_uid for share in still}):
        yield Step(present.folders[uid], *_remove_folder(grafana, uid))


def _remove_folder(grafana: Grafana, uid: str) -> tuple[Done, str]:
    if not grafana.is_empty(uid):
        return Done.LEFT, "the folder holds what Matins did not make"
    grafana.delete_folder(uid)
    return Done.REMOVED, ""


def _others(present: Iterable[str], prefix: str, still: set[str]) -> list[str]:
    """Return the uids that Matins made for tenants that are no more."""
    return sorted(uid for uid in present if uid.startswith(prefix) and uid not in still)
