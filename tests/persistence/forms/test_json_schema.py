"""Forms as JSON Schema: both accept and refuse the same values."""

import pytest
from jsonschema import Draft202012Validator

from thalweg.persistence.estimate_forms import DIFFERENCE, ESTIMATE
from thalweg.persistence.forms.json_schema import DIALECT, SchemaWriter
from thalweg.persistence.plain_data_checks import (
    LABEL,
    TEXT,
    Each,
    Either,
    FormRule,
    Maybe,
    Perhaps,
    Several,
    list_of,
    matching,
    number,
    one_of,
    require,
    text_of,
    whole,
)

POINT = {"x": number(), "name": Perhaps(TEXT)}
BY_KIND = Either(({"kind": one_of("a"), "n": whole(0)}, {"kind": one_of("b"), "t": TEXT}))
CASES = [
    (TEXT, ["", "é"], [1, None]),
    (text_of(2), ["ab"], ["abc"]),
    (whole(1, 3), [1, 3], [0, 4, 1.5, True, "1"]),
    (number(0, 1), [0, 0.5, 1], [-0.1, 2, None]),
    (one_of("a", None), ["a", None], ["b", 0]),
    (matching("digits", "[0-9]+"), ["12"], ["", "1a", "a1"]),
    (list_of(whole(0)), [[], [1]], [[-1], 1, ["a"]]),
    (LABEL, ["a", True, 3, 0.5], [None, [], {}]),
    (Maybe(TEXT), [None, "a"], [1]),
    (Each(whole(0)), [{}, {"any": 1}], [{"any": "a"}, []]),
    (Several(TEXT, 2), [["a", "b"]], [["a", "b", "c"], [1]]),
    ([POINT], [[{"x": 1}, {"x": 1, "name": "a"}]], [[{}], [{"x": 1, "z": 1}], [{"x": "1"}]]),
    (BY_KIND, [{"kind": "a", "n": 1}, {"kind": "b", "t": ""}],
     [{"kind": "a", "t": ""}, {"kind": "c", "n": 1}, {"kind": "a", "n": 1, "t": ""}, None]),
    (ESTIMATE, [{"value": 1, "low": 0, "high": 2}, dict.fromkeys(("value", "low", "high"))],
     [{"value": 1, "low": 0}, {"value": "a", "low": 0, "high": 1}, None]),
    (TEXT | whole(0), ["a", 1], [None, -1]),
]  # fmt: skip


def accepts(form, value):
    try:
        require(value, form, "it")
    except ValueError:
        return False
    return True


@pytest.mark.parametrize(("form", "good", "bad"), CASES)
def test_a_schema_accepts_and_refuses_what_its_form_does(form, good, bad):
    schema = SchemaWriter({}).document(form, "title", "about", "comment")
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == DIALECT
    valid = Draft202012Validator(schema).is_valid
    assert [accepts(form, each) for each in good] == [valid(each) for each in good]
    assert all(map(valid, good))
    assert not any(accepts(form, each) or valid(each) for each in bad)


def test_what_says_the_same_is_written_once_and_only_where_it_is_used():
    outer = {"point": POINT, "more": [POINT], "other": Maybe(POINT)}
    names = {"text": TEXT, "point": dict(POINT), "unused": Each(TEXT)}
    schema = SchemaWriter(names).document(outer, "", "", "")
    assert set(schema["$defs"]) == {"point", "text"}
    assert schema["properties"]["more"]["items"] == {"$ref": "#/$defs/point"}
    assert schema["$defs"]["point"]["properties"]["name"] == {"$ref": "#/$defs/text"}
    assert Draft202012Validator(schema).is_valid({"point": {"x": 1}, "more": [], "other": None})
    assert not Draft202012Validator(schema).is_valid({"point": {}, "more": [], "other": None})


def test_a_rule_that_does_not_say_what_it_is_like_has_no_schema():
    silent = FormRule("something odd", lambda value: True)
    with pytest.raises(AssertionError, match="something odd"):
        SchemaWriter({}).document([silent], "", "", "")


def test_a_schema_knows_less_than_a_form_and_only_of_numbers_that_belong_together():
    valid = Draft202012Validator(SchemaWriter({}).document(ESTIMATE, "", "", "")).is_valid
    outside = {"value": 3, "low": 0, "high": 2}
    assert valid(outside)
    assert not accepts(ESTIMATE, outside)
    assert DIFFERENCE.like is not None
    assert DIFFERENCE.like.keys() == DIFFERENCE.keys
