"""What a body hands back, and what a caller by hand is told of it."""

import dataclasses
import json

import pytest

from common.outcomes import BadItem, Child, FanOut, Joined, Outcome

LOAN = BadItem(model="loans.Loan", key="LC0001", reason="no rate on 2024-02-29")


def test_a_clean_result_is_its_counts():
    assert Outcome(counts={"loans": 10, "rows": 9}).as_json() == {"loans": 10, "rows": 9}


def test_an_empty_result_is_empty():
    assert Outcome().as_json() == {}


def test_what_was_left_out_is_told_with_its_reason():
    told = Outcome(counts={"rows": 9}, quarantined=[LOAN]).as_json()
    left_out = {"model": "loans.Loan", "key": "LC0001", "reason": "no rate on 2024-02-29"}
    assert told == {"rows": 9, "quarantined": [left_out]}
    assert json.loads(json.dumps(told)) == told


@pytest.mark.parametrize(
    "value", [LOAN, Outcome(), Child(item="a"), FanOut(task="t", children=[]), Joined(succeeded=1, skipped=0)]
)
def test_nobody_changes_it_afterwards(value):
    first = dataclasses.fields(value)[0].name
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(value, first, "other")
