"""The documentation names only what exists: files, sections, commands and their options, tables."""

import re
from functools import cache
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import get_commands, load_command_class

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
HOUSE = {
    "board.api",
    *("casework", "common", "compliance", "config", "credit_reporting", "delinquency", "fees", "ledger", "loans"),
    *("monitoring", "payments", "portfolios", "schedules", "statements", "tenants"),
}

LINK = re.compile(r"\]\(([^)\s]+)\)")
CODE_BLOCK = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
#: `manage.py windows --days 3`, up to the end of the code or a remark behind it.
TYPED = re.compile(r"manage\.py ([a-z_\d]+)([^\n`#]*)")
#: A table of commands, and in its rows' first cells the commands: `rerun SCHEDULE DATE [--tenant T]`.
COMMAND_TABLE = re.compile(r"^\| commands? \|.*\n(?:\|.*\n)+", re.MULTILINE)
IN_CELL = re.compile(r"`([a-z_\d]+)([^`]*)`")


def name(path):
    return str(path.relative_to(ROOT))


each_page = pytest.mark.parametrize("page", PAGES, ids=name)


def anchors(page):
    """Return the anchors that a page's headings get on the web."""
    headings = re.findall(r"^#+ (.+)$", CODE_BLOCK.sub("", page.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def leads_somewhere(link, page):
    path, _, anchor = link.partition("#")
    target = page.parent / path if path else page
    return target.exists() and (not anchor or anchor in anchors(target))


@cache
def options(command):
    parser = load_command_class(get_commands()[command], command).create_parser("manage.py", command)
    return {option for action in parser._actions for option in action.option_strings}


def commands_named(page):
    """Return every command that a page tells the reader to type, with what follows it."""
    text = page.read_text()
    cells = [row.split("|")[1] for table in COMMAND_TABLE.findall(text) for row in table.splitlines()[2:]]
    return TYPED.findall(text) + IN_CELL.findall("\n".join(cells))


@each_page
def test_every_relative_link_leads_somewhere(page):
    links = LINK.findall(CODE_BLOCK.sub("", page.read_text()))
    assert [link for link in links if "://" not in link and not leads_somewhere(link, page)] == []


@each_page
def test_every_command_exists_with_the_options_it_is_shown_with(page):
    unknown = []
    for command, rest in commands_named(page):
        shown = re.findall(r"--[a-z-]+", rest)
        if command not in get_commands() or not options(command).issuperset(shown):
            unknown.append(f"{command}{rest}")
    assert unknown == []


def test_the_readme_names_every_command_of_the_house():
    house = {command for command, app in get_commands().items() if app in HOUSE}
    assert house - {command for command, _ in commands_named(README)} == set()


def test_every_promise_names_a_file_of_tests():
    section = README.read_text().split("## What it guarantees")[1].split("\n## ")[0]
    rows = [row for row in section.splitlines() if row.startswith("| **")]
    assert len(rows) == 8
    for row in rows:
        files = [ROOT / link for link in LINK.findall(row)]
        assert files, row
        assert all("def test_" in file.read_text() for file in files), row


def test_the_readme_can_be_read_in_one_go():
    assert len(README.read_text().splitlines()) <= 170


def test_the_architecture_names_every_public_table():
    text = (ROOT / "docs" / "architecture.md").read_text()
    public = ("schedules", "tenants", "monitoring", "board_api")
    models = [model for app in public for model in apps.get_app_config(app).get_models()]
    assert [model._meta.db_table for model in models if f"`{model._meta.db_table}`" not in text] == []
