"""A real browser before the board: fixtures that start it and sign in, and what is asked of every page."""

import os
import shutil
from pathlib import Path

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from playwright.sync_api import sync_playwright

from tests.integration.board.serving import web

CHROMIUM = shutil.which("chromium")
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
AXE = (Path(__file__).parent / "axe" / "axe.min.js").read_text()
#: As of WCAG 2.1 AA, and what axe-core holds to be good practice; of a scheme's colours, whether they can be read.
RULES = "{resultTypes: ['violations']}"
COLOURS = "{resultTypes: ['violations'], runOnly: ['color-contrast']}"


@pytest.fixture(scope="module")
def chromium():
    """One browser for the module."""
    # Playwright runs a loop in this thread, beside which Django would refuse its queries.
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def site(database):
    """The address of a real web process, for all nights of the module."""
    with web({**os.environ, "MATINS_DB_ROLE": "app"}) as (address, _):
        yield address


@pytest.fixture
def browse(chromium):
    """Return a function that opens a page in a context of its own: `browse(site, viewport=PHONE)`."""
    contexts = []

    def open_page(address, **options):
        contexts.append(chromium.new_context(base_url=address, locale="en-US", **{"viewport": DESK, **options}))
        return contexts[-1].new_page()

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture
def sign_in(browse, site):
    """Return a function that opens a page for an administrator who is signed in: `sign_in(viewport=PHONE)`."""

    def sign(address=site, name="olga", **options):
        page = browse(address, **options)
        page.context.add_cookies([{"name": "sessionid", "value": session(name), "url": address}])
        return page

    return sign


def session(name):
    """Return what the cookie of a signed-in administrator says."""
    user, _ = User.objects.get_or_create(username=name)
    user.groups.set([Group.objects.get(name="administrator")])
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client.cookies["sessionid"].value


def violations(page, rules=RULES):
    """Return the rules of axe-core that a page breaks, each with the first element that does."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    return page.evaluate(f"axe.run(document, {rules}).then(r => r.violations.map(v => [v.id, v.nodes[0].html]))")


def said(page):
    """Return the words of a page as they are read."""
    return " ".join(page.locator("body").inner_text().split())


def width(page):
    """Return how wide a page is, which is more than its window where it must be scrolled sideways."""
    return page.evaluate("document.documentElement.scrollWidth")


def focus(page, words):
    """Go to what says some words, or is labelled so, as somebody does who has no mouse."""
    texts = "[document.activeElement.innerText, ...[...document.activeElement.labels ?? []].map(one => one.innerText)]"
    for _ in range(60):
        page.keyboard.press("Tab")
        if any(words in one for one in page.evaluate(texts) if one):
            return
    raise AssertionError(f"No key leads to {words!r} on {page.url}")


def press(page, words):
    """Follow or press what says some words, by keyboard, and wait for the page it leads to."""
    focus(page, words)
    with page.expect_navigation():
        page.keyboard.press("Enter")
