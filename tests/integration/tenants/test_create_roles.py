"""A managed Postgres has a master only; the two roles of the app are made from their URLs, and again after a change."""

import io
from urllib.parse import urlsplit

import psycopg
import pytest
from django.core.management import CommandError, call_command
from psycopg import sql

DATABASE, MASTER, OWNER, APP = "fresh", "fresh_master", "fresh_owner", "fresh_app"


def host_of(sandbox):
    return urlsplit(sandbox.env["DATABASE_URL"]).netloc.partition("@")[2]


@pytest.fixture
def superuser(sandbox):
    """A connection as the server's superuser, who makes what a provider makes: a master and an empty database."""
    url = f"postgresql://postgres@{host_of(sandbox)}/postgres"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {MASTER} LOGIN CREATEROLE CREATEDB PASSWORD 'master'")
        connection.execute(f"CREATE DATABASE {DATABASE} OWNER {MASTER}")
        yield connection
        connection.execute(f"DROP DATABASE {DATABASE} WITH (FORCE)")
        for role in (APP, OWNER, MASTER):
            connection.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(role)))


@pytest.fixture
def deployed(superuser, sandbox, monkeypatch):
    """The environment of the task that makes the roles."""
    host = host_of(sandbox)

    def url(role, password):
        return f"postgresql://{role}:{password}@{host}/{DATABASE}"

    monkeypatch.setenv("DATABASE_OWNER_URL", url(OWNER, "o%2Fwner"))
    monkeypatch.setenv("DATABASE_URL", url(APP, "app"))
    monkeypatch.setenv("DATABASE_MASTER_USERNAME", MASTER)
    monkeypatch.setenv("DATABASE_MASTER_PASSWORD", "master")
    return url


def create_roles():
    said = io.StringIO()
    call_command("create_roles", stdout=said)
    return said.getvalue()


def test_the_owner_owns_the_database_and_the_app_only_connects(deployed, superuser):
    assert create_roles() == "fresh_owner owns the database, fresh_app may connect to it.\n"
    with psycopg.connect(deployed(OWNER, "o%2Fwner")) as owner:
        owner.execute("CREATE SCHEMA acme")
    with psycopg.connect(deployed(APP, "app")) as app, pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute("CREATE SCHEMA mine")


def test_it_can_be_repeated_and_gives_the_roles_the_passwords_of_their_urls(deployed, superuser, monkeypatch):
    create_roles()
    before = hashes(superuser)
    monkeypatch.setenv("DATABASE_URL", deployed(APP, "another"))
    create_roles()
    after = hashes(superuser)
    assert after[APP] != before[APP]
    assert all(password.startswith("SCRAM-SHA-256$") for password in after.values())


def hashes(superuser):
    return dict(superuser.execute("SELECT rolname, rolpassword FROM pg_authid WHERE rolname LIKE 'fresh_%'").fetchall())


def test_a_missing_variable_is_named(deployed, monkeypatch):
    monkeypatch.delenv("DATABASE_MASTER_PASSWORD")
    with pytest.raises(CommandError, match=r"Set DATABASE_MASTER_PASSWORD: the master's name and password"):
        create_roles()


def test_a_master_who_is_refused_is_told_in_one_line(deployed, monkeypatch):
    monkeypatch.setenv("DATABASE_MASTER_USERNAME", "nobody_at_all")
    with pytest.raises(CommandError, match=r"The roles were not made: .*nobody_at_all") as refused:
        create_roles()
    assert "\n" not in str(refused.value)
