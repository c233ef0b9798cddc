"""What one environment is: read from `environments/<name>.toml`, checked as a whole, before AWS is asked."""

from infra.settings.loading import SettingsError, load
from infra.settings.model import Environment

__all__ = ["Environment", "SettingsError", "load"]
