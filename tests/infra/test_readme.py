"""infra/README.md tells engineers to type only what there is: targets, modules, stacks, settings, links."""

import re

from infra.projects import ORDER, ROOT
from infra.rehearsal.workshop import TOLD

README = ROOT / "infra" / "README.md"
TEXT = README.read_text()
CODE = re.compile(r"^ *```.*?^ *```$|`[^`]+`", re.DOTALL | re.MULTILINE)


def typed(pattern):
    """Return what stands in code that the reader types."""
    return {found for piece in CODE.findall(TEXT) for found in re.findall(pattern, piece)}


def test_every_target_of_make_is_there():
    there = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    asked = {target for words in typed(r"\bmake ([a-z]+(?: [a-z]+)*)") for target in words.split()}
    assert asked >= {"install", "tools", "rehearse", "preview", "deploy", "drift", "destroy"}
    assert asked - there == set()


def test_every_module_can_be_run():
    asked = typed(r"python -m ([\w.]+)")
    assert asked >= {"infra.deployment", "infra.grafana_token", "infra.tenant_dashboards"}
    paths = {name: ROOT / name.replace(".", "/") for name in asked}
    assert [name for name, it in paths.items() if not {*it.glob("__main__.py"), *it.parent.glob(f"{it.name}.py")}] == []


def test_every_stack_is_one_of_ours_and_every_setting_is_one_that_its_program_reads():
    assert typed(r"infra/stacks/([a-z]+)") <= set(ORDER)
    assert {frozenset(names.split()) for names in typed(r"for s in ([a-z ]+);")} == {frozenset(ORDER[1:])}
    by_name = typed(r"infra/stacks/(\w+) config set --stack dev (?:--secret )?([a-z]\w+)")
    in_turn = {("data", key) for keys in typed(r"for key in ([\w ]+);") for key in keys.split()}
    assert by_name | in_turn == {(stack, key) for stack, told in TOLD.items() for key in told}


def test_every_link_leads_somewhere():
    links = [link for link in re.findall(r"\]\(([^)\s]+)\)", CODE.sub("", TEXT)) if "://" not in link]
    headings = {heading.lower().replace(" ", "-") for heading in re.findall(r"^#+ (.+)$", TEXT, re.MULTILINE)}
    assert [link for link in links if link.startswith("#") and link[1:] not in headings] == []
    assert [link for link in links if not (README.parent / link.partition("#")[0]).exists()] == []
