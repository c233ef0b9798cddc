"""How the apps above hear that a loan's past has changed, inside the transaction that changes it."""

from django.dispatch import Signal

#: Sent by `loans.services.correction` with `since`, by loan id the day after which its nights would read something
#: else, and `booking`, who changed it. The days' interest is written anew already; what was decided by it, or by the
#: days that nobody had to pay, is the receiver's to do again. One that raises refuses the change.
past_changed = Signal()
