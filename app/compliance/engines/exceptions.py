"""Why a monitoring engine could not be read; nothing of it was taken, and its cursor stays."""

from common.exceptions import TaskError


class EngineError(TaskError):
    """Base of them all."""


class MissingTokenError(EngineError):
    """There is no token for an engine (its code, the environment variable that should hold it)."""

    message = "{0}: the environment variable {1} is not set in this worker: set it from the secret store"


class EngineUnreachableError(EngineError):
    """An engine (its code) did not answer in time (what happened)."""

    message = "{0}: no answer ({1}): look at its status page and our network"


class EngineRefusedError(EngineError):
    """An engine (its code) answered with a status other than 200."""

    message = "{0}: it answered {1}: for 401 or 403 renew its token, else ask its provider"


class BadAnswerError(EngineError):
    """An engine (its code) answered something else than agreed (what, and where)."""

    message = "{0}: its answer is not what was agreed ({1}): ask its provider"
