"""The policy pack: every stack passes every rule, and every rule is broken by what it is there for."""

from collections import Counter

import pytest
from pulumi_policy import EnforcementLevel

from infra.policy.rule import _is_production
from infra.policy.rules import RULES
from tests.infra.breaks import BREAKS
from tests.infra.judging import judge, seen
from tests.infra.recording import ENVIRONMENTS, STACKS

BY_NAME = {rule.name: rule for rule in RULES}


@pytest.mark.parametrize("stack", STACKS)
@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize("preview", [True, False], ids=["preview", "update"])
def test_every_stack_passes_every_rule_and_a_preview_knows_enough_for_all_of_them(stack, environment, preview):
    said = judge(seen(stack, environment, preview=preview))
    assert said.faults == []
    assert said.silent == []


@pytest.mark.parametrize("one", BREAKS, ids=lambda one: f"{one.rule}-{one.at[2]}")
def test_a_rule_says_what_to_change_about_what_breaks_it(one):
    stack, kind, name = one.at
    everything = seen(stack, one.environment)
    (it,) = [it for it in everything if it.name == name and it.type.removeprefix("aws:") == kind]
    one.change(it, everything)
    assert judge(everything, [BY_NAME[one.rule]]).faults == [(one.rule, one.blames, one.says)]


def test_every_rule_is_broken_by_something():
    assert set(BY_NAME) == {one.rule for one in BREAKS}


def test_every_rule_has_a_name_of_its_own_and_a_sentence():
    assert [name for name, number in Counter(rule.name for rule in RULES).items() if number > 1] == []
    assert [rule.name for rule in RULES if not rule.description.endswith(".") or "\n" in rule.description] == []


def test_only_what_costs_money_order_or_lines_of_a_log_is_left_to_the_engineer():
    advisory = {rule.name for rule in RULES if rule.enforcement_level is not EnforcementLevel.MANDATORY}
    assert advisory == {
        "an-old-database-is-upgraded-not-paid-for",
        "a-full-log-is-thought-of",
        "a-task-is-tagged-like-its-service",
    }


def test_an_environment_that_nobody_described_is_judged_as_production():
    assert [_is_production(stack) for stack in ("dev", "staging", "prod", "unheard-of")] == [False, False, True, True]
