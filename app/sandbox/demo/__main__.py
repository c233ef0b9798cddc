"""`make demo` (`python -m sandbox.demo` on running servers): from an empty database to the final proof.

Nothing of it is staged for the demo: beat opens the windows, the broker carries the messages, worker processes run
the bodies. Only the business clock is simulated: it steps to the next due time as soon as the night is done.
"""

import os
import signal
import sys
import time

from sandbox.demo.screen import console


def main() -> None:
    """Run the demo from an empty database to the final proof; exit 1 when the proof fails."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    started = time.monotonic()
    _prepare()
    from sandbox.demo import documents, nights, platform, proof, replay

    with platform.running() as running:
        nights.run(running)
    balanced = proof.show_night()
    documents.show()
    replayed = replay.prove_replay()
    console.print(f"\nDone in {time.monotonic() - started:.0f} s.", end=" ")
    tell_how_to_go_on()
    sys.exit(0 if balanced and replayed else 1)


def tell_how_to_go_on() -> None:
    """Let whoever saw the demo sign in to the board; the password is made up and shown here alone."""
    from django.core.management import call_command

    console.print("How to go on, on these tenants and at this night's time:")
    console.print(
        "  [bold]make dev[/]  the night board at http://localhost:8000/night/, a worker and a beat; sign in as:"
    )
    call_command("board_user", "demo", role="administrator")
    console.print("  then, in a second terminal,")
    console.print(
        "  [bold].venv/bin/python app/manage.py windows --days 3[/]  the windows, and why they are as they are"
    )
    console.print("  [bold].venv/bin/python app/manage.py doctor[/]  whether every part is well")


def _prepare() -> None:
    os.environ.update(DJANGO_SETTINGS_MODULE="config.settings", MATINS_DB_ROLE="owner")
    import django

    django.setup()
    from django.core.management import call_command

    from common import clock
    from sandbox.demo import cast

    clock.set_to(cast.EVE)
    with console.status("Migrating public and the template of the tenants …"):
        call_command("migrate", verbosity=0)
    cast.onboard()
    cast.board()


if __name__ == "__main__":
    main()
