"""What the pages let people type."""

from datetime import date
from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError

from board import throttle
from board.access import Permission
from board.actions import MOST_DAYS, Request

#: What an action asks for; the others are left out of its form.
ASKED = {
    Permission.RERUN: ("schedule", "first", "tenant", "why"),
    Permission.SKIP: ("schedule", "first", "tenant", "why"),
    Permission.CATCH_UP: ("why",),
    Permission.BACKFILL: ("schedule", "first", "last", "tenant", "why"),
    Permission.SUSPEND: ("tenant", "why"),
    Permission.RESUME: ("tenant", "catch_up", "why"),
}
#: What it cannot do without.
NEEDED = {
    Permission.RERUN: ("schedule", "first"),
    Permission.SKIP: ("schedule", "first", "why"),
    Permission.CATCH_UP: (),
    Permission.BACKFILL: ("schedule", "first", "last"),
    Permission.SUSPEND: ("tenant",),
    Permission.RESUME: ("tenant",),
}


class ActionForm(forms.Form):
    """What an action is about."""

    schedule = forms.CharField(max_length=200)
    first = forms.DateField(label="Business date", widget=forms.DateInput(attrs={"type": "date"}))
    last = forms.DateField(label="Last business date", widget=forms.DateInput(attrs={"type": "date"}))
    tenant = forms.CharField(max_length=63, label="Tenant", help_text="Its schema name; empty for every tenant.")
    catch_up = forms.BooleanField(label="Bring back what was skipped meanwhile")
    why = forms.CharField(max_length=1000, label="Why", help_text="The audit keeps it.")

    def __init__(self, action: Permission, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.action = action
        self.fields = {name: self.fields[name] for name in ASKED[action]}
        for name, field in self.fields.items():
            field.required = name in NEEDED[action]
        if "tenant" in NEEDED[action]:
            self.fields["tenant"].help_text = "Its schema name."

    def clean_last(self) -> date | None:
        """Refuse a range that would hold up the night while it is opened, as the API does."""
        first: date | None = self.cleaned_data.get("first")
        last: date | None = self.cleaned_data["last"]
        if first and last and (last - first).days >= MOST_DAYS:
            raise ValidationError(f"A backfill opens at most {MOST_DAYS} days at once; ask for the rest in another.")
        return last

    def request(self) -> Request:
        """Return what is asked for; the form must be valid."""
        given = self.cleaned_data
        first: date | None = given.get("first")
        return Request(
            action=self.action,
            schedule=given.get("schedule", ""),
            first=first,
            last=given.get("last"),
            tenants=[given["tenant"]] if given.get("tenant") else None,
            why=given.get("why", ""),
            catch_up=given.get("catch_up", False),
        )


class SignInForm(AuthenticationForm):
    """Django's own, which says so when somebody has to wait."""

    def get_invalid_login_error(self) -> ValidationError:
        """Return what is shown: that the name or password is wrong, or for how long nothing is compared."""
        name = str(self.cleaned_data.get("username", ""))
        if self.request is not None and throttle.is_limited(self.request, name):
            minutes = int(throttle.WITHIN.total_seconds() // 60)
            return ValidationError(f"Too many failed attempts. Try again in {minutes} minutes.", code="limited")
        return super().get_invalid_login_error()
