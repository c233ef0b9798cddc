"""Tables that are only ever added to: a model says so by its base, and the database holds the app role to it."""

from typing import ClassVar

from django.db import models


class AppendOnly(models.Model):
    """Base of models whose rows are history: the app role may insert and read them, never change or delete.

    `tenants.grants` finds every installed subclass. The owner is not held back (retention prunes as the owner),
    and mind that `SELECT … FOR UPDATE/SHARE` needs the right to update something in the table.
    """

    #: Names of the fields that may still be set on an existing row, such as the mark that a row was reversed.
    updatable: ClassVar[tuple[str, ...]] = ()

    class Meta:
        abstract = True
