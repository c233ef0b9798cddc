"""The page about scale tells and draws the curves as they were measured, and its plan is their arithmetic."""

import json
from xml.etree import ElementTree as ET

import pytest

from bench import plan, scale
from bench.plot import Curve, plot

KEPT = json.loads(scale.KEPT.read_text())
POINTS = {"open": [[10, 0.1], [110, 0.3]], "exporter": [[1, 1], [11, 1.5]], "migrations": [[1, 1], [2, 1.36]]}
NIGHT = {"ours_s": 180.0, "grown_bytes_per_loan": 1024, "kept_bytes_per_loan": 4096}


def test_the_page_tells_what_was_measured():
    page = (scale.DOCS / "scale.md").read_text()
    told = {match[1]: match[0] for match in scale.BLOCK.finditer(page)}
    assert told == {"scale": scale.table(KEPT), "plan": plan.table(KEPT)}


def test_the_plot_draws_what_was_measured():
    assert (scale.DOCS / "scale.svg").read_text() == scale.drawing(KEPT)


def test_every_curve_has_three_sizes_at_least():
    assert KEPT["points"].keys() == scale.CURVES.keys()
    assert all(len(points) >= 3 for points in KEPT["points"].values())


def test_the_plan_draws_the_slopes_out():
    needs = plan.needs({"points": POINTS, "night": NIGHT})
    # 180 s of 2 cores for a million loans are 100 core-hours for a thousand million.
    assert needs["core-hours of a night"] == pytest.approx(100)
    assert needs["hours of a night, on 8 cores"] == pytest.approx(12.5)
    assert needs["seconds to open one window"] == pytest.approx(200)
    assert needs["seconds of the exporter's scan and scrape"] == pytest.approx(5_000)
    assert needs["hours of a migration, two tenants at a time"] == pytest.approx(10)
    assert needs["GiB to begin with"] == pytest.approx(1e9 * 4096 / 2**30)
    assert needs["GiB more after a year of nights"] == pytest.approx(365 * 1e9 * 1024 / 2**30)


def test_what_is_kept_is_paid_for_twice_and_every_cell_once():
    assert plan.dollars(1001) - plan.dollars(1) == pytest.approx(2 * 1000 * 0.115)
    assert plan.dollars(0) == pytest.approx(plan.CELLS * plan.CELL)


def test_points_lie_where_their_logarithms_are():
    drawn = plot([(Curve("a < b", "tenants"), [[1, 0.1], [10, 1], [100, 10]])], "a machine")
    tree = ET.fromstring(drawn)
    dots = [(float(dot.get("cx")), float(dot.get("cy"))) for dot in tree.iter("{http://www.w3.org/2000/svg}circle")]
    (left, low), (middle, half), (right, top) = dots
    assert middle == pytest.approx((left + right) / 2)
    assert half == pytest.approx((low + top) / 2)
    assert (left, top) == (0, 0)
    assert "a &lt; b" in drawn
