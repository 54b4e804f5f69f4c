"""What a page says of the curves of a column."""

from thalweg.reporting.page.about_model_data import said_of_curves

UNLIKE = "no statement above 64: most rows moved to 82 are unlike the training rows"


def said(*sentences):
    return said_of_curves(
        [
            {"output": name, "sentence": each, "missing": None, "notes": []}
            for name, each in zip("abc", sentences, strict=False)
        ]
    )


def test_of_classes_each_claim_is_said_and_once_where_nothing_is():
    assert said(
        f"rises throughout; lower by 0.2 if missing; {UNLIKE}",
        f"no clear direction: the networks disagree; {UNLIKE}",
        f"higher by 0.2 if missing; a value moves the answer by 0.1 or less; {UNLIKE}",
    ) == [
        "a: rises throughout; lower by 0.2 if missing",
        "c: higher by 0.2 if missing; a value moves the answer by 0.1 or less",
        "b: no clear direction",
        UNLIKE,
    ]
    nothing = "no statement: most rows moved to other values are unlike the training rows"
    assert said(nothing, nothing) == [f"all classes: {nothing.split(':')[0]}"]
    assert said(f"rises throughout; {UNLIKE}") == [f"rises throughout; {UNLIKE}"]
