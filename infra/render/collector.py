"""What the collector (AWS' distribution of OpenTelemetry's) is told: whom to scrape, and where to write.

The jobs are those of `ops/prometheus/prometheus.yml`, with their limits; only who is scraped is found differently. ECS
is asked for the running tasks: names in DNS would give the addresses of eight tasks at most, whatever their number.
"""

from collections.abc import Mapping
from typing import Any

import yaml

from infra.projects import ROOT
from infra.render.flows import METRICS
from infra.settings import Environment

PROMETHEUS = ROOT / "ops" / "prometheus" / "prometheus.yml"
#: Jobs, and the services each of them scrapes; a worker service that is added is found by its name.
JOBS = {"matins-monitor": "monitor", "matins-worker": "worker-.+"}
BATCH_S = 5
REFRESH_S = 15
#: Of the task's memory; above it the collector refuses samples rather than be killed.
MEMORY_SHARE = 0.75


def configuration(environment: Environment, *, cluster: str, remote_write: str) -> Mapping[str, Any]:
    """Return the collector's configuration.

    Args:
        environment: of whose services.
        cluster: name of the ECS cluster they run in.
        remote_write: address that takes samples.
    """
    finders = {f"ecs_observer/{job}": _finder(environment, job, cluster) for job in JOBS}
    return {
        "extensions": {
            "health_check": {"endpoint": "127.0.0.1:13133"},
            "sigv4auth": {"region": environment.region, "service": "aps"},
            **finders,
        },
        "receivers": {"prometheus": {"config": _scraping()}},
        "processors": {
            "memory_limiter": {"check_interval": "1s", "limit_mib": int(environment.collector.memory * MEMORY_SHARE)},
            "batch": {"timeout": f"{BATCH_S}s"},
        },
        "exporters": {
            "prometheusremotewrite": {
                "endpoint": remote_write,
                "auth": {"authenticator": "sigv4auth"},
                "external_labels": {"environment": environment.name},
                "add_metric_suffixes": False,  # The names are Prometheus' already.
                "target_info": {"enabled": False},
            }
        },
        "service": {
            "extensions": ["health_check", "sigv4auth", *finders],
            "pipelines": {
                "metrics": {
                    "receivers": ["prometheus"],
                    "processors": ["memory_limiter", "batch"],
                    "exporters": ["prometheusremotewrite"],
                }
            },
            "telemetry": {"logs": {"encoding": "json"}, "metrics": {"level": "none"}},
        },
    }


def _finder(environment: Environment, job: str, cluster: str) -> Mapping[str, Any]:
    services = {"name_pattern": f"^{environment.named(JOBS[job])}$", "metrics_ports": [METRICS], "job_name": job}
    return {
        "cluster_name": cluster,
        "cluster_region": environment.region,
        "refresh_interval": f"{REFRESH_S}s",
        "result_file": _found(job),
        "services": [services],
    }


def _scraping() -> Mapping[str, Any]:
    config = yaml.safe_load(PROMETHEUS.read_text())
    every = {key: value for key, value in config["global"].items() if key.startswith("scrape_")}
    jobs = [job for job in config["scrape_configs"] if job["job_name"] in JOBS]
    return {
        "global": every,
        "scrape_configs": [{**job, "file_sd_configs": [{"files": [_found(job["job_name"])]}]} for job in jobs],
    }


def _found(job: str) -> str:
    return f"/tmp/{job}.yaml"  # noqa: S108 - the one directory a task may write to
