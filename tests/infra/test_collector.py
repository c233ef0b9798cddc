"""What the collector is told: the jobs of every other Prometheus, found in ECS, written to one address."""

import re

import pytest
import yaml

from infra.render.collector import JOBS, PROMETHEUS, configuration
from infra.render.flows import METRICS
from infra.settings import load
from tests.infra.recording import ENVIRONMENTS, record
from tests.ops.tools import need, run

CONFIG = configuration(load("prod"), cluster="matins-prod", remote_write="https://amp.example/api/v1/remote_write")
SCRAPING = CONFIG["receivers"]["prometheus"]["config"]


def test_the_jobs_and_their_limits_are_those_of_every_other_prometheus():
    own = {job["job_name"]: job for job in yaml.safe_load(PROMETHEUS.read_text())["scrape_configs"]}
    ours = {job["job_name"]: job for job in SCRAPING["scrape_configs"]}
    assert own.keys() - ours.keys() == {"alertmanager"}
    for name, job in ours.items():
        assert {**job, "file_sd_configs": own[name]["file_sd_configs"]} == own[name]
        found = CONFIG["extensions"][f"ecs_observer/{name}"]
        assert job["file_sd_configs"] == [{"files": [found["result_file"]]}]
    assert SCRAPING["global"] == {"scrape_interval": "15s", "scrape_timeout": "4s"}


@need("promtool")
def test_promtool_accepts_the_jobs(tmp_path):
    (tmp_path / "prometheus.yml").write_text(yaml.safe_dump(SCRAPING))
    code, said = run("promtool", "check", "config", "--syntax-only", tmp_path / "prometheus.yml")
    assert code == 0, said


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_service_that_serves_metrics_is_found_by_exactly_one_job(environment):
    finders = configuration(load(environment), cluster="c", remote_write="w")["extensions"]
    wanted = {job: finders[f"ecs_observer/{job}"]["services"][0] for job in JOBS}
    found = {}
    for service in record("app", environment).of("ecs/service:Service").values():
        jobs = [job for job, one in wanted.items() if re.search(one["name_pattern"], service["name"])]
        found[service["name"].removeprefix(f"matins-{environment}-")] = jobs
    workers = {name: ["matins-worker"] for name in found if name.startswith("worker-")}
    assert len(workers) == 4
    assert found == {"web": [], "beat": [], "monitor": ["matins-monitor"], **workers}
    assert {one["job_name"]: one["metrics_ports"] for one in wanted.values()} == {job: [METRICS] for job in JOBS}


def test_names_stay_as_they_are_and_samples_say_of_which_environment_they_are():
    (exporter,) = CONFIG["exporters"].values()
    assert exporter["add_metric_suffixes"] is False
    assert exporter["target_info"] == {"enabled": False}
    assert exporter["external_labels"] == {"environment": "prod"}
    assert exporter["auth"] == {"authenticator": "sigv4auth"}
    assert CONFIG["extensions"]["sigv4auth"] == {"region": "eu-west-1", "service": "aps"}


def test_all_that_is_described_is_used():
    service = CONFIG["service"]
    (pipeline,) = service["pipelines"].values()
    assert set(service["extensions"]) == set(CONFIG["extensions"])
    for part in ("receivers", "processors", "exporters"):
        assert pipeline[part] == list(CONFIG[part])


def test_it_refuses_samples_before_it_is_killed_for_its_memory():
    assert CONFIG["processors"]["memory_limiter"]["limit_mib"] == 768 < load("prod").collector.memory


def test_the_first_task_starts_once_its_rights_exist():
    made = record("observability", "prod").resources
    (task,) = (one for one in made if one.type.endswith(":TaskDefinition"))
    for role in ("executionRoleArn", "taskRoleArn"):
        assert any("RolePolicy" in urn for urn in task.request.propertyDependencies[role].urns), role
