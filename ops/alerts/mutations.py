"""Do the tests of the alerts bite? Breaks one number or one operator at a time and asks promtool to notice.

`python -m ops.alerts.mutations` prints the mutations that no test noticed, and fails if there are any.
"""

import copy
import json
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from ops.alerts.rendering import HERE, groups
from ops.alerts.thresholds import FILE, Duration, Thresholds

Groups = list[Any]
Case = dict[str, Any]

RULES = "rules.yml"
PARALLEL = 2
#: Sections whose numbers stand in the rules.
SECTIONS = ("platform", "night", "slow")
FACTORS = (0.5, 1.5)
#: What every operator is replaced by.
SWAPS = {
    r"(?<!:)\bmax(?= by|\()": "min",
    r"(?<!:)\bmin(?= by|\()": "max",
    r"(?<!:)\bsum(?= by|\()": "max",
    r"\bcount(?= by|\()": "group",
    r">=?": "<",
    r"<(?==| )": ">",
    r"==": "!=",
    r"\band\b": "or",
    r"\bunless\b": "and",
    r"(?<=by \()\w+, ": "",
    r", \w+(?=\) \()": "",
}


@dataclass(frozen=True)
class Mutation:
    """A change, and the rules it makes.

    Args:
        name: what was changed, for people.
        groups: all groups of rules, with the change.
    """

    name: str
    groups: Groups


def mutations() -> list[Mutation]:
    """Return a mutation for every number and every operator."""
    return [*_numbers(), *_operators()]


@dataclass(frozen=True, eq=False)
class _Trial:
    """A mutation, and the tests that ask what it concerns, each with the rules it needs."""

    mutation: Mutation
    tests: Sequence[tuple[Groups, Case]]


def survivors(tried: Sequence[Mutation]) -> list[Mutation]:
    """Return the mutations under which promtool's tests pass although the rules are wrong.

    Round by round: each that no test has noticed is given its next one, all of a round in one call.
    """
    left = [_trial(mutation) for mutation in tried]
    for number in range(max(len(trial.tests) for trial in left)):
        noticed = _noticed([(trial, *trial.tests[number]) for trial in left if number < len(trial.tests)])
        left = [trial for trial in left if trial not in noticed]
    return [trial.mutation for trial in left]


def _trial(mutation: Mutation) -> _Trial:
    changed = _changed(mutation.groups)
    asked = [(case, changed & _asked(case)) for case in _cases()]
    return _Trial(mutation, [(_needed(mutation.groups, names), _about(case, names)) for case, names in asked if names])


def _noticed(asked: Sequence[tuple[_Trial, Groups, Case]]) -> set[_Trial]:
    """Return those whose test does not pass."""
    with tempfile.TemporaryDirectory(prefix="matins-mutations-") as directory:
        paths = [_write(Path(directory, str(number)), *one) for number, (_, *one) in enumerate(asked)]
        with ThreadPoolExecutor(PARALLEL) as pool:
            said = "".join(pool.map(_promtool, (paths[part::PARALLEL] for part in range(PARALLEL))))
    passed = set(re.findall(r"Unit Testing: +(\S+)\n +SUCCESS", said))
    return {trial for (trial, *_), path in zip(asked, paths, strict=True) if str(path) not in passed}


def _write(directory: Path, rules: Groups, test: Case) -> Path:
    """Write rules and test as JSON: as good as YAML, and much sooner written."""
    directory.mkdir()
    (directory / RULES).write_text(json.dumps({"groups": rules}))
    path = directory / "test.yml"
    path.write_text(json.dumps(test))
    return path


def _promtool(paths: Sequence[Path]) -> str:
    command = ["promtool", "test", "rules", *map(str, paths)]
    return subprocess.run(command, capture_output=True, check=False, text=True).stdout  # noqa: S603


def _numbers() -> Iterator[Mutation]:
    data = tomllib.loads(FILE.read_text())
    for section in SECTIONS:
        for key, value in data[section].items():
            for factor in FACTORS:
                changed = copy.deepcopy(data)
                changed[section][key] = _scaled(value, factor)
                yield Mutation(f"{section}.{key}: {value} -> {changed[section][key]}", groups(Thresholds(changed)))


def _scaled(value: Any, factor: float) -> Any:
    if isinstance(value, str):
        duration = Thresholds({"consequences": []} | {s: {"it": value} for s in Thresholds.__annotations__}).night.it
        return str(Duration(duration.seconds * factor))
    return round(value * factor) if isinstance(value, int) else value * factor


def _operators() -> Iterator[Mutation]:
    for group in _original():
        for number, rule in enumerate(group["rules"]):
            for pattern, replacement in SWAPS.items():
                for match in re.finditer(pattern, rule["expr"]):
                    expr = rule["expr"][: match.start()] + replacement + rule["expr"][match.end() :]
                    yield Mutation(f"{_name(rule)}: {expr}", _with(group["name"], number, expr))


def _with(group: str, number: int, expr: str) -> Groups:
    changed = copy.deepcopy(_original())
    next(one for one in changed if one["name"] == group)["rules"][number]["expr"] = expr
    return changed


@cache
def _original() -> Groups:
    return groups(Thresholds(tomllib.loads(FILE.read_text())))


def _name(rule: Mapping[str, Any]) -> str:
    return str(rule.get("alert") or rule["record"])


def _changed(mutated: Groups) -> set[str]:
    """Return the alerts that are not what they were, or read a recording that is not."""
    pairs = [
        (before, after)
        for old, new in zip(_original(), mutated, strict=True)
        for before, after in zip(old["rules"], new["rules"], strict=True)
    ]
    changed = [after for before, after in pairs if before != after]
    records = [rule["record"] for rule in changed if "record" in rule]
    return {
        rule["alert"]
        for _, rule in pairs
        if "alert" in rule and (rule in changed or any(record in str(rule) for record in records))
    }


@cache
def _cases() -> list[Case]:
    files = [yaml.safe_load(path.read_text()) for path in sorted((HERE / "tests").glob("*.yml"))]
    return [{**content, "tests": [test]} for content in files for test in content["tests"]]


def _asked(case: Case) -> set[str]:
    """Return the alerts that a test asks for."""
    return {one["alertname"] for one in case["tests"][0].get("alert_rule_test", ())}


def _needed(mutated: Groups, names: set[str]) -> Groups:
    """Leave some alerts and what they read: a mutation is judged in tenths of a second, not in ten."""
    rules = [rule for group in mutated for rule in group["rules"]]
    needed = [rule for rule in rules if rule.get("alert") in names]
    for reader in needed:  # Which grows meanwhile: what is read reads others.
        needed += [rule for rule in rules if rule not in needed and _name(rule) in str(reader)]
    return [{**group, "rules": [rule for rule in group["rules"] if rule in needed]} for group in mutated]


def _about(case: Case, names: set[str]) -> Case:
    """Leave of a test what it asks of some alerts."""
    test = case["tests"][0]
    asked = [one for one in test.get("alert_rule_test", ()) if one["alertname"] in names]
    return {**case, "rule_files": [RULES], "tests": [{**test, "alert_rule_test": asked}]}


def main() -> None:
    """Try all mutations, and say which nobody noticed."""
    tried = mutations()
    survived = survivors(tried)
    for mutation in survived:
        sys.stdout.write(f"not noticed: {mutation.name}\n")
    sys.stdout.write(f"{len(tried) - len(survived)} of {len(tried)} mutations were noticed.\n")
    sys.exit(bool(survived))


if __name__ == "__main__":
    main()
