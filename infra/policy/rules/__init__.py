"""Every rule, by what it is about."""

from pulumi_policy import Policy

from infra.policy.rules import containers, databases, identity, network, services, storage

MODULES = (containers, databases, identity, network, services, storage)
RULES = [rule for module in MODULES for rule in vars(module).values() if isinstance(rule, Policy)]
