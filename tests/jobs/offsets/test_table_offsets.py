"""Exposures on the command line: rates in the evaluation, counts in the predictions."""

import csv

import numpy as np
import pandas as pd
import pytest

from thalweg import ThalwegRegressor, evaluate, load_model
from thalweg.data.schema.schema import infer_schema
from thalweg.errors import DataError, SettingsError
from thalweg.estimators.offsets.offset_of_fit import OffsetOfFit
from thalweg.jobs.evaluate import EvaluateModelRequest
from thalweg.jobs.evaluate import evaluate as evaluate_job
from thalweg.jobs.fit import FitRequest
from thalweg.jobs.fit import fit as fit_job
from thalweg.jobs.offsets.table_offsets import named_in_rates
from thalweg.jobs.parts.table_options import Columns
from thalweg.jobs.predict import PredictRequest
from thalweg.jobs.predict import predict as predict_job
from thalweg.jobs.sections.asked_sections import AskedSections
from thalweg.persistence.evaluations.evaluation_in_own_words import _names

QUICK = {"hidden_layer_sizes": (4,), "max_iter": 6, "loss": "poisson"}


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder, rng = tmp_path_factory.mktemp("exposures"), np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(260, 2)).round(3), columns=["a", "b"])
    frame["years"] = rng.uniform(0.1, 3, 260).round(2)
    frame["claims"] = rng.poisson(frame["years"] * np.exp(0.6 * frame["a"]))
    # With a decimal comma, as the file says it.
    written = frame.assign(years=frame["years"].map(lambda x: f"{x}".replace(".", ",")))
    for name, rows in (("t", written[:200]), ("new", written[200:])):
        rows.to_csv(folder / f"{name}.csv", index=False, sep=";")
    return folder, frame


@pytest.fixture(scope="module")
def fitted(files):
    folder, frame = files
    columns = Columns(target="claims", exposure="years")
    asked = AskedSections(no_trees=True)
    made = fit_job(FitRequest(
        table=str(folder / "t.csv"), columns=columns, settings=QUICK, sections=asked,
        output=str(folder / "m.safetensors"), task="regression",
    ))  # fmt: skip
    return folder, frame, made


def test_the_file_predicts_counts_by_the_column(fitted):
    folder, frame, _ = fitted
    model = load_model(folder / "m.safetensors")
    assert model.feature_names_in_.tolist() == ["a", "b"]
    new = frame[200:]
    counts = model.predict(new)
    np.testing.assert_allclose(counts, new["years"] * model.predict(new, exposure=1))
    found = predict_job(PredictRequest(
        model=str(folder / "m.safetensors"), table=str(folder / "new.csv")
    ))  # fmt: skip
    np.testing.assert_allclose([row[0] for row in found.rows], counts, rtol=1e-12)
    assert any("times its exposure" in each for each in found.data["notes"])


def test_amounts_of_0_are_refused_with_options_that_leave_them_out(files):
    folder, frame = files
    asked = FitRequest(
        table=str(folder / "t.csv"), columns=Columns(target="claims"),
        settings={**QUICK, "loss": "gamma"}, task="regression",
    )  # fmt: skip
    with pytest.raises(DataError) as found:
        fit_job(asked)
    zeros = (frame["claims"][:200] == 0).to_numpy()
    said = str(found.value)
    assert f"row {zeros.argmax() + 1}, the first of {zeros.sum()} such rows" in said
    assert 'missing="claims=0" drop_missing="claims"' in said
    assert 'loss="tweedie:power=1.5" if 0 is an amount' in said


def test_the_baseline_is_the_rate_of_all(fitted):
    folder, frame, made = fitted
    judged = made.result["judgement"]
    assert any("per unit of" in each for each in made.data["notes"])
    constant = judged["baselines"]["always the mean"]["metrics"]["poisson"]["value"]
    # Every row is in the training part or the test part: find the test part by the metric.
    later = evaluate_job(EvaluateModelRequest(
        model=str(folder / "m.safetensors"), table=str(folder / "new.csv")
    ))  # fmt: skip
    new, model = frame[200:], load_model(folder / "m.safetensors")
    y, e, mean = new["claims"], new["years"], model.predict(new)
    deviance = 2 * (np.where(y == 0, 0, y * np.log(np.maximum(y, 1) / mean)) - y + mean)
    found = later.judgement["network"]["metrics"]["poisson"]["value"]
    assert found == pytest.approx(deviance.sum() / e.sum(), rel=1e-6)
    assert constant > 0


def test_what_the_command_line_cannot_have_is_refused(files):
    folder, _ = files
    table = str(folder / "t.csv")

    def fit(settings=QUICK, **columns):
        said = {"target": "claims", **columns}
        fit_job(FitRequest(table=table, columns=Columns(**said), settings=settings,
                           task="regression"))  # fmt: skip

    with pytest.raises(SettingsError, match="losses poisson, gamma and tweedie"):
        fit({**QUICK, "loss": "squared_error"}, exposure="years")
    with pytest.raises(DataError, match='Did you mean "years"'):
        fit(exposure="year")
    with pytest.raises(SettingsError, match="two ways"):
        fit(exposure="years", offset="a")
    with pytest.raises(DataError, match="an exposure is a number above 0"):
        fit(exposure="a")


def test_the_words_of_a_file_are_known(fitted, cli):
    folder, _, _ = fitted
    code, out, _ = cli("show", str(folder / "m.safetensors"))
    assert code == 0
    assert "The file says" not in out
    out_file = folder / "p.csv"
    code, _, err = cli("predict", str(folder / "m.safetensors"), str(folder / "new.csv"), "-o",
                       str(out_file))  # fmt: skip
    assert code == 0
    assert 'exposure in "years"' in err
    with out_file.open() as rows:
        assert len(list(csv.reader(rows))) == 61


def test_python_evaluates_the_same_network_as_the_command_line(fitted):
    _, frame, made = fitted
    model = ThalwegRegressor(**QUICK, random_state=0)
    X = frame[:200]
    found = evaluate(model, X[["a", "b", "years"]], X["claims"], exposure="years", baselines=None)
    judged = made.result["judgement"]["network"]["metrics"]["poisson"]
    assert found.verdict.network.metrics["poisson"].value == pytest.approx(
        judged["value"], rel=1e-9
    )


def test_the_weights_of_tweedie_have_the_name_of_what_they_are(files):
    """They are years^(2 - p), and were called years."""
    folder, _ = files
    made = fit_job(FitRequest(
        table=str(folder / "t.csv"), columns=Columns(target="claims", exposure="years"),
        settings={**QUICK, "loss": "tweedie:power=1.5"}, sections=AskedSections(no_trees=True),
        output=str(folder / "w.safetensors"), task="regression",
    ))  # fmt: skip
    later = evaluate_job(EvaluateModelRequest(
        model=str(folder / "w.safetensors"), table=str(folder / "new.csv")
    ))  # fmt: skip
    about = later.result["judgement"]["sections"]["effects"]
    assert about["answer"] == "predicted claims per unit of years"
    assert _names(load_model(folder / "w.safetensors"), "claims").target in about["answer"]
    for data in (made.data, later.data):
        assert any('weighted by "years^0.5"' in each for each in data["notes"])
        assert data["weights"]["name"] == "years^0.5"
    assert any("counts by its exposure to the power of 0.5:" in each for each in made.data["notes"])
    offset = OffsetOfFit("exposure", infer_schema(pd.DataFrame({"years": [1.0, 2.0]})))
    for name, text, found in (
        ("w", "poisson", "w * years"), ("years", "poisson", "years"), ("w", "gamma", "w"),
        ("w", "tweedie:power=1.2", "w * years^0.8"),
    ):  # fmt: skip
        assert named_in_rates({"name": name}, offset, text) == {"name": found}


@pytest.fixture(scope="module")
def odd_files(files):
    folder, frame = files
    none, bad = frame[:200].copy(), frame[:200].copy()
    none.loc[[5, 77], "years"] = np.nan
    bad["years"] = none["years"].where(~none.index.isin([9, 100]), 0)
    none.to_csv(folder / "none.csv", index=False)
    bad.to_csv(folder / "bad.csv", index=False)
    return folder


SAID = ["--target", "claims", "--exposure", "years"]
TRAINED = [*SAID, "--task", "regression", "--loss", "poisson", "--hidden", "4", "--epochs", "5"]


def test_every_odd_exposure_is_named_and_the_fix_leaves_them_out(odd_files, fitted, cli):
    table, model = str(odd_files / "bad.csv"), str(odd_files / "m.safetensors")
    fix = "--drop-row 6,10,78,101"
    for words in (
        ["fit", table, *TRAINED], ["check", table, *SAID], ["evaluate", model, table],
        ["predict", model, table],
    ):  # fmt: skip
        code, out, err = cli(*words)
        text = " ".join((out + err).split())
        assert code in (1, 3)
        assert "0 or missing in 4 rows of 200" in text
        assert "rows 6, 10, 78 and 101" in text
        assert fix in text
        code, out, err = cli(*words, *fix.split())
        assert "an exposure is a number above 0" not in out + err, words
        assert code in (0, 3)


def test_missing_exposures_may_leave_rows_out(odd_files, fitted, cli):
    table, model = str(odd_files / "none.csv"), str(odd_files / "m.safetensors")
    for words in (["fit", table, *TRAINED], ["check", table, *SAID], ["evaluate", model, table]):
        _, out, err = cli(*words)
        assert "--drop-missing years" in " ".join((out + err).split())
        code, out, err = cli(*words, "--drop-missing", "years")
        assert code in (0, 3), (words, out, err)
        assert "an exposure is a number above 0" not in out + err, words


def test_predictions_without_the_column_say_what_to_add(fitted, cli):
    folder, frame, _ = fitted
    frame[["a", "b"]].to_csv(folder / "lacks.csv", index=False)
    code, out, err = cli("predict", str(folder / "m.safetensors"), str(folder / "lacks.csv"))
    text = " ".join((out + err).split())
    assert code == 1
    assert "a column with 1 in each row" in text


def test_a_rate_is_called_one(fitted, cli):
    folder, _, made = fitted
    rate = "claims per unit of years"
    assert made.data["answer"] == rate
    model, table = str(folder / "m.safetensors"), str(folder / "t.csv")
    _, out, _ = cli("show", model)
    text = " ".join(out.split())
    assert f"Target {rate}: a rate from" in text
    assert "Exposure the column years" in text
    _, out, _ = cli("explain", model, table, "--row", "3")
    assert f"predicted {rate}" in out
    page = folder / "rates.html"
    assert cli("report", model, table, "-o", str(page))[0] in (0, 3)
    assert rate in page.read_text()


def test_files_of_rates_say_so_and_agree_with_the_predictions_of_counts(fitted):
    folder, frame, _ = fitted
    model, out = str(folder / "m.safetensors"), folder / "held-out.csv"
    fit_job(FitRequest(
        table=str(folder / "t.csv"), columns=Columns(target="claims", exposure="years"),
        settings=QUICK, sections=AskedSections(no_trees=True), task="regression",
        predictions=str(out),
    ))  # fmt: skip
    evaluate_job(EvaluateModelRequest(
        model=model, table=str(folder / "new.csv"), predictions=str(folder / "later.csv")
    ))  # fmt: skip
    for file, first in ((out, 0), (folder / "later.csv", 200)):
        rates = pd.read_csv(file)
        assert rates.columns.tolist() == ["row", "years", "truth_rate", "prediction_rate"]
        rows = frame.iloc[rates["row"] - 1 + first]
        counts = rates["truth_rate"].to_numpy() * rows["years"].to_numpy()
        np.testing.assert_allclose(counts, rows["claims"])
    found = predict_job(PredictRequest(model=model, table=str(folder / "new.csv"))).rows
    counts = rates["prediction_rate"].to_numpy() * rows["years"].to_numpy()
    np.testing.assert_allclose(counts, [row[-1] for row in found], rtol=1e-6)


def test_files_of_rates_have_the_exposure_of_each_row(files, fitted, cli):
    folder, _, _ = fitted
    beside, path = folder / "beside.csv", str(folder / "t.csv")
    options = ("--target", "claims", "--exposure", "years", "--loss", "poisson", "--no-trees",
               "--task", "regression")  # fmt: skip
    code, _, err = cli("fit", path, *options, "--hidden", "4", "--epochs", "3", "--id", "years",
                       "--predictions", str(beside), "-q")  # fmt: skip
    assert code == 0, err
    model, new = str(folder / "m.safetensors"), str(folder / "new.csv")
    made = {}
    for name, more in (("given", ("--id", "years")), ("own", ())):
        path = folder / f"{name}.csv"
        code, _, err = cli("evaluate", model, new, "--predictions", str(path), "-q", *more)
        assert code == 0, err
        made[name] = pd.read_csv(path)
    years = pd.read_csv(new, sep=";", decimal=",")["years"]
    assert made["own"]["years"].tolist() == years.tolist()
    assert made["own"].columns.tolist() == ["row", "years", "truth_rate", "prediction_rate"]
    # As the file has it, with a comma.
    assert made["given"]["years"].tolist() == [f"{each}".replace(".", ",") for each in years]
    assert list(pd.read_csv(beside).columns) == list(made["own"].columns)


def test_numbers_less_an_offset_are_called_so(files):
    folder, frame = files
    out = folder / "less.csv"
    fit_job(FitRequest(
        table=str(folder / "t.csv"), columns=Columns(target="a", offset="b"),
        settings={**QUICK, "loss": "squared_error"}, sections=AskedSections(no_trees=True),
        task="regression", predictions=str(out),
    ))  # fmt: skip
    found = pd.read_csv(out)
    assert found.columns.tolist() == ["row", "b", "truth_less_offset", "prediction_less_offset"]
    rows = frame.iloc[found["row"] - 1]
    np.testing.assert_allclose(found["truth_less_offset"], rows["a"] - rows["b"], atol=1e-12)
