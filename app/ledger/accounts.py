"""The chart of accounts: its codes, as jobs name them, and what each is."""

from django.db import models


class Code(models.TextChoices):
    """The accounts of every tenant's general ledger."""

    LR = "LR", "loans receivable"
    IR = "IR", "interest receivable"
    FR = "FR", "fee receivable"
    CL = "CL", "cash and clearing"
    OVP = "OVP", "overpayment liability"
    II = "II", "interest income"
    FI = "FI", "fee income"
    REC = "REC", "recoveries"
    CO = "CO", "charge-off expense"
    COI = "COI", "interest charge-off"
    COF = "COF", "fee charge-off"


class Kind(models.TextChoices):
    """What an account is; contra-income reduces income and so stands on its other side."""

    ASSET = "asset"
    LIABILITY = "liability"
    INCOME = "income"
    CONTRA_INCOME = "contra-income"
    EXPENSE = "expense"
