"""Dashboards as files that Grafana's provisioning reads: a directory for each tenant, and the list of them in YAML."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from monitoring.tenant_dashboards.shares import DASHBOARD, Share
from monitoring.tenant_dashboards.steps import Done, Step
from ops.dashboards.site import Site

#: The list that Grafana wants in its directory `provisioning/dashboards`.
PROVIDERS = "matins-tenants.yml"


def write(
    directory: Path, *, site: Site, active: Sequence[Share], kept: Sequence[Share], seen_at: str
) -> Iterator[Step]:
    """Write what is missing or different, then remove what has no tenant any more.

    Args:
        directory: made if it is not there; other files in it are left alone.
        site: the deployment.
        active: tenants that get a dashboard.
        kept: tenants that keep what they have.
        seen_at: where Grafana sees the directory.
    """
    for share in active:
        yield Step(share.tenant, _put(_file(directory, share), share.dashboard(site)))
    still = [*active, *(share for share in kept if _file(directory, share).exists())]
    yield from _remove_others(directory, keep={_file(directory, share) for share in still})
    yield Step(PROVIDERS, _put(directory / PROVIDERS, providers(still, seen_at)))


def providers(shares: Sequence[Share], seen_at: str) -> str:
    """Return the provisioning file: a folder for each tenant, under a uid that stays."""
    head = "# Made by `manage.py tenant_dashboards`. Grafana reads it when it starts.\napiVersion: 1\n"
    if not shares:
        return f"{head}providers: []\n"
    return f"{head}providers:\n" + "".join(_provider(share, seen_at) for share in shares)


def _provider(share: Share, seen_at: str) -> str:
    return (
        f"- name: {share.dashboard_uid}\n"
        f"  type: file\n"
        f"  folder: {_quoted(share.folder_title)}\n"
        f"  folderUid: {share.folder_uid}\n"
        f"  disableDeletion: false\n"
        f"  allowUiUpdates: false\n"
        f"  updateIntervalSeconds: 60\n"
        f"  options:\n"
        f"    path: {_quoted(f'{seen_at}/{share.tenant}')}\n"
    )


def _quoted(text: str) -> str:
    # JSON's strings are YAML's. Grafana replaces $NAME by an environment variable, and $$ by a dollar.
    return json.dumps(text).replace("$", "$$")


def _file(directory: Path, share: Share) -> Path:
    return directory / share.tenant / f"{share.dashboard_uid}.json"


def _put(file: Path, content: str) -> Done:
    before = file.read_text(encoding="utf-8") if file.exists() else None
    if before == content:
        return Done.UNCHANGED
    file.parent.mkdir(parents=True, exist_ok=True)
    # Grafana looks every minute; half a file would take the dashboard away until the next look.
    draft = file.with_name(f".{file.name}.draft")
    draft.write_text(content, encoding="utf-8")
    draft.replace(file)
    return Done.MADE if before is None else Done.CHANGED


def _remove_others(directory: Path, *, keep: set[Path]) -> Iterator[Step]:
    for file in sorted(set(directory.glob(f"*/{DASHBOARD}*.json")) - keep):
        file.unlink()
        others = any(file.parent.iterdir())
        if not others:
            file.parent.rmdir()
        yield Step(file.parent.name, Done.REMOVED, "other files in its directory stay" if others else "")
