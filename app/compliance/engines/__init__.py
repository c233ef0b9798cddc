"""Outside monitoring engines: one port, and who stands behind it."""

import os

from compliance.engines.exceptions import MissingTokenError
from compliance.engines.http import HttpEngine
from compliance.engines.port import Alert, MonitoringEngine, Page, Status
from compliance.models import Engine

__all__ = ["Alert", "MonitoringEngine", "Page", "Status", "engine_for"]


def engine_for(engine: Engine) -> MonitoringEngine:
    """Return the adapter of an engine as it is defined.

    Raises:
        MissingTokenError: this process has no token for it.
    """
    token = os.environ.get(engine.token_variable)
    if not token:
        raise MissingTokenError(engine.code, engine.token_variable)
    return HttpEngine(code=engine.code, url=engine.url, token=token)
