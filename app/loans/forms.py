"""How a person corrects who owes: the borrower's sealed identity as the fields of a form."""

from typing import Any

from django import forms
from msgspec.structs import replace

from loans.boarding.values import IDENTITY
from loans.identity import Identity
from loans.models import Borrower

#: What a person may not choose: the address lies in the borrower's own state, and what is made up stays so.
_NOT_ASKED = frozenset({"state", "synthetic"})
ASKED = tuple(name for name in Identity.__struct_fields__ if name not in _NOT_ASKED)


class BorrowerForm(forms.ModelForm):  # type: ignore[type-arg]
    """A borrower with what is known of the person; an SSN is typed, and never shown again."""

    surname = forms.CharField(required=False)
    first_name = forms.CharField(required=False)
    middle_name = forms.CharField(required=False)
    generation = forms.CharField(required=False, help_text="Jr., Sr., II, III …")
    ssn = forms.CharField(label="New SSN", required=False, widget=forms.PasswordInput)
    birth_date = forms.DateField(required=False)
    phone = forms.CharField(required=False)
    email = forms.CharField(label="E-mail", required=False)
    address_1 = forms.CharField(required=False)
    address_2 = forms.CharField(required=False)
    city = forms.CharField(required=False)
    zip = forms.CharField(label="ZIP code", required=False)

    class Meta:
        model = Borrower
        fields = ("reference", "state")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known = self.instance.identity
        self.fields["ssn"].help_text = f"Known: ends in {self.known.ssn[-4:]}." if self.known.ssn else "None is known."
        self.initial.update({name: getattr(self.known, name) for name in ASKED if name != "ssn"})

    def clean(self) -> dict[str, Any]:
        """Refuse what a tape's line would be refused for."""
        cleaned: dict[str, Any] = super().clean() or {}
        for name in ASKED:
            try:
                cleaned[name] = IDENTITY[name](str(cleaned.get(name) or ""))
            except ValueError as error:
                self.add_error(name, f"It {error}.")
        return cleaned

    def save(self, commit: bool = True) -> Any:  # noqa: FBT001, FBT002 - Django's signature.
        """Seal what was said; an empty SSN keeps the one that is known."""
        said = {name: self.cleaned_data[name] for name in ASKED}
        said["ssn"] = said["ssn"] or self.known.ssn
        told = replace(self.known, **said)
        self.instance.identity = replace(told, state=self.instance.state) if any(said.values()) else told
        return super().save(commit)
