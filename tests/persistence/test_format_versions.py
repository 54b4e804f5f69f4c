"""Model files of earlier formats, and what format 2 brought: categories and ranges."""

import copy
import math
import re

import numpy as np
import pandas as pd
import pytest

from places import MODELS
from thalweg.errors import ModelFileError
from thalweg.estimators.classifier import ThalwegClassifier
from thalweg.persistence.forms.file_formats import FORMAT
from thalweg.persistence.model_file import load_model, read_model, save_model
from thalweg.persistence.older_formats import upgraded
from thalweg.persistence.plain_data_checks import Perhaps, require, whole
from thalweg.sealed_container import seal, unseal

# Some tables here have a column of names; test_identifiers is about what is said of it.
pytestmark = pytest.mark.filterwarnings("ignore::thalweg.errors.IdentifierWarning")

OLD = MODELS / "format-1.safetensors"
NAN = math.nan


def test_a_file_of_format_1_is_read_and_predicts_as_it_did(tmp_path):
    header, _ = unseal(OLD.read_bytes())
    assert header["format"] == 1
    model = load_model(OLD)
    later = pd.DataFrame({"smoker": [True, False], "age": [30.0, None]})
    probability = model.predict_proba(later)[:, 1]
    # What the version that wrote it said.
    assert probability == pytest.approx([0.24306385241049075, 0.413315137735218], rel=1e-12)
    assert model.unknown == "warn"
    # What came later is as it was then, should the model be fitted anew.
    assert (model.n_bins, model.dropout, model.label_smoothing) == (0, 0.0, 0.0)
    assert model.encoder_.scaling.low is None
    assert model.out_of_range(pd.DataFrame({"age": [1e9], "smoker": [True]})).empty
    model.save(tmp_path / "new")
    again = load_model(tmp_path / "new")
    assert unseal((tmp_path / "new").read_bytes())[0]["format"] == FORMAT
    assert again.predict_proba(later).tobytes() == model.predict_proba(later).tobytes()


def test_a_header_of_no_known_form_is_left_alone():
    for header in ({}, {"format": True}, {"format": 2}, {"format": 3, "training": []}):
        assert upgraded(header) == header
    for header in ({"format": 1}, {"format": 1, "training": []}):
        with pytest.raises(ValueError, match="header lacks, or should not have"):
            upgraded(header)


def categories(n_rows=120):
    rng = np.random.default_rng(0)
    town = np.array([f"town {k}" for k in range(45)])
    frame = pd.DataFrame(
        {
            "age": rng.normal(size=n_rows),
            "town": town[np.minimum(rng.geometric(0.05, n_rows), 44)],
            "größe": rng.choice(["S", "M", "L"], n_rows),
            "sick": rng.random(n_rows) < 0.5,
            "note": [f"a text, {row}" for row in range(n_rows)],
            "nothing": [None] * n_rows,
        }
    )
    frame.loc[::7, "größe"] = None
    return frame, np.where(rng.random(n_rows) < 0.5, "no", "yes")


@pytest.mark.parametrize("named", [True, False])
def test_a_model_of_categories_comes_back_as_it_was(tmp_path, named):
    frame, y = categories()
    X = frame if named else frame.to_numpy(dtype=object)
    model = ThalwegClassifier((3,), max_iter=2, random_state=0, unknown="ignore").fit(X, y)
    assert model.schema_.kinds == (
        ("number", "category", "category", "boolean", "identifier", "empty")
    )
    assert len(model.encoder_.levels.categories) == 2
    # A rare town is in some folds alone, and then so are its inputs.
    assert len({network.architecture.sizes[0] for network in model.members_}) > 1
    model.save(tmp_path / "model")
    loaded = load_model(tmp_path / "model")
    assert loaded.schema_ == model.schema_
    assert loaded.encoder_.arrays().keys() == model.encoder_.arrays().keys()
    later = frame.copy()
    later.loc[:5, "town"] = ["Oslo", None, "town 1", "", "NA", "?"]
    later = later if named else later.to_numpy(dtype=object)
    assert loaded.predict_proba(later).tobytes() == model.predict_proba(later).tobytes()
    assert loaded.unknown == "ignore"
    loaded.save(tmp_path / "again")
    assert (tmp_path / "again").read_bytes() == (tmp_path / "model").read_bytes()


def another_kind(header, arrays):
    header["schema"]["columns"][1] = {"name": "town", "kind": "number"}


def fewer_levels(header, arrays):
    header["schema"]["columns"][1]["levels"].pop()


def unsorted(header, arrays):
    header["schema"]["columns"][2]["levels"].reverse()


def levels_of_a_number(header, arrays):
    header["schema"]["columns"][0]["levels"] = []


def no_level(header, arrays):
    header["schema"]["columns"][2]["levels"] = []


def number_for_a_level(header, arrays):
    header["schema"]["columns"][2]["levels"] = [1, 2, 3]


def no_book(header, arrays):
    del arrays["encoder/hot/1"]


def a_book_too_many(header, arrays):
    arrays["encoder/hot/0"] = arrays["encoder/hot/1"]


@pytest.mark.parametrize(
    "change",
    [
        another_kind, fewer_levels, unsorted, levels_of_a_number, no_level, number_for_a_level,
        no_book, a_book_too_many,
    ],
)  # fmt: skip
def test_categories_that_do_not_fit_together_are_refused(tmp_path, change):
    frame, y = categories()
    ThalwegClassifier((3,), max_iter=2, random_state=0).fit(frame, y).save(tmp_path / "model")
    header, arrays = unseal((tmp_path / "model").read_bytes())
    arrays = dict(arrays)
    change(header, arrays)
    (tmp_path / "changed").write_bytes(seal(header, arrays))
    with pytest.raises(ModelFileError, match="is not valid"):
        read_model(tmp_path / "changed")


def test_a_key_can_perhaps_be_there():
    form = {"a": whole(1), "b": Perhaps(whole(1))}
    require({"a": 1}, form, "x")
    require({"a": 1, "b": 2}, form, "x")
    for odd in ({"b": 1}, {"a": 1, "b": 0}, {"a": 1, "c": 1}, {"a": 1, "b": None}):
        with pytest.raises(ValueError, match="x"):
            require(odd, form, "x")


@pytest.mark.parametrize("kind", ["two-classes", "several-classes", "numbers"])
def test_a_judgement_of_before_that_makes_no_sense_is_refused(tmp_path, kind):
    header, arrays = unseal((MODELS / f"judged-before-{kind}.safetensors").read_bytes())
    verdict = header["judgement"]
    rival = "ridge regression" if kind == "numbers" else "logistic regression"
    others = {name: each for name, each in verdict["baselines"].items() if name != rival}
    halves = {"value": 0.1, "low": None, "high": 0.2}
    for key, value in (
        ("baselines", others), ("difference", None), ("difference", halves), ("network", None),
        ("baselines", {rival: None}), ("n_test", 10**9), ("task", "another"), ("more", 1),
    ):  # fmt: skip
        path = tmp_path / "model"
        path.write_bytes(seal({**header, "judgement": {**verdict, key: value}}, arrays))
        with pytest.raises(ModelFileError):
            read_model(path)
    for key in ("kind", "classes"):
        path.write_bytes(seal({name: header[name] for name in header if name != key}, arrays))
        with pytest.raises(ModelFileError):
            read_model(path)


def test_comparisons_by_the_95_percent_interval_alone_are_read(tmp_path):
    path = MODELS / "compared-at-95-percent.safetensors"
    header, arrays = unseal(path.read_bytes())
    before, found = header["judgement"]["comparisons"], read_model(path).judgement
    assert "comparisons" not in found
    # Made anew from the numbers, which earlier versions wrote with other digits.
    words, digits = re.compile(r"[-+]?\d[\d.]*\d"), [[], []]
    sentences = found["sentence"], header["judgement"]["sentence"]
    said = [words.sub(lambda n, to=to: to.append(float(n[0])) or "n", each)
            for each, to in zip(sentences, digits, strict=True)]  # fmt: skip
    assert said[0] == said[1]
    np.testing.assert_allclose(*digits, rtol=5e-3)
    for name, verdict in (("ridge regression", "worse"), ("always the mean", "undecided")):
        each = found["differences"][name]
        for key in ("value", "low", "high", "margin", "measure"):
            assert each[key] == before[name][key]
        assert (each["verdict"], each["low90"], each["high90"]) == (verdict, None, None)
        assert (each["margin_from"], each["n_folds"], each["chances"]) == ("default", None, None)
    # The interval decides, also where it shows a little that the old rule did not name.
    for ends, result, verdict in (
        ((0.001, 0.005), "worse", "worse, by less than matters"),
        ((-0.005, -0.001), "better", "better, by less than matters"),
        ((-0.005, 0.01), "as good", "equivalent"),
        ((-0.005, 0.01), "no difference shown", "undecided"),  # of few rows
    ):
        each = {**before["always the mean"], "margin": 0.02, "comparison": result}
        each |= {"value": sum(ends) / 2, "low": ends[0], "high": ends[1]}
        told = copy.deepcopy(
            {**header["judgement"], "comparisons": {**before, "always the mean": each}}
        )
        other = told["network"]["metrics"]["rmse"]["value"] - each["value"]
        told["baselines"]["always the mean"]["metrics"]["rmse"]["value"] = other
        (tmp_path / "told").write_bytes(seal({**header, "judgement": told}, arrays))
        found = read_model(tmp_path / "told").judgement["differences"]["always the mean"]
        assert found["verdict"] == verdict
    for wrong in ({}, None, [], {"ridge regression": {**each, "comparison": "worst"}}):
        told = {**header["judgement"], "comparisons": wrong}
        (tmp_path / "told").write_bytes(seal({**header, "judgement": told}, arrays))
        with pytest.raises(ModelFileError):
            read_model(tmp_path / "told")


def test_a_difference_that_makes_no_sense_is_refused(tmp_path):
    old = read_model(MODELS / "judged-before-two-classes.safetensors")
    save_model(old.model, tmp_path / "new", judgement=old.judgement, report=old.report)
    assert read_model(tmp_path / "new").judgement == old.judgement
    header, arrays = unseal((tmp_path / "new").read_bytes())
    rival = "logistic regression"
    found = header["judgement"]["differences"][rival]
    for differences in (
        {}, {"another": found}, {rival: found, "another": found}, {rival: None},
        *({rival: {**found, key: value}} for key, value in (
            ("low", None), ("value", None), ("measure", "RMSE"), ("margin", -1.0),
            ("margin", None), ("verdict", "worst"), ("verdict", "better"),
        )),
    ):  # fmt: skip
        told = {**header, "judgement": {**header["judgement"], "differences": differences}}
        (tmp_path / "told").write_bytes(seal(told, arrays))
        with pytest.raises(ModelFileError):
            read_model(tmp_path / "told")
