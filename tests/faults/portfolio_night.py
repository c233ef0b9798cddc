"""The catalog of a night that only keeps portfolios."""

from dataclasses import replace

from schedules.catalog import CATALOG as REAL
from schedules.catalog import Catalog

ASSIGNMENT = "daily-portfolio-auto-assignment"
SNAPSHOTS = "daily-portfolio-snapshots"

CATALOG = Catalog((REAL[ASSIGNMENT], replace(REAL[SNAPSHOTS], after=(ASSIGNMENT,))))
