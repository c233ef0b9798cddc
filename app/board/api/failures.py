"""Tokens that open nothing are slowed down: counted apart from sign-ins, and never in the way of a token that is right.

A secret is 256 random bits, so nobody guesses one and a right token need not wait for the wrong ones beside it. What is
held back is a forgotten script, which asks on and on with a token that has expired.
"""

from board.api.exceptions import TooManyRequestsError
from schedules import sql

WITHIN_S = 300
#: So many failures within that time from one address: of one key, and of all of them (scripts share addresses).
MOST_FOR_KEY, MOST_FOR_ADDRESS = 10, 200
KEY_LENGTH, ADDRESS_LENGTH = 16, 45

# What is refused for its number is not counted, or the waiting would never end. The old ones are forgotten on the way.
_RECORD = """
WITH old AS (DELETE FROM public.board_api_tokenfailure
             WHERE at < clock_timestamp() - %(within_s)s * interval '1 second'),
recent AS (SELECT count(*) FILTER (WHERE key = %(key)s) AS of_key, count(*) AS of_address,
                  ceil(extract(epoch FROM min(at) - clock_timestamp()) + %(within_s)s)::int AS rest_s
           FROM public.board_api_tokenfailure
           WHERE address = %(address)s AND at >= clock_timestamp() - %(within_s)s * interval '1 second'),
judged AS (SELECT of_key >= %(of_key)s OR of_address >= %(of_address)s AS is_limited, rest_s FROM recent),
added AS (INSERT INTO public.board_api_tokenfailure (key, address, at)
          SELECT %(key)s, %(address)s, clock_timestamp() FROM judged WHERE NOT is_limited)
SELECT is_limited, rest_s FROM judged"""


def record(*, key: str, address: str) -> None:
    """Remember a token that opened nothing.

    Args:
        key: its public half, as it was sent.
        address: whom it came from.

    Raises:
        TooManyRequestsError: there were too many from there already.
    """
    params = {"key": key[:KEY_LENGTH], "address": address[:ADDRESS_LENGTH], "within_s": WITHIN_S}
    (judged,) = sql.fetch(_RECORD, {**params, "of_key": MOST_FOR_KEY, "of_address": MOST_FOR_ADDRESS})
    if judged.is_limited:
        told = "Too many requests with a token that opens nothing: ask for a new one (`api_token issue`)."
        raise TooManyRequestsError(told, retry_after_s=judged.rest_s)
