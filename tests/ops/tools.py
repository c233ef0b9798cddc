"""What the tests of ops need from the machine: Prometheus's and Alertmanager's programs, and files."""

import shutil
import socket
import subprocess
from pathlib import Path

import pytest
import yaml

OPS = Path(__file__).resolve().parents[2] / "ops"
ALERTS = OPS / "alerts"
RUNBOOKS = OPS / "runbooks"


def need(*programs):
    """Skip a module where a program is missing; `.ci/run` installs them all."""
    missing = [program for program in programs if not shutil.which(program)]
    return pytest.mark.skipif(bool(missing), reason=f"needs {', '.join(missing)} (Debian: prometheus-alertmanager)")


def run(*words):
    """Run a program; return its exit code and what it said."""
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def rules():
    """Return every rule of the committed file."""
    groups = yaml.safe_load((ALERTS / "rules.yml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def alerts():
    """Return the alerting rules by name."""
    return {rule["alert"]: rule for rule in rules() if "alert" in rule}


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]
