"""Numbers that occur twice in an evaluation: a file in which they differ is refused, by both."""

from functools import cache

import pytest

from reports import wisconsin
from stored_evaluations import model_of, read, stored
from thalweg.errors import ModelFileError
from thalweg.persistence.model_file import read_model, save_model
from thalweg.sealed_container import seal, unseal

SECTIONS = ("sections",)
CURVE = (*SECTIONS, "effects", "curves")


def more(old):
    """A number that is a little larger, and still a share where it was one."""
    return old * 0.97 if isinstance(old, float) else old + 1


def set_to(value):
    return lambda old: value


def moved(old):
    """An estimate of which all ends are a little smaller."""
    return {end: 0.97 * each for end, each in old.items()}


# A place, what a stranger writes there, and what the error says.
OF_TWO = [
    (("network", "metrics", "accuracy"), moved, "accuracy of the network is .* that of its confu"),
    (("network", "metrics", "sensitivity"), moved, "sensitivity of the network is"),
    (("network", "metrics", "specificity"), moved, "specificity of the network is"),
    (("baselines", "boosted trees", "metrics", "accuracy"), moved, "accuracy of boosted trees is"),
    (("network", "metrics", "log_loss"), moved, "difference of log-loss from .* is .* two metrics"),
    (("network", "metrics", "brier"), moved, "brier of the calibration is .* that of the verdict"),
    (("network", "metrics", "auc"), moved, "auc of the groups of rows is .* that of the verdict"),
    (("baselines", "boosted trees", "metrics", "log_loss"), moved, "from boosted trees is"),
    (("differences", "boosted trees", "margin"), set_to(0.5), "margin of the difference from boos"),
    ((*SECTIONS, "calibration", "found", "n_rows"), lambda _: 139.0, "add up: n_rows"),
    ((*SECTIONS, "calibration", "found", "brier", "score"), more, "brier of the calibration is"),
    ((*SECTIONS, "calibration", "found", "log_loss", "score"), more, "log loss of the calibration"),
    ((*SECTIONS, "threshold", "chosen", "value"), set_to(0.3), "chosen threshold is 0.3, but"),
    ((*SECTIONS, "threshold", "chosen", "by"), set_to("the FDA"), "by a rule that there is not"),
    ((*SECTIONS, "threshold", "chosen", "floor"), set_to(0.9), "is not one by given"),
    ((*SECTIONS, "threshold", "chosen", "missed"), set_to(3.0), "is not one by given"),
    ((*SECTIONS, "threshold", "point", "sensitivity"), moved, "sensitivity at the threshold is"),
    ((*SECTIONS, "threshold", "point", "how"), set_to("training"), "rows of threshold are"),
    ((*SECTIONS, "benefit", "curve", "n_positive"), more, "positive rows of net benefit is"),
    ((*SECTIONS, "benefit", "curve", "how"), set_to("training"), "rows of benefit are"),
    ((*SECTIONS, "abstention", "line", "how"), set_to("training"), "rows of abstention are"),
    ((*SECTIONS, "abstention", "at_price", "answered"), moved, "share of answered rows is"),
    ((*SECTIONS, "abstention", "at_price", "wrong"), lambda old: dict.fromkeys(old, 0.5), "wrong"),
    ((*SECTIONS, "coverage", "found", "n_samples"), lambda _: 139, "rows of the coverage is 139"),
    ((*SECTIONS, "coverage", "found", "words"), lambda old: {**old, "benign": 0.1}, "sum of the"),
    ((*SECTIONS, "subgroups", "overall", "sensitivity"), moved, "sensitivity of the groups of"),
    ((*SECTIONS, "subgroups", "overall", "prevalence"), moved, "prevalence of the groups of rows"),
    ((*SECTIONS, "subgroups", "tables", 0, "groups", 0, "n"), lambda n: n - 1, 'groups of "site"'),
    ((*SECTIONS, "importance", "found", "loss"), more, "log-loss of the importance .* of the verd"),
    ((*SECTIONS, "importance", "found", "n_rows"), lambda _: 139, "rows of importance is 139, but"),
    ((*SECTIONS, "importance", "found", "measure"), set_to("squared error"), "importance of col"),
    (
        (*SECTIONS, "importance", "found", "rows"),
        set_to("90 of 140 rows were used, drawn at random."),
        "rows of importance is 140, but that of its text is 90",
    ),
    (CURVE, lambda old: [*old, old[0]], 'two effect curves of the column ".*" for the class "mal'),
    ((*CURVE, 0, "output"), set_to("benign"), 'is for the class "benign", but the positive'),
    ((*CURVE, 0, "base"), more, "mean answer of an effect curve is"),
    (
        (*SECTIONS, "effects", "without"),
        set_to([{"column": "bare_nuclei", "why": "only 3 rows have a value"}]),
        "has an effect curve and a reason why it has none",
    ),
    (
        (*SECTIONS, "effects", "rows"),
        set_to("139 rows; accumulated local effects (ALE)"),
        "rows of the effect curves is 139, but that of the verdict is 140",
    ),
    (
        (*SECTIONS, "effects", "notes"),
        set_to(["140 of 900 rows were used, drawn at random."]),
        "use some is 900, but that of the verdict is 140",
    ),
]
OF_FIVE = [
    (("network", "metrics", "accuracy"), moved, "accuracy of the network is"),
    (("network", "recall", 1), moved, "recall of class 2 of the network is .* of its confusion"),
    (("network", "metrics", "brier"), moved, "brier of the groups of rows is"),
    ((*SECTIONS, "calibration", "found", "classes", 2, "n_positive"), more, "class 3 of the calib"),
    ((*SECTIONS, "calibration", "found", "classes", 2, "n_rows"), lambda _: 9, "add up: n_rows"),
    ((*SECTIONS, "subgroups", "overall", "recall low"), moved, "recall low of the groups of rows"),
    (CURVE, lambda old: [*old, old[1]], "two effect curves of the column"),
    ((*CURVE, 0, "output"), set_to("FDA"), "of other classes|mean answer"),
]
OF_NUMBERS = [
    (("network", "metrics", "rmse"), moved, "difference of RMSE from .* is"),
    (("network", "metrics", "mae"), moved, "mae of the groups of rows is"),
    (("differences", "ridge regression", "margin"), more, "margin of the difference from ridge"),
    ((*SECTIONS, "importance", "found", "loss"), more, "squared error of the importance of colu"),
    ((*SECTIONS, "importance", "found", "measure"), set_to("MAE"), "by 'MAE', but the measure of"),
    (
        (*SECTIONS, "importance", "found", "constant_loss"),
        more,
        "squared error of .always the mean",
    ),
    (
        (*SECTIONS, "importance", "found", "constant"),
        set_to("ridge regression"),
        'beside "ridge regression", which is no constant answer',
    ),
    (
        (*SECTIONS, "importance", "found", "constant"),
        set_to("always the median"),
        'but the best constant answer of the RMSE is "always the mean"',
    ),
    (
        (*SECTIONS, "calibration", "found"),
        lambda old: {
            "n_rows": old["n_rows"],
            "level": 0.5,
            "below": {"value": 0.5, "low": 0.4, "high": 0.6},
            "p_value": 1.0,
        },
        "the 0.5 quantile, but the RMSE of the model is of no quantile",
    ),
    ((*SECTIONS, "calibration", "found", "n_rows"), lambda _: 139.0, "rows of the calibration is"),
    ((*SECTIONS, "coverage", "found", "n_samples"), lambda _: 139.0, "rows of the coverage is 139"),
]
EVERY = [
    pytest.param(name, *each, id=f"{name}-{'-'.join(map(str, each[0][-3:]))}-{k}")
    for name, forgeries in (("two", OF_TWO), ("five", OF_FIVE), ("numbers", OF_NUMBERS))
    for k, each in enumerate(forgeries)
]


def forge(judgement, place, change):
    *way, last = place
    inner = judgement
    for key in way:
        inner = inner[key]
    inner[last] = change(inner[last])


@cache
def honest_is_read(name):
    read(name, *stored(name))


@pytest.mark.quick_each(3)
@pytest.mark.parametrize(("name", "place", "change", "says"), EVERY)
def test_an_evaluation_that_says_two_things_is_refused(name, place, change, says):
    honest_is_read(name)
    judgement, curves = stored(name)
    forge(judgement, place, change)
    with pytest.raises(ValueError, match=says):
        read(name, judgement, curves)


def test_a_file_that_says_two_things_is_refused_by_both_places(tmp_path):
    judgement, _ = stored("two")
    path = tmp_path / "model"
    save_model(model_of("two"), path, target="class", judgement=judgement, report=None)
    read_model(path)
    header, arrays = unseal(path.read_bytes())
    header["judgement"]["sections"]["importance"]["found"]["loss"] = 0.01
    path.write_bytes(seal(header, arrays))
    with pytest.raises(ModelFileError) as error:
        read_model(path)
    assert (
        "the log-loss of the importance of columns is 0.01, but that of the verdict is 0.07876"
        in str(error.value)
    )


def test_the_curves_count_the_rows_of_the_confusion_matrix():
    judgement, curves = stored("two")
    at = round(judgement["network"]["threshold"] * curves["steps"])
    for k in (at - 1, at, at + 1):  # so that they still fall
        curves["true_positive"][k] -= 1
    curves["true_positive"][at + 2 :] = [
        min(each, curves["true_positive"][at]) for each in curves["true_positive"][at + 2 :]
    ]
    with pytest.raises(ValueError, match="but the curves count"):
        read("two", judgement, curves)


@pytest.mark.parametrize(
    ("counts", "says"),
    [
        ({"benign": 458, "malignant": 241}, None),
        ({"benign": 458, "malignant": 242}, "all classes in the table is 700, but that of .* 699"),
        ({"benign": 658, "malignant": 41}, r'of the class "malignant" are 48, but .* has 41'),
    ],
)
def test_the_classes_of_the_table_have_the_rows_of_training_and_test(counts, says):
    judgement, curves = stored("two")
    if says is None:
        read("two", judgement, curves, counts)
    else:
        with pytest.raises(ValueError, match=says):
            read("two", judgement, curves, counts)


def test_importance_of_some_rows_has_a_loss_of_its_own():
    judgement, curves = stored("two")
    found = judgement["sections"]["importance"]["found"]
    found["rows"] = "90 of 140 rows were used, drawn at random."
    found["n_rows"], found["loss"] = 90, 0.05
    read("two", judgement, curves)


def test_a_verdict_over_repetitions_has_sections_of_the_first_one():
    """Its metrics are means, and need not be those of these rows."""
    judgement, _ = stored("two")
    for each in judgement["differences"].values():
        each["n_folds"] = 15
    forge(judgement, ("network", "metrics", "brier"), moved)
    read("two", judgement)


def test_a_model_that_was_given_another_threshold_later_keeps_its_evaluation(tmp_path):
    judgement, _ = stored("two")
    made, path = wisconsin(), tmp_path / "model"
    model = made.model
    before = model.threshold
    try:
        model.threshold = 0.2
        save_model(model, path, target="class", judgement=judgement, report=None)
    finally:
        model.threshold = before
    assert read_model(path).judgement["network"]["threshold"] == 0.5
