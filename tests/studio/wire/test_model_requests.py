"""What a page may say of models: the options of the verbs, in bounds, and ids that are no paths."""

from typing import Any

import pytest

from studio.hostile_names import hostile_names
from thalweg.persistence.plain_data_checks import require
from thalweg.studio.wire.model_requests import (
    FIT_ID,
    MODEL_ID,
    OF_DECISION,
    OF_EXPLANATION,
    OF_FIT,
    OF_PREDICTIONS,
    OF_REPORT,
    OF_WHAT_IF,
)

ID = "0" * 64
FIT: dict[str, Any] = {"table": ID, "choices": {}}
TABLE: dict[str, Any] = {"model": ID, "table": ID}
ROW: dict[str, Any] = {"model": ID, "table": "sample:wisconsin", "row": 1}


@pytest.mark.parametrize(
    ("form", "said", "odd"),
    [
        (OF_FIT, FIT, {"settings": {"alpha": 0.1}}), (OF_FIT, FIT, {"seed": -1}),
        (OF_FIT, FIT, {"settings": {str(n): "1" for n in range(61)}}),
        (OF_FIT, FIT, {"estimator": "trees"}), (OF_FIT, FIT, {"output": "/tmp/x"}),
        (OF_FIT, FIT, {"choices": {"max_memory": "1TB"}}), (OF_FIT, FIT, {"checkpoint": "x"}),
        (OF_DECISION, {"model": ID}, {"missed": "9"}), (OF_DECISION, {"model": ID}, {"alarm": -1}),
        (OF_DECISION, {"model": ID}, {"f1": 1}), (OF_DECISION, {"model": ID}, {"output": "x"}),
        (OF_EXPLANATION, ROW, {"row": 0}), (OF_EXPLANATION, ROW, {"row": "1-9"}),
        (OF_EXPLANATION, ROW, {"background": "/etc/passwd"}), (OF_WHAT_IF, ROW, {"set": ["a=b"]}),
        (OF_WHAT_IF, ROW, {"set": {"a": 3}}), (OF_PREDICTIONS, TABLE, {"n_jobs": 99}),
        (OF_PREDICTIONS, TABLE, {"table": "../x.csv"}),
        (OF_PREDICTIONS, TABLE, {"choices": {"target": "y"}}),
        (OF_REPORT, {"model": ID}, {"landscape": "x.csv"}), (OF_REPORT, {}, {}),
    ],
)  # fmt: skip
def test_what_is_no_option_of_the_verb_is_refused(
    form: dict[str, Any], said: dict[str, Any], odd: dict[str, Any]
) -> None:
    if said and "set" not in form:
        bare = {key: value for key, value in said.items() if key in form}
        require(bare, form, "request")
    with pytest.raises(ValueError, match="request"):
        require({**said, **odd}, form, "request")


def test_ids_are_no_paths() -> None:
    for name in hostile_names():
        assert not MODEL_ID.holds(name)
        assert not FIT_ID.holds(name)
    assert MODEL_ID.holds(ID)
