"""The dashboards: what is committed is what the builders make, and each keeps to the same few rules."""

import json
import re
import subprocess
import sys
from urllib.parse import parse_qs, urlsplit

import promql_parser
import pytest
import yaml

from ops.dashboards.rendering import files
from ops.dashboards.site import Site
from tests.ops.panels import JSON, all_dashboards, dashboards, of_tenant, questions, variables
from tests.ops.promql import selectors
from tests.ops.tools import OPS, alerts, need, run
from tests.processes import APP

UIDS = ["matins-overview", "matins-schedule", "matins-tenant", "matins-workers"]
#: Rows of the grid, 38 pixels each, that a laptop shows without scrolling.
FOLD = 18
MOST_ABOVE_THE_FOLD = 6
#: What Grafana makes of the time range shown.
SPANS = {"$__rate_interval", "$__range", "$__interval"}


def panels(dashboard):
    return [(f"{dashboard['uid']}: {panel['title']}", panel) for panel in dashboard["panels"]]


def every_panel():
    return [entry for dashboard in all_dashboards() for entry in panels(dashboard)]


def texts(value):
    """Yield every string of a dashboard with the key it stands under."""
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        if isinstance(inner, dict | list):
            yield from texts(inner)
        elif isinstance(inner, str):
            yield key, inner


def test_what_is_committed_is_what_the_builders_make(tmp_path):
    env = {"PYTHONPATH": str(APP)}
    subprocess.run([sys.executable, "-m", "ops.dashboards", "--out", tmp_path], check=True, cwd=OPS.parent, env=env)
    made = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert made == {path.name: path.read_text() for path in JSON.iterdir()}
    assert sorted(made) == [f"{uid}.json" for uid in UIDS]


def test_dashboards_are_read_only_in_utc_and_found_by_their_uid():
    for uid, dashboard in dashboards().items():
        assert (dashboard["uid"], dashboard["editable"], dashboard["timezone"]) == (uid, False, "utc")
        assert (JSON / f"{uid}.json").exists()


def test_every_panel_says_what_it_shows_and_in_which_unit():
    for name, panel in every_panel():
        assert panel["description"].endswith((".", ":")), name
        assert panel["fieldConfig"]["defaults"]["unit"], name
        assert panel["fieldConfig"]["defaults"]["noValue"], name
        assert panel["targets"], name
    names = [name for name, _ in every_panel()]
    assert len(set(names)) == len(names)


def test_big_numbers_are_the_newest():
    shown = [panel["options"]["reduceOptions"]["calcs"] for _, panel in every_panel() if panel["type"] == "stat"]
    assert shown == [["lastNotNull"]] * len(shown)
    assert shown


def test_at_most_six_panels_are_seen_at_first():
    for dashboard in all_dashboards():
        above = [panel["title"] for panel in dashboard["panels"] if panel["gridPos"]["y"] < FOLD]
        assert len(above) <= MOST_ABOVE_THE_FOLD, above


def test_panels_fill_the_grid_without_overlap():
    for dashboard in all_dashboards():
        taken = [cell for panel in dashboard["panels"] for cell in cells(panel["gridPos"])]
        assert len(set(taken)) == len(taken)
        assert max(x for x, _ in taken) == 23
        assert [panel["id"] for panel in dashboard["panels"]] == list(range(1, len(dashboard["panels"]) + 1))


def cells(place):
    return [(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])]


def test_the_data_source_is_a_variable_and_its_type_is_nowhere_else():
    for dashboard in all_dashboards():
        variable = variables(dashboard)["datasource"]
        assert (variable["type"], variable["query"]) == ("datasource", "prometheus")
        named = list(sources(dashboard))
        assert named == [{"uid": "${datasource}"}] * len(named)
        assert len(named) > 2 * len(dashboard["panels"])


def sources(value):
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        if key == "datasource":
            yield inner
        elif isinstance(inner, dict | list):
            yield from sources(inner)


def test_another_grafana_gets_its_own_type_of_data_source():
    amazon = "grafana-amazonprometheus-datasource"
    for content in files(Site(data_source_type=amazon)).values():
        assert variables(json.loads(content))["datasource"]["query"] == amazon


def test_variables_follow_the_time_range_and_each_is_used():
    for dashboard in dashboards().values():
        chosen = {name: one for name, one in variables(dashboard).items() if one["type"] == "query"}
        assert {one["refresh"] for one in chosen.values()} <= {2}
        asked = " ".join(target["expr"] for panel in dashboard["panels"] for target in panel["targets"])
        assert set(re.findall(r"\$(?!__)(\w+)", asked)) == set(chosen)


def test_counters_are_read_over_what_is_shown():
    for dashboard in all_dashboards():
        for panel in dashboard["panels"]:
            for target in panel["targets"]:
                assert set(re.findall(r"\[([^\]:]+)", target["expr"])) <= {
                    "$__rate_interval",
                    "$__range",
                    "$__interval",
                }


def test_deployments_are_marked_on_the_platforms_dashboards():
    for dashboard in dashboards().values():
        assert [one["name"] for one in dashboard["annotations"]["list"]] == ["Deployments"]


def test_every_runbook_that_a_panel_leads_to_is_that_of_an_alert():
    led = {url for dashboard in dashboards().values() for key, url in texts(dashboard) if key == "url"}
    runbooks = {url for url in led if "runbooks" in url}
    assert runbooks <= {alert["annotations"]["runbook_url"] for alert in alerts().values()}
    assert len(runbooks) > 10


def test_the_night_board_is_one_click_away():
    links = {uid: [link["url"] for link in one["links"] if "url" in link] for uid, one in dashboards().items()}
    assert links == {
        "matins-overview": ["https://matins.example.com/night/"],
        "matins-schedule": ["https://matins.example.com/night/schedules/${schedule}"],
        "matins-tenant": ["https://matins.example.com/night/tenants/${tenant}"],
        "matins-workers": ["https://matins.example.com/night/"],
    }


def test_links_of_dashboards_are_in_sight():
    for dashboard in dashboards().values():
        placed = [one["placement"] for one in (*dashboard["links"], *dashboard["annotations"]["list"])]
        assert placed == ["", "", ""]


def test_every_alert_leads_to_a_dashboard_that_knows_its_variables():
    for name, alert in alerts().items():
        address = urlsplit(alert["annotations"]["dashboard_url"])
        dashboard = dashboards()[address.path.removeprefix("/d/")]
        given = {key.removeprefix("var-") for key in parse_qs(address.query)}
        assert given <= set(variables(dashboard)), name


def test_tables_lead_to_dashboards_that_know_their_variables():
    for dashboard in dashboards().values():
        for key, url in texts(dashboard):
            if key == "url" and url.startswith("/d/"):
                (given,) = parse_qs(urlsplit(url).query)
                assert given.removeprefix("var-") in variables(dashboards()[urlsplit(url).path.removeprefix("/d/")])


def test_a_tenants_own_dashboard_reads_series_of_that_tenant_only():
    for question in questions(of_tenant("acme")):
        read = selectors(question.expr)
        assert [matchers.get("tenant") for _, matchers in read] == [(promql_parser.MatchOp.Equal, "acme")] * len(read)
        assert read


def test_a_tenants_own_dashboard_leads_nowhere_and_has_nothing_to_choose():
    dashboard = of_tenant("acme")
    assert [dashboard["tags"], dashboard.get("links", [])] == [["matins-tenant"], []]
    assert [text for key, text in texts(dashboard) if key == "url"] == []
    assert {name: one["hide"] for name, one in variables(dashboard).items()} == {"datasource": 2}


def test_a_tenants_own_dashboard_tells_of_last_successes_only_where_they_are_exported():
    titles = [[panel["title"] for panel in of_tenant(successes=full)["panels"]] for full in (False, True)]
    assert titles[1] == [*titles[0], "Last done"]


@need("promtool")
def test_every_query_is_one_that_prometheus_takes(tmp_path):
    asked = [question for dashboard in all_dashboards() for question in questions(dashboard)]
    rules = [{"record": f"question:{number}", "expr": question.expr} for number, question in enumerate(asked)]
    (tmp_path / "rules.yml").write_text(yaml.safe_dump({"groups": [{"name": "questions", "rules": rules}]}))
    code, said = run("promtool", "check", "rules", tmp_path / "rules.yml")
    assert (code, f"SUCCESS: {len(asked)} rules found" in said) == (0, True), said


VERSIONS = [
    # Two workers; one is replaced by another of its version, then both by a new version.
    ('matins_build_info{component="worker", version="1", instance="a"}', "1x20 _x20"),
    ('matins_build_info{component="worker", version="1", instance="b"}', "1x9 _x30"),
    ('matins_build_info{component="worker", version="1", instance="c"}', "_x10 1x9 _x20"),
    ('matins_build_info{component="worker", version="2", instance="d"}', "_x20 1x20"),
]


@need("promtool")
@pytest.mark.parametrize(("minute", "marked"), [(12, []), (22, ["2"]), (30, [])])
def test_a_new_version_is_marked_and_a_restart_is_not(tmp_path, minute, marked):
    (question,) = [one for one in questions(dashboards()["matins-overview"]) if one.panel == "Deployments"]
    samples = [f'{{component="worker", version="{version}"}}' for version in marked]
    test = {
        "interval": "1m",
        "input_series": [{"series": series, "values": values} for series, values in VERSIONS],
        "promql_expr_test": [
            {
                "expr": question.expr,
                "eval_time": f"{minute}m",
                "exp_samples": [{"labels": labels, "value": 1} for labels in samples],
            }
        ],
    }
    (tmp_path / "tests.yml").write_text(yaml.safe_dump({"tests": [test]}))
    code, said = run("promtool", "test", "rules", tmp_path / "tests.yml")
    assert code == 0, said
