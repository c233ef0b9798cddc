"""Which names a tenant's schema may have: short, plain, and never one that means something to Postgres.

A name reaches SQL, file names, metrics and log lines. The rule is therefore stricter than Postgres's own:
lower-case ASCII letters, digits and `_`. No hyphen, because a name with one works only in double quotes.
"""

import re
import unicodedata

from tenants.exceptions import InvalidSchemaName

MAX_LENGTH = 48
#: Every tenant is cloned from this schema; it belongs to no tenant.
TEMPLATE_SCHEMA = "matins_template"
TAKEN_BY_THE_SYSTEM = frozenset({"public", "information_schema", TEMPLATE_SCHEMA})

_SLUG = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_")

#: What Postgres 16 to 18 reserve (`pg_get_keywords()`, categories R and T): unusable without double quotes.
RESERVED_WORDS = frozenset(
    """
    all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate
    collation column concurrently constraint create cross current_catalog current_date current_role
    current_schema current_time current_timestamp current_user default deferrable desc distinct do else end
    except false fetch for foreign freeze from full grant group having ilike in initially inner intersect into
    is isnull join lateral leading left like limit localtime localtimestamp natural not notnull null offset on
    only or order outer overlaps placing primary references returning right select session_user similar some
    symmetric system_user table tablesample then to trailing true union unique user using variadic verbose when
    where window with
    """.split()
)


def check_schema_name(name: str) -> str:
    """Return `name` if a tenant's schema may be called that; whether it is free is the database's to say.

    Raises:
        InvalidSchemaName: with the reason.
    """
    reason = _objection(name)
    if reason:
        raise InvalidSchemaName(
            f"{name!a} cannot be a tenant's schema name: {reason}. "
            f"Use a letter, then letters, digits or _, all lower-case ASCII, at most {MAX_LENGTH}."
        )
    return name


def _objection(name: str) -> str:
    if not name:
        return "it is empty"
    if len(name) > MAX_LENGTH:
        return f"it has {len(name)} characters"
    if not _SLUG.fullmatch(name):
        return _strange_character(name)
    if name.startswith("pg_"):
        return "names that begin with pg_ belong to Postgres"
    if name in TAKEN_BY_THE_SYSTEM:
        return "this schema is the system's own"
    if name in RESERVED_WORDS:
        return "it is a reserved word of SQL"
    return ""


def _strange_character(name: str) -> str:
    strange = next((character for character in name if character not in _PLAIN), None)
    if strange is None:
        return f"it begins with {name[0]}"
    # By its Unicode name: a Cyrillic letter that looks like an ASCII one cannot be told from it otherwise.
    return f"it holds {unicodedata.name(strange, f'U+{ord(strange):04X}')}"
