"""What the tests' jobs write: one row an effect, with nothing in the database that would hide a second one."""

from django.db import models


class Effect(models.Model):
    """One effect of one run. `seen` is how many rows were there before: it tells the order of a tenant's effects."""

    schedule = models.CharField(max_length=200)
    item = models.CharField(max_length=200, db_default="")
    business_date = models.DateField(null=True)
    seen = models.IntegerField()

    def __str__(self):
        return f"{self.schedule} {self.item} {self.business_date}"
