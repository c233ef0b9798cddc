"""The stacks, in the order in which each finds what it builds on, and the policies that judge them all."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "infra" / "stacks"
POLICY = ROOT / "infra" / "policy"
ORDER = ("bootstrap", "network", "data", "platform", "app", "observability", "dashboards")
#: Bootstrap holds the state of the others: it is made by hand once, and outlives them.
DEPLOYED = ORDER[1:]
