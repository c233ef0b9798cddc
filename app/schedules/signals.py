"""What the ledger tells whoever watches it, in the process it happens in; receivers must be quick and cheap."""

from django.dispatch import Signal

#: Sent by a beat at the end of every tick, whatever became of its steps: its loop turns.
ticked = Signal()

#: Sent by a worker's process when an attempt of a run is over and the ledger says so, with `held` (the
#: `schedules.claims.Claim`) and `outcome`: `succeeded`, `failed` (this attempt, not the run for good) or
#: `given_back`. A parent that fanned out goes on, and a skipped run never began.
run_ended = Signal()
