"""The stack network: the VPC, its subnets, endpoints and security groups."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT), str(ROOT / "app")]  # Pulumi starts this file in its own folder.

from infra.programs import network

network.program()
