"""The evaluation of several quantiles in a file: honest ones are read, others are refused."""

import copy
import json

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression

from thalweg.evaluation.judged_test_set import judge_on_holdout
from thalweg.evaluation.quantiles.level_task import SeveralQuantiles
from thalweg.evaluation.section_texts.verdict_texts import with_own_texts
from thalweg.evaluation.task_kinds import SEVERAL_QUANTILES
from thalweg.persistence.judgement_form import REPORTS, VERDICTS, Asked, require_verdict
from thalweg.persistence.plain_data_checks import require

LEVELS = (0.1, 0.5, 0.9)
ASKED = Asked(SEVERAL_QUANTILES, [], "None", "quantile:levels=0.1/0.5/0.9")


class ParallelLines(LinearRegression):
    def predict(self, X):
        return super().predict(X)[:, np.newaxis] + np.array([-0.6, 0.0, 0.6])


@pytest.fixture(scope="module")
def honest():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 2))
    y = X[:, 0] + rng.normal(size=300) / 2
    found = judge_on_holdout(
        ParallelLines(), pd.DataFrame(X), y, task=SeveralQuantiles(LEVELS), seed=0, matrix=X
    )
    return json.loads(json.dumps([found.as_dict(), found.shown.as_dict()]))


def test_an_honest_one_is_read_and_keeps_its_sentence(honest):
    verdict, curves = honest
    require(verdict, VERDICTS[SEVERAL_QUANTILES], "verdict")
    require(curves, REPORTS[SEVERAL_QUANTILES]["curves"], "curves")
    report = {"curves": curves, "table": {}}
    require_verdict(ASKED, verdict, report)
    assert with_own_texts(verdict)["sentence"] == verdict["sentence"]
    lied = {**verdict, "sentence": "All is well."}
    assert with_own_texts(lied)["sentence"] == verdict["sentence"]


def of(*path):
    """Sets a value somewhere in a verdict."""

    def put(value):
        def change(verdict, curves):
            place = curves if path[0] == "curves" else verdict
            for key in path[path[0] == "curves" : -1]:
                place = place[key]
            place[path[-1]] = value

        return change

    return put


FORGED = [
    (of("network", "levels")([0.1, 0.5, 0.8]), "other levels than those of the loss"),
    (of("baselines", "ridge regression", "levels")([0.5]), "other levels"),
    (of("network", "below")([]), "a number for each level"),
    (of("network", "between")([]), "a share for each pair"),
    (
        of("network", "below", 0)({"value": 0.2, "low": 0.3, "high": 0.4}),
        "a share of rows at a level is none",
    ),
    (
        of("network", "between", 0)({"value": 0.8, "low": 0.7, "high": 1.4}),
        "a share of rows at a level is none",
    ),
    (of("network", "pinball", 1, "value")(9.0), "not the mean of those of the levels"),
    (of("network", "pinball", 1, "value")(None), "is not defined"),
    (
        of("sections")({"calibration": {}, "coverage": None, "subgroups": None}),
        "no calibration, intervals or groups",
    ),
    (of("curves", "truth")([]), "does not have 1 to 24 groups"),
    (of("curves", "predicted", 0)([]), "a line for each level"),
    (of("curves", "rows", 0)(1000), "about other rows"),
    (of("curves", "predicted", 0, 0)(1e6), "the quantiles in a picture cross"),
]


@pytest.mark.parametrize(("change", "why"), FORGED, ids=[why for _, why in FORGED])
def test_one_that_contradicts_itself_is_refused(honest, change, why):
    from thalweg.persistence.evaluations.same_quantiles import require_several_quantiles

    verdict, curves = copy.deepcopy(honest)
    change(verdict, curves)
    with pytest.raises(ValueError, match=why):
        require_several_quantiles(ASKED, verdict, curves)
