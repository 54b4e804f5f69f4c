"""The YAML head of a card: what it says is in the card, and no name is YAML."""

import json
import re

import pytest

from carded import HOSTILE, fitted
from thalweg import model_card
from thalweg.reporting.card.hugging_face import _number, yaml_head
from thalweg.wording import printable

SCALAR = re.compile(r'^(\s*(?:- )?)([a-z_-]+): ("(?:[^"\\]|\\.)*"|-?[\d.e+-]+|-?\.inf)$')
OPENING = re.compile(r"^\s*(?:- )?[a-z-]+:$")


def read(head):
    """The scalars of a head as (key, value); anything else than its few forms is an error."""
    lines = head.splitlines()
    assert (lines[0], lines[-1]) == ("---", "---")
    found = []
    for line in lines[1:-1]:
        scalar = SCALAR.match(line)
        if scalar is None:
            assert OPENING.match(line) or line in (
                'tags: ["tabular", "thalweg"]', "  results: []"
            ), line  # fmt: skip
            continue
        key, value = scalar[2], scalar[3]
        found.append((key, json.loads(value) if value.startswith('"') else float(value)))
    return found


@pytest.fixture(scope="module", params=["two", "three", "number"])
def model(request, tmp_path_factory):
    return fitted(tmp_path_factory.mktemp("cards"), request.param)[0]


def test_the_head_has_the_stored_numbers(model):
    card = model_card(model)
    found = read(yaml_head(card.data))
    values = [value for key, value in found if key == "value"]
    stored = card.data["numbers"]["judgement"]["network"]["metrics"]
    assert sorted(values) == sorted(each["value"] for each in stored.values())
    (rows,) = {value for key, value in found if key == "name" and value.endswith(" rows")}
    assert rows == f"table.csv, test rows: {card.data['numbers']['judgement']['n_test']} rows"
    assert card.markdown(hugging_face=True).startswith(yaml_head(card.data))


@pytest.mark.quick_each(3)
@pytest.mark.parametrize("name", [*HOSTILE, "---", "a: b", "'", "\\", "a\nb", "é\x85\u2028", "😀"])
def test_no_name_is_yaml(model, name):
    card = model_card(model, about={"title": name, "licence": name})
    title = next(value for key, value in read(yaml_head(card.data)) if key == "name")
    assert title == (printable(" ".join(name.split())) or title)
    assert "license" not in yaml_head(card.data)


def test_an_identifier_of_a_licence_is_named(model):
    card = model_card(model, about={"licence": "cc-by-4.0"})
    assert ("license", "cc-by-4.0") in read(yaml_head(card.data))


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.5, "0.5"), (1e-7, "1.0e-07"), (1.5e300, "1.5e+300"), (3, "3.0"), (None, None),
     ("Infinity", ".inf"), ("-Infinity", "-.inf")],
)  # fmt: skip
def test_numbers_are_numbers_in_both_versions_of_yaml(value, text):
    # YAML 1.1 reads 1e-07 as a text: a point is needed.
    assert _number(value) == text
