"""README shows the figures that were measured, and all of them."""

import json

from bench.__main__ import BLOCK, README, RESULTS, ROWS, markdown


def test_the_readme_shows_the_results_as_they_were_measured():
    results = json.loads(RESULTS.read_text())
    assert list(results) == list(ROWS)
    assert BLOCK.findall(README.read_text()) == [markdown(results)]


def test_whether_a_target_is_met_is_what_its_figures_say():
    for name, result in json.loads(RESULTS.read_text()).items():
        assert result["met"] is ROWS[name].met(result), name
        assert result["target"] == ROWS[name].target
