"""The sandbox's commands: `python -m sandbox run -- COMMAND …` and `python -m sandbox dev` (PYTHONPATH=app)."""

import argparse
import sys
from pathlib import Path

from sandbox import foreman
from sandbox.servers import APP_DIR, SandboxError


def main() -> int:
    """Parse the command line and run; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("--data", type=Path, default=APP_DIR.parent / ".matins", help="directory of the servers' data")
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="start the servers, run a command on them, stop them")
    run.add_argument("--fresh", action="store_true", help="start with an empty database")
    run.add_argument("words", nargs="+", metavar="COMMAND")
    commands.add_parser("dev", help="start the servers, web, worker, beat and what watches them; Ctrl-C stops all")
    arguments = parser.parse_args()
    try:
        if arguments.command == "run":
            return foreman.run(arguments.words, data_dir=arguments.data, fresh=arguments.fresh)
        return foreman.dev(data_dir=arguments.data)
    except SandboxError as error:
        raise SystemExit(str(error)) from None
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
