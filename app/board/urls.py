"""The board's pages under /night/."""

from datetime import date

from django.urls import path, register_converter

from board.views import actions, pages, signing


class DateConverter:
    """A business date in a path: 2026-11-23."""

    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> date:
        """Return the date; a ValueError is no match, and so a page that is not there."""
        return date.fromisoformat(value)

    def to_url(self, value: date | str) -> str:
        """Return it as it is typed."""
        return str(value)


register_converter(DateConverter, "business_date")

app_name = "board"
urlpatterns = [
    path("", pages.tonight, name="tonight"),
    path("<business_date:business_date>", pages.night, name="night"),
    path("schedules/<str:name>", pages.schedule, name="schedule"),
    path("tenants/<str:schema_name>", pages.tenant, name="tenant"),
    path("runs/<int:run_id>", pages.run, name="run"),
    path("act/<str:action>", actions.act, name="act"),
    path("actions/<int:pk>", actions.action, name="action"),
    path("audit", actions.audit, name="audit"),
    path("sign-in", signing.SignIn.as_view(), name="sign-in"),
    path("sign-out", signing.SignOut.as_view(), name="sign-out"),
]
