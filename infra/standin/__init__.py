"""Providers that stand in for AWS and Grafana, so that the real engine runs whole deployments without an account."""

from infra.standin.account import Account, Held
from infra.standin.server import serving

__all__ = ["Account", "Held", "serving"]
