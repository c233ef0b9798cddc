"""`python -m ops.alerts [--receivers FILE] [--out DIR]`: writes rules.yml, alertmanager.yml and message.tmpl."""

import argparse
import shutil
from pathlib import Path

from ops.alerts.rendering import HERE, MESSAGE, NOBODY, alertmanager_text, rules_text
from ops.alerts.thresholds import load


def main() -> None:
    """Parse the command line and write the files."""
    parser = argparse.ArgumentParser(prog="python -m ops.alerts", description=__doc__)
    parser.add_argument("--receivers", type=Path, default=NOBODY, help="YAML that defines pager, chat, deadman, silent")
    parser.add_argument("--out", type=Path, default=HERE, help="directory to write to; this one by default")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    thresholds = load()
    (options.out / "rules.yml").write_text(rules_text(thresholds))
    (options.out / "alertmanager.yml").write_text(alertmanager_text(thresholds, receivers=options.receivers))
    if options.out.resolve() != HERE:
        shutil.copy(MESSAGE, options.out)


if __name__ == "__main__":
    main()
