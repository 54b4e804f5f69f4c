"""What a notebook shows of an estimator: scikit-learn's contract, true facts, nothing hostile."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from thalweg import ThalwegClassifier, ThalwegRegressor, load_model
from thalweg.evaluation.answers import STOPPED


@pytest.fixture(scope="module")
def table():
    random = np.random.default_rng(3)
    ill = (random.random(200) < 0.4).astype(float)
    frame = pd.DataFrame({"age": random.normal(ill, 1), "mass": random.normal(0, 1, 200)})
    frame.loc[5, "mass"] = np.nan
    return frame, np.where(ill > 0, "ill", "well")


def fitted(table, **settings):
    usual = {"hidden_layer_sizes": (4,), "max_iter": 8, "random_state": 5, "positive": "ill"}
    return ThalwegClassifier(**{**usual, **settings}).fit(*table)


class Reader(HTMLParser):
    """Tags, attributes and words as a browser would find them."""

    VOID = ("br", "input", "img")

    def __init__(self, html):
        super().__init__()
        self.tags, self.attributes, self.words, self.open = [], [], [], []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag in self.VOID:
            return
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)


def html_of(model):
    return model._repr_mimebundle_()["text/html"]


def learned(model):
    """thalweg's own part."""
    html = html_of(model)
    return html[html.index('<div class="thalweg">') :]


def facts(model):
    listed = re.search(r'<dl class="facts">(.*?)</dl>', learned(model), re.DOTALL)[1]
    found = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", listed, re.DOTALL)
    return {head: "".join(Reader(words).words) for head, words in found}


def test_scikit_learns_contract(table):
    assert repr(ThalwegClassifier(alpha=1)) == "ThalwegClassifier(alpha=1)"
    for model in (ThalwegClassifier(), fitted(table)):
        bundle = model._repr_mimebundle_()
        assert set(bundle) == {"text/plain", "text/html"}
        assert bundle["text/plain"] == repr(model)
        assert 'class="sk-top-container' in model._repr_html_()
        with sklearn.config_context(display="text"):
            assert set(model._repr_mimebundle_()) == {"text/plain"}
            assert not hasattr(model, "_repr_html_")
        # Inside a pipeline it is one box among others, scikit-learn's alone.
        assert "thalweg-" not in make_pipeline(StandardScaler(), model)._repr_html_()


def test_not_fitted_says_so():
    html = html_of(ThalwegClassifier())
    assert html.endswith("<p>Not fitted: after <code>fit</code>, this shows what it learned.</p>")
    assert 'class="thalweg"' not in html


def test_facts_of_cross_validated_epochs(table):
    model = fitted(table, early_stopping="cross-validation", n_bins=0)
    best = model.history_[model.best_epoch_ - 1]
    curves = facts(model).pop("Loss by epoch")
    assert (
        curves == "The loss, epoch by epochsolid: training; dashed: held out; dot: kept; log scale"
    )
    assert facts(model) | {"Loss by epoch": ""} == {
        "Tells": "ill (where its probability is above 0.5) from well",
        "Network": "3 → 4 → 1 units, 21 parameters in float32",
        "Epoch kept": f"{model.best_epoch_} as cross-validation found best among 8",
        "Loss": f"{best['valid_loss']:.4g} held out, mean over the folds; "
        f"{best['train_loss']:.4g} in the steps of epoch {model.best_epoch_}, with the penalty",
        "Optimizer": "adam:lr=0.023,beta_2=0.95,schedule=cosine,average=2,scales=6",
        "Loss by epoch": "",
        "Seed": "5",
    }


def test_facts_of_the_other_ways_to_stop(table):
    held_out = fitted(
        table,
        early_stopping=True,
        positive="well",
        dtype="float64",
        optimizer="adam:lr=0.9,beta_2=0.95,schedule=cosine,average=2,scales=6",
        alpha=2,
        dropout=0.2,
        n_iter_no_change=20,
    )
    said = facts(held_out)
    assert held_out.best_epoch_ < 8, "the kept epoch is to be another than the last"
    kept = held_out.history_[held_out.best_epoch_ - 1]
    assert said["Tells"] == "well (where its probability is above 0.5) from ill"
    assert said["Network"].endswith("in float64")
    assert said["Optimizer"] == "adam:lr=0.9,beta_2=0.95,schedule=cosine,average=2,scales=6"
    assert said["Epoch kept"] == (
        f"{held_out.best_epoch_} of 8, the best on a hold-out; all epochs were run"
    )
    assert said["Loss"].startswith(f"{kept['valid_loss']:.4g} held out; ")
    none = fitted(table, early_stopping=False, weight_decay=0.5)
    assert (
        facts(none)["Optimizer"]
        == "adam:lr=0.023,beta_2=0.95,schedule=cosine,decay=0.5,average=2,scales=6"
    )
    assert facts(none)["Epoch kept"].endswith("of 8, with no row held out; all epochs were run")
    loss = none.history_[none.best_epoch_ - 1]["train_loss"]
    assert facts(none)["Loss"] == (
        f"{loss:.4g} in the steps of epoch {none.best_epoch_}, with the penalty"
    )


def test_facts_of_the_networks_of_the_folds(table):
    model = fitted(table, n_bins=8)
    said, kept = facts(model), model.history_[model.best_epoch_ - 1]
    sizes = model.architecture_.sizes
    assert said["Network"] == (
        f"{sizes[0]} → 4 → 1 units, {sizes[0] * 4 + 9} parameters in float32; "
        "network 1 of 5 that are averaged"
    )
    assert said["Epoch kept"].startswith(f"{model.best_epoch_} of 8, the best on its fold; ")
    assert said["Loss"].startswith(f"{kept['valid_loss']:.4g} held out; ")
    accuracy = np.mean(model.classes_[model.oof_decision_function_.argmax(1)] == table[1])
    assert said["Out-of-fold, all 5"] == (f"accuracy {accuracy:.4g}, loss {model.oof_loss_:.4g}")
    # A model file of before says nothing of the epochs.
    stopped = replace(model._known.out_of_fold, how=STOPPED)
    model._adopt(replace(model._known, out_of_fold=stopped))
    assert "Out-of-fold, all 5" not in facts(model)
    assert facts(model)["On rows that stopped them, all 5"] == said["Out-of-fold, all 5"]


def test_the_network_is_drawn_with_its_inputs(table):
    words = Reader(learned(fitted(table))).words
    assert {"age", "mass", "mass missing", "logit of ill", "4 relu", "1 output"} <= set(words)
    n_inputs = fitted(table).architecture_.sizes[0]
    assert f"{n_inputs} inputs, by column" in words
    assert not [each for each in words if "…" in each], "a bin is drawn with its column"
    assert "3 inputs" in Reader(learned(fitted(table, n_bins=0))).words


def test_the_drawn_network_raises_the_class_that_is_looked_for(table):
    """It is drawn as the one that computes the log-odds of that class, whichever stands last."""
    ill, well = (fitted(table, positive=each, n_bins=0, dropout=0.2) for each in ("ill", "well"))
    assert ill.theta_.tobytes() == well.theta_.tobytes()
    weights = {}
    for model in (ill, well):
        drawing = re.findall(r"<svg.*?</svg>", learned(model), re.DOTALL)[-1]
        weights[model.positive_] = re.findall(r'class="(up|down)"', drawing)
    assert weights["ill"] != weights["well"]
    bias = [
        float(re.search(r"logit of \w+, bias (\S+?)<", learned(model))[1]) for model in (ill, well)
    ]
    assert bias[0] == -bias[1] != 0


def test_the_network_is_folded_and_its_heading_says_what_it_is(table):
    own = learned(fitted(table))
    folded = own.index("<details><summary>The weights of network 1 of")
    assert own.index("how it computes, not which column matters") > folded
    assert own.index("logit of ill") > folded


def test_the_losses_are_drawn_as_they_fell(table):
    model = fitted(table, early_stopping=True)
    spark = re.search(r"<svg.*?</svg>", learned(model), re.DOTALL)[0]
    curves = [
        np.array([pair.split() for pair in path.removeprefix("M").split("L")], float)
        for path in re.findall(r'<path d="([^"]*)"', spark)
    ]
    logs = [
        np.log([epoch[key] for epoch in model.history_]) for key in ("train_loss", "valid_loss")
    ]
    low, high = min(map(np.min, logs)), max(map(np.max, logs))
    for curve, log in zip(curves, logs, strict=True):
        np.testing.assert_allclose(curve[:, 0], np.linspace(6, 234, 8), atol=0.051)
        np.testing.assert_allclose(curve[:, 1], 36 - 30 * (log - low) / (high - low), atol=0.051)
    dots = re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)"', spark)
    i = model.best_epoch_ - 1
    assert np.array(dots, float).tolist() == [curve[i].tolist() for curve in curves]


def test_one_epoch_and_losses_that_are_no_numbers(table):
    model = fitted(table, early_stopping=False, max_iter=1)
    assert "nan" not in learned(model)
    model.history_[0]["train_loss"] = 0.0  # its logarithm is not finite
    assert "nan" not in learned(model).replace("-inf", "nan")


HOSTILE = {
    "<script>alert(1)</script>": "a",
    '"><img src=x onerror=alert(2)>': "b",
    "</svg></div><iframe src='//evil.example'>": "c",
    "a\x00b\u202edoc": "d",
    "{{7*7}} ${x} &lt; &amp;": "e",
    "x" * 5000: "f",
}


def test_hostile_names_stay_text(table):
    random = np.random.default_rng(0)
    frame = pd.DataFrame({name: random.normal(size=60) for name in HOSTILE})
    y = np.where(frame.iloc[:, 0] > 0, "<u onfocus=x()>ill</u>", "</svg><s onblur=x()>")
    hostile = Reader(html_of(fitted((frame, y), positive=y[0])))
    tame = Reader(
        html_of(fitted((frame.set_axis(list("abcdef"), axis=1), y == y[0]), positive=True))
    )
    # Every tag and every kind of attribute is one that a tame table has as well.
    assert set(hostile.tags) == set(tame.tags)
    assert {key for key, _ in hostile.attributes} == {key for key, _ in tame.attributes}
    assert hostile.tags.count("script") == tame.tags.count("script") == 1
    assert hostile.open == tame.open == []


def test_it_brings_no_script_and_asks_for_nothing(table):
    own = learned(fitted(table))
    reader = Reader(own)
    assert not {"script", "img", "iframe", "link", "object", "a"} & set(reader.tags)
    assert not [key for key, _ in reader.attributes if key.startswith("on") or key == "href"]
    assert "url(" not in own
    assert "@import" not in own
    assert own.count("http") == own.count('xmlns="http://www.w3.org/2000/svg"')


def test_it_suits_light_and_dark_pages(table):
    own = learned(fitted(table))
    for mode in ("prefers-color-scheme:dark", "data-jp-theme-light=true",
                 "data-jp-theme-light=false", ".vscode-light", ".vscode-dark"):  # fmt: skip
        assert mode in own
    # Words and circles take the colour of the page's own text.
    drawing = own[own.index("<dl") :]
    assert set(re.findall(r'(?:fill|stroke)="([^"]*)"', drawing)) == {
        "currentColor", "none", "#d55e00", "#0072b2",
    }  # fmt: skip


def test_a_loaded_model_looks_the_same(table, tmp_path):
    model = fitted(table)
    model.save(tmp_path / "model.safetensors")
    assert learned(load_model(tmp_path / "model.safetensors")) == learned(model)


def test_a_large_model_stays_small(table):
    random = np.random.default_rng(0)
    X = pd.DataFrame(random.normal(size=(80, 300)), columns=[f"column {i}" for i in range(300)])
    model = fitted(
        (X, X.iloc[:, 0] > 0), hidden_layer_sizes=(256, 256, 64), positive=True, max_iter=2
    )
    assert len(learned(model)) < 60_000


def test_batches_are_not_said_to_be_the_best_epoch(table):
    X, y = table
    words = " ".join(Reader(fitted(table, max_iter=2).partial_fit(X, y)._repr_html_()).words)
    assert "1 batch of partial_fit at the constant rate" in words
    assert ", after 2 epochs" in words
    model = ThalwegClassifier((4,), random_state=0).partial_fit(X, y, classes=["ill", "well"])
    alone = " ".join(Reader(model._repr_html_()).words)
    for false in ("the best", "kept 1 of 1", "were run"):
        assert false not in words + alone
    assert "schedule=cosine,average=2,scales=6 Loss" not in " ".join(alone.split())


@pytest.mark.parametrize(("n_rows", "is_few"), [(150, True), (250, False)])
def test_an_out_of_fold_loss_of_few_rows_says_how_much_too_low_it_may_be(n_rows, is_few):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n_rows, 3))
    y = X[:, 0] + rng.normal(size=n_rows) > 0
    model = ThalwegClassifier((4,), max_iter=3, random_state=0).fit(X, y)
    assert ("0.03 too low" in facts(model)["Out-of-fold, all 5"]) == is_few
    number = ThalwegRegressor(hidden_layer_sizes=(4,), max_iter=3, random_state=0).fit(X, X[:, 0])
    assert "too low" not in facts(number)["Out-of-fold, all 5"]
