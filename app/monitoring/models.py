"""What monitoring writes down: the life signs of each queue. All other tables it only reads."""

from django.db import models


class Canary(models.Model):
    """A queue, and the last time a message went all the way through broker, worker and database."""

    queue = models.CharField(primary_key=True, max_length=50)
    #: Lease time at which a beat last looked whether the queue needs a canary.
    asked_at = models.DateTimeField()
    #: Lease time at which the last canary was done, and how long it had taken since it was sent.
    done_at = models.DateTimeField(null=True, blank=True)
    round_trip_s = models.FloatField(null=True, blank=True)

    def __str__(self) -> str:
        return self.queue
