"""The stack of compose.yaml against the code: queues, commands, variables, files, and what Prometheus is told of it."""

import re

import pytest
import yaml
from django.core.management import get_commands

from config import queues
from ops.alerts.thresholds import load
from tests.ops.tools import OPS, need, run

ROOT = OPS.parent
SERVICES = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"] == "matins"}
WORKERS = {name: service for name, service in OURS.items() if "worker" in service["command"]}
#: Not settings of ours: Celery reads it before Django.
FOREIGN = {"REMAP_SIGTERM"}


def targets(job):
    """Return the addresses at which Prometheus looks for a job."""
    [group] = yaml.safe_load((OPS / "prometheus" / "targets" / f"{job}.yml").read_text())
    return group["targets"]


def mounts():
    """Return the files and directories of this repository that services see, with where they see them."""
    volumes = [volume.split(":") for service in SERVICES.values() for volume in service.get("volumes", ())]
    return {(parts[0], parts[1]) for parts in volumes if parts[0].startswith(".")}


@need("docker-compose")
def test_docker_compose_accepts_it():
    code, said = run("docker-compose", "--file", ROOT / "compose.yaml", "config", "--quiet")
    assert (code, said) == (0, "")


def test_every_queue_has_its_worker():
    consumed = {name: service["command"][service["command"].index("-Q") + 1] for name, service in WORKERS.items()}
    assert consumed == {f"worker-{queue}": queue for queue in queues.NAMES}


def test_two_beats_tick():
    assert [name for name, service in OURS.items() if "beat" in service["command"]] == ["beat-1", "beat-2"]


def test_every_variable_is_a_setting():
    settings = "".join((ROOT / "app" / "config" / name).read_text() for name in ("settings.py", "celery.py"))
    known = set(re.findall(r'env\.\w+\(\s*"(\w+)"', settings)) | FOREIGN
    assert {name for service in OURS.values() for name in service["environment"]} - known == set()


def test_every_command_exists():
    commands = [service["command"] for service in OURS.values()]
    commands += [service["healthcheck"]["test"][1:] for service in OURS.values() if "healthcheck" in service]
    named = {words[words.index("manage.py") + 1] for words in commands if "manage.py" in words}
    assert named - set(get_commands()) == set()
    assert "healthy" in named


def test_everything_that_stays_up_says_whether_it_is_well():
    assert [name for name, service in OURS.items() if "healthcheck" not in service] == ["migrate"]


def test_every_mounted_file_exists():
    assert [source for source, _ in mounts() if not (ROOT / source).exists()] == []
    assert ("./ops/dashboards/json", "/ops/dashboards") in mounts()


def test_prometheus_looks_where_the_services_are():
    metrics_port = {service["environment"]["MATINS_WORKER_METRICS_PORT"] for service in WORKERS.values()}
    assert metrics_port == {9465}
    assert targets("matins-worker") == [f"{name}:9465" for name in WORKERS]
    assert targets("matins-monitor") == ["monitor:9464"]
    assert targets("alertmanager") == ["alertmanager:9093"]


def test_grafana_finds_its_data_source_and_its_dashboards():
    provisioning = OPS / "grafana" / "provisioning"
    [source] = yaml.safe_load((provisioning / "datasources" / "prometheus.yml").read_text())["datasources"]
    assert (source["type"], source["url"]) == ("prometheus", "http://prometheus:9090")
    [provider] = yaml.safe_load((provisioning / "dashboards" / "matins.yml").read_text())["providers"]
    assert provider["options"]["path"] == "/ops/dashboards"
    home = SERVICES["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
    assert (OPS / "dashboards" / "json" / home.removeprefix("/ops/dashboards/")).is_file()


def test_the_database_is_made_with_the_roles_that_the_services_use():
    sql = (OPS / "postgres" / "roles.sql").read_text()
    environment = OURS["web"]["environment"]
    for variable in ("DATABASE_URL", "DATABASE_OWNER_URL"):
        role, password, database = re.fullmatch(
            r"postgresql://(\w+):(\w+)@postgres:5432/(\w+)", environment[variable]
        ).groups()
        assert f"CREATE ROLE {role} LOGIN PASSWORD '{password}';" in sql
        assert f"CREATE DATABASE {database} " in sql


@need("promtool")
def test_prometheus_accepts_its_configuration():
    code, said = run("promtool", "check", "config", OPS / "prometheus" / "prometheus.yml")
    assert code == 0, said


def test_prometheus_scrapes_the_monitor_as_often_as_the_alerts_reckon():
    jobs = yaml.safe_load((OPS / "prometheus" / "prometheus.yml").read_text())["scrape_configs"]
    [monitor] = [job for job in jobs if job["job_name"] == "matins-monitor"]
    assert monitor["scrape_interval"] == f"{load().every.scrape.seconds}s"


@pytest.mark.parametrize("key", ["name", "version"])
def test_it_holds_nothing_that_older_docker_compose_refuses(key):
    assert key not in yaml.safe_load((ROOT / "compose.yaml").read_text())
