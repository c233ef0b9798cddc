"""A rehearsal: on a copy that holds no secret, from nothing to nothing, by the very programs that are deployed."""

import io
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import replace

import pytest
import yaml
from rich.console import Console

from infra.engine.engine import TOOLS
from infra.projects import FOLDER, ORDER, ROOT
from infra.rehearsal import workshop
from infra.rehearsal.brief import Brief
from infra.rehearsal.rehearsal import Rehearsal
from infra.standin import Account, serving

needs_cli = pytest.mark.skipif(
    not (shutil.which("pulumi") or (TOOLS / "pulumi").exists()), reason="needs the Pulumi CLI (make tools)"
)

ENVIRONMENTS = sorted(path.stem for path in (ROOT / "infra" / "environments").glob("*.toml"))


def test_the_copy_holds_no_secret_and_no_key_of_the_real_one(tmp_path):
    source = tmp_path / "source"
    shutil.copytree(FOLDER, source)
    real = {
        "secretsprovider": "awskms://key",
        "encryptedkey": "QUJD",
        "config": {"matins-data:appPassword": {"secure": "v1:abc"}, "pulumi:disable-default-providers": ["aws"]},
    }
    (source / "data" / "Pulumi.prod.yaml").write_text(yaml.safe_dump(real))
    (tmp_path / "copy").mkdir()
    engine = workshop.build(tmp_path / "copy", "prod", source=source)
    copied = yaml.safe_load((engine.projects / "data" / "Pulumi.prod.yaml").read_text())
    assert set(copied) == {"config"}
    assert copied["config"]["matins-data:appPassword"] == workshop.MADE_UP
    assert copied["config"]["pulumi:disable-default-providers"] == ["aws"]
    assert sorted(path.name for path in engine.projects.iterdir()) == sorted(ORDER)


@needs_cli
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_environment_is_made_stays_as_it_is_and_goes_for_all_its_protection(tmp_path, environment):
    console, account = Console(file=io.StringIO(), width=120), Account()
    with serving(account) as standins:
        engine = workshop.build(tmp_path, environment)
        engine = replace(engine, variables={**engine.variables, **standins})
        rehearsal = Rehearsal(environment=environment, engine=engine, desk=Brief(console=console))
        previews = rehearsal.make()
        made = {what for what, _ in account.history}
        rehearsal.settle()
        rehearsal.destroy()
    assert list(previews) == list(ORDER)
    assert not [found for preview in previews.values() for found in preview.violations if found.is_mandatory]
    assert made == {"create"}
    assert {what for what, _ in account.history} == {"create", "delete"}
    assert account.held == {}


@needs_cli
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_whoever_ends_a_rehearsal_half_way_finds_no_copy_left(tmp_path, number):
    command = [sys.executable, "-u", "-m", "infra.rehearsal", "prod"]
    variables = {**os.environ, "TMPDIR": str(tmp_path), "PYTHONPATH": f"{ROOT}:{ROOT / 'app'}"}
    with subprocess.Popen(command, cwd=ROOT, env=variables, stdout=subprocess.PIPE, text=True) as rehearsal:
        assert rehearsal.stdout.readline() == "preview bootstrap …\n"
        assert list(tmp_path.iterdir())
        rehearsal.send_signal(number)
    assert rehearsal.returncode == 4
    assert list(tmp_path.iterdir()) == []
