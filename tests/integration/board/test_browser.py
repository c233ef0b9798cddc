"""The board in a real browser, on a real server and worker: clicks, keys, a phone, no scripts, and axe-core's rules.

`MATINS_SCREENSHOTS=docs/board` keeps a picture of every page in both widths, and of the night in the dark.
"""

import os
import re
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

import pytest
import yaml
from playwright.sync_api import expect

from board.models import Audit
from sandbox.demo.__main__ import tell_how_to_go_on
from schedules.models import QuarantinedItem, Run, Window
from tenants.models import Tenant
from tests.integration.board import demo_night
from tests.integration.board.browsing import (
    CHROMIUM,
    COLOURS,
    DESK,
    PHONE,
    browse,
    chromium,
    focus,
    press,
    said,
    sign_in,
    site,
    violations,
    width,
)
from tests.integration.board.conftest import FOUR
from tests.integration.board.serving import web
from tests.night import work_through
from tests.processes import beat, worker

__all__ = ["browse", "chromium", "sign_in", "site"]

NIGHT = "/night/2024-07-01"
RULES_OF_ALERTS = Path(__file__).resolve().parents[3] / "ops" / "alerts" / "rules.yml"
HOSTILE = (
    '<script>alert(1)</script><img src=x onerror=a(2)>"onmouseover="alert(3)" autofocus onfocus="alert(4)\'>'
    "<svg/onload=alert(5)>javascript:a(6)${alert(7)}"
)
#: So much of it stands also where long texts are cut short; without a slash it can be part of an address.
READ = HOSTILE[25:100]
#: What there would be on a page if such words were anything but words.
MADE_OF_WORDS = "script:not([src]), img, [onerror], [onmouseover], [onfocus], [onload], [href^=javascript], [src=x]"
#: Every action by the pages that lead to it: which link is followed, and what is typed before it is shown.
ACTIONS = {
    "rerun": (NIGHT, "Re-run…", {}),
    "skip": ("/night/schedules/daily-second", "Skip…", {"Why": "acme asked"}),
    "catch_up": (NIGHT, "Catch up…", {}),
    "backfill": (
        "/night/schedules/daily-third",
        "Backfill…",
        {"Business date": "07012024", "Last business date": "07012024"},
    ),
    "suspend": ("/night/tenants/beta", "Suspend…", {}),
    "resume": ("/night/tenants/beta", "Resume…", {}),
}

#: Pictures in the documentation.
SHOWN = {
    f"{name}-{width}"
    for name in ("night", "schedule", "tenant", "run", "act", "action", "audit")
    for width in (1280, 390)
}
SHOWN |= {"night-1280-dark", "night-390-dark"}

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's chromium")


@pytest.fixture
def failed(opened):
    """A night in which acme's first run failed."""
    run = Run.objects.get(window__schedule="daily-first", tenant__schema_name="acme")
    Run.objects.filter(pk=run.pk).update(
        state="failed",
        reason="ValueError: the tape is wrong",
        traceback="Traceback (most recent call last): …",
        started_at=FOUR,
        finished_at=FOUR + timedelta(seconds=3),
        attempt=4,
        failures=4,
    )
    return run


@pytest.fixture
def start(process_env):
    """Return a function that starts a worker or beat, which ends after the test."""
    started = []
    yield lambda process: started.append(process(process_env))
    for process in started:
        process.stop()


def pages_of_alerts():
    """Return the pages to which the alerts lead, were they about acme's failed run."""
    read = yaml.safe_load(RULES_OF_ALERTS.read_text())["groups"]
    addresses = {one["annotations"]["board_url"] for group in read for one in group["rules"] if "alert" in one}
    for name, value in {"tenant": "acme", "schedule": "daily-first"}.items():
        addresses = {address.replace(f"{{{{ $labels.{name} }}}}", value) for address in addresses}
    return sorted(urlsplit(address).path for address in addresses)


def test_three_clicks_lead_from_an_alert_to_a_finished_rerun(failed, sign_in, start):
    page = sign_in()
    start(worker)
    page.goto("/night/tenants/acme")  # The first, on the alert's link.
    page.get_by_role("link", name="Re-run…").click()
    page.get_by_role("button", name="Re-run now").click()
    expect(page.locator("#finished")).to_be_visible(timeout=60_000)
    failed.refresh_from_db()
    assert failed.state == "succeeded"


def test_from_every_alerts_page_the_rerun_is_one_click_away(failed, sign_in):
    page = sign_in()
    addresses = pages_of_alerts()
    assert addresses == ["/night/", "/night/schedules/daily-first", "/night/tenants/acme"]
    for address in addresses:
        page.goto(address)
        page.get_by_role("link", name="Re-run…").first.click()
        expect(page.get_by_text("acme: failed (ValueError: the tape is wrong)")).to_be_visible()
        expect(page.get_by_role("button", name="Re-run now")).to_be_visible()


def test_the_night_refreshes_itself_while_a_worker_runs_and_keeps_the_place(opened, sign_in, start):
    page = sign_in(viewport={"width": 390, "height": 300})
    page.goto(NIGHT)
    page.locator("#s-daily-third").focus()
    page.evaluate("window.isTheSame = true")
    assert page.evaluate("scrollY") > 0
    expect(page.get_by_text("0 of 4 windows done")).to_be_attached()
    start(beat)  # Opened late, the night is published by a beat.
    start(worker)
    expect(page.get_by_text("Nothing is wrong: 4 of 4 windows done")).to_be_attached(timeout=60_000)
    assert page.evaluate("document.activeElement.id") == "s-daily-third"
    assert page.evaluate("isTheSame && scrollY > 0")


def test_every_action_is_done_by_keyboard(failed, sign_in):
    page = sign_in()
    for action, (address, link, typed) in ACTIONS.items():
        page.goto(address)
        press(page, link)
        for label, words in typed.items():
            focus(page, label)
            page.keyboard.type(words)
        if typed:
            press(page, "Show what it would do")
        press(page, " now")
        row = Audit.objects.latest("pk")
        assert (row.action, row.outcome) == (action, "done")
        assert page.url.endswith(f"/night/actions/{row.pk}")


def test_everything_is_read_and_done_without_scripts(failed, sign_in):
    page = sign_in(java_script_enabled=False)
    for address, words in {
        NIGHT: "1 tenant waits for daily-first of 2024-07-01, failed for acme",
        "/night/schedules/daily-first": "acme 2024-07-01: ValueError: the tape is wrong",
        "/night/tenants/acme": "daily-second of 2024-07-01 waits for daily-first of 2024-07-01, which is failed",
        f"/night/runs/{failed.pk}": "the tape is wrong",
        "/night/audit": "Nobody has done anything yet.",
    }.items():
        page.goto(address)
        assert words in " ".join(page.locator("main").inner_text().split())
    page.goto(NIGHT)
    page.get_by_role("link", name="Re-run…").first.click()
    page.get_by_role("button", name="Re-run now").click()
    expect(page.get_by_text("0 of 2 have ended")).to_be_visible()
    work_through()
    page.reload()
    expect(page.get_by_text("2 of 2 have ended. Finished.")).to_be_visible()


def test_what_others_wrote_is_read_as_they_wrote_it_and_runs_nothing(failed, sign_in):
    action = wrote(failed)
    page = sign_in(name=HOSTILE, viewport=PHONE)
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    page.on("console", lambda line: asked.append(line.text) if "Content Security Policy" in line.text else None)
    for address, times in {
        NIGHT: 3,
        "/night/schedules/daily-first": 5,
        "/night/tenants/acme": 4,
        f"/night/runs/{failed.pk}": 7,
        "/night/audit": 6,
        f"/night/actions/{action.pk}": 7,
        f"/night/act/rerun?{urlencode({'schedule': 'daily-first', 'first': '2024-07-01', 'why': HOSTILE})}": 4,
        f"/night/act/rerun?{urlencode({'schedule': HOSTILE, 'first': '2024-07-01'})}": 2,
        f"/night/schedules/{quote(READ)}": 2,
    }.items():
        page.goto(address)
        page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
        assert said(page).count(READ) == times, (address, said(page))
        assert page.locator(MADE_OF_WORDS).count() == 0, address
        assert width(page) <= PHONE["width"], address
    assert asked == []


def wrote(run):
    """Let everybody who can write something write what would be a script, if it were not read as text."""
    Tenant.objects.filter(schema_name="acme").update(name=HOSTILE)
    Run.objects.filter(pk=run.pk).update(reason=HOSTILE, traceback=HOSTILE, counts={HOSTILE: 1}, exceptions=1)
    Window.objects.filter(schedule="daily-parent").update(skipped=HOSTILE)
    Run.objects.create(window=run.window, tenant=run.tenant, item=HOSTILE, state="failed", reason=HOSTILE)
    QuarantinedItem.objects.create(run=run, model="loans.loan", key="7", reason=HOSTILE, quarantined_at=FOUR)
    return Audit.objects.create(
        at=FOUR, who=HOSTILE, via="board", action="skip", schedule=HOSTILE, first="2024-07-01", last="2024-07-01",
        tenants=[HOSTILE], why=HOSTILE, outcome="refused", said=HOSTILE,
    )  # fmt: skip


def test_the_sign_in_that_the_demo_prints_opens_the_board(night, browse, site, capsys):
    tell_how_to_go_on()
    told = " ".join(capsys.readouterr().out.split())
    (path,) = re.findall(r"http://localhost:8000(/\S+/),", told)
    ((name, password),) = re.findall(r"sign in at /night/ as (\S+), password (\S+)", told)
    page = browse(site)
    page.goto(path)
    assert violations(page) == []
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(password)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site}{path}")
    assert "demo, administrator" in said(page)


def test_a_time_is_told_in_utc_and_on_hover_in_the_viewers_own_zone(failed, sign_in):
    page = sign_in(timezone_id="Asia/Tokyo")
    page.goto(f"/night/runs/{failed.pk}")
    titles = page.locator("time").evaluate_all("times => times.map(time => time.title)")
    assert "2024-07-01 04:00:03 UTC = Jul 1, 2024, 1:00:03 PM GMT+9" in [" ".join(title.split()) for title in titles]


def test_no_page_of_the_demos_night_is_wider_than_a_phone_and_none_breaks_a_rule(night, lending, sign_in, process_env):
    with demo_night.played() as run, web({**process_env, "MATINS_CATALOG": demo_night.CATALOG}) as (address, _):
        page = sign_in(address)
        for name, path in pages(run).items():
            page.goto(path)
            for size in (DESK, PHONE):
                page.set_viewport_size(size)
                page.emulate_media(color_scheme="light")
                keep(page, f"{name}-{size['width']}")
                assert width(page) <= size["width"], (name, size)
                assert violations(page) == [], (name, size)
                page.emulate_media(color_scheme="dark")
                keep(page, f"{name}-{size['width']}-dark")
                assert violations(page, COLOURS) == [], (name, size)


def pages(run):
    """Return where every page of the demo's night is, by its name."""
    night = run.window.business_date
    done = Audit.objects.filter(outcome="done").latest("pk")
    return {
        "night": f"/night/{night}",
        "schedule": f"/night/schedules/{run.window.schedule}",
        "tenant": "/night/tenants/acme",
        "run": f"/night/runs/{run.pk}",
        "act": f"/night/act/rerun?schedule={run.window.schedule}&first={night}&tenant=acme",
        "action": f"/night/actions/{done.pk}",
        "audit": "/night/audit",
        "refused": "/night/schedules/none",
    }


def keep(page, name):
    """Keep a picture for the documentation, if that is asked for."""
    directory = os.environ.get("MATINS_SCREENSHOTS")
    if directory and name in SHOWN:
        page.screenshot(path=Path(directory) / f"{name}.png", full_page=True)
