"""Takes the protection from a rehearsed stack's resources, as an engineer must before the real one is destroyed."""

import subprocess

from infra.engine import Engine

LIMIT_S = 60


def unprotect(engine: Engine, stack: str, environment: str) -> None:
    """Let everything in a stack be deleted.

    Args:
        engine: of the rehearsal.
        stack: e.g. `data`.
        environment: the stack's name.
    """
    command = ["pulumi", "state", "unprotect", "--all", "--yes", "--stack", environment]
    subprocess.run(  # noqa: S603 - the CLI on the engine's own path
        ["/usr/bin/env", *command],
        cwd=engine.projects / stack,
        env=engine.environment(),
        check=True,
        capture_output=True,
        timeout=LIMIT_S,
    )
