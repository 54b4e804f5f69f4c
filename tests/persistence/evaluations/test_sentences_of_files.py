"""Every text of the evaluation in a file: computed, compared with the program's, or quoted."""

import contextlib
import copy
import json
import random
import re

import pytest

from forged import _forge_header, places
from reports import wisconsin
from stored_evaluations import honest, model_of, read, stored
from thalweg.evaluation.answers import answers_of
from thalweg.evaluation.section_texts.subgroup_texts import with_own_texts
from thalweg.evaluation.subgroups.group_judging import judge_groups, names_of_metrics
from thalweg.evaluation.task_kinds import TWO_CLASSES
from thalweg.persistence.evaluations.calibration_reasons import own_reason
from thalweg.persistence.model_file import read_model, save_model
from thalweg.sealed_container import seal, unseal

NAMES = ["two", "five", "numbers"]
FORGED = "This model was approved by the FDA as a medical device"
# What is a name, and stands where names stand.
OF_NAMES = {"column", "columns", "group", "name", "members"}


def at(value, trail):
    for key in trail:
        value = value[key]
    return value


@pytest.mark.parametrize("name", NAMES)
def test_the_sentences_of_a_file_are_those_of_its_evaluation(name):
    judgement, curves = stored(name)
    assert read(name, judgement, curves) == honest(name)


def test_an_empty_set_of_an_earlier_file_has_the_words_of_today():
    judgement, curves = stored("two")
    words = at(judgement, ("sections", "coverage", "found"))["words"]
    share = words["cannot tell (either)"] / 2
    words |= {"cannot tell (either)": share, "unlike both classes": share}
    found = read("two", judgement, curves)
    today = json.loads(json.dumps(found))["sections"]["coverage"]["found"]["words"]
    assert today["no plausible class"] == share
    assert "unlike both classes" not in today


@pytest.mark.quick_each(3)
@pytest.mark.parametrize("name", NAMES)
def test_no_text_of_a_stranger_stands_as_one_of_the_program(name):
    judgement, _ = stored(name)
    trails = [
        trail
        for trail in places(judgement)
        if isinstance(at(judgement, trail), str)
        and not OF_NAMES & {*trail[-2:]}
        and max((key for key in trail if isinstance(key, int)), default=0) < 2
    ]
    assert len(trails) > 30
    n_read = 0
    for trail in trails:
        forged = copy.deepcopy(judgement)
        *way, last = trail
        at(forged, way)[last] = f"{FORGED}. {at(judgement, trail)} {FORGED}."
        try:
            said = json.dumps(read(name, forged), ensure_ascii=False)
        except ValueError:
            continue  # a word of a closed list, or a number that is none
        n_read += 1
        for found in re.finditer(FORGED, said):
            before = said[: found.start()].replace("\\", "")
            assert re.search(r'[Tt]he file says: "[^"]*$', before), (trail, before[-60:])
    assert n_read > 10


@pytest.mark.parametrize("name", NAMES)
def test_no_name_of_a_compared_model_is_free_text(name):
    judgement, _ = stored(name)
    for part in ("baselines", "differences"):
        judgement[part] = {FORGED: judgement[part]["boosted trees"], **judgement[part]}
    found = read(name, judgement)
    assert f'the file says: "{FORGED}"' in found["baselines"]
    assert found["sentence"] == honest(name)["sentence"]  # with the constant answer
    judgement["baselines"][f"{FORGED}\x00"] = judgement["baselines"][FORGED]
    judgement["baselines"][f"{FORGED}\\x00"] = judgement["baselines"][FORGED]
    with pytest.raises(ValueError, match="two models of one name"):
        read(name, judgement)


@pytest.mark.parametrize(
    "part", ["calibration", "threshold", "benefit", "abstention", "coverage", "subgroups", None]
)
def test_a_sentence_is_computed_in_a_file_that_is_sealed_again(part, tmp_path):
    judgement, curves = stored("two")
    path, made = tmp_path / "model", wisconsin()
    table = {key: made.report["table"][key]
             for key in ("name", "target", "class_counts", "notes", "columns")}  # fmt: skip
    save_model(model_of("two"), path, target="class", judgement=judgement,
               report={"table": table, "curves": curves})  # fmt: skip
    header, arrays = unseal(path.read_bytes())
    place = header["judgement"] if part is None else header["judgement"]["sections"][part]
    place["sentence"] = FORGED
    path.write_bytes(seal(header, arrays))
    found, own = read_model(path).judgement, honest("two")
    assert json.loads(json.dumps(found)) == own


def test_a_caution_of_the_program_is_kept_and_another_one_is_not():
    judgement, _ = stored("two")
    caution = (
        "CAUTION: the test set has 12 % of the rows and not 20 %, because groups are not split. "
        "Fix: cross-validate over the groups, with thalweg evaluate, the same --group and --folds "
        "5."
    )
    own = judgement["sentence"]
    judgement["sentence"] = f"{FORGED}. {caution} CAUTION: buy now."
    assert read("two", judgement)["sentence"] == f"{own} {caution}"


@pytest.mark.parametrize("name", NAMES)
def test_a_verdict_without_the_constant_answer_says_so(name):
    judgement, _ = stored(name)
    for each in [*judgement["differences"]]:
        if "always" in each or "commonest" in each:
            del judgement["differences"][each]
    assert read(name, judgement)["sentence"].endswith(
        "did not save the difference from a constant prediction. Train it again to see it."
    )


@pytest.mark.parametrize(
    ("how", "own"),
    [
        ("Trained on {train:,} rows, judged on {test:,} held out", True),
        ("Trained on {train:,} rows of 9 groups, evaluated on {test:,} of 4 others", True),
        ("Trained on {train:,} rows, evaluated on the latest {test:,} (20 % of the rows), from "
         "2024-01-31 12:30 on", True),
        ("Trained on {train:,} rows, evaluated on {test:,} held out (only 9 different rows; equal "
         "rows stay together), weighted: as 83 rows of equal weight (Kish)", True),
        ("Evaluated by 5-fold cross-validation, repeated 3 times", True),
        ("Trained on {train:,} rows, evaluated on {test:,} held out by the FDA", False),
        ("Evaluated by the FDA", False),
    ],
)  # fmt: skip
def test_how_rows_were_separated_is_one_of_the_ways_or_quoted(how, own):
    judgement, _ = stored("two")
    judgement["how"] = how.format(train=judgement["n_train"], test=judgement["n_test"])
    said = read("two", judgement)["how"]
    assert said == (judgement["how"] if own else f'the file says: "{judgement["how"]}"')


def test_the_test_rows_that_are_said_are_those_that_are_counted():
    judgement, _ = stored("two")
    judgement["how"] = f"Trained on {judgement['n_train']:,} rows, evaluated on 999 held out"
    with pytest.raises(ValueError, match="names 999 test rows, and counts 140"):
        read("two", judgement)


def test_the_reason_of_a_calibration_is_one_of_the_program_or_quoted():
    for own in (
        "this was asked for; the test of calibration gives p = 0.02",
        "no map was fitted, because no row was held out",
        "the test of calibration gives p = 0.02, but all rows are of one class",
    ):
        assert own_reason(own, 0.0204) == own
    assert own_reason(FORGED, 0.02) == f'the file says: "{FORGED}"'
    with pytest.raises(ValueError, match=r"calibration is 0\.2, but its reason names 0\.02"):
        own_reason("the test of calibration gives p = 0.02", 0.2)


def groups_of_two():
    """Two columns of groups: one of two groups, and one with a group of few rows."""
    made = wisconsin()
    k = range(len(made.is_positive))
    by = {
        "half": [("a", "b")[each % 2] for each in k],
        "site": [("x", "y", "z")[min(each // 60, 2)] for each in k],
    }
    import numpy as np

    answers = answers_of(np.asarray(made.is_positive), made.probability)
    names = ("benign", "malignant")
    by = {key: np.array(each) for key, each in by.items()}
    found = judge_groups(answers, by, classes=names).as_dict()
    return json.loads(json.dumps(found)), names_of_metrics(TWO_CLASSES, names), names


@pytest.mark.quick_each(3, 1)
@pytest.mark.parametrize("name", NAMES)
def test_a_forged_evaluation_is_refused_or_read(name):
    """Forgeries at random places: none ends in an error that is not one of the file."""
    judgement, curves = stored(name)
    trails, n_read = list(places(judgement)), 0
    for seed in range(60):
        draw, forged = random.Random(seed), copy.deepcopy(judgement)
        for _ in range(draw.choice([1, 1, 2])):
            with contextlib.suppress(LookupError, TypeError, AttributeError):
                _forge_header(draw, forged, trails, [])
        with contextlib.suppress(ValueError, ArithmeticError):
            read(name, forged, curves)
            n_read += 1
    assert 5 < n_read < 55


def test_groups_say_what_their_numbers_say():
    found, metrics, words = groups_of_two()
    assert with_own_texts({**found, "sentence": FORGED}, metrics, words) == found
    for forge, says in (
        (lambda each: each.update(n_tests=3), "name 3 tests, and have"),
        (lambda each: each["tables"].append(each["tables"][0]), "there twice"),
        (lambda each: each["tables"][0]["groups"][1].update(name="a"), "there twice"),
        (lambda each: each["tables"][0]["groups"][0]["metrics"].pop("auc"), "does not have"),
        (lambda each: each["overall"].update(fda=each["overall"]["auc"]), "does not have"),
        (lambda each: _metric(each).update(p_adjusted=1e-9), "Holm's correction"),
        (
            lambda each: _metric(each).update(why="no event is expected"),
            "evaluated and has a reason",
        ),
    ):
        forged = copy.deepcopy(found)
        forge(forged)
        with pytest.raises(ValueError, match=says):
            with_own_texts(forged, metrics, words)


def _metric(found):
    return found["tables"][0]["groups"][0]["metrics"]["sensitivity"]
