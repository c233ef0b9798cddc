"""From a TOML file to an environment, or to sentences that say what to change."""

import tomllib
from pathlib import Path

from pydantic import ValidationError

from infra.exceptions import DeploymentError
from infra.settings.model import Environment

HERE = Path(__file__).resolve().parents[1] / "environments"


class SettingsError(DeploymentError):
    """The settings of an environment cannot be used; the text names the file and each field to change."""


def names() -> list[str]:
    """Return the environments that have a file."""
    return sorted(path.stem for path in HERE.glob("*.toml"))


def load(name: str, *, folder: Path = HERE) -> Environment:
    """Read and check the environment of this name.

    Args:
        name: the stack's, e.g. `prod`.
        folder: where the files lie.

    Raises:
        SettingsError: there is no such file, it is no TOML, or its fields are wrong or do not fit each other.
    """
    path = folder / f"{name}.toml"
    try:
        return Environment.model_validate({"name": name, **tomllib.loads(path.read_text())})
    except FileNotFoundError:
        there = ", ".join(sorted(file.stem for file in folder.glob("*.toml")))
        raise SettingsError(f"There is no environment {name!r}: write {path}, or take one of {there}.") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path} is no TOML: {error}") from None
    except ValidationError as error:
        raise SettingsError(f"{path} cannot be used:\n{_sentences(error)}") from None


def _sentences(error: ValidationError) -> str:
    lines = []
    for fault in error.errors():
        where = ".".join(map(str, fault["loc"]))
        said = fault["msg"].removeprefix("Value error, ")
        lines += [f"  {where}: {line}" if where else f"  {line}" for line in said.splitlines()]
    return "\n".join(lines)
