"""Cases that open and close by themselves, and their numbers."""

from casework.models import Case, CaseEvent

Status = Case.Status

#: The condition that a case is open at `%(at)s`; a night that runs late looks past what was closed since.
OPEN_THEN = "{case}.opened_at <= %(at)s AND ({case}.closed_at IS NULL OR {case}.closed_at > %(at)s)"

#: Goes on with a WITH that has `opening` (loan_id; queue_id or NULL) and `closing` (id and note of cases): opens and
#: closes these at `%(at)s`, new ones of `%(kind)s` and `%(priority)s`, and gives `opened` (id, loan_id) and `told`
#: (kind of event).
#: A number that somebody else has just taken leaves the loan to the next night.
OPEN_AND_CLOSE = f"""
    shut AS (
        UPDATE casework_case shut SET status = '{Status.CLOSED}', closed_at = %(at)s, snoozed_until = NULL
        FROM closing WHERE shut.id = closing.id AND shut.closed_at IS NULL RETURNING shut.id, closing.note
    ),
    opened AS (
        INSERT INTO casework_case (number, loan_id, kind, status, priority, opened_at, queue_id)
        SELECT loan.number || '/' || 1 + (
                   SELECT count(*) FROM casework_case earlier WHERE earlier.loan_id = loan.id
               ), loan.id, %(kind)s, '{Status.OPEN}', %(priority)s, %(at)s, opening.queue_id
        FROM opening JOIN loans_loan loan ON loan.id = opening.loan_id
        WHERE NOT EXISTS (
            SELECT FROM casework_case there WHERE there.loan_id = loan.id AND there.kind = %(kind)s
            AND {OPEN_THEN.format(case="there")}
        )
        ORDER BY loan.id
        ON CONFLICT DO NOTHING RETURNING id, loan_id, queue_id
    ),
    told AS (
        INSERT INTO casework_caseevent (case_id, kind, at, by, note, queue_id, due_at)
        SELECT id, '{CaseEvent.Kind.OPENED}', %(at)s, '', '', NULL::bigint, %(due_at)s::timestamptz FROM opened
        UNION ALL
        SELECT id, '{CaseEvent.Kind.QUEUED}', %(at)s, '', '', queue_id, %(due_at)s::timestamptz FROM opened
        WHERE queue_id IS NOT NULL
        UNION ALL
        SELECT id, '{CaseEvent.Kind.CLOSED}', %(at)s, '', note, NULL, %(due_at)s::timestamptz FROM shut
        RETURNING kind
    )"""
