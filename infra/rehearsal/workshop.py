"""The temporary copy of the projects that a rehearsal works on: Pulumi rewrites its files, and keys are left out."""

from pathlib import Path
from typing import Any

import yaml

from infra import projects
from infra.engine import Engine
from infra.grafana_token import HEADERS

MADE_UP = "rehearsed"
IMAGE = f"example.invalid/matins/rehearsed@sha256:{'0' * 64}"
#: What a deployment is told by its engineer, and a rehearsal makes up where nobody has.
TOLD = {
    "app": {"image": IMAGE},
    "data": dict.fromkeys(
        ("ownerPassword", "appPassword", "brokerPassword", "resultPassword", "secretKey", "identityKeys"), MADE_UP
    ),
    "observability": {"image": IMAGE},
}


def build(folder: Path, environment: str, *, source: Path = projects.FOLDER) -> Engine:
    """Copy what a rehearsal of an environment needs, and return an engine that works on it alone.

    Args:
        folder: empty; state, projects and Pulumi's own files go there.
        environment: whose configuration is copied.
        source: the projects.
    """
    for stack in projects.ORDER:
        _copy(source / stack, folder / "stacks" / stack, environment)
    (folder / "state").mkdir()
    variables = {
        "PULUMI_BACKEND_URL": f"file://{folder / 'state'}",
        "PULUMI_CONFIG_PASSPHRASE": MADE_UP,
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "1",
        # The whole state is written once per operation and not after each step, which takes as long as all else of it:
        # nobody takes up a rehearsal that was killed.
        "PULUMI_EXPERIMENTAL": "1",
        "PULUMI_SKIP_CHECKPOINTS": "1",
        "PULUMI_HOME": str(folder / "home"),
        HEADERS: "{}",
    }
    return Engine(projects=folder / "stacks", variables=variables)


def _copy(source: Path, target: Path, environment: str) -> None:
    target.mkdir(parents=True)
    project = yaml.safe_load((source / "Pulumi.yaml").read_text())
    (target / "Pulumi.yaml").write_text(yaml.safe_dump({"name": project["name"], "runtime": "python"}))
    name = f"Pulumi.{environment}.yaml"
    config = yaml.safe_load((source / name).read_text()).get("config") or {}
    made_up = {f"{project['name']}:{key}": value for key, value in TOLD.get(source.name, {}).items()}
    (target / name).write_text(yaml.safe_dump({"config": {**made_up, **_without_secrets(config)}}))


def _without_secrets(value: Any) -> Any:
    """Return a configuration in which what only the environment's key could open is made up."""
    if isinstance(value, list):
        return [_without_secrets(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    return MADE_UP if set(value) == {"secure"} else {key: _without_secrets(inner) for key, inner in value.items()}
