"""How a person enters a bank account, whose number is kept sealed."""

from typing import Any

from django import forms

from payments.models import BankAccount


class BankAccountForm(forms.ModelForm):  # type: ignore[type-arg]
    """A bank account as the borrower gave it."""

    account_number = forms.CharField(max_length=17)

    class Meta:
        model = BankAccount
        fields = ("borrower", "holder", "routing_number", "account_type")

    def save(self, commit: bool = True) -> Any:  # noqa: FBT001, FBT002 - Django's signature.
        """Seal the number."""
        self.instance.account_number = self.cleaned_data["account_number"]
        return super().save(commit)
