import os
import tempfile
from dataclasses import replace

import numpy as np
import optuna
import pytest
from sklearn.metrics import log_loss

from thalweg import ThalwegClassifier, ThalwegRegressor, load_model, tune
from thalweg.errors import DataError, OutputError, SettingsError, UnfinishedError, UnfinishedWarning
from thalweg.estimators.fitted import OfTrials
from thalweg.estimators.learning.fit_plan import GivenRows
from thalweg.persistence.model_file import model_bytes, save_model
from thalweg.persistence.rebuilt import rebuilt
from thalweg.sealed_container import unseal
from thalweg.tuning import trial_fits, trial_store
from thalweg.tuning.trial_fits import TrialTable

SPACE = {
    "hidden_layer_sizes": [[3], [5, 4]],
    "learning_rate_init": (0.005, 0.1, "log"),
    "activation": ["relu", "tanh"],
    "n_bins": [0, 4],
}
SIZES = {"(3,)": (3,), "(5, 4)": (5, 4)}
SMALL = {"hidden_layer_sizes": (4,), "max_iter": 4, "n_folds": 3, "random_state": 3}


def rows(n=90, seed=0):
    random = np.random.default_rng(seed)
    X = random.normal(size=(n, 3))
    return X, (X[:, 0] - X[:, 1] ** 2 + random.normal(size=n) > 0).astype(int)


def classifier(**settings):
    return ThalwegClassifier(**{**SMALL, **settings})


def of_rows(study=None, n_trials=7, **more):
    given = {"space": SPACE, "random_state": 1, "keep": 4, "if_unclear": "tuned", **more}
    return tune(classifier(), *rows(), n_trials=n_trials, study=study, **given)


def same(one, other):
    columns = ["number", "loss", "weight", *SPACE]
    alike = one.trials[columns].equals(other.trials[columns])
    return alike and model_bytes(one.model) == model_bytes(other.model)


@pytest.fixture(autouse=True)
def without_waiting_for_the_disk(monkeypatch):
    # Each line of a journal waits for it, and no test here ends the power.
    monkeypatch.setattr(os, "fsync", lambda handle: None)


@pytest.fixture(scope="module")
def tuned():
    return of_rows()


def test_trial_0_is_the_estimator_as_it_is_and_is_returned_bit_for_bit():
    found = of_rows(n_trials=1)
    plain = classifier().fit(*rows())
    assert found.chosen == "default"
    assert model_bytes(found.model) == model_bytes(plain)
    assert found.model.get_params() == plain.get_params()
    assert np.array_equal(found.model.oof_decision_function_, plain.oof_decision_function_)
    assert found.best_params == {}
    assert found.honest.difference.value == 0


def test_networks_without_room_in_memory_are_in_a_temporary_folder(tuned, monkeypatch, tmp_path):
    monkeypatch.setattr(trial_store, "_IN_MEMORY", 0)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    files, told = [], []

    def listener(done):
        told.append(done.number)
        files.append(len(list(tmp_path.glob("thalweg-trials-*/*.safetensors"))))

    found = of_rows(listener=listener)
    assert same(found, tuned)
    assert files == [k + 1 for k in range(len(told))]
    assert list(tmp_path.iterdir()) == []


def test_a_value_near_to_the_default_is_tried_where_the_space_has_no_default():
    found = of_rows(n_trials=5, space={"hidden_layer_sizes": [[5], [6]]})
    assert found.ended_by == "space"
    assert found.trials.hidden_layer_sizes.tolist()[0] == "(4,)"
    assert sorted(found.trials.hidden_layer_sizes.tolist()[1:]) == ["(5,)", "(6,)"]
    five = found.trials[found.trials.hidden_layer_sizes == "(5,)"].iloc[0]
    X, y = rows()
    fitted = classifier(hidden_layer_sizes=(5,)).fit(X, y)
    assert five.loss == pytest.approx(log_loss(y, fitted.oof_decision_function_), rel=1e-6)


def test_the_default_is_not_tried_again_where_the_space_has_it():
    found = of_rows(n_trials=5, space={"learning_rate_init": [None, 0.01]})
    assert found.trials.learning_rate_init.fillna(0).tolist() == [0, 0.01]


def test_the_losses_of_trials_are_those_of_fits_with_their_settings(tuned):
    number = int(tuned.trials.loss.argmin())
    X, y = rows()
    found = tuned.best_estimator().fit(X, y)
    assert tuned.best_params != {}
    assert tuned.trials.loss[number] == pytest.approx(
        log_loss(y, found.oof_decision_function_), rel=1e-6
    )
    assert tuned.trials.number.tolist() == list(range(7))


def test_the_model_is_the_mean_of_fits_of_the_trials(tuned):
    X, y = rows()
    numbers = tuned.model._known.tuned.networks[::3]
    assert len(set(numbers)) > 1  # else this test says little
    assert numbers == tuned.slots
    total = np.zeros((len(X), 2))
    for number in numbers:
        settings = tuned.trials.loc[number, list(SPACE)].to_dict() if number else {}
        if number:
            settings["hidden_layer_sizes"] = SIZES[settings["hidden_layer_sizes"]]
        total += classifier(**settings).fit(X, y).predict_proba(X)
    assert tuned.model.predict_proba(X) == pytest.approx(total / len(numbers), abs=1e-7)


def test_the_multiplications_are_counted(tuned):
    def of(model):  # the weights of a layer, without its biases
        return sum(
            each.architecture.n_parameters - sum(each.architecture.sizes[1:])
            for each in {id(each): each for each in model.members_}.values()  # each once
        )

    expected = of(tuned.model) / of(classifier().fit(*rows()))
    assert tuned.as_dict()["times_default"] == round(expected, 3) != 1
    assert f"about {expected:.2g} times the multiplications of the default's" in str(tuned)


def test_the_default_is_named_where_it_has_own_settings(tuned):
    first = "The default is trial 0, with the settings given: hidden_layer_sizes=(4,), max_iter=4, "
    assert first + "n_folds=3." in str(tuned).splitlines()


def test_a_tuned_model_is_saved_loaded_and_explained_like_any_other(tuned, tmp_path):
    X, y = rows()
    tuned.model.save(tmp_path / "m.safetensors")
    again = load_model(tmp_path / "m.safetensors")
    assert model_bytes(again) == model_bytes(tuned.model)
    assert np.array_equal(again.predict_proba(X), tuned.model.predict_proba(X))
    assert np.array_equal(again.predict_proba(X[:1]), tuned.model.predict_proba(X[:1]))
    assert again._known.tuned == tuned.model._known.tuned
    assert again.predict_set(X[:5]).shape == (5, 2)
    assert "x0 = 0.12573" in str(again.explain(X[:1]))
    assert again.oof_rows_ == tuned.model.oof_rows_ == "stopped on these rows"
    with pytest.raises(SettingsError, match="cannot be trained further"):
        again.fit_more(X, y, 1)


def test_the_report_of_a_model_can_hold_its_search(tuned, tmp_path):
    X, y = rows()
    tuned.model.report(tmp_path / "m.html", X[:40], y[:40], search=tuned, what_if=False)
    page = (tmp_path / "m.html").read_text("utf-8")
    assert '<div class="search"><section id="worth"' in page
    assert "7 trials in their order" in page
    # Its styles are allowed by the policy of the page, as one text with those of the report.
    assert page.count("<style>") == 1
    tuned.model.report(tmp_path / "n.html", X[:40], y[:40], what_if=False)
    assert 'class="search"' not in (tmp_path / "n.html").read_text("utf-8")


def test_a_report_takes_only_the_search_of_its_model(tuned, tmp_path):
    X, y = rows()
    saved = tmp_path / "m.safetensors"
    save_model(tuned.model, saved)
    load_model(saved).report(tmp_path / "m.html", X[:40], y[:40], search=tuned, what_if=False)
    other = classifier().fit(X, y)
    for model, search, said in (
        (other, tuned, "The search gave another model"),
        (tuned.model, tuned.trials, "is not what tune returns"),
    ):
        with pytest.raises(SettingsError, match=said):
            model.report(tmp_path / "o.html", X[:40], y[:40], search=search)
    assert not (tmp_path / "o.html").exists()


def test_a_study_with_more_trials_than_are_asked_for_says_so(tuned):
    said = "The study already had 7 trials, more than the 3 that were asked for"
    fewer = replace(tuned, bounds=replace(tuned.bounds, n_trials=3))
    assert said in str(fewer)
    assert "already had" not in str(tuned)


def test_a_search_in_two_parts_gives_the_trials_and_the_bytes_of_one(tuned, tmp_path):
    path = tmp_path / "s.journal"
    of_rows(path, n_trials=5)
    assert same(of_rows(path), tuned)


def test_lost_networks_and_predictions_are_made_again(tuned, tmp_path):
    path = tmp_path / "s.journal"
    of_rows(path)
    for each in (tmp_path / "s.journal.trials").iterdir():
        each.unlink()
    assert same(of_rows(path), tuned)


def test_changed_networks_and_predictions_are_made_again(tuned, tmp_path):
    path, folder = tmp_path / "s.journal", tmp_path / "s.journal.trials"
    of_rows(path)
    of_trials = sorted(folder.glob("*.npy")), sorted(folder.glob("*.safetensors"))
    before = {each: each.read_bytes() for each in [*of_trials[0], *of_trials[1]]}
    np.save(of_trials[0][0], np.full_like(np.load(of_trials[0][0]), np.nan))
    np.save(of_trials[0][1], np.load(of_trials[0][1])[::-1])
    of_trials[1][0].write_bytes(of_trials[1][1].read_bytes())
    assert same(of_rows(path), tuned)
    assert {each: each.read_bytes() for each in before} == before


def test_no_file_of_a_trial_is_written_through_a_link(tmp_path):
    (tmp_path / "s.journal.trials").mkdir()
    (tmp_path / "own").write_text("precious")
    (tmp_path / "s.journal.trials" / "00000.npy").symlink_to("../own")
    with pytest.raises(OutputError, match="It is a link"):
        of_rows(tmp_path / "s.journal", n_trials=1)
    assert (tmp_path / "own").read_text() == "precious"


def test_the_number_of_threads_changes_nothing(tuned):
    assert same(of_rows(n_jobs=2), tuned)


def test_a_search_that_ctrl_c_ended_goes_on_to_the_same_trials(tuned, tmp_path, monkeypatch):
    path, calls, learn = tmp_path / "s.journal", [], trial_fits.learn

    def interrupted(*given):
        calls.append(1)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return learn(*given)

    monkeypatch.setattr(trial_fits, "learn", interrupted)
    with pytest.warns(UnfinishedWarning, match="of the 3 trials that were complete"):
        found = of_rows(path)
    assert (found.ended_by, len(found.trials)) == ("interrupt", 3)
    monkeypatch.undo()
    assert same(of_rows(path), tuned)


def test_ctrl_c_before_the_default_is_finished_leaves_nothing(monkeypatch):
    def interrupted(*given):
        raise KeyboardInterrupt

    monkeypatch.setattr(trial_fits, "learn", interrupted)
    monkeypatch.setattr("thalweg.interrupts._last_taken", -np.inf)
    with pytest.raises(UnfinishedError, match="before the default was finished"):
        of_rows()


def test_the_default_is_finished_whatever_the_time_limit():
    found = of_rows(n_trials=None, time_limit=0.01)
    assert (found.ended_by, found.chosen, len(found.trials)) == ("time", "default", 1)
    assert model_bytes(found.model) == model_bytes(classifier().fit(*rows()))


def test_where_the_default_took_the_time_the_search_ends_at_once_with_it(monkeypatch):
    def never(*given, **named):
        raise AssertionError("nothing is measured for trials that cannot begin")

    monkeypatch.setattr("thalweg.tuning.tune_estimator._rehearsed", never)
    monkeypatch.setattr("thalweg.tuning.search_rounds.ResamplePace.of", never)
    found = of_rows(n_trials=None, time_limit=0.01)
    assert found.honest.n_resamples == 1
    assert found.honest.loss == of_rows(n_trials=1).honest.loss
    text = " ".join(found.lines())
    assert "of 0.01 s, and is always finished: no other trial had time to begin." in text


def test_unless_it_is_shown_to_be_better_the_model_is_the_default():
    X, _ = rows()
    y = np.random.default_rng(2).integers(0, 2, len(X))
    found = tune(classifier(), X, y, n_trials=5, space=SPACE, random_state=0)
    assert found.chosen == "default"
    assert model_bytes(found.model) == model_bytes(classifier().fit(X, y))
    assert not found.honest.is_better
    assert "is better than" not in str(found)


def test_a_size_limit_holds_for_the_whole_model(tuned):
    most = float(tuned.trials.bytes.min()) * 1.5
    found = of_rows(max_size=most)
    size = sum(float(found.trials.bytes[number]) for number in found.slots)
    assert size <= most
    assert found.trials.bytes.max() > most  # so the limit meant something
    with pytest.raises(SettingsError, match="No trial is within the limits"):
        of_rows(n_trials=2, max_size=10.0)


def test_a_limit_of_time_is_measured_in_microseconds_a_row():
    found = of_rows(n_trials=3, max_row_microseconds=1e6)
    assert (found.trials.microseconds > 0).all()


def test_numbers_are_tuned_too():
    X, _ = rows()
    model = ThalwegRegressor(**SMALL)
    found = tune(
        model, X, X[:, 0] ** 2, n_trials=4, space=SPACE, random_state=0, if_unclear="tuned"
    )
    assert found.honest.loss_name == "squared error"
    low, high = found.model.predict_interval(X[:4]).T[:2]
    assert (low <= high).all()


def test_where_the_default_is_the_best_the_best_of_the_others_is_named(tuned):
    trials = tuned.trials.assign(loss=[0.1, 0.4, 0.3, None, 0.5, 0.6, 0.7])
    text = str(replace(tuned, best_params={}, trials=trials))
    rate = tuned.trials.learning_rate_init[2]
    assert "Of the others trial 2 is the best, with 0.3: hidden_layer_sizes=(" in text
    assert f"learning_rate_init={float(rate)!r}" in text


def test_a_folder_is_refused_with_what_reads_one(tmp_path):
    said = r"This is a folder.*Only fit, and the command thalweg pred.*name one file"
    with pytest.raises(DataError, match=said):
        tune(classifier(), tmp_path, target="y", n_trials=1)


def test_a_listener_hears_of_each_trial(tuned):
    heard = []
    of_rows(listener=heard.append)
    assert [each.number for each in heard] == list(range(7))
    assert [each.n_done for each in heard] == list(range(1, 8))
    assert heard[-1].best_loss == tuned.trials.loss.min()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"n_trials": None}, "does not know when to end"),
        ({"time_limit": -1}, "time_limit=-1 is not a number above 0"),
        ({"n_trials": 0}, "n_trials=0 is not a whole number"),
        ({"keep": 1.5}, "keep=1.5 is not a whole number"),
        ({"space": "huge"}, "There is no space 'huge'"),
        ({"space": {}}, "The space is empty"),
        ({"space": {"loss": ["a"]}}, "A space cannot change loss"),
        ({"space": {"alpha": (2.0, 1.0)}}, r"The space says \(2.0, 1.0\) of alpha"),
        ({"space": ["alpha"]}, r"The space is \['alpha'\]"),
        ({"space": {"max_iter": (2.0, 6.0)}}, r"2\.0 of max_iter, which the estimator does not"),
        ({"space": {"alpha": [1.0, -1.0]}}, r"-1\.0 of alpha, which the estimator does not take"),
        ({"sampler": "luck"}, "There is no sampler 'luck'"),
        ({"sampler": optuna.samplers.RandomSampler}, "which is no sampler of Optuna"),
        ({"if_unclear": "both"}, 'if_unclear="both" has no meaning'),
        ({"random_state": -1}, "random_state=-1 is no seed"),
        ({"random_state": 1.5}, r"random_state=1\.5 is no seed"),
    ],
)
def test_an_argument_that_is_not_valid_is_refused(given, said):
    with pytest.raises(SettingsError, match=said):
        of_rows(**given)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"importance": True}, "importance=True"),
        ({"time_limit": 5.0}, "time_limit=5.0"),
        ({"early_stopping": "hold-out"}, "this fit has 'hold-out'"),
    ],
)
def test_an_estimator_that_cannot_be_compared_is_refused(settings, said):
    with pytest.raises(SettingsError, match=said):
        tune(classifier(**settings), *rows(), n_trials=2)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda header: header.pop("tuned"), "only networks of a search have layers of their own"),
        (lambda header: header["tuned"]["networks"].pop(), "not those of the trials of a search"),
        (lambda header: header["tuned"].update(trials=1), "not those of the trials of a search"),
        (lambda header: own_layers(header).update(sizes=[3]), "a network cannot have the layers"),
        (lambda header: own_layers(header)["sizes"].insert(1, 9), "parameters of the network"),
    ],
)
def test_a_forged_file_of_a_tuned_model_is_refused(change, said):
    header, arrays = unseal(model_bytes(of_two_trials()))
    change(header)
    with pytest.raises(ValueError, match=said):
        rebuilt(header, dict(arrays))


def of_two_trials():
    """The networks of two trials with different layers."""
    table = TrialTable.of(classifier(), GivenRows(*rows()))
    other = {"hidden_layer_sizes": (5, 4), "activation": "tanh"}
    fitted = table.fitted([table.run({}, 1), table.run(other, 1)], {})
    model = classifier()
    model._adopt(replace(fitted, tuned=OfTrials(2, (0, 0, 0, 1, 1, 1))))
    return model


def test_networks_with_different_layers_are_stored_and_averaged():
    X, y = rows()
    model = of_two_trials()
    both = (classifier(), classifier(hidden_layer_sizes=(5, 4), activation="tanh"))
    mean = sum(each.fit(X, y).predict_proba(X) for each in both) / 2
    assert model.predict_proba(X) == pytest.approx(mean, abs=1e-7)
    again = rebuilt(*unseal(model_bytes(model)))
    for table in (X, X[:1]):
        assert np.array_equal(again.predict_proba(table), model.predict_proba(table))


def own_layers(header):
    return next(each["architecture"] for each in header["members"] if "architecture" in each)
