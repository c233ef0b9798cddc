"""The line: the order of one tenant's runs, as SQL conditions that expand, release, claim and the lease share.

`r` is a run and `w` its window. A run is blocked while

- an occurrence that must come first is not in the ledger yet (`UNOPENED`),
- a run that must come first is not finished (`UNFINISHED`): its own schedule's earlier window, an `after` of the same
  business date, and among books schedules every earlier one of any date,
- it has fanned out and a child is not done (`CHILDREN_OPEN`).

A child stands where its parent stands, which has passed the line. A failed run stops its line until it is re-run or
skipped; a failed ad hoc run stops nothing.
"""

UNOPENED = """EXISTS (
    SELECT FROM public.schedules_registration g
    WHERE g.until IS NULL AND g.opened_through < w.due_at
      AND (g.name = w.schedule OR (g.books AND w.books) OR g.name = ANY (w.after)))"""

# `p` is another run and `pw` its window: it is unfinished and comes before any run of window `w`.
PRECEDES = """(
    p.window_id <> w.id AND p.state IN ('waiting', 'ready', 'running', 'failed')
    AND NOT (p.state = 'failed' AND pw.origin = 'ad_hoc')
    AND (((pw.schedule = w.schedule OR (pw.books AND w.books)) AND (pw.due_at, pw.id) < (w.due_at, w.id))
         OR (pw.business_date = w.business_date AND pw.schedule = ANY (w.after))))"""

UNFINISHED = f"""EXISTS (
    SELECT FROM public.schedules_run p JOIN public.schedules_window pw ON pw.id = p.window_id
    WHERE p.tenant_id = r.tenant_id AND {PRECEDES})"""

CHILDREN_OPEN = """(r.fanned_out_at IS NOT NULL AND EXISTS (
    SELECT FROM public.schedules_run c
    WHERE c.tenant_id = r.tenant_id AND c.window_id = r.window_id AND c.item <> ''
      AND c.state IN ('waiting', 'ready', 'running', 'failed')))"""

BLOCKED = f"(r.item = '' AND ({UNOPENED} OR {UNFINISHED} OR {CHILDREN_OPEN}))"

# Staggered (business clock) or resting before a retry (lease clock).
RESTING = "(coalesce(r.starts_at > %(now)s, false) OR coalesce(r.not_before > clock_timestamp(), false))"
