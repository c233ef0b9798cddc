"""`tenant_dashboards --sync`: each tenant's people find their own night in Grafana, and no other tenant's."""

import io
import json
import threading

import pytest
import urllib3
from django.core.management import CommandError, call_command
from django.test import override_settings
from django.utils import timezone

from monitoring.tenant_dashboards import grafana as client
from monitoring.tenant_dashboards.shares import Share
from tenants.models import Tenant
from tests.integration.monitoring.grafana import ADMIN, RefusedError, running


@pytest.fixture
def grafana(monkeypatch):
    monkeypatch.setenv("MATINS_GRAFANA_TOKEN", ADMIN)
    monkeypatch.setattr(client, "RETRY", client.RETRY.new(backoff_factor=0))
    with running() as fake:
        yield fake


@pytest.fixture
def make_row(night):
    """A tenant as far as dashboards go: its row."""

    def make(schema_name):
        return Tenant.objects.create(schema_name=schema_name, name=schema_name.title(), enabled_at=timezone.now())

    return make


def become(schema_name, status):
    Tenant.objects.filter(schema_name=schema_name).update(status=status)


def sync(grafana, **options):
    said = io.StringIO()
    call_command("tenant_dashboards", sync=grafana.url, stdout=said, **options)
    return said.getvalue().splitlines()


def seen_by(grafana, token):
    found = urllib3.request("GET", f"{grafana.url}/api/search", headers={"Authorization": f"Bearer {token}"})
    return sorted(hit["uid"] for hit in found.json())


def test_each_active_tenant_gets_a_folder_a_team_and_a_dashboard(grafana, make_row):
    make_row("acme")
    make_row("beta")
    assert sync(grafana) == ["acme: made", "beta: made", "2 made, 0 changed, 0 unchanged, 0 removed, 0 left"]
    assert {uid: folder["title"] for uid, folder in grafana.folders.items()} == {
        "matins-folder-acme": "Acme (acme)",
        "matins-folder-beta": "Beta (beta)",
    }
    assert {uid: one["folder"] for uid, one in grafana.dashboards.items()} == {
        "matins-tenant-acme": "matins-folder-acme",
        "matins-tenant-beta": "matins-folder-beta",
    }
    assert grafana.folders["matins-folder-beta"]["permissions"] == [
        {"teamId": grafana.teams["Matins tenant beta"], "permission": 1}
    ]


def test_people_of_a_tenant_see_their_own_and_nothing_of_another(grafana, make_row):
    make_row("acme")
    make_row("beta")
    sync(grafana)
    grafana.teams["nobody's"] = 99
    for team in ("Matins tenant acme", "Matins tenant beta", "nobody's"):
        grafana.admit(f"token of {team}", team=team)
    assert seen_by(grafana, "token of Matins tenant acme") == ["matins-folder-acme", "matins-tenant-acme"]
    assert seen_by(grafana, "token of Matins tenant beta") == ["matins-folder-beta", "matins-tenant-beta"]
    assert seen_by(grafana, "token of nobody's") == []


def test_a_folder_is_closed_to_others_before_anything_is_in_it(grafana, make_row):
    make_row("acme")
    sync(grafana)
    assert grafana.orders == [
        ("make_folder",),
        ("make_team",),
        ("set_permissions", "matins-folder-acme"),
        ("put_dashboard",),
    ]


def test_a_second_sync_changes_nothing(grafana, make_row):
    make_row("acme")
    make_row("beta")
    sync(grafana)
    grafana.orders.clear()
    assert sync(grafana) == ["0 made, 0 changed, 2 unchanged, 0 removed, 0 left"]
    assert grafana.orders == []


def test_a_second_sync_asks_one_question_for_each_tenant_and_three_for_all(grafana, make_row):
    make_row("acme")
    make_row("beta")
    sync(grafana)
    grafana.asked.clear()
    sync(grafana)
    assert grafana.asked == [
        ("GET", "/api/search"),
        ("GET", "/api/search"),
        ("GET", "/api/teams/search"),
        ("GET", "/api/folders/matins-folder-acme/permissions"),
        ("GET", "/api/folders/matins-folder-beta/permissions"),
    ]


def test_lists_of_several_pages_are_read_to_their_end(grafana, make_row, monkeypatch):
    monkeypatch.setattr(client, "PAGE_SIZE", 2)
    for name in ("acme", "beta", "gamma", "delta", "epsilon"):
        make_row(name)
    sync(grafana)
    grafana.orders.clear()
    assert sync(grafana) == ["0 made, 0 changed, 5 unchanged, 0 removed, 0 left"]
    assert grafana.orders == []


def test_a_renamed_tenants_folder_and_dashboard_are_renamed(grafana, make_row):
    tenant = make_row("acme")
    sync(grafana)
    tenant.name = "Acme & Sons"
    tenant.save()
    assert sync(grafana) == ["acme: changed", "0 made, 1 changed, 0 unchanged, 0 removed, 0 left"]
    assert grafana.folders["matins-folder-acme"]["title"] == "Acme & Sons (acme)"
    assert grafana.dashboards["matins-tenant-acme"]["dashboard"]["title"] == "The night of Acme & Sons"


def test_what_somebody_opened_is_closed_again(grafana, make_row):
    make_row("acme")
    sync(grafana)
    held = grafana.folders["matins-folder-acme"]["permissions"]
    grafana.folders["matins-folder-acme"]["permissions"] = [*held, {"role": "Viewer", "permission": 1}]
    assert sync(grafana)[0] == "acme: changed"
    assert grafana.folders["matins-folder-acme"]["permissions"] == held


def test_a_dashboard_that_was_deleted_or_moved_comes_back(grafana, make_row):
    make_row("acme")
    make_row("beta")
    sync(grafana)
    del grafana.dashboards["matins-tenant-acme"]
    grafana.dashboards["matins-tenant-beta"]["folder"] = "matins-folder-acme"
    assert sync(grafana)[:2] == ["acme: changed", "beta: changed"]
    assert {uid: one["folder"] for uid, one in grafana.dashboards.items()} == {
        "matins-tenant-acme": "matins-folder-acme",
        "matins-tenant-beta": "matins-folder-beta",
    }


def test_a_new_version_of_the_dashboard_replaces_the_old_one(grafana, make_row):
    make_row("acme")
    sync(grafana)
    with override_settings(MATINS_TENANT_SERIES="full"):
        assert sync(grafana)[0] == "acme: changed"
    dashboard = grafana.dashboards["matins-tenant-acme"]["dashboard"]
    assert [dashboard["version"], dashboard["panels"][-1]["title"]] == [2, "Last done"]


def test_a_closed_tenants_folder_goes_and_its_team_stays(grafana, make_row):
    make_row("acme")
    make_row("beta")
    sync(grafana)
    become("beta", "closed")
    assert sync(grafana) == [
        "The night of Beta: removed",
        "Beta (beta): removed",
        "0 made, 0 changed, 1 unchanged, 2 removed, 0 left",
    ]
    assert [list(grafana.folders), list(grafana.dashboards)] == [["matins-folder-acme"], ["matins-tenant-acme"]]
    assert sorted(grafana.teams) == ["Matins tenant acme", "Matins tenant beta"]


def test_a_suspended_tenant_keeps_what_it_has_and_gets_nothing_new(grafana, make_row):
    make_row("acme")
    make_row("beta")
    become("acme", "suspended")
    sync(grafana)
    assert list(grafana.folders) == ["matins-folder-beta"]
    become("beta", "suspended")
    assert sync(grafana) == ["0 made, 0 changed, 0 unchanged, 0 removed, 0 left"]
    assert list(grafana.dashboards) == ["matins-tenant-beta"]


def test_what_other_people_made_stays(grafana, make_row):
    make_row("acme")
    make_row("beta")
    sync(grafana)
    grafana.make_folder(body={"uid": "theirs", "title": "Theirs"})
    for uid, folder in (("by-hand", "theirs"), ("matins-of-old", "theirs"), ("added", "matins-folder-beta")):
        grafana.put_dashboard(body={"dashboard": {"uid": uid, "title": uid, "tags": []}, "folderUid": folder})
    become("beta", "closed")
    assert sync(grafana)[:2] == [
        "The night of Beta: removed",
        "Beta (beta): left, the folder holds what Matins did not make",
    ]
    assert sorted(grafana.folders) == ["matins-folder-acme", "matins-folder-beta", "theirs"]
    assert sorted(grafana.dashboards) == ["added", "by-hand", "matins-of-old", "matins-tenant-acme"]


def test_a_folder_with_alert_rules_is_left(grafana, make_row):
    make_row("acme")
    make_row("beta")
    sync(grafana)
    grafana.rules["matins-folder-beta"] = 1
    become("beta", "closed")
    assert sync(grafana)[1] == "Beta (beta): left, the folder holds what Matins did not make"
    assert sync(grafana)[0] == "Beta (beta): left, the folder holds what Matins did not make"


def test_a_sync_that_was_interrupted_is_completed_by_the_next(grafana, make_row):
    make_row("acme")
    grafana.make_folder(body={"uid": "matins-folder-acme", "title": "Acme (acme)"})
    grafana.make_team(body={"name": "Matins tenant acme"})
    assert sync(grafana)[0] == "acme: changed"
    assert list(grafana.dashboards) == ["matins-tenant-acme"]


def test_an_answer_that_was_lost_on_the_way_is_no_failure(grafana, make_row):
    make_row("acme")
    asked = grafana.answer

    def lose(method, target, token, body):
        told = asked(method, target, token, body)
        first = method == "POST" and grafana.asked.count((method, target.path)) == 1
        return (502, {}, b"<html>Bad gateway</html>") if first else told

    grafana.answer = lose
    assert sync(grafana)[0] == "acme: made"
    grafana.orders.clear()
    assert sync(grafana) == ["0 made, 0 changed, 1 unchanged, 0 removed, 0 left"]


def test_what_passes_by_itself_is_waited_for(grafana, make_row):
    make_row("acme")
    grafana.misfortunes = [(503, {}, {}), (429, {"Retry-After": "0"}, {}), (504, {}, b"")]
    assert sync(grafana)[0] == "acme: made"


def test_the_longest_schema_name_has_a_uid_that_grafana_takes(grafana, make_row):
    names = [f"{'a' * 47}{last}" for last in "xy"]
    for name in names:
        make_row(name)
    sync(grafana)
    uids = {Share(tenant=name, name="").dashboard_uid for name in names}
    assert set(grafana.dashboards) == uids
    assert [len(uid) for uid in uids] == [40, 40]


REFUSALS = {
    "wrong token": (
        [(401, {}, {"message": "Invalid API key"})],
        "Grafana answered 401 to GET /api/search: the token in MATINS_GRAFANA_TOKEN is wrong or has expired",
    ),
    "weak token": (
        [(403, {}, {"message": "Permission denied"})],
        "Grafana answered 403 to GET /api/search: the token's service account needs the role Admin",
    ),
    "redirected": (
        [(302, {"Location": "https://sso.example.com/login"}, b"")],
        "Grafana answered 302 to GET /api/search: it is at https://sso.example.com/login; give that address",
    ),
    "broken": (
        [(500, {}, {"message": "database is locked"})],
        "Grafana answered 500 to GET /api/search: database is locked",
    ),
    "no Grafana": (
        [(200, {}, b"<html>Welcome</html>")],
        "The answer to GET /api/search is not Grafana's JSON; does the address lead to Grafana itself?",
    ),
    "away for long": (
        [(503, {}, b"")] * 5,
        "Grafana answered 503 to GET /api/search: no reason given",
    ),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_a_refusal_is_one_line_that_says_what_to_do(grafana, make_row, case):
    make_row("acme")
    grafana.misfortunes, line = REFUSALS[case]
    with pytest.raises(CommandError) as refused:
        sync(grafana)
    assert [str(refused.value), grafana.orders] == [line, []]


def test_a_provisioned_dashboard_is_refused_in_grafanas_words(grafana, make_row, monkeypatch):
    make_row("acme")
    sync(grafana)
    del grafana.dashboards["matins-tenant-acme"]

    def refuse(*, body):
        raise RefusedError(400, "Cannot save provisioned dashboard")

    monkeypatch.setattr(grafana, "put_dashboard", refuse)
    with pytest.raises(CommandError) as refused:
        sync(grafana)
    assert str(refused.value) == "Grafana answered 400 to POST /api/dashboards/db: Cannot save provisioned dashboard"


def test_nobody_listening_is_one_line(grafana, make_row):
    make_row("acme")
    with pytest.raises(CommandError, match=r"^Grafana at http://127\.0\.0\.1:1 does not answer \(NewConnectionError\)"):
        call_command("tenant_dashboards", sync="http://127.0.0.1:1")


def test_an_answer_that_never_comes_is_not_waited_for_for_ever(grafana, make_row, monkeypatch):
    make_row("acme")
    monkeypatch.setattr(client, "TIMEOUT", urllib3.Timeout(connect=0.2, read=0.2))
    monkeypatch.setattr(client, "RETRY", client.RETRY.new(total=0))
    asleep = threading.Event()
    grafana.answer = lambda *_: (asleep.wait(5), (200, {}, []))[1]
    with pytest.raises(CommandError, match=r"does not answer \(ReadTimeoutError\); try again"):
        sync(grafana)
    asleep.set()


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("grafana.example.com", "must begin with https:// or http:// and a host"),
        ("ftp://grafana.example.com", "must begin with https:// or http:// and a host"),
        ("https://admin:secret@grafana.example.com", "must have no user, password, query or fragment"),
        ("https://grafana.example.com/?orgId=2", "must have no user, password, query or fragment"),
    ],
)
def test_an_address_that_is_none_is_refused(grafana, make_row, url, reason):
    make_row("acme")
    with pytest.raises(CommandError, match=f"^The address of Grafana {reason}"):
        call_command("tenant_dashboards", sync=url)


def test_a_token_is_never_an_argument(grafana, make_row, monkeypatch):
    make_row("acme")
    monkeypatch.delenv("MATINS_GRAFANA_TOKEN")
    with pytest.raises(CommandError, match=r"^Set MATINS_GRAFANA_TOKEN"):
        sync(grafana)
    with pytest.raises(CommandError, match=r"unrecognized arguments: --token"):
        call_command("tenant_dashboards", "--sync", grafana.url, "--token", ADMIN)
    assert grafana.asked == []


def test_an_empty_database_removes_nothing(grafana, make_row):
    make_row("acme")
    sync(grafana)
    become("acme", "closed")
    with pytest.raises(CommandError, match=r"^This database has no tenant, so all dashboards would be removed"):
        sync(grafana)
    assert list(grafana.dashboards) == ["matins-tenant-acme"]


def test_the_data_source_can_be_chosen(grafana, make_row):
    make_row("acme")
    sync(grafana, data_source="amp", data_source_type="grafana-amazonprometheus-datasource")
    variable = grafana.dashboards["matins-tenant-acme"]["dashboard"]["templating"]["list"][0]
    assert [variable["type"], variable["query"]] == ["datasource", "grafana-amazonprometheus-datasource"]
    assert variable["current"] == {"text": "amp", "value": "amp"}


def test_every_query_names_the_tenant_and_no_variable_can_change_it(grafana, make_row):
    make_row("acme")
    make_row("beta")
    with override_settings(MATINS_TENANT_SERIES="full"):
        sync(grafana)
    dashboard = json.dumps(grafana.dashboards["matins-tenant-acme"]["dashboard"])
    assert "beta" not in dashboard
    assert [one["name"] for one in json.loads(dashboard)["templating"]["list"]] == ["datasource"]
