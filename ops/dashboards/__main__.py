"""`python -m ops.dashboards [--out DIR] [--data-source-type ID]`: writes one file of JSON for each dashboard."""

import argparse
from pathlib import Path

from ops.dashboards.rendering import files
from ops.dashboards.site import PROMETHEUS, Site

JSON = Path(__file__).parent / "json"


def main() -> None:
    """Parse the command line and write the files."""
    parser = argparse.ArgumentParser(prog="python -m ops.dashboards", description=__doc__)
    parser.add_argument(
        "--out", type=Path, default=JSON, help="directory to write to; json/ beside the builders by default"
    )
    parser.add_argument("--data-source-type", default=PROMETHEUS, help="Grafana plugin whose data sources are offered")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    for name, content in files(Site(data_source_type=options.data_source_type)).items():
        (options.out / name).write_text(content, encoding="utf-8")


if __name__ == "__main__":
    main()
