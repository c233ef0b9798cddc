"""The API as others meet it: attacked over HTTP by its own document, and called by the how-to's examples."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from board.models import Audit
from schedules.models import Run
from tests.integration.board.serving import web

ROOT = Path(__file__).resolve().parents[4]
PAGE = ROOT / "docs" / "how-to" / "call-the-api.md"
#: Drawn for each operation, beside every value at and just past the bounds of what the document allows (`coverage`).
EXAMPLES = 5


@pytest.fixture
def server(half_night, process_env):
    with web({**process_env, "MATINS_API_REQUESTS_PER_MINUTE": "1000000"}) as served:
        yield served


def schemathesis(address, token, *options):
    """Run it, and return what it says; its exit code tells whether the server kept to its document."""
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "run", f"{address}/api/openapi.json", "--no-color"),
        *("--header", f"Authorization: Bearer {token}", "--max-examples", str(EXAMPLES), "--seed", "1"),
        *("--generation-deterministic", *options),
        # A cursor that no list handed out and the 30th of February keep to the document, and are refused all the same.
        *("--exclude-checks", "positive_data_acceptance"),
    ]
    return subprocess.run(command, capture_output=True, text=True, timeout=280, check=False)


def test_the_server_keeps_to_its_document_whatever_it_is_sent(server, caller):
    attacked(server, caller("administrator"), "--phases", "coverage,fuzzing", tested="18/18")


def test_who_may_only_look_is_refused_as_documented_whatever_they_send(server, caller):
    attacked(server, caller("viewer"), "--phases", "fuzzing", "--include-method", "POST", tested="6/18")
    assert set(Audit.objects.values_list("outcome", flat=True)) == {"refused"}


def attacked(server, caller, *options, tested):
    address, said = server
    run = schemathesis(address, caller.secret, *options)
    assert run.returncode == 0, run.stdout[-8000:] + run.stderr[-2000:]
    assert f"Selected: {tested}" in run.stdout, run.stdout
    assert "Traceback" not in said()


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
def test_the_how_tos_examples_work_as_they_are_written(server, caller):
    address, _ = server
    (read, act) = re.findall(r"^```bash\n(.*?)^```$", PAGE.read_text(), re.DOTALL | re.MULTILINE)
    night, windows, runs, audit = answers(read, address, caller("viewer"))
    assert (night["business_date"], night["roots"][0]["named"]) == ("2024-07-01", ["beta"])
    assert [one["schedule"] for one in windows["items"]] == ["daily-first"]
    assert {one["tenant"] for one in runs["items"]} == {"acme"}
    assert audit["items"] == []
    rehearsed, done = answers(act, address, caller("operator"))
    assert (rehearsed["dry_run"], done["dry_run"], done["runs"]) == (True, False, 1)
    assert Run.objects.get(window__schedule="daily-first", tenant__schema_name="beta").state != "failed"
    assert Audit.objects.get().why == "the tape came"


def answers(script, address, caller):
    """Run a block of the page; return what each of its commands printed, as JSON."""
    env = {"API": f"{address}/api", "TOKEN": caller.secret, "NIGHT": "2024-07-01", "PATH": "/usr/bin:/bin"}
    script = script.replace("curl ", "curl --write-out '\\n' ")
    ran = subprocess.run(["bash", "-e", "-c", script], env=env, capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return [json.loads(line) for line in ran.stdout.splitlines()]
