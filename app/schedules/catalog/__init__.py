"""The catalog: every recurring job of the night, declared once, in one line each.

Pure Python: the infrastructure, the alerts and the dashboards read it without Django.
"""

from schedules.catalog.declaring import CRON_FIELDS, Catalog, CatalogError, CatchUp, Criticality, Schedule
from schedules.catalog.nightly import CATALOG

__all__ = ["CATALOG", "CRON_FIELDS", "Catalog", "CatalogError", "CatchUp", "Criticality", "Schedule"]
