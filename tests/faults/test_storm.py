"""A short storm: two nights of a few tenants, under every kind of blow, leave what undisturbed ones leave."""

import pytest

from schedules.catalog import CATALOG
from tests.conformance.world import EVE
from tests.faults.storm.chaos import DECK
from tests.faults.storm.plan import Plan
from tests.faults.storm.storm import rage


@pytest.mark.timeout(900)
def test_two_nights_under_every_blow_leave_the_books_of_undisturbed_ones(deployed, sandbox, tmp_path):
    deployed(CATALOG, at=EVE)
    storm = rage(Plan(seed=1, folder=tmp_path, tenants=3, nights=2, scripts=2, gap_s=1.0), sandbox)
    assert {one.what: one.broken for one in storm.broken() if not one.is_measured} == {}
    assert storm.nights == 2
    assert storm.blows.keys() == DECK.keys()
