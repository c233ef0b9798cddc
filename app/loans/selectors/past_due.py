"""What is past due on a night, as SQL for the jobs that decide about it."""

#: Instalments that are past due on the business date `%(day)s`: due before it, and not covered by payments effective
#: before it (settled rule 2). Three index ranges: what is open still; and for a night that runs late what was covered
#: on the day or later, and what another plan took the place of after the day. (Its rows are due later than that.)
#: Whether a loan has ended is for the caller to look at.
PAST_DUE = """
    SELECT * FROM (
        SELECT id, loan_id, number, due_date, principal, interest, due_through FROM loans_instalment
        WHERE settled_on IS NULL AND superseded_on IS NULL AND due_date < %(day)s
        UNION ALL
        SELECT id, loan_id, number, due_date, principal, interest, due_through FROM loans_instalment
        WHERE settled_on >= %(day)s AND superseded_on IS NULL AND due_date < %(day)s
        UNION ALL
        SELECT id, loan_id, number, due_date, principal, interest, due_through FROM loans_instalment
        WHERE superseded_on > %(day)s AND due_date < %(day)s AND (settled_on IS NULL OR settled_on >= %(day)s)
    ) uncovered
    WHERE NOT EXISTS (
        SELECT FROM loans_reopening covered WHERE covered.instalment_id = uncovered.id
        AND covered.settled_on < %(day)s AND covered.reopened_on >= %(day)s
    )"""
