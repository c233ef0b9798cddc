"""`tenant_dashboards --out`: files for a Grafana that is provisioned from a directory."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from django.core.management import CommandError, call_command
from django.utils import timezone

from tenants.models import Tenant

APP = Path(__file__).resolve().parents[3] / "app"


@pytest.fixture
def make_row(night):
    """A tenant as far as dashboards go: its row."""

    def make(schema_name, name="Acme"):
        return Tenant.objects.create(schema_name=schema_name, name=name, enabled_at=timezone.now())

    return make


def write(directory, **options):
    said = io.StringIO()
    call_command("tenant_dashboards", out=directory, stdout=said, **options)
    return said.getvalue().splitlines()


def files(directory):
    return sorted(str(path.relative_to(directory)) for path in directory.rglob("*") if path.is_file())


def test_each_active_tenant_gets_a_directory_with_its_dashboard(make_row, tmp_path):
    make_row("acme")
    make_row("beta")
    Tenant.objects.create(schema_name="gone", name="Gone", enabled_at=timezone.now(), status="closed")
    assert write(tmp_path / "new") == [
        "acme: made",
        "beta: made",
        "matins-tenants.yml: made",
        "3 made, 0 changed, 0 unchanged, 0 removed, 0 left",
    ]
    assert files(tmp_path / "new") == [
        "acme/matins-tenant-acme.json",
        "beta/matins-tenant-beta.json",
        "matins-tenants.yml",
    ]
    dashboard = json.loads((tmp_path / "new/acme/matins-tenant-acme.json").read_text())
    assert [dashboard["uid"], dashboard["title"]] == ["matins-tenant-acme", "The night of Acme"]


def test_the_provisioning_file_gives_each_a_folder_that_stays(make_row, tmp_path):
    make_row("acme", name='Acme: "Loans" $HOME #1')
    write(tmp_path, seen_at="/etc/grafana/tenants")
    assert yaml.safe_load((tmp_path / "matins-tenants.yml").read_text()) == {
        "apiVersion": 1,
        "providers": [
            {
                "name": "matins-tenant-acme",
                "type": "file",
                "folder": 'Acme: "Loans" $$HOME #1 (acme)',
                "folderUid": "matins-folder-acme",
                "disableDeletion": False,
                "allowUiUpdates": False,
                "updateIntervalSeconds": 60,
                "options": {"path": "/etc/grafana/tenants/acme"},
            }
        ],
    }


def test_without_another_place_grafana_sees_the_directory_itself(make_row, tmp_path, monkeypatch):
    make_row("acme")
    monkeypatch.chdir(tmp_path)
    write(Path("here"))
    provider = yaml.safe_load(Path("here/matins-tenants.yml").read_text())["providers"][0]
    assert provider["options"]["path"] == str(tmp_path.resolve() / "here" / "acme")


def test_a_second_time_nothing_is_written(make_row, tmp_path):
    make_row("acme")
    write(tmp_path)
    before = {name: (tmp_path / name).stat().st_mtime_ns for name in files(tmp_path)}
    assert write(tmp_path) == ["0 made, 0 changed, 2 unchanged, 0 removed, 0 left"]
    assert {name: (tmp_path / name).stat().st_mtime_ns for name in files(tmp_path)} == before


def test_what_has_no_tenant_any_more_is_removed_and_other_files_stay(make_row, tmp_path):
    for name in ("acme", "beta", "gamma"):
        make_row(name)
    write(tmp_path)
    (tmp_path / "beta" / "notes.txt").write_text("theirs")
    (tmp_path / "theirs.json").write_text("{}")
    Tenant.objects.exclude(schema_name="acme").update(status="closed")
    assert write(tmp_path) == [
        "beta: removed, other files in its directory stay",
        "gamma: removed",
        "matins-tenants.yml: changed",
        "0 made, 1 changed, 1 unchanged, 2 removed, 0 left",
    ]
    assert files(tmp_path) == ["acme/matins-tenant-acme.json", "beta/notes.txt", "matins-tenants.yml", "theirs.json"]
    assert not (tmp_path / "gamma").exists()


def test_a_suspended_tenant_keeps_what_it_has(make_row, tmp_path):
    make_row("acme")
    write(tmp_path)
    make_row("beta")
    Tenant.objects.update(status="suspended")
    assert write(tmp_path) == ["0 made, 0 changed, 1 unchanged, 0 removed, 0 left"]
    assert files(tmp_path) == ["acme/matins-tenant-acme.json", "matins-tenants.yml"]


def test_an_empty_database_removes_nothing(make_row, tmp_path):
    make_row("acme")
    write(tmp_path)
    Tenant.objects.update(status="closed")
    with pytest.raises(CommandError, match=r"^This database has no tenant"):
        write(tmp_path)
    assert files(tmp_path) == ["acme/matins-tenant-acme.json", "matins-tenants.yml"]


def test_a_directory_that_is_none_is_one_line(make_row, tmp_path):
    make_row("acme")
    (tmp_path / "file").write_text("")
    with pytest.raises(CommandError, match=r"Not a directory|File exists"):
        write(tmp_path / "file")


def test_the_command_finds_its_builders_from_any_directory(make_row, tmp_path, process_env):
    make_row("acme")
    env = {name: value for name, value in process_env.items() if name != "PYTHONPATH"}
    command = [sys.executable, str(APP / "manage.py"), "tenant_dashboards", "--out", str(tmp_path)]
    done = subprocess.run(command, env=env, cwd=os.sep, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, "acme: made"), done.stderr
    assert files(tmp_path) == ["acme/matins-tenant-acme.json", "matins-tenants.yml"]
