"""What watches a platform on a laptop: Prometheus and Alertmanager, where they are installed, with `ops/` as it is."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

OPS = Path(__file__).resolve().parents[2] / "ops"
#: Debian calls the second one otherwise.
PROGRAMS = {"prometheus": ("prometheus",), "alertmanager": ("alertmanager", "prometheus-alertmanager")}

#: Jobs of prometheus.yml by what serves them.
SCRAPED = {"monitor": "matins-monitor", "worker": "matins-worker", "alertmanager": "alertmanager"}


def installed() -> dict[str, str]:
    """Return which of Prometheus and Alertmanager are on the PATH, and where."""
    found = {name: next(filter(None, map(shutil.which, programs)), None) for name, programs in PROGRAMS.items()}
    return {name: path for name, path in found.items() if path}


def commands(data_dir: Path, ports: Mapping[str, int]) -> dict[str, list[str]]:
    """Return how to start those that are installed.

    Args:
        data_dir: where they keep what they know, and find their configuration.
        ports: where `monitor`, `worker`, `prometheus` and `alertmanager` are served on this machine.
    """
    programs = installed()
    served = {name: port for name, port in ports.items() if name not in PROGRAMS or name in programs}
    config = _configured(data_dir, served)
    arguments = {
        "prometheus": [
            f"--config.file={config}",
            f"--storage.tsdb.path={data_dir / 'prometheus' / 'data'}",
            f"--web.listen-address=127.0.0.1:{ports['prometheus']}",
        ],
        "alertmanager": [
            f"--config.file={OPS / 'alerts' / 'alertmanager.yml'}",
            f"--storage.path={data_dir / 'alertmanager'}",
            f"--web.listen-address=127.0.0.1:{ports['alertmanager']}",
            "--cluster.listen-address=",
        ],
    }
    return {name: [program, *arguments[name], "--log.level=warn"] for name, program in programs.items()}


def _configured(data_dir: Path, ports: Mapping[str, int]) -> Path:
    """Put Prometheus's configuration beside the targets of this machine; a job that nobody serves has none."""
    directory = data_dir / "prometheus"
    (directory / "targets").mkdir(parents=True, exist_ok=True)
    (data_dir / "alerts").mkdir(exist_ok=True)
    shutil.copy(OPS / "alerts" / "rules.yml", data_dir / "alerts")
    for name, job in SCRAPED.items():
        targets = [{"targets": [f"127.0.0.1:{ports[name]}"]}] if name in ports else []
        (directory / "targets" / f"{job}.yml").write_text(json.dumps(targets))
    return Path(shutil.copy(OPS / "prometheus" / "prometheus.yml", directory))
