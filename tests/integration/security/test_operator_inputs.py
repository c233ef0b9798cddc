"""Every field that an operator can type into, generated from commands, URLs and admin: hostile text is text, no SQL."""

from io import StringIO
from pathlib import Path

import pytest
from django.contrib import admin
from django.core.management import CommandError, call_command, get_commands, load_command_class
from django.test import Client
from django.urls import reverse
from django_tenants.utils import schema_context

from board import urls
from board.forms import ASKED
from common.checksum import checksums
from schedules.opening import open_due
from tests.integration.common.calling import elsewhere
from tests.integration.loans.books import make_loan
from tests.integration.security.sites import at_home
from tests.stage import at
from tests.unit.test_docs import HOUSE

#: Sharp, and short enough for a code: it ends quotes, strings, patterns and statements.
PAYLOADS = ["x'\"\\;--%s%(a)s"]
#: What Postgres says when text became SQL.
AS_SQL = (
    "syntax error",
    "unterminated",
    "does not exist",
    "invalid input syntax",
    "placeholder",
    "not enough arguments",
)
#: These ask the database for nothing that was typed: they migrate, serve, or talk to somebody else.
ELSEWHERE = {"create_roles", "healthy", "migrate", "migrate_tenants", "serve_metrics", "tenant_dashboards"}
#: What a field is given while another one is attacked; everything else is read off its type.
BENIGN = {"tenant": "acme", "schema_name": "acme", "loan": "L1", "schedule": "daily-first"}
BY_TYPE = {
    "iso_date": "2024-07-01",
    "dollars": "1.00",
    "percentage": "1",
    "int": "1",
    "float": "1",
    "_month": "2024-01",
}
#: Nobody waits for a worker, for there is none.
UNHURRIED = {"workflow": ["--wait=0.01"]}
BY_TYPE |= {"_instant": "2024-01-01T00:00", "instant": "2024-01-01T00:00", "hours": "mon=09:00-10:00"}


def commands():
    return sorted(name for name, app in get_commands().items() if app in HOUSE and name not in ELSEWHERE)


def fields(parser):
    """Return what a command takes, without the options that every command of Django has."""
    django = {"help", "version", "verbosity", "settings", "pythonpath", "traceback", "no_color", "force_color"}
    return [action for action in parser._actions if action.dest not in {*django, "skip_checks"} and action.nargs != 0]


def is_free(action):
    """Return whether anything can be typed."""
    return action.type in {None, str} and not action.choices


def benign(action, directory):
    if action.choices:
        return str(next(iter(action.choices)))
    if action.type is Path:
        return str(directory / "file")
    return BY_TYPE.get(getattr(action.type, "__name__", ""), BENIGN.get(action.dest, "x"))


def typed(actions, attacked, payload, directory):
    """Return a command's words: one field hostile, the ones it cannot do without as they should be."""
    words = []
    for action in actions:
        value = payload if action is attacked else benign(action, directory)
        if action is attacked or action.required or not action.option_strings:
            words.append(f"{action.option_strings[-1]}={value}" if action.option_strings else value)
    return words


def said_by(command, words):
    """Return all that a command said; that it refuses is as good an answer as that it does it."""
    out = StringIO()
    try:
        call_command(command, *words, stdout=out, stderr=out, no_color=True)
    except (CommandError, SystemExit) as refusal:
        out.write(str(refusal))
    return out.getvalue()


def attacks():
    for command in commands():
        actions = fields(load_command_class(get_commands()[command], command).create_parser("manage.py", command))
        yield from ((command, actions, action) for action in actions if is_free(action))


@pytest.fixture
def besieged(nightly, monkeypatch):
    """A night of two tenants with a loan each, in which no command waits for a worker."""
    from schedules.management.operator import NightCommand

    monkeypatch.setattr(NightCommand, "wait", lambda *_: None)
    monkeypatch.setattr("sys.stdin", StringIO())
    at(4)
    open_due()
    for schema_name in ("acme", "beta"):
        with schema_context(schema_name):
            make_loan("L1")


def schemas():
    listed = "SELECT nspname, relname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE relkind = 'r'"
    return sorted(elsewhere(f"{listed} AND nspname !~ '^pg_toast|^spare_|^x$|^fresh'"))


def of_beta():
    with schema_context("beta"):
        return checksums()


class TestCommands:
    def test_there_is_nothing_to_attack_that_is_left_out(self):
        assert set(get_commands()) >= ELSEWHERE
        assert len(commands()) + len(ELSEWHERE) == sum(app in HOUSE for app in get_commands().values())
        assert len({command for command, *_ in attacks()}) >= len(commands()) - 6

    def test_what_is_typed_is_never_sql_and_reaches_no_other_tenant(self, besieged, tmp_path):
        tables, theirs = schemas(), of_beta()
        (tmp_path / "file").write_text("")
        for command, actions, attacked in attacks():
            for payload in PAYLOADS:
                words = [*typed(actions, attacked, payload, tmp_path), *UNHURRIED.get(command, [])]
                said = said_by(command, words)
                assert not [one for one in AS_SQL if one in said], (command, words, said)
        assert schemas() == tables
        assert of_beta() == theirs


class TestPages:
    """The board's addresses and forms, and every list of the admin, at a tenant's own site."""

    def test_what_is_typed_into_the_board_is_never_sql(self, besieged, sign_in):
        tables = schemas()
        client = sign_in("administrator")
        for pattern in urls.urlpatterns:
            for payload in PAYLOADS:
                texts = {name: payload for name, kind in pattern.pattern.converters.items() if "String" in str(kind)}
                others = {name: 1 for name, kind in pattern.pattern.converters.items() if "Int" in str(kind)}
                others |= {name: "2024-07-01" for name in pattern.pattern.converters if name == "business_date"}
                path = reverse(f"board:{pattern.name}", kwargs=texts | others)
                assert client.get(path, dict.fromkeys(("q", "page", "who", "state"), payload)).status_code < 500, path
        for action, asked in ASKED.items():
            for payload in PAYLOADS:
                sent = {name: payload for name in asked if name not in {"first", "last"}}
                code = client.post(f"/night/act/{action}", {"first": "2024-07-01", "last": "2024-07-01", **sent})
                assert code.status_code < 500, action
        assert schemas() == tables

    def test_what_is_searched_for_in_the_admin_is_never_sql(self, besieged):
        tables = schemas()
        client = at_home("acme")
        for model in admin.site._registry:
            path = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
            for asked in ({"q": PAYLOADS[0], "o": PAYLOADS[0]}, {"id__exact": PAYLOADS[0]}):
                assert client.get(path, asked).status_code < 500, (path, asked)
        assert schemas() == tables

    def test_a_host_nobody_has_is_a_page_that_is_not_there(self, besieged):
        for payload in (*PAYLOADS, "acme.example.com' OR '1'='1", "x" * 5000):
            assert Client(HTTP_HOST=payload).get("/night/").status_code in {400, 404}
