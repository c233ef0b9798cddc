"""What finds out about delinquency, night by night and by hand."""

from delinquency.services.by_hand import end_pause, flag, pause, unflag
from delinquency.services.defaults import detect_defaults
from delinquency.services.rewriting import rewrite
from delinquency.services.standings import run_engine

__all__ = ["detect_defaults", "end_pause", "flag", "pause", "rewrite", "run_engine", "unflag"]
