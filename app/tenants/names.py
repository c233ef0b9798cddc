"""Which names a tenant may have: a schema's is short, plain, and never one that means something to Postgres.

It reaches SQL, file names, metrics and log lines. The rule is therefore stricter than Postgres's own:
lower-case ASCII letters, digits and `_`. No hyphen, because a name with one works only in double quotes.
"""

import re
import unicodedata

from tenants.exceptions import InvalidNameError

MAX_LENGTH = 48
#: Every tenant is cloned from this schema; it belongs to no tenant.
TEMPLATE_SCHEMA = "matins_template"
SYSTEM_SCHEMAS = frozenset({"public", "information_schema", TEMPLATE_SCHEMA})

HOST_NAME = r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$"
HOST_NAME_MAX_LENGTH = 253
NAME_MAX_LENGTH = 200

_SLUG = re.compile(r"[a-z][a-z0-9_]*")
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_")

#: What Postgres 18 reserves (`pg_get_keywords()`, categories R and T): unusable without double quotes.
RESERVED_WORDS = frozenset(
    re.findall(
        r"\w+",
        """
        all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate
        collation column concurrently constraint create cross current_catalog current_date current_role
        current_schema current_time current_timestamp current_user default deferrable desc distinct do else
        end except false fetch for foreign freeze from full grant group having ilike in initially inner
        intersect into is isnull join lateral leading left like limit localtime localtimestamp natural not
        notnull null offset on only or order outer overlaps placing primary references returning right select
        session_user similar some symmetric system_user table tablesample then to trailing true union unique
        user using variadic verbose when where window with
        """,
    )
)


def check_schema_name(name: str) -> str:
    """Return `name` if a tenant's schema may be called that; whether it is free is the database's to say.

    Raises:
        InvalidNameError: with the reason.
    """
    reason = _misspelling(name) or _meaning(name)
    if reason:
        raise InvalidNameError(
            f"{name!a} cannot be a tenant's schema name: {reason}. "
            f"Use a letter, then letters, digits or _, all lower-case ASCII, at most {MAX_LENGTH}."
        )
    return name


def check_host_name(name: str) -> str:
    """Return `name` if it is a host name as a browser sends it: lower-case ASCII, no port, no scheme.

    Raises:
        InvalidNameError: if it is not.
    """
    if len(name) > HOST_NAME_MAX_LENGTH or not re.fullmatch(HOST_NAME.strip("^$"), name):
        raise InvalidNameError(f"{name!a} is no host name; write it like acme.example.com, in lower case.")
    return name


def check_name(name: str) -> str:
    """Return `name` if people can be shown it as the tenant's.

    Raises:
        InvalidNameError: if it is blank or too long.
    """
    if not name.strip() or len(name) > NAME_MAX_LENGTH:
        raise InvalidNameError(f"A tenant's name has 1 to {NAME_MAX_LENGTH} characters; this one has {len(name)}.")
    return name


def _misspelling(name: str) -> str:
    if not name:
        return "it is empty"
    if len(name) > MAX_LENGTH:
        return f"it has {len(name)} characters"
    if _SLUG.fullmatch(name):
        return ""
    strange = next((character for character in name if character not in _PLAIN), None)
    if strange is None:
        return f"it begins with {name[0]}"
    # By its Unicode name: a Cyrillic letter that looks like an ASCII one cannot be told from it otherwise.
    return f"it holds {unicodedata.name(strange, f'U+{ord(strange):04X}')}"


def _meaning(name: str) -> str:
    if name.startswith("pg_"):
        return "names that begin with pg_ belong to Postgres"
    if name in SYSTEM_SCHEMAS:
        return "this schema is the system's own"
    if name in RESERVED_WORDS:
        return "it is a reserved word of SQL"
    return ""
