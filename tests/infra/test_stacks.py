"""Every stack in every environment, before anything exists and once everything does."""

import re

import pytest

from tests.infra import inventory
from tests.infra.recording import CONFIG, ENVIRONMENTS, MARK, ROOT, SECRET, SIGNATURE, STACKS, leaks, record

CLOUD = ("aws:", "grafana:")

each_stack = pytest.mark.parametrize("stack", STACKS)
each_environment = pytest.mark.parametrize("environment", ENVIRONMENTS)
each_mode = pytest.mark.parametrize("preview", [True, False], ids=["preview", "update"])


@each_stack
@each_environment
@each_mode
def test_every_resource_is_made_by_the_provider_that_checks_the_account(stack, environment, preview):
    recording = record(stack, environment, preview=preview)
    (provider,) = [one for one in recording.resources if one.type == "pulumi:providers:aws"]
    assert len(provider.inputs["allowedAccountIds"]) > 2
    strays = [one.label for one in recording.resources if one.type.startswith(CLOUD) and not one.request.provider]
    assert strays == []


@each_stack
@each_environment
def test_a_preview_shows_the_very_resources_that_are_made(stack, environment):
    preview, update = (record(stack, environment, preview=preview) for preview in (True, False))
    assert sorted(one.label for one in preview.resources) == sorted(one.label for one in update.resources)


@each_stack
@each_environment
def test_a_preview_needs_nothing_of_the_stacks_before_it(stack, environment):
    alone = record(stack, environment, preview=True, missing=True)
    assert sorted(one.label for one in alone.resources) == sorted(
        one.label for one in record(stack, environment).resources
    )


@each_stack
@each_environment
@each_mode
def test_no_secret_stands_in_an_input_that_is_not_secret(stack, environment, preview):
    found = [(one.label, *leaks(one.raw)) for one in record(stack, environment, preview=preview).resources]
    assert [one for one in found if len(one) > 1] == []


@each_stack
@each_environment
@each_mode
def test_no_secret_is_told_to_other_stacks_or_by_a_component(stack, environment, preview):
    recording = record(stack, environment, preview=preview)
    assert MARK not in str(recording.outputs)
    assert list(leaks(recording.told)) == []


@each_environment
@pytest.mark.parametrize("key", [key for (_, key), value in CONFIG.items() if MARK in value])
def test_every_secret_arrives_where_it_is_needed_and_only_wrapped(key, environment):
    """Were a secret in no input at all, that it does not leak would say nothing."""
    secret = re.match(rf"{MARK}-[a-z-]+", CONFIG["data", key]).group()
    holders = [one for one in record("data", environment).resources if secret in str(one.inputs)]
    assert holders
    assert [path for one in holders for path in leaks(one.raw)] == []


def test_a_secret_that_leaks_is_found():
    wrapped = {SIGNATURE: SECRET, "value": f"{MARK}-password"}
    assert list(leaks({"url": wrapped, "list": [{"environment": [wrapped]}]})) == []
    assert list(leaks({"url": f"x://{MARK}-password@h", "list": [{"plain": MARK}]})) == [".url", ".list[].plain"]


@each_stack
@each_environment
def test_every_resource_has_a_parent_that_says_what_it_belongs_to(stack, environment):
    stray = {
        one.label
        for one in record(stack, environment).resources
        if one.type.startswith(CLOUD) and "$" not in one.request.parent and "matins:" not in one.request.parent
    }
    assert stray == set()


@each_environment
def test_the_inventory_is_as_recorded(environment):
    """Whoever renames a resource replaces it: give it an alias, or, if that is meant, run tests.infra.inventory."""
    assert inventory.lines(environment) == inventory.path(environment).read_text().splitlines()


@each_stack
def test_a_program_is_short_and_makes_nothing_when_imported(stack):
    folder = ROOT / "infra" / "stacks" / stack
    assert len((folder / "__main__.py").read_text().splitlines()) < 60
    for environment in ENVIRONMENTS:
        assert "pulumi:disable-default-providers:\n    - aws\n" in (folder / f"Pulumi.{environment}.yaml").read_text()


def test_no_resource_is_made_where_a_preview_does_not_see_it():
    inside = re.compile(r"\.apply\([^)]*aws\.\w+\.[A-Z]")
    assert [path.name for path in (ROOT / "infra").rglob("*.py") if inside.search(path.read_text())] == []


def test_every_secret_of_the_tests_is_marked():
    assert all(MARK in value for key, value in CONFIG.items() if key[1] != "image")
