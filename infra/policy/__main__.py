"""The policy pack matins; making it starts its server, and that is why the rules live elsewhere."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "app")]  # The engine starts this file in its own folder.

from pulumi_policy import EnforcementLevel, PolicyPack

from infra.policy.rules import RULES

PolicyPack("matins", RULES, EnforcementLevel.MANDATORY)
