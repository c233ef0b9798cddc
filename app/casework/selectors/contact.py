"""Whether a borrower may be contacted: by the law, by what they said, and by what was agreed with them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import connection

from casework.models import Channel, ContactPreference, PaymentPlan, Promise
from delinquency.models import Flag

Kind = ContactPreference.Kind

#: Calls to a borrower about one debt in so many days in a row, and the days that a conversation bars: both 7, the day
#: of the conversation included (12 CFR 1006.14(b)(2)).
CALLS, CALL_DAYS = 7, 7


@dataclass(frozen=True, kw_only=True)
class Day:
    """A day of contact, and what is known of it.

    Args:
        on: the day on which the borrower would be contacted.
        known_before: what was said, agreed or done before this day counts. A night knows what was before its business
            date, settled rule 1; whoever contacts somebody knows what was said that day.
    """

    on: date
    known_before: date

    @classmethod
    def of_night(cls, business_date: date) -> "Day":
        """Return what the night of a business date knows of that date."""
        return cls(on=business_date, known_before=business_date)

    @classmethod
    def today(cls, today: date) -> "Day":
        """Return what is known now of today."""
        return cls(on=today, known_before=today + timedelta(days=1))

    @property
    def parameters(self) -> dict[str, date]:
        """What the statements below take."""
        return {"on": self.on, "known_before": self.known_before}


_IN_FORCE = "{0}.starts_on < %(known_before)s AND ({0}.ends_on IS NULL OR {0}.ends_on >= %(on)s)"

#: Why loans (`loan_id`) may not be contacted on a channel, or on any where it is empty.
BARRED = f"""
    SELECT loan.id AS loan_id, said.channel,
           CASE said.kind WHEN '{Kind.OPT_OUT}' THEN 'the borrower has opted out of it'
                WHEN '{Kind.ATTORNEY}' THEN 'an attorney represents the borrower'
                ELSE 'the borrower wants no contact' END AS reason
    FROM casework_contactpreference said JOIN loans_loan loan ON loan.borrower_id = said.borrower_id
    WHERE said.kind <> '{Kind.CONSENT}' AND {_IN_FORCE.format("said")}
    UNION ALL
    SELECT flag.loan_id, '', CASE flag.kind WHEN '{Flag.Kind.BANKRUPTCY}' THEN 'the borrower is bankrupt'
                             ELSE 'the borrower has died' END
    FROM delinquency_flag flag WHERE {_IN_FORCE.format("flag")}
    UNION ALL
    SELECT loan.id, '{Channel.SMS}', 'the borrower has not agreed to text messages' FROM loans_loan loan
    WHERE NOT EXISTS (
        SELECT FROM casework_contactpreference said WHERE said.borrower_id = loan.borrower_id
        AND said.kind = '{Kind.CONSENT}' AND said.channel = '{Channel.SMS}' AND {_IN_FORCE.format("said")}
    )
    UNION ALL
    SELECT loan_id, '{Channel.CALL}', CASE WHEN bool_or(reached) THEN 'there was a conversation less than 7 days ago'
                                      ELSE 'there were 7 calls in 7 days' END
    FROM casework_contactattempt
    WHERE channel = '{Channel.CALL}' AND made_on > %(on)s::date - {CALL_DAYS} AND made_on < %(known_before)s
    GROUP BY loan_id HAVING bool_or(reached) OR count(*) >= {CALLS}"""

#: Why loans are left in peace though they are behind: something was agreed, or their days do not count.
ARRANGED = f"""
    SELECT loan_id, 'a promise is open' AS reason FROM casework_promise
    WHERE made_on < %(known_before)s AND due_on + tolerance_days >= %(on)s
        AND NOT (status = '{Promise.Status.WITHDRAWN}' AND decided_on < %(known_before)s)
    UNION ALL
    SELECT loan_id, 'a payment plan is running' FROM casework_paymentplan
    WHERE made_on < %(known_before)s
        AND (status = '{PaymentPlan.Status.RUNNING}' OR decided_on >= %(known_before)s)
    UNION ALL
    SELECT loan_id, 'the loan is in forbearance' FROM loans_forbearance
    WHERE starts_on <= %(on)s AND ends_on >= %(on)s
    UNION ALL
    SELECT loan_id, 'its days past due are paused' FROM delinquency_pause
    WHERE starts_on <= %(on)s AND (resumes_on IS NULL OR resumes_on > %(on)s)"""

_WHY_BARRED = f"""
    SELECT loan_id, min(reason) FROM ({BARRED}) barred
    WHERE loan_id = ANY(%(loan_ids)s) AND channel IN ('', %(channel)s) GROUP BY loan_id"""

_WHY_ARRANGED = f"""
    SELECT loan_id, min(reason) FROM ({ARRANGED}) arranged WHERE loan_id = ANY(%(loan_ids)s) GROUP BY loan_id"""


def may_contact(loan_ids: Sequence[int], *, channel: str, day: Day) -> set[int]:
    """Return those of the loans whose borrowers may be contacted about them; the time of day is not looked at.

    Args:
        loan_ids: the loans.
        channel: one of `Channel`.
        day: when, and what is known of it.
    """
    return set(loan_ids) - barred(loan_ids, channel=channel, day=day).keys()


def barred(loan_ids: Sequence[int], *, channel: str, day: Day) -> Mapping[int, str]:
    """Return why loans may not be contacted on a channel, by the id of those that may not.

    Opt-out and consent per channel, cease-contact, attorney, bankruptcy, death; calls also by their number and by the
    last conversation (12 CFR 1006.6, 1006.14).

    Args:
        loan_ids: the loans.
        channel: one of `Channel`.
        day: when, and what is known of it.
    """
    return _reasons(_WHY_BARRED, loan_ids, day, channel=channel)


def arranged(loan_ids: Sequence[int], *, day: Day) -> Mapping[int, str]:
    """Return why loans are left in peace, by the id of those that are: a promise, a plan, a forbearance, a pause.

    Args:
        loan_ids: the loans.
        day: when, and what is known of it.
    """
    return _reasons(_WHY_ARRANGED, loan_ids, day)


def _reasons(statement: str, loan_ids: Sequence[int], day: Day, **parameters: str) -> dict[int, str]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"loan_ids": list(loan_ids), **day.parameters, **parameters})
        return dict(cursor.fetchall())
