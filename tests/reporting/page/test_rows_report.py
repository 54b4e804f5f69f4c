"""Reports of evaluations beside a fit: any estimator, predictions, new rows of a model."""

import json
import re
from html import unescape

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError

import thalweg
from rows_reports import (
    ROWS_REPORTS,
    cross_validated,
    fitted,
    held_out_numbers,
    ill,
    levels,
    predicted_classes,
    predicted_numbers,
    predictions,
    table,
)
from thalweg import Evaluation, ThalwegClassifier, load_model
from thalweg.errors import OutputError, SettingsError
from thalweg.evaluation.any_estimator.reportable import Given
from thalweg.evaluation.judging.shapes import EstimateData
from thalweg.reporting.html_pieces import estimate
from thalweg.reporting.page.report_page import report_html
from thalweg.reporting.page.rows_report import evaluation_report
from thalweg.reporting.page.section_data import band_names
from thalweg.reporting.section_lines import of_which_rows
from thalweg.reporting.terminal_verdict import TERMINAL
from thalweg.reporting.verdict_words import kind_of, rows_of_kind, with_interval
from thalweg.wording import amount, fixed

LIMIT = 450_000
OF_A_NETWORK = {"training", "network"}


def sections_in(html):
    return re.findall(r'<section id="([\w-]+)"', html)


def words(html):
    html = re.sub(r"<script.*?</script>|<style.*?</style>", "", html, flags=re.S)
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html)))


def data_of(html):
    return json.loads(re.search(r'id="report">(.*?)</script>', html, re.S)[1])


def page(path):
    return path.read_text("utf-8")


@pytest.mark.quick_each(2)
@pytest.mark.parametrize("name", ROWS_REPORTS)
def test_a_page_of_any_evaluation_is_one_small_offline_file_without_empty_sections(name):
    report = ROWS_REPORTS[name]()
    html = report_html(report)
    assert len(html.encode()) < LIMIT
    assert re.findall(r"[a-z][a-z0-9+.-]*://", html, re.IGNORECASE) == []
    found = sections_in(html)
    # Nothing is known of a network, so its sections are absent and not empty.
    assert OF_A_NETWORK.isdisjoint(found)
    assert "training" not in data_of(html)
    assert ("table" in found) == (name in ("cross-validated", "held out"))
    assert {"calibration", "metrics", "made"} <= {*found}
    for each in re.findall(r"<section.*?</section>", html, re.S):
        assert re.search(r"<h2[^>]*>.+?</h2>", each, re.S)
    assert "None" not in words(html)
    assert "nan" not in words(html).split()


@pytest.mark.parametrize(
    ("found", "headline"),
    [
        (predictions, "On 400 rows, the model found "),
        (lambda: predictions(how="training"), "On 400 rows that it was trained on, the model "),
        (lambda: predictions(how="cross-validated"), "In cross-validation on 400 rows, the model"),
        (lambda: predictions(how="out-of-fold"), "On 400 rows that the folds of its fit held out"),
        (cross_validated, "In cross-validation on 400 rows, the model found "),
        (held_out_numbers, "On 80 rows it had never seen, the model was off by "),
        (predicted_numbers, "On 400 rows, the model was off by "),
        (predicted_classes, "On 400 rows, the model assigned "),
    ],
)
def test_the_headline_claims_no_more_than_is_known_of_the_rows(found, headline):
    html = report_html(evaluation_report(found()))
    (head,) = re.findall(r"<h1>(.*?)</h1>", html, re.S)
    assert words(head).startswith(headline)
    assert ("it had never seen" in words(html)) == ("never seen" in headline)


@pytest.mark.parametrize(
    ("found", "says"),
    [
        (predictions, "hold for new rows only if the model was not trained on these rows"),
        (lambda: predictions(how="training"), "▲ CAUTION: the model was trained on these rows"),
        (lambda: predictions(how="out-of-fold"), "▲ CAUTION: models of folds answered these rows"),
    ],
)
def test_what_rows_cannot_show_is_set_off(found, says):
    html = report_html(evaluation_report(found()))
    (opinion,) = re.findall(r'<p class="opinion.*?</p>', html, re.S)
    assert says in words(opinion)


def test_rows_of_unknown_origin_are_called_so():
    assert rows_of_kind(400, "origin unknown") == "400 rows of unknown origin"
    assert rows_of_kind(1, "test") == "1 test row"
    found = predictions(how="training")
    report = evaluation_report(found)
    report["rows"] = {**report["rows"], "how": "origin unknown", "known": "not known"}
    report["sections"] = {**report["sections"], "how": "origin unknown"}
    said = words(report_html(report))
    assert said.count("400 rows of unknown origin") >= 2
    assert "origin-unknown" not in said
    assert of_which_rows(report["sections"]).startswith(
        "For decisions, from 400 rows of unknown origin."
    )


def test_no_caution_and_no_empty_box_where_rows_were_held_out():
    X, y = table()
    from sklearn.linear_model import LinearRegression

    found = thalweg.evaluate(LinearRegression(), X, y, baselines=None)
    assert '<p class="opinion' not in report_html(evaluation_report(found))


def test_how_it_was_made_says_what_is_known():
    html = report_html(evaluation_report(predictions()))
    made = words(re.search(r'<section id="made".*?</section>', html, re.S)[0])
    assert "Predictions for 400 rows, evaluated as test rows" in made
    assert {"Model", "Network", "Optimizer", "Data hash"}.isdisjoint(re.findall(r"[A-Z]\w+", made))
    html = report_html(evaluation_report(cross_validated()))
    made = words(re.search(r'<section id="made".*?</section>', html, re.S)[0])
    assert "ModelLogisticRegression()" in made
    assert "Evaluatedby 3-fold cross-validation, repeated 2 times" in made
    assert "0 (splits and intervals)" in made


def test_the_address_of_an_object_is_on_no_page():
    class Odd:
        """Its text is its address in memory."""

    given = Given.of_model(Odd(), None, np.zeros(1), None, "test")
    assert given.estimator == "Odd"


def test_the_title_has_the_names_that_are_known():
    def title(found, **names):
        return unescape(re.search(r"<title>(.*?)</title>", report_html(
            evaluation_report(found, **names)))[1])  # fmt: skip

    assert title(predictions()) == "ill or well"
    assert title(predictions(), name="ward 3") == "ward 3: ill or well"
    assert title(predicted_classes()) == "5 classes"
    assert title(predicted_numbers()) == "a numeric target"
    assert title(held_out_numbers()) == "size"
    assert title(held_out_numbers(), name="a", target="b") == "a: b"
    assert "thalweg report</p>" in report_html(evaluation_report(predictions()))


@pytest.mark.parametrize("found", [predictions, predicted_classes, predicted_numbers])
def test_the_numbers_of_the_page_are_those_of_the_evaluation(found):
    report, told = evaluation_report(found()), found().as_dict()
    assert report["sections"] == told["sections"]
    assert {**report["verdict"], "sentence": ""} == {**told["judgement"], "sentence": ""}
    html = report_html(report)
    for metric in told["judgement"]["network"]["metrics"].values():
        assert f"{metric['value']:.3f}" in html or amount(metric["value"], in_column=True) in html


def test_metrics_are_means_over_repetitions_and_pictures_are_of_the_first():
    found = cross_validated()
    html = report_html(evaluation_report(found))
    first = found.answers
    called = first.answer > 0.5
    counts = [int((first.truth & called).sum()), int((~first.truth & called).sum())]
    own = data_of(html)["pictured"]
    assert [own["confusion"][key] for key in ("true_positive", "false_positive")] == counts
    assert data_of(html)["curves"]["true_positive"][500] == counts[0]
    assert f'data-count="true_positive">{counts[0]}<' in html
    means = found.verdict.network.confusion
    assert (
        data_of(html)["verdict"]["network"]["confusion"]["true_positive"]
        == (means["true_positive"])
    )
    text = words(html)
    assert "400 cross-validated rows, the first of 2 repetitions" in text
    assert "400 cross-validated rows, means over 2 repetitions" in text
    # The AUC is of pairs within a fold, so the page does not say "all pairs".
    assert "of all pairs within a fold" in text


def test_a_given_baseline_stands_beside_the_model():
    p = np.full(400, 0.4)
    found = Evaluation.from_predictions(ill(), predictions().answers.answer, positive="ill",
                                        baseline=p)  # fmt: skip
    html = report_html(evaluation_report(found))
    assert '<h2 id="metrics-title">The model is better than the baseline</h2>' in html
    assert data_of(html)["order"] == ["this model", "the baseline"]
    assert data_of(html)["sections"]["simpler"] == "the baseline"


def test_the_range_of_net_benefit_is_the_one_that_was_asked_for(tmp_path):
    predictions().report(tmp_path / "a.html", benefit=(0.05, 0.3))
    drawn = data_of(page(tmp_path / "a.html"))["sections"]["benefit"]["thresholds"]
    assert (drawn[0], drawn[-1]) == (0.05, 0.3)
    assert "Nobody named the thresholds" not in words(page(tmp_path / "a.html"))


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"path": "a.pdf"}, "write .*a.html"),
        ({"unit": "mm"}, "A unit is that of a numeric target"),
        ({"benefit": (0.5, 0.1)}, "not in order"),
    ],
)
def test_what_makes_no_page_is_refused(tmp_path, asked, says):
    path = tmp_path / asked.pop("path", "a.html")
    with pytest.raises(SettingsError, match=says):
        predictions().report(path, **asked)
    assert list(tmp_path.iterdir()) == []


def test_a_page_is_replaced_only_if_asked(tmp_path):
    predictions().report(tmp_path / "a.html")
    with pytest.raises(OutputError):
        predictions().report(tmp_path / "a.html")
    predictions().report(tmp_path / "a.html", overwrite=True)


# ---------------------------------------------------------------- a fitted estimator


@pytest.mark.parametrize("kind", ["two", "classes", "numbers"])
def test_a_fitted_estimator_reports_on_new_rows_with_its_network(tmp_path, kind):
    X, size = table()
    y = {"two": ill(), "classes": levels(), "numbers": size}[kind]
    fitted(kind).report(tmp_path / "new.html", X[250:], y[250:], name="later")
    html = page(tmp_path / "new.html")
    assert len(html.encode()) < LIMIT
    assert {*OF_A_NETWORK, "table", "metrics", "calibration"} <= {*sections_in(html)}
    text = words(html)
    assert "On 150 rows, the network" in text
    assert "no sign that the model was trained on some of these 150 rows: the short hashes" in text
    assert fitted(kind).data_hash_ in text
    found = thalweg.evaluate(
        fitted(kind), X[250:], y[250:], how="given", positive="ill" if kind == "two" else None
    )
    assert data_of(html)["verdict"]["network"] == found.as_dict()["judgement"]["network"]


@pytest.mark.parametrize("kind", ["two", "classes", "numbers"])
def test_rows_of_the_fit_are_found_and_said(tmp_path, kind):
    X, size = table()
    y = {"two": ill(), "classes": levels(), "numbers": size}[kind]
    fitted(kind).report(tmp_path / "own.html", X[:250], y[:250])
    text = words(page(tmp_path / "own.html"))
    assert "On 250 rows that it was trained on, the network" in text
    assert "▲ CAUTION: the model was trained on these rows" in text
    assert "250 training rows" in text
    assert "250 test rows" not in text


@pytest.mark.parametrize("kind", ["two", "classes", "numbers"])
def test_without_rows_the_report_is_of_those_that_the_folds_held_out(tmp_path, kind):
    model = fitted(kind)
    model.report(tmp_path / "folds.html")
    html = page(tmp_path / "folds.html")
    text = words(html)
    assert "On 250 rows that the folds of its fit held out, the network" in text
    assert "▲ CAUTION: models of folds answered these rows" in text
    assert f"250 {model.oof_rows_.replace(' ', '-')} rows" in text
    metrics = data_of(html)["verdict"]["network"]["metrics"]
    _, size = table()
    if kind == "numbers":
        off = np.sqrt(np.mean((model.oof_prediction_ - size[:250].to_numpy()) ** 2))
        assert metrics["rmse"]["value"] == pytest.approx(off, rel=1e-9)
    else:
        y = (ill() if kind == "two" else levels())[:250]
        right = model.classes_[model.oof_decision_function_.argmax(axis=1)] == np.asarray(y)
        assert metrics["accuracy"]["value"] == pytest.approx(right.mean(), abs=1e-12)


def test_costs_and_groups_are_those_that_were_asked_for(tmp_path):
    X, _ = table()
    fitted().report(
        tmp_path / "a.html", X[250:], ill()[250:], costs={"missed": 9, "alarm": 1},
        by={"old": X["age"][250:] > 0},
    )  # fmt: skip
    text = words(page(tmp_path / "a.html"))
    assert "Threshold 0.1: a missed ill row costs as much as 9 false alarms" in text
    assert 'in "old: ' in text


def test_what_has_no_rows_is_refused(tmp_path):
    X, _ = table()
    path = tmp_path / "a.html"
    with pytest.raises(SettingsError, match="pass both, X and y"):
        fitted().report(path, X)
    with pytest.raises(SettingsError, match="costs is about rows"):
        fitted().report(path, costs={"missed": 9, "alarm": 1})
    with pytest.raises(NotFittedError):
        ThalwegClassifier().report(path, X, ill())
    fitted().save(tmp_path / "m")
    with pytest.raises(SettingsError, match=r"pass rows .* report\(path, X, y\)"):
        load_model(tmp_path / "m").report(path)
    assert not path.exists()


def test_training_that_went_on_is_not_said_to_have_chosen_an_epoch(tmp_path):
    X, _ = table()
    y = ill()
    model = ThalwegClassifier(max_iter=3, hidden_layer_sizes=(4,), random_state=0)
    model.fit(X[:250], y[:250]).fit_more(X[:250], y[:250], epochs=2)
    model.report(tmp_path / "more.html", X[250:], y[250:])
    text = words(page(tmp_path / "more.html"))
    assert "Epoch 5 of 5 was kept, after training that continued" in text
    assert "lowest after any epoch" not in text
    batches = ThalwegClassifier(hidden_layer_sizes=(4,), random_state=0)
    for rows in np.split(np.arange(250), 2):
        batches.partial_fit(X.iloc[rows], y.iloc[rows], classes=["ill", "well"])
    batches.report(tmp_path / "batches.html", X[250:], y[250:])
    text = words(page(tmp_path / "batches.html"))
    assert "2 batches of partial_fit at the constant rate" in text
    assert "lowest after any epoch" not in text


# ---------------------------------------------------------------- a number without an interval


@pytest.mark.parametrize(
    ("measured", "said"),
    [
        ({"value": 0.9794, "low": 0.8905, "high": 0.9958}, ("0.979", "[0.890, 0.996]")),
        ({"value": 0.9794, "low": None, "high": None}, ("0.979", "[no interval]")),
        ({"value": 0.9794, "low": 0.5, "high": None}, ("0.979", "[no interval]")),
        ({"value": None, "low": None, "high": None}, ("undefined", "")),
        ({"value": 2.0, "low": 1.0, "high": "Infinity"}, ("2.000", "[1.000, inf]")),
    ],
)
def test_a_number_without_an_interval_is_not_undefined(measured: EstimateData, said):
    assert with_interval(measured, fixed) == said
    assert ("undefined" in estimate(measured)) == (measured["value"] is None)
    assert said[0] in estimate(measured)
    report = evaluation_report(predictions())
    task = TERMINAL[kind_of(report["verdict"])]
    assert task.write(measured).plain == " ".join(said).rstrip()
    metrics = {**report["verdict"]["network"]["metrics"], "brier": measured}
    network = {**report["verdict"]["network"], "metrics": metrics}
    html = report_html({**report, "verdict": {**report["verdict"], "network": network}})
    (row,) = re.findall(r'<th scope="row">Brier score</th><td>(.*?)</td>', html)
    assert words(row) == " ".join(said).rstrip()


def test_bands_of_intervals_have_names_that_tell_them_apart():
    bands = [(1.00012, 1.00034), (1.00034, 1.25), (2.0, 2.0), (3.0, "Infinity")]
    found = {"by_width": [{"narrowest": low, "widest": high} for low, high in bands]}
    assert band_names(found) == [
        "1.0001 to 1.0003 wide", "1.0003 to 1.25 wide", "2 wide", "3 to ∞ wide"
    ]  # fmt: skip


def test_a_report_takes_an_exposure_as_evaluate_does_and_refuses_what_is_misspelt(tmp_path):
    rng = np.random.default_rng(0)
    X, e = rng.normal(size=(60, 2)), rng.uniform(0.5, 3, 60)
    counts = rng.poisson(e * np.exp(X[:, 0] / 2))
    model = thalweg.ThalwegRegressor("poisson", hidden_layer_sizes=(), random_state=0)
    model.fit(X, counts, exposure=e)
    model.report(tmp_path / "one.html", X, counts, exposure=e)
    thalweg.evaluate(model, X, counts, how="given", exposure=e).report(tmp_path / "two.html")
    assert page(tmp_path / "one.html") == page(tmp_path / "two.html")
    with pytest.raises(SettingsError, match="exposure is about rows, and none are given"):
        model.report(tmp_path / "no.html", exposure=e)
    # What a misspelt argument asked for was left out in silence.
    with pytest.raises(
        SettingsError, match=r"no argument 'cost'. Did you mean .costs.\? Fix: take"
    ):
        model.report(tmp_path / "no.html", X, counts, exposure=e, cost={"missed": 3, "alarm": 1})
    assert not (tmp_path / "no.html").exists()
