"""Names: what is refused, with which reason, and that whatever passes is harmless."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenants import names
from tenants.exceptions import InvalidNameError
from tenants.names import check_host_name, check_name, check_schema_name

HARMLESS = re.compile(r"[a-z][a-z0-9_]{0,47}", re.ASCII)

plain_names = st.from_regex(HARMLESS, fullmatch=True)


def means_something(name):
    return name.startswith("pg_") or name in names.SYSTEM_SCHEMAS | names.RESERVED_WORDS


def is_refused(check, name):
    try:
        return check(name) != name
    except InvalidNameError:
        return True


@given(st.text())
def test_whatever_passes_is_plain_and_means_nothing_to_postgres(name):
    assert is_refused(check_schema_name, name) or (HARMLESS.fullmatch(name) and not means_something(name))


@given(plain_names)
def test_every_plain_name_that_means_nothing_passes(name):
    assert is_refused(check_schema_name, name) == means_something(name)


@given(plain_names, st.characters(exclude_characters="abcdefghijklmnopqrstuvwxyz0123456789_"), st.integers(0, 47))
def test_one_strange_character_anywhere_is_refused(name, character, position):
    assert is_refused(check_schema_name, (name[:position] + character + name[position:])[:48] + character)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "it is empty"),
        ("a" * 49, "it has 49 characters"),
        ("1acme", "it begins with 1"),
        ("_acme", "it begins with _"),
        ("Acme", "it holds LATIN CAPITAL LETTER A"),
        ("acme-bank", "it holds HYPHEN-MINUS"),
        ("acme\n", "it holds U+000A"),
        ("acme\x00", "it holds U+0000"),
        ('acme"; DROP SCHEMA beta; --', "it holds QUOTATION MARK"),
        ("acme'", "it holds APOSTROPHE"),
        ("\N{CYRILLIC SMALL LETTER A}", "it holds CYRILLIC SMALL LETTER A"),
        ("\N{FULLWIDTH LATIN SMALL LETTER A}cme", "it holds FULLWIDTH LATIN SMALL LETTER A"),
        ("ac\N{ZERO WIDTH SPACE}me", "it holds ZERO WIDTH SPACE"),
        ("ac\N{RIGHT-TO-LEFT OVERRIDE}me", "it holds RIGHT-TO-LEFT OVERRIDE"),
        ("acme\N{ARABIC-INDIC DIGIT THREE}", "it holds ARABIC-INDIC DIGIT THREE"),
        ("\N{LATIN SMALL LETTER LONG S}elect", "it holds LATIN SMALL LETTER LONG S"),
        ("pg_acme", "names that begin with pg_ belong to Postgres"),
        ("public", "this schema is the system's own"),
        ("information_schema", "this schema is the system's own"),
        ("matins_template", "this schema is the system's own"),
        ("user", "it is a reserved word of SQL"),
        ("current_schema", "it is a reserved word of SQL"),
    ],
)
def test_the_reason_of_a_refusal(name, reason):
    with pytest.raises(InvalidNameError) as refusal:
        check_schema_name(name)
    assert str(refusal.value) == (
        f"{name!a} cannot be a tenant's schema name: {reason}. "
        "Use a letter, then letters, digits or _, all lower-case ASCII, at most 48."
    )


@pytest.mark.parametrize("name", ["a", "a" * 48, "acme", "acme_2", "pgbank", "public_2", "users", "t1__"])
def test_ordinary_names_pass(name):
    assert check_schema_name(name) == name


@pytest.mark.parametrize("name", ["localhost", "acme.example.com", "a-b.c", "1.2", "xn--bcher-kva.example"])
def test_host_names_pass(name):
    assert check_host_name(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Acme.example.com",
        "acme.example.com:8000",
        "https://acme",
        "-a",
        "a-",
        "a..b",
        "a.\n",
        "bücher.de",
        "a" * 254,
    ],
)
def test_what_no_browser_sends_as_a_host_is_refused(name):
    with pytest.raises(InvalidNameError, match="is no host name"):
        check_host_name(name)


@pytest.mark.parametrize("name", ["", "  \t", "x" * 201])
def test_a_tenants_name_is_neither_blank_nor_endless(name):
    with pytest.raises(InvalidNameError, match=f"1 to 200 characters; this one has {len(name)}"):
        check_name(name)


def test_a_tenants_name_may_be_in_any_script():
    assert check_name("Банк «Утро»") == "Банк «Утро»"
