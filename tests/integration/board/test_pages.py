"""The pages: each says what it is for, in words, with as many statements for many tenants as for few."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from board.models import Audit
from common import clock
from schedules import sql
from schedules.models import QuarantinedItem, Run, Window
from schedules.opening import open_due
from tenants.models import Tenant
from tests.integration.board.conftest import BEFORE, FOUR
from tests.integration.board.test_permissions import EXAMPLES
from tests.integration.board.test_permissions import address as address_of
from tests.night import FIRST_NIGHT, states, work_through

HOSTILE = "<script>alert(1)</script>\"'>&{{7*7}}"


@pytest.fixture
def failed(opened):
    """The same night with acme's first run failed; the second and the third wait for it."""
    run = Run.objects.get(window__schedule="daily-first", tenant__schema_name="acme")
    Run.objects.filter(pk=run.pk).update(
        state="failed", reason="ValueError: the tape is wrong", traceback="Traceback …", started_at=FOUR,
        finished_at=FOUR + timedelta(seconds=3), attempt=4, failures=4,
    )  # fmt: skip
    return run


def text(response):
    """Return what a page says, without its tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def test_a_night_with_nothing_wrong_is_one_calm_line(opened, sign_in):
    work_through()
    page = text(sign_in("viewer").get("/night/2024-07-01"))
    assert "✓ succeeded Nothing is wrong: 4 of 4 windows done" in page
    assert "What is wrong" not in page


def test_a_night_under_way_is_calm_and_has_not_succeeded(opened, sign_in):
    assert "▶ under way Nothing is wrong: 0 of 4 windows done" in text(sign_in("viewer").get("/night/2024-07-01"))


def test_the_root_is_told_in_words_before_everything_else(failed, sign_in):
    page = text(sign_in("viewer").get("/night/2024-07-01"))
    assert "1 tenant waits for daily-first of 2024-07-01, failed for acme : ValueError: the tape is wrong" in page
    assert page.index("waits for daily-first") < page.index("Due Schedule State")
    assert "Nothing is wrong" not in page


def test_the_schedules_stand_in_due_order_with_their_counts(failed, sign_in):
    page = sign_in("viewer").get("/night/2024-07-01").content.decode()
    assert re.findall(r'id="s-([a-z-]+)"', page) == ["daily-first", "daily-second", "daily-third", "daily-parent"]
    first = page[page.index('id="s-daily-first"') : page.index('id="s-daily-second"')]
    assert "1 failed" in re.sub(r"<[^>]+>", "", first)


def test_a_refresh_brings_the_changing_part_alone(opened, sign_in):
    page = sign_in("viewer").get("/night/2024-07-01", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in page
    assert "daily-first" in page


def test_a_window_nobody_opened_is_on_the_page(opened, sign_in):
    clock.set_to(FOUR + timedelta(days=1))
    page = text(sign_in("viewer").get("/night/2024-07-02"))
    assert "missed for acme , beta" in page


def test_nights_lead_to_their_neighbours_and_no_further_than_today(opened, sign_in):
    clock.set_to(FOUR + timedelta(days=1))
    open_due()
    client = sign_in("viewer")
    assert 'rel="next" href="/night/2024-07-02"' in client.get("/night/2024-07-01").content.decode()
    today = client.get("/night/").content.decode()
    assert 'rel="prev" href="/night/2024-07-01"' in today
    assert 'rel="next"' not in today


def test_a_schedule_shows_its_windows_its_failing_tenants_and_its_line(failed, sign_in):
    page = text(sign_in("viewer").get("/night/schedules/daily-second"))
    assert "Last 1 window " in page
    assert "Waits for daily-first" in page
    assert "acme 2024-07-01: ValueError: the tape is wrong" in text(
        sign_in("viewer").get("/night/schedules/daily-first")
    )


def test_a_tenant_shows_what_its_line_waits_for_and_why(failed, sign_in):
    page = text(sign_in("viewer").get("/night/tenants/acme"))
    assert "daily-second of 2024-07-01 waits for daily-first of 2024-07-01, which is failed" in page
    assert "Nothing waits." in text(sign_in("viewer").get("/night/tenants/beta")) or states()


def test_a_tenants_failed_run_is_told_first_and_rerun_for_that_tenant_alone(failed, sign_in):
    response = sign_in("operator").get("/night/tenants/acme")
    page = text(response)
    assert "1 tenant waits for daily-first of 2024-07-01, failed for acme : ValueError: the tape is wrong" in page
    assert page.index("What is wrong") < page.index("Status active")
    again = "/night/act/rerun?schedule=daily-first&amp;first=2024-07-01&amp;tenant=acme"
    assert re.findall(r'href="(/night/act/rerun[^"]*)"', response.content.decode()) == [again]
    assert "What is wrong" not in text(sign_in("operator").get("/night/tenants/beta"))


def test_a_tenant_shows_how_fresh_its_books_are_and_what_is_in_quarantine(opened, sign_in):
    work_through()
    run = Run.objects.filter(tenant__schema_name="acme").first()
    QuarantinedItem.objects.create(
        run=run, model="loans.loan", key="7", reason=f"no rate {HOSTILE}", quarantined_at=FOUR
    )
    opened[0].domains.create(domain="acme.localhost")
    response = sign_in("viewer").get("/night/tenants/acme")
    assert "Books complete through 2024-07-01" in text(response)
    assert 'href="http://acme.localhost/admin/loans/loan/7/change/"' in response.content.decode()


def test_a_run_tells_its_error_in_plain_words_with_the_traceback_folded(failed, sign_in):
    response = sign_in("viewer").get(f"/night/runs/{failed.pk}")
    assert '<p class="refusal">the tape is wrong</p>' in response.content.decode()
    assert "<details><summary>Traceback</summary>" in response.content.decode()
    assert f"run {failed.pk}" in text(response)


def test_what_people_and_errors_say_is_never_part_of_the_page(failed, opened, sign_in):
    opened[0].name = HOSTILE
    opened[0].save()
    Run.objects.filter(pk=failed.pk).update(reason=HOSTILE, traceback=HOSTILE)
    Audit.objects.create(at=FOUR, who=HOSTILE, via="board", action="skip", why=HOSTILE, outcome="refused", said=HOSTILE)
    client = sign_in("administrator")
    told = [
        f"/night/runs/{failed.pk}",
        "/night/tenants/acme",
        "/night/schedules/daily-first",
        "/night/audit",
        "/night/",
    ]
    for address in [*told, f"/night/act/rerun?schedule={HOSTILE}&first=2024-07-01", f"/night/schedules/{HOSTILE}"]:
        page = client.get(address).content.decode()
        assert "<script>alert" not in page, address
        assert "&lt;script&gt;" in page or "schedules/<" in address or address.endswith(("/", "tenants/acme")), address


def test_every_page_asks_as_often_for_thirty_tenants_as_for_three(failed, make_tenant, sign_in):
    client = sign_in("administrator")
    make_tenant("gamma", enabled_at=BEFORE)
    pages = {name: address_of(name) for name in EXAMPLES}
    pages["rehearsal"] = "/night/act/skip?schedule=daily-first&first=2024-07-01&why=asked"
    few = {name: asked(client, page) for name, page in pages.items()}
    _fill_up(27)
    many = {name: asked(client, page) for name, page in pages.items()}
    assert many == few
    assert Run.objects.filter(window__schedule="daily-first", state="failed").count() == 28


def _fill_up(tenants):
    """Add tenants of whom nothing but their rows is read, whose first runs fail in the night and in two more."""
    names = [f"more{number}" for number in range(tenants)]
    Tenant.objects.bulk_create(
        Tenant(schema_name=name, name=name, status="active", enabled_at=BEFORE) for name in names
    )
    for night in (1, 2):
        clock.set_to(FOUR + timedelta(days=night))
        open_due()
    first = Window.objects.get(schedule="daily-first", business_date="2024-07-02")
    Run.objects.filter(window=first, tenant__schema_name__in=names).update(state="failed", reason="ValueError: as well")


def asked(client, address):
    """Count the statements of one request, also those past Django (`schedules.sql`)."""
    counted = []
    cursor = sql._cursor

    def count(statement, params=None):
        counted.append(statement)
        return cursor(statement, params)

    with CaptureQueriesContext(connection) as queries, pytest.MonkeyPatch.context() as patch:
        patch.setattr(sql, "_cursor", count)
        assert client.get(address).status_code == 200
    return len(queries) + len(counted)


def test_a_bound_viewer_counts_their_own_tenant_only(failed, opened, sign_in):
    page = text(sign_in("viewer", bound_to=[opened[1]]).get("/night/2024-07-01"))
    assert "What is wrong" not in page or "acme" not in page
    assert "failed" not in page


def test_an_action_is_shown_then_asked_then_done(failed, sign_in):
    client = sign_in("operator", name="olga")
    address = "/night/act/rerun?schedule=daily-first&first=2024-07-01&tenant=acme"
    asked_first = client.get(address)
    assert "acme: failed (ValueError: the tape is wrong)" in text(asked_first)
    assert "Re-run now" in text(asked_first)
    failed.refresh_from_db()
    assert failed.state == "failed"
    sent = dict(
        re.findall(r'type="hidden" name="(schedule|first|tenant)" value="([^"]*)"', asked_first.content.decode())
    )
    done = client.post("/night/act/rerun", sent)
    row = Audit.objects.get()
    assert (done.status_code, done.headers["Location"]) == (302, f"/night/actions/{row.pk}")
    failed.refresh_from_db()
    assert failed.state in {"waiting", "ready"}
    assert "0 of 1 have ended" in text(client.get(done.headers["Location"]))
    work_through()
    assert "1 of 1 have ended. Finished." in text(client.get(done.headers["Location"]))


def test_a_refusal_says_why_and_is_in_the_audit(opened, sign_in):
    client = sign_in("operator")
    answer = client.post("/night/act/rerun", {"schedule": "daily-first", "first": "2024-07-01"})
    assert (answer.status_code, "Nothing of daily-first of 2024-07-01 failed" in text(answer)) == (409, True)
    assert "refused Nothing of daily-first" in text(client.get("/night/audit"))


@pytest.mark.parametrize(("last", "is_refused"), [("2025-07-01", False), ("2025-07-02", True)])
def test_a_backfill_of_more_than_a_year_is_refused_before_it_is_rehearsed(opened, sign_in, last, is_refused):
    asked = {"schedule": "daily-first", "first": "2024-07-01", "last": last}
    told = "A backfill opens at most 366 days at once; ask for the rest in another."
    client = sign_in("operator")
    assert (told in text(client.get("/night/act/backfill", asked))) is is_refused
    assert (told in text(client.post("/night/act/backfill", asked))) is is_refused


def test_a_schedule_nobody_knows_is_not_found(opened, sign_in):
    answer = sign_in("viewer").get("/night/schedules/daily-nothing")
    assert (answer.status_code, "There is no schedule &#x27;daily-nothing&#x27;" in answer.content.decode()) == (
        404,
        True,
    )


def test_windows_of_an_earlier_night_do_not_weigh_on_this_one(opened, sign_in):
    work_through()
    assert Window.objects.filter(business_date=FIRST_NIGHT).count() == 4
    assert "· nothing due Nothing is wrong: 0 of 0 windows done" in text(sign_in("viewer").get("/night/2024-06-30"))
