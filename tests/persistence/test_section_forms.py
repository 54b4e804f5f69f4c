"""The sections of an evaluation in a model file: what is taken, and what cannot be forged."""

import copy
from functools import cache

import numpy as np
import pytest

from reports import wisconsin
from sections_by_hand import (
    invented,
    multiclass_sections,
    plain,
    regression_sections,
    two_class_sections,
)
from thalweg.errors import ModelFileError
from thalweg.evaluation.task_kinds import ONE_NUMBER, SEVERAL_CLASSES, TWO_CLASSES
from thalweg.jobs.report import page_bytes
from thalweg.persistence.header_form import LONGEST_LABEL
from thalweg.persistence.model_file import read_model, save_model
from thalweg.persistence.plain_data_checks import require
from thalweg.persistence.section_forms import require_sections, sections_form
from thalweg.sealed_container import seal, unseal

N_CLASSES = {TWO_CLASSES: 2, SEVERAL_CLASSES: 3, ONE_NUMBER: 0}


@cache
def _sections(task, n_rows=240):
    rng = np.random.default_rng(3)
    by = {"site": np.array(list("abc"))[np.arange(n_rows) % 3]}
    if task is TWO_CLASSES:
        truth, probability = invented(n_rows)
        return two_class_sections(truth, probability, other=probability[::-1], by=by)
    if task is SEVERAL_CLASSES:
        weights = rng.dirichlet(np.ones(3), n_rows)
        truth = np.array([rng.choice(3, p=each) for each in weights])
        return multiclass_sections(truth, weights, ["u", "v", "w"], by=by)
    predicted = rng.normal(size=n_rows)
    truth = predicted + rng.normal(size=n_rows)
    return regression_sections(truth, predicted, np.stack([predicted - 1, predicted + 1], 1), by=by)


def _check(task, sections):
    require(sections, sections_form(task), "sections")
    if sections is not None:
        require_sections(sections, N_CLASSES[task], sections["n_samples"])


@pytest.mark.parametrize("n_rows", [12, 30, 240])
@pytest.mark.parametrize("task", [TWO_CLASSES, SEVERAL_CLASSES, ONE_NUMBER])
def test_sections_as_they_are_made_are_taken(task, n_rows):
    sections = _sections(task, n_rows)
    _check(task, sections)
    _check(task, None)
    for key in ("calibration", "threshold", "benefit", "abstention", "coverage", "subgroups"):
        _check(task, {**sections, key: None})


@pytest.mark.quick_each(3, 1)
@pytest.mark.parametrize("sure", [0.2, 1, 5])
def test_sections_with_the_longest_labels_of_a_file_are_taken(sure):
    """Else a fit would find out after training that its model cannot be saved."""
    truth, p = invented(240)
    odds = (p / (1 - p)) ** sure
    names = tuple(letter * LONGEST_LABEL for letter in "np")
    long = two_class_sections(truth, odds / (1 + odds), other=p[::-1], names=names)
    _check(TWO_CLASSES, plain(long))
    rng = np.random.default_rng(3)
    p = rng.dirichlet(np.ones(3), 240)
    truth = np.array([rng.choice(3, p=each) for each in p])
    p = p**sure / (p**sure).sum(axis=1, keepdims=True)
    names = [letter * LONGEST_LABEL for letter in "uvw"]
    _check(SEVERAL_CLASSES, plain(multiclass_sections(truth, p, names)))


def _forgeries():
    """A place in the sections of two classes, and what a stranger writes there."""
    curve, benefit = ("calibration", "found", "curve"), ("benefit", "curve")
    yield (*curve, "low"), lambda _: [0.5] * 20_000, "at most 10,000"
    yield (*curve, "low"), lambda old: old[1:], "different lengths"
    yield (*curve, "band_high"), lambda old: old[1:], "different lengths"
    yield (*curve, "observed"), lambda old: old[::-1], "not monotone"
    yield (*curve, "observed"), lambda old: [*old[:-1], 1.5], "range from 0 to 1"
    yield (*curve, "n_rows"), lambda old: [True, *old[1:]], "n_rows"
    yield (*benefit, "thresholds"), lambda old: [*old[:-1], 1.5], "thresholds"
    yield (*benefit, "model"), lambda old: old[1:], "different lengths"
    yield (*benefit, "other"), lambda old: old[1:], "different lengths"
    yield (*benefit, "few"), lambda old: [0, *old[1:]], "few"
    yield (*benefit, "gain", 0, "low"), lambda _: 1e9, "gain"
    yield (*benefit, "model", 0, "value"), lambda _: "NaN", "model"
    yield ("abstention", "line", "coverage"), lambda old: old[::-1], "not in order"
    yield ("abstention", "at_price", "n_wrong"), lambda _: -1, "n_wrong"
    yield ("coverage", "found", "coverage"), lambda old: [*old, *old], "number of classes"
    of_class = ("coverage", "found", "coverage", 0)
    yield (*of_class, "value"), lambda _: "Infinity", "coverage is not from 0 to 1"
    yield ("coverage", "found", "words"), lambda _: {str(k): 0 for k in range(200)}, "200 keys"
    yield ("threshold", "chosen", "value"), lambda _: 2, "value"
    yield ("threshold", "chosen", "spread", "folds"), lambda _: ["x"], "folds"
    yield ("threshold", "sentence"), lambda _: "x" * 20_001, "letters"
    yield ("threshold", "sentence"), lambda _: "\ud800", "surrogates"
    yield ("threshold", "more"), lambda _: 1, "keys"
    yield ("subgroups", "tables", 0, "groups", 0, "name"), lambda _: 3, "name"
    yield ("subgroups", "notes"), lambda _: "notes", "notes"
    yield ("n_samples",), lambda _: "140", "n_samples"
    yield ("calibration", "found", "weak", "p_value"), lambda _: -7, "p_value"
    yield ("calibration", "found", "brier", "p_value"), lambda _: "Infinity", "p_value"
    yield ("calibration", "found", "n_rows"), lambda _: 1e300, "more rows than the judgement"
    yield ("calibration", "found", "n_positive"), lambda old: old + 1, "do not add up"
    yield (*curve, "n_rows"), lambda old: [999, *old[1:]], "more rows than the judgement"
    yield ("threshold", "point", "true_positive"), lambda old: old + 1, "do not add up"
    yield ("abstention", "at_price", "n_answered"), lambda _: 999, "more rows than the judgement"
    yield ("abstention", "at_price", "n_wrong"), lambda _: 240, "more in its parts"
    group = ("subgroups", "tables", 0, "groups", 0)
    yield (*group, "n"), lambda _: 999, "more rows than the judgement"
    yield (*group, "events"), lambda _: 200, "more in its parts"
    yield (*group, "metrics", "auc", "p"), lambda _: 1e15, "auc.p"
    yield (*group, "metrics", "auc", "p_adjusted"), lambda _: 1.5, "auc.p_adjusted"
    yield ("how",), lambda _: None, "how"
    yield ("calibration", "found"), lambda _: _sections(ONE_NUMBER)["calibration"]["found"], "keys"


@pytest.mark.parametrize(("place", "forge", "says"), [*_forgeries()])
def test_forged_sections_are_refused(place, forge, says):
    forged = copy.deepcopy(_sections(TWO_CLASSES))
    inner = forged
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = forge(inner.get(place[-1]) if isinstance(inner, dict) else None)
    with pytest.raises(ValueError, match=says):
        _check(TWO_CLASSES, forged)


@pytest.mark.parametrize("task", [TWO_CLASSES, SEVERAL_CLASSES, ONE_NUMBER])
def test_sections_of_another_task_are_refused(task):
    for other in {TWO_CLASSES, SEVERAL_CLASSES, ONE_NUMBER} - {task}:
        with pytest.raises(ValueError, match="keys"):
            _check(task, _sections(other))


@pytest.mark.parametrize(
    "place",
    [
        ("n_samples",),
        ("threshold", "point", "n_samples"),
        ("benefit", "curve", "n_samples"),
        ("abstention", "at_price", "n_samples"),
        ("abstention", "line", "n_samples"),
    ],
)
def test_sections_are_of_the_rows_of_their_judgement(place):
    forged = copy.deepcopy(_sections(TWO_CLASSES))
    *way, last = place
    inner = forged
    for key in way:
        inner = inner[key]
    inner[last] += 1
    require(forged, sections_form(TWO_CLASSES), "sections")
    with pytest.raises(ValueError, match="other rows than the judgement"):
        require_sections(forged, 2, 240)


def test_a_file_with_sections_of_other_rows_is_refused(tmp_path):
    made, path = wisconsin(), tmp_path / "model"
    sections = two_class_sections(made.is_positive, made.probability)
    judgement = {**made.report["verdict"], "sections": sections}
    save_model(made.model, path, target="class", judgement=judgement, report=None)
    header, arrays = unseal(path.read_bytes())
    header["judgement"]["sections"]["n_samples"] += 1
    path.write_bytes(seal(header, arrays))
    with pytest.raises(ModelFileError, match="other rows than the judgement"):
        read_model(path)


def test_the_calibration_is_that_of_all_classes():
    sections = copy.deepcopy(_sections(SEVERAL_CLASSES))
    sections["calibration"]["found"]["classes"].pop()
    with pytest.raises(ValueError, match="another number of classes"):
        _check(SEVERAL_CLASSES, sections)


def test_a_file_keeps_the_sections_and_its_report_shows_them(tmp_path):
    made = wisconsin()
    verdict = made.report["verdict"]
    names = (verdict["negative"], verdict["positive"])
    sections = two_class_sections(made.is_positive, made.probability, names=names)
    keys = ("name", "target", "class_counts", "notes", "columns")
    shown = {
        "table": {key: made.report["table"][key] for key in keys},
        "curves": made.report["curves"],
    }
    path = tmp_path / "model"
    judgement = {**verdict, "sections": sections}
    save_model(made.model, path, target="class", judgement=judgement, report=shown)
    file = read_model(path)
    assert file.judgement["sections"] == sections
    page = page_bytes(file.model, file.judgement, file.report, what_if=False).decode()
    assert '<section id="calibration"' in page
    # The sections are in the page once, thinned and rounded, not also in its verdict.
    assert len(page.encode()) < 450_000
    assert '"smooth"' not in page
    # A file of before has none, and its report shows what it showed.
    save_model(made.model, tmp_path / "before", target="class", judgement=verdict, report=shown)
    before = read_model(tmp_path / "before")
    page = page_bytes(before.model, before.judgement, before.report, what_if=False).decode()
    assert '<section id="calibration"' not in page
    header, arrays = unseal(path.read_bytes())
    header["judgement"]["sections"]["benefit"]["curve"]["all"].pop()
    path.write_bytes(seal(header, arrays))
    with pytest.raises(ModelFileError, match="net benefit has lists of different lengths"):
        read_model(path)
