"""Every command of every runbook is run, in a night that has the kinds of trouble the runbooks are about."""

import os
import re
import shlex
import subprocess
import sys
from contextlib import nullcontext, suppress
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import override_settings

from schedules import diagnosis
from schedules.models import Run
from schedules.opening import open_due
from tenants.models import Tenant
from tests.night import work_through
from tests.nightjobs import orders
from tests.ops.observatory import Observatory
from tests.ops.tools import OPS, RUNBOOKS, alerts, need
from tests.processes import manage
from tests.stage import at

PAGES = sorted(path for path in RUNBOOKS.glob("*.md") if path.stem != "README")
SECTIONS = ["Meaning", "Impact", "Diagnosis", "Mitigation", "Escalation"]
DECIDING = re.compile(r"^\d\. `(.+)`\n((?:   - .+\n)+)", re.MULTILINE)
#: Commands that say by their exit code that something is wrong, which is what they are asked.
MAY_FIND_TROUBLE = ("doctor", "healthy")

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)


def section(page, name):
    return page.read_text().split(f"## {name}\n")[1].split("\n## ")[0]


def commands(page):
    """Return what the page tells the reader to type, in order."""
    mitigation = re.findall(r"```\n(.*?)```", section(page, "Mitigation"), re.DOTALL)
    return [command for command, _ in DECIDING.findall(page.read_text())] + "".join(mitigation).splitlines()


@pytest.fixture
def trouble(nightly):
    """A night without beat or worker: acme's first job has failed, the next waits for it, others are missed."""
    orders.give("acme", "first", "start", "raise no such loan")
    at(1, 30)
    open_due()
    with override_settings(MATINS_RETRY_DELAYS_S=[]):
        work_through()
    orders.forget()
    at(4, 30)
    open_due()
    assert Run.objects.get(state="failed").tenant.schema_name == "acme"
    assert Run.objects.filter(state="ready").exists()


@need("promtool", "amtool", "curl")
@pytest.mark.timeout(600)
def test_every_command_of_every_runbook_works(trouble, monitor_port, tmp_path, subtests):
    values = {"SCHEDULE": "daily-first", "DATE": "2024-07-01", "TENANT": "acme", "9464": str(monitor_port)}
    for page in PAGES:
        _stage(page)
        for command in commands(page):
            with subtests.test(page=page.stem, command=command):
                typed = command.replace("/tmp/alertmanager", str(tmp_path))
                for name, value in values.items():
                    typed = typed.replace(name, value)
                program, *words = shlex.split(typed)
                (_manage if program == "manage.py" else _type)(program, words)


def _stage(page):
    """Put back what the commands of the page before may have mended."""
    Tenant.objects.filter(schema_name="acme").update(status="active")
    acme = Run.objects.filter(window__schedule="daily-first", tenant__schema_name="acme")
    acme.update(state="failed", reason="no such loan", token=None)
    if page.stem == "CoverageDropped":
        call_command("suspend", "acme", stdout=StringIO())


def _manage(_, words):
    """Run a management command; a refusal raises."""
    if words[0] == "check":  # Loads every module, as it does for an operator: in a process of its own.
        process = manage(*words, env=os.environ)
        assert process.wait() == 0, process.log.read_text()
        return process.clear()
    with suppress(SystemExit) if words[0] in MAY_FIND_TROUBLE else nullcontext():
        return call_command(*words, stdout=StringIO(), stderr=StringIO())


def _type(program, words):
    known = sys.executable if program == "python" else program
    done = subprocess.run([known, *words], cwd=OPS.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def monitor_port(process_env, tmp_path):
    """A running monitor's port."""
    observatory = Observatory(tmp_path, process_env)
    observatory.start_monitor()
    yield observatory.ports["monitor"]
    observatory.close()


@each_page
def test_a_runbook_has_its_sections_and_three_commands_that_decide(page):
    text = page.read_text()
    assert text.startswith(f"# {page.stem}\n")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == SECTIONS
    deciding = DECIDING.findall(text)
    assert len(deciding) == 3
    for _, ways in deciding:
        assert all(way.startswith("   - If you see ") for way in ways.splitlines())
        assert len(ways.splitlines()) >= 2


@each_page
def test_a_runbook_leads_to_runbooks_that_exist(page):
    links = re.findall(r"\]\(([^)]+)\)", page.read_text())
    assert {link.removesuffix(".md") for link in links if not link.startswith("#")} <= set(alerts())


@each_page
def test_what_the_doctor_is_said_to_find_is_a_part_that_it_examines(page):
    parts = re.findall(r"`(?:BAD |ok  ) (\w+)", page.read_text())
    assert set(parts) <= set(diagnosis._PARTS)
