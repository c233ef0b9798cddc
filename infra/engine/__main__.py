"""The process of one operation: given an order, it writes lines of progress and the result to stdout."""

import os
import signal
import sys
from pathlib import Path
from typing import TextIO

from pydantic import TypeAdapter

from infra.engine.model import Message, Order
from infra.engine.operations import perform


def main() -> None:
    """Do it; the arguments are the folder of the projects and the order."""
    # The engine is interrupted by the same signal and ends in order; this process stays to tell how.
    signal.signal(signal.SIGINT, lambda *_: None)
    lines, order = _own_stdout(), TypeAdapter(Order).validate_json(sys.argv[2])
    messages = TypeAdapter(Message)

    def tell(message: Message) -> None:
        lines.write(messages.dump_json(message).decode() + "\n")
        lines.flush()

    result = perform(order, Path(sys.argv[1]), lambda progress: tell(Message(progress=progress)))
    tell(Message(result=result))


def _own_stdout() -> TextIO:
    """Return stdout, and let whatever a program prints go to stderr."""
    lines = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return lines


if __name__ == "__main__":
    main()
    sys.stdout.flush()
    os._exit(0)  # After a failure, threads of Pulumi's may wait for an engine that is gone.
