"""Borrowers who should hear from somebody before an instalment is due, so that they do not fall behind."""

from collections.abc import Sequence
from datetime import date, datetime, time

from django.db import transaction

from casework.models import Campaign, Case, CaseEvent, ContactPreference
from casework.services.moments import moment
from casework.services.opening import OPEN_AND_CLOSE, OPEN_THEN
from common.outcomes import Outcome
from delinquency.services.nights import Share, of
from loans.selectors.past_due import PAST_DUE
from loans.services.chosen import bad_loan, chosen

USUAL = time(1, 30)

Trigger = Campaign.Trigger
Stop = ContactPreference.Kind

# Instalments that any campaign may have reached for and that payments effective before the day have not covered: two
# index ranges, like what is past due (`loans.selectors.past_due`).
_AHEAD = """
    SELECT * FROM (
        SELECT id, loan_id, number, due_date, principal, interest, due_through FROM loans_instalment
        WHERE settled_on IS NULL AND superseded_on IS NULL AND {within}
        UNION ALL
        SELECT id, loan_id, number, due_date, principal, interest, due_through FROM loans_instalment
        WHERE settled_on >= %(day)s AND superseded_on IS NULL AND {within}
    ) uncovered
    WHERE NOT EXISTS (
        SELECT FROM loans_reopening covered WHERE covered.instalment_id = uncovered.id
        AND covered.settled_on < %(day)s AND covered.reopened_on >= %(day)s
    )""".format(within="due_date BETWEEN %(day)s AND %(day)s::date + (SELECT max(days_ahead) FROM casework_campaign)")

# Until when each loan's instalments are drafted, and when drafts last ended.
_DRAFTS = """
    SELECT loan_id, max(coalesce(ends_on, 'infinity')) FILTER (WHERE authorised_on < %(day)s) AS through,
           max(ends_on) FILTER (WHERE ends_on < %(day)s) AS ended_on
    FROM payments_autopay GROUP BY loan_id"""

# By the bank's code: what people take back is no sign of an empty account. Each payment is looked up, of the few.
_RETURNS = """
    SELECT loan_id, max(effective_date) AS returned_on FROM payments_paymentreversal reversal
    CROSS JOIN LATERAL (SELECT loan_id FROM payments_payment WHERE id = reversal.payment_id OFFSET 0) payment
    WHERE reason ~ '^R[0-9]{2}$' AND effective_date < %(day)s
        AND effective_date >= %(day)s::date - (SELECT max(look_back_days) FROM casework_campaign)
    GROUP BY loan_id"""

# Nobody is asked for what is forborne, and nobody who is bankrupt, dead, represented or wants no contact.
_LEFT_ALONE = f"""
    NOT EXISTS (
        SELECT FROM loans_closure closure WHERE closure.loan_id = loan.id
        AND closure.closed_on < %(day)s AND closure.reopened_on IS NULL
    ) AND NOT EXISTS (
        SELECT FROM loans_forbearance forbearance WHERE forbearance.loan_id = loan.id
        AND forbearance.starts_on <= instalment.due_date
        AND least(forbearance.ends_on, forbearance.ended_on - 1) >= %(day)s
    ) AND NOT EXISTS (
        SELECT FROM delinquency_flag flag WHERE flag.loan_id = loan.id
        AND flag.starts_on <= %(day)s AND (flag.ends_on IS NULL OR flag.ends_on >= %(day)s)
    ) AND NOT EXISTS (
        SELECT FROM casework_contactpreference stop WHERE stop.borrower_id = loan.borrower_id
        AND stop.kind IN ('{Stop.CEASE_CONTACT}', '{Stop.ATTORNEY}')
        AND stop.starts_on <= %(day)s AND (stop.ends_on IS NULL OR stop.ends_on >= %(day)s)
    ) AND NOT EXISTS (
        SELECT FROM ({PAST_DUE}) behind WHERE behind.loan_id = loan.id
    )"""

_WANTED = f"""
    SELECT campaign.id AS campaign_id, loan.id AS loan_id, loan.number, instalment.number AS instalment_number,
           instalment.due_date, campaign.queue_id,
           coalesce(instalment.due_through - instalment.principal - instalment.interest <> (
               SELECT earlier.due_through FROM loans_instalment earlier WHERE earlier.loan_id = loan.id
               AND earlier.number = instalment.number - 1 AND earlier.superseded_on IS NULL
           ), FALSE) AS is_off
    FROM ahead instalment
    JOIN loans_loan loan ON loan.id = instalment.loan_id
    JOIN casework_campaign campaign ON campaign.starts_on <= %(day)s
        AND (campaign.ends_on IS NULL OR campaign.ends_on >= %(day)s)
        AND instalment.due_date BETWEEN %(day)s::date + 1 AND %(day)s::date + campaign.days_ahead
    LEFT JOIN ({_DRAFTS}) drafts ON drafts.loan_id = loan.id
    LEFT JOIN ({_RETURNS}) returns ON returns.loan_id = loan.id
    WHERE {of("loan.id")} AND {_LEFT_ALONE}
        AND CASE campaign.trigger
            WHEN '{Trigger.RETURNED_PAYMENT}' THEN returns.returned_on >= %(day)s::date - campaign.look_back_days
            WHEN '{Trigger.AUTOPAY_OFF}' THEN drafts.ended_on >= %(day)s::date - campaign.look_back_days
                AND coalesce(drafts.through < instalment.due_date, TRUE)
            ELSE coalesce(drafts.through < instalment.due_date, TRUE) END
        AND NOT EXISTS (
            SELECT FROM casework_outreach done WHERE done.loan_id = loan.id AND done.campaign_id = campaign.id
            AND done.instalment_number = instalment.number
        )"""

# A case is over when its instalments are covered or past due: the loan is then nobody's, or a delinquent case's.
_REACH_OUT = f"""
    WITH ahead AS MATERIALIZED ({_AHEAD}),
    found AS MATERIALIZED ({_WANTED}),
    faulty AS (
        SELECT loan_id, number, min(instalment_number) AS first FROM found WHERE is_off GROUP BY loan_id, number
    ),
    wanted AS (SELECT * FROM found WHERE loan_id NOT IN (SELECT loan_id FROM faulty)),
    opening AS (
        SELECT DISTINCT ON (loan_id) loan_id, coalesce(queue_id, usual.id) AS queue_id
        FROM wanted LEFT JOIN casework_queue usual ON usual.is_default ORDER BY loan_id, campaign_id
    ),
    closing AS (
        SELECT open.id, 'nothing more is due soon' AS note FROM casework_case open
        WHERE open.kind = %(kind)s AND open.closed_at IS NULL AND open.opened_at < %(at)s AND {of("open.loan_id")}
            AND NOT EXISTS (SELECT FROM found WHERE found.loan_id = open.loan_id)
            AND NOT EXISTS (
                SELECT FROM casework_outreach outreach JOIN ahead instalment
                    ON instalment.loan_id = outreach.loan_id AND instalment.number = outreach.instalment_number
                WHERE outreach.case_id = open.id
            )
    ),
    {OPEN_AND_CLOSE},
    reached AS (
        INSERT INTO casework_outreach (case_id, loan_id, instalment_number, campaign_id, due_date, found_on, due_at)
        SELECT subject.id, wanted.loan_id, instalment_number, campaign_id, due_date, %(day)s, %(due_at)s
        FROM wanted JOIN (
            SELECT id, loan_id FROM opened
            UNION ALL
            SELECT id, loan_id FROM casework_case there WHERE there.kind = %(kind)s AND {OPEN_THEN.format(case="there")}
        ) subject ON subject.loan_id = wanted.loan_id
        ON CONFLICT DO NOTHING RETURNING 1
    )
    SELECT (SELECT count(*) FROM reached), count(*) FILTER (WHERE kind = '{CaseEvent.Kind.OPENED}'),
           count(*) FILTER (WHERE kind = '{CaseEvent.Kind.CLOSED}'),
           ARRAY(SELECT number FROM faulty ORDER BY loan_id), ARRAY(SELECT first FROM faulty ORDER BY loan_id)
    FROM told"""


@transaction.atomic
def find_pre_delinquent(
    *, business_date: date, due_at: datetime | None = None, only: Sequence[str] | None = None
) -> Outcome:
    """Find the loans that are current and that a campaign wants to reach before an instalment is due, each once.

    Nobody is bothered who has paid ahead, whose instalment will be drafted (but where a payment came back), whose
    loan is forborne, or who is not to be contacted. A loan whose plan contradicts itself is left out. A new case stands
    in the queue of its first campaign.

    Args:
        business_date: D; a campaign looks at the instalments due from D + 1 through D + its days.
        due_at: when the run's window was due; None by hand.
        only: the numbers of the loans to do; None means all.
    """
    scope, bad = chosen(only)
    share = Share(day=business_date, due_at=due_at, chosen=scope.loan_ids, held=())
    at, kind, priority = moment(business_date, due_at, USUAL), Case.Kind.PRE_DELINQUENCY, Case.Priority.LOW
    with scope.cursor() as cursor:
        cursor.execute(_REACH_OUT, {**share.parameters, "at": at, "kind": kind, "priority": priority})
        outreach, opened, closed, *faults = cursor.fetchone()
    bad += [bad_loan(number, _reason(instalment)) for number, instalment in zip(*faults, strict=True)]
    return Outcome(
        counts={"outreach": outreach, "opened": opened, "closed": closed},
        quarantined=bad,
    )


def _reason(instalment: int) -> str:
    return f"its plan does not add up at instalment {instalment}: correct the due_through"
