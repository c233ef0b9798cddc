"""Which names a tenant's schema may have: short, plain, and never one that means something to Postgres.

A name reaches SQL, file names, metrics and log lines. The rule is therefore stricter than Postgres's own:
lower-case ASCII letters, digits and `_`. No hyphen, because a name with one works only in double quotes.
"""

import re
import unicodedata

from tenants.exceptions import InvalidSchemaNameError

MAX_LENGTH = 48
#: Every tenant is cloned from this schema; it belongs to no tenant.
TEMPLATE_SCHEMA = "matins_template"
SYSTEM_SCHEMAS = frozenset({"public", "information_schema", TEMPLATE_SCHEMA})

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
        InvalidSchemaNameError: with the reason.
    """
    reason = _misspelling(name) or _meaning(name)
    if reason:
        raise InvalidSchemaNameError(
            f"{name!a} cannot be a tenant's schema name: {reason}. "
            f"Use a letter, then letters, digits or _, all lower-case ASCII, at most {MAX_LENGTH}."
        )
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
