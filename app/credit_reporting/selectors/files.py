"""Which files there are."""

from credit_reporting.models import Metro2File, Report
from credit_reporting.months import Month


def newest_report(month: Month) -> Report | None:
    """Return the latest version of what is said of a month."""
    return Report.objects.filter(activity_month=month.start).order_by("-version").first()


def newest_file() -> Metro2File | None:
    """Return a file of the newest month, in its latest version; its `path` is that in the default storage."""
    newest = ("-report__activity_month", "-report__version", "bureau")
    return Metro2File.objects.select_related("report").order_by(*newest).first()
