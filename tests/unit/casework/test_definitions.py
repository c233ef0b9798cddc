"""A strategy's file is refused as a whole, in words that say where it is wrong."""

from pathlib import Path

import pytest

from casework.definitions import read_strategy
from casework.exceptions import BadStrategyError

EXAMPLE = Path(__file__).resolve().parents[3] / "docs" / "examples" / "dunning.toml"


def test_the_example_is_read_as_it_stands():
    strategy = read_strategy(EXAMPLE)
    assert [(step.name, step.from_day, step.to_day, step.channel) for step in strategy.steps] == [
        ("reminder", 3, 9, "email"),
        ("call", 10, 19, "call"),
        ("letter", 20, None, "letter"),
    ]


@pytest.mark.parametrize(
    ("line", "instead", "refusal"),
    [
        ('code = "standard"', "", "code: Field required"),
        ('sender = "Acme Loans <service@acme.example>"', 'sender = "Acme"', "'Acme' has no e-mail address"),
        ("from_day = 10", "from_day = 3", "two steps have the from_day 3"),
        ("to_day = 9", "to_day = 2", "step reminder ends before it begins"),
        ('name = "call"', 'name = "letter"', "two steps have the name letter"),
        ('channel = "letter"', 'channel = "pigeon"', "steps.2.channel"),
        ("{{ due_date }}", "{{ due_on }}", "it names due_on; known are"),
        ("{{ due_date }}", "{{ due_date|nicely }}", "Invalid filter: 'nicely'"),
        ("{{ due_date }}", "{% if due_date %}", "Unclosed tag on line"),
        ("{{ opt_out }}", "", "step reminder must say {{ opt_out }}"),
        ('minimum = "25.00"', 'minimum = "25.001"', "steps.1.minimum"),
        ('minimum = "25.00"', 'states = ["ZZ"]', "'ZZ' is no state"),
        ('minimum = "25.00"', "minimun = 25", "Extra inputs are not permitted"),
        ("from_day = 20", "from_day = ", "Invalid value"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, line, instead, refusal):
    text = EXAMPLE.read_text()
    assert line in text
    file = tmp_path / "dunning.toml"
    file.write_text(text.replace(line, instead))
    with pytest.raises(BadStrategyError) as refused:
        read_strategy(file)
    assert refusal in str(refused.value)
    assert str(refused.value).startswith("Strategy dunning.toml is not defined: ")
