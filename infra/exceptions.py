"""What an operator must be told in a sentence, never in a traceback."""


class DeploymentError(Exception):
    """A deployment cannot go on; the text says why, and what to do next."""
