"""The title of a trace's page: what the network said of the row."""

import pytest

from thalweg.reporting.trace.page.trace_story import story
from traced_pages import KINDS

pytestmark = pytest.mark.filterwarnings("ignore::thalweg.errors.IdentifierWarning")


def of(classes, share, own, *, supposed=False):
    shares = share if isinstance(share, list) else [share]
    row = {"row": 7, "class": own, "prediction": shares, "supposed": supposed, "answer": None,
           "target": classes[own - 1], "part": 1.0, "probabilities": None}  # fmt: skip
    return story({"rows": [row], "target": {"classes": classes, "task": "binary"}, "network": {}})


def test_a_row_that_is_called_wrong_asks_for_the_weights_to_blame():
    assert of(["well", "ill"], 0.0861, 2) == (
        "Row 7 was ill. The network gave ill 8.6\u00a0%. Which weights are to blame?"
    )
    assert of(["a", "b", "c"], [0.2, 0.7, 0.1], 3) == (
        "Row 7 was c. The network gave c 10.0\u00a0% and b 70.0\u00a0%. Which weights are to blame?"
    )


def test_a_row_that_is_called_right_says_so():
    assert of(["well", "ill"], 0.0004, 1).startswith(
        "Row 7 was well, and the network gave well nearly 100\u00a0%."
    )
    assert "calls it ill, with 70.0\u00a0%" in of(["well", "ill"], 0.7, 2, supposed=True)


def test_numbers_and_batches():
    one = KINDS["number"]().data
    row = one["rows"][0]
    assert story(one).startswith(f"Row {row['row']} has {row['target']}. The network said ")
    assert ". The network's 0.9 quantile is " in story(KINDS["quantile"]().data)
    several = KINDS["batch"]().data
    worst = max(several["rows"], key=lambda each: each["part"])["row"]
    assert story(several).startswith("4 rows as one batch: the mean loss is ")
    assert f"row {worst} has most of it" in story(several)
