"""The content of a model file is checked before it is built; accepted models show and predict."""

import copy
import gc
import itertools
import json
import os
import tracemalloc

import numpy as np
import pandas as pd
import pytest

import forged
import forged_columns
from forged import BYTES, SECONDS
from slow_cases import slow_but
from thalweg import ThalwegClassifier, ThalwegRegressor
from thalweg.errors import ModelFileError, SettingsError
from thalweg.network.formulas.activations import ACTIVATIONS
from thalweg.persistence import model_file
from thalweg.persistence.header_form import LONGEST_LABEL, MOST_OF_LABELS
from thalweg.persistence.model_file import load_model, read_model, save_model
from thalweg.sealed_container import read_sealed, seal, unseal

# So many are tried where nothing is said: in all some seconds.
FORGERIES = int(os.environ.get("THALWEG_FORGERIES", "4000"))


@pytest.fixture(scope="module")
def bases(tmp_path_factory):
    """Sound files: of two classes, of three, of a number (judged by fit), and made in Python."""
    made = list(forged.bases(tmp_path_factory.mktemp("bases")))
    names = (
        "two", "three", "number", "single", "scored", "counted", "scaled", "written", "local",
        "old", "coded",
    )  # fmt: skip
    gc.collect()
    gc.freeze()  # what other tests hold is no part of what a file costs
    yield dict(zip(names, made, strict=True))
    gc.unfreeze()


@pytest.fixture
def refused(tmp_path):
    """Write a file, see it refused in little time and memory, and tell why."""

    def refuse(header, arrays, data=None):
        path = tmp_path / "model"
        data = data or seal(header, arrays)
        path.write_bytes(data)
        tally = forged.Tally()
        tally.read(path, data, memory=True)
        assert (tally.refused, tally.broken) == (1, [])
        assert tally.slowest < SECONDS
        assert tally.largest < BYTES
        assert "thalweg did not write this file" in str(tally.error)
        return tally.error.why

    return refuse


def parts(base):
    return copy.deepcopy(base.header), dict(base.arrays)


# --- the likeness of the rows -----------------------------------------------------------------


@pytest.mark.quick_each(2)
@pytest.mark.parametrize("kind", ["two", "three", "number", "single", "written"])
def test_a_model_has_the_likeness_of_its_rows_and_keeps_it(bases, tmp_path, kind):
    header, arrays = parts(bases[kind])
    assert sum(name.startswith("likeness/") for name in arrays) == 13
    (tmp_path / "model").write_bytes(seal(header, arrays))
    model = load_model(tmp_path / "model")
    model.save(tmp_path / "again")
    _, again = read_sealed(tmp_path / "again")
    for name in arrays:
        if name.startswith("likeness/"):
            np.testing.assert_array_equal(again[name], arrays[name])
    assert len(model._known.likeness.typical) == len(model.schema_.columns)


def test_files_of_before_have_none(bases, tmp_path):
    header, arrays = parts(bases["two"])
    arrays = {name: each for name, each in arrays.items() if not name.startswith("likeness/")}
    (tmp_path / "model").write_bytes(seal(header, arrays))
    model = load_model(tmp_path / "model")
    assert model._known.likeness is None
    with pytest.raises(SettingsError, match="no summaries of its training rows"):
        model.unlike(pd.DataFrame())


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda a: a.pop("likeness/mean"), "it has other arrays"),
        (lambda a: a.update({"likeness/more": np.zeros(2)}), "it has other arrays"),
        (lambda a: a.update({"likeness/target": np.zeros(3)}), "has another target"),
        (lambda a: a.update({"likeness/target": np.array([0.9, 0.9])}), "has another target"),
        (lambda a: a.update({"likeness/target": np.array([1.5, -0.5])}), "has another target"),
        (lambda a: a.update({"likeness/missing": np.zeros(1)}), "shares of missing cells"),
        (lambda a: a.update({"likeness/rows": np.array([71.5, 71.5])}), "whole numbers"),
        (lambda a: a.update({"likeness/rows": np.array([72.0, 1e9])}), "more rows have scores"),
    ],
)
def test_a_likeness_that_no_fit_gives_is_refused(bases, refused, change, says):
    header, arrays = parts(bases["two"])
    change(arrays)
    assert says in refused(header, arrays)


@pytest.mark.parametrize(
    "target",
    [
        [1.0],
        [0.0, -1.0],
        [np.inf, 1.0],
        [1e300, 1.0],
        [-1.0, 1.0],
        [50.0, 150.0],
        [50.0, 1.0, 50.0],
    ],
)
def test_a_number_has_a_mean_and_a_deviation(bases, refused, target):
    header, arrays = parts(bases["number"])
    arrays["likeness/target"] = np.array(target)
    assert "likeness of its rows" in refused(header, arrays)


@pytest.mark.parametrize("name", ["quantiles", "levels", "codes", "factor", "scores", "below"])
def test_a_very_long_likeness_is_refused_at_once(bases, refused, name):
    header, arrays = parts(bases["two"])
    known = arrays[f"likeness/{name}"]
    arrays[f"likeness/{name}"] = np.concatenate([known] * (100_000 // max(1, known.size)))
    assert "likeness of its rows" in refused(header, arrays)


# --- errors of held-out rows ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "way", "says"),
    [
        ("number", "none", "its fit held none out"),
        ("number", "hold-out", "not those of its networks"),
        ("two", "none", "its fit held none out"),
        ("three", "folds", "not those of its classes"),
        ("two", "hold-out", "scores of its held-out rows are not those of its networks"),
    ],
)
def test_errors_of_held_out_rows_are_those_of_the_fit(bases, refused, kind, way, says):
    header, arrays = parts(bases[kind])
    header["training"]["stopping"] = way
    errors = bases["two" if kind == "three" else kind].arrays
    arrays.update({name: errors[name] for name in errors if name.startswith("conformal/")})
    assert sum(name.startswith("conformal/") for name in arrays) == (3 if kind == "number" else 5)
    assert says in refused(header, arrays)


def test_errors_of_held_out_rows_that_are_cut_off_are_refused(bases, refused):
    header, arrays = parts(bases["number"])
    arrays["conformal/residuals"] = arrays["conformal/residuals"][1:]
    assert "do not have their sizes" in refused(header, arrays)


def test_scores_of_all_networks_in_one_list_are_refused(bases, refused):
    header, arrays = parts(bases["two"])
    del arrays["conformal/repeats"]
    assert "its arrays are not masses, repeats, rows, scores, sizes" in refused(header, arrays)


SCALE = "scale/"


def without(arrays, prefix):
    return {name: arrays[name] for name in arrays if not name.startswith(prefix)}


def as_plain(header, arrays):
    header["training"]["settings"].pop("interval_kind")
    return header, arrays


def of_other_units(header, arrays):
    header["scale"]["architecture"]["sizes"][1:-1] = [1]
    n_inputs = header["scale"]["architecture"]["sizes"][0]
    thetas = {
        name: np.zeros(n_inputs + 1 + 2, np.float32) for name in arrays if "scale/theta" in name
    }
    return header, {**arrays, **thetas}


def with_values(**values):
    def changed(header, arrays):
        header["scale"]["members"][1]["values"].update(values)
        return header, arrays

    return changed


def without_a_network(header, arrays):
    header["scale"]["members"].pop()
    header["scale"]["encoder"]["count"] -= 1
    number = len(header["scale"]["members"])
    last = {f"scale/{what}.{number}" for what in ("theta", "history", "encoder")}
    return header, {k: v for k, v in arrays.items() if not k.startswith(tuple(last))}


@pytest.mark.parametrize(
    ("forge", "says"),
    [
        (as_plain, "only scaled intervals have networks"),
        (lambda h, a: ({k: h[k] for k in h if k != "scale"}, a), "only scaled intervals have"),
        (lambda h, a: ({k: h[k] for k in h if k != "scale"}, without(a, SCALE)),
         "only scaled intervals have"),
        (lambda h, a: (h, without(a, "conformal/")), "only scaled intervals have networks"),
        (lambda h, a: (h, without(a, SCALE)), "encoders, but has 0 arrays"),
        (lambda h, a: (h, a | {"scale/new": np.zeros(1)}), "superfluous arrays: new"),
        (lambda h, a: (h, a | {"scale/theta": a["scale/theta"][1:]}), "number of parameters"),
        (lambda h, a: (h, a | {"scale/theta": a["scale/theta"] + np.inf}), "not finite floats"),
        (of_other_units, "of another kind"),
        (with_values(high=710.0), "may be 0 or infinite"),
        (with_values(low=-1e300), "may be 0 or infinite"),
        (with_values(low=1.0, high=0.0), "no valid range"),
        (without_a_network, "not those of its folds"),
    ],
)  # fmt: skip
def test_networks_of_a_scale_that_no_fit_gives_are_refused(bases, refused, forge, says):
    assert says in refused(*forge(*parts(bases["scaled"])))


def test_a_scale_lists_no_more_than_its_arrays_have(bases, refused):
    header, arrays = parts(bases["scaled"])
    header["scale"]["members"] *= 30
    assert "header.scale.members has 150 entries, more" in refused(header, arrays)
    header, arrays = parts(bases["scaled"])
    header["scale"]["architecture"]["sizes"] = [1] * 50_000
    assert "scale.architecture.sizes has 50,000 entries, more" in refused(header, arrays)
    header, arrays = parts(bases["scaled"])
    header["scale"]["encoder"]["count"] = 2**53
    assert "encoders, but has" in refused(header, arrays)


def test_a_classifier_has_no_scale_of_errors(bases, refused):
    header, arrays = parts(bases["two"])
    header["scale"] = bases["scaled"].header["scale"]
    more = {k: v for k, v in bases["scaled"].arrays.items() if k.startswith(SCALE)}
    refused(header, arrays | more)


def test_scaled_intervals_come_back_from_a_file_to_the_bit(tmp_path):
    random = np.random.default_rng(0)
    levels = random.integers(0, 60, 400)  # so many that they have target codes
    table = pd.DataFrame({"x": random.normal(size=400), "town": [f"t{k:02}" for k in levels]})
    y = table["x"] + (1 + levels % 2) * random.normal(size=400)
    model = ThalwegRegressor(
        hidden_layer_sizes=(4,), max_iter=5, interval_kind="scaled", random_state=0
    ).fit(table, y)
    model.save(tmp_path / "m")
    again = load_model(tmp_path / "m")
    assert (again.interval_kind, again.interval_kind_) == ("scaled", "scaled")
    assert np.array_equal(again.predict_interval(table), model.predict_interval(table))
    again.save(tmp_path / "n")
    assert (tmp_path / "n").read_bytes() == (tmp_path / "m").read_bytes()
    # A plain model of the same table has nothing of it.
    model.set_params(interval_kind="plain").fit(table, y).save(tmp_path / "p")
    header, arrays = unseal((tmp_path / "p").read_bytes())
    assert "scale" not in header
    assert not [name for name in arrays if name.startswith(SCALE)]


def test_a_scaled_model_that_learned_more_is_stored_without_a_scale(bases, tmp_path):
    model = ThalwegRegressor(
        hidden_layer_sizes=(2,), max_iter=2, interval_kind="scaled", random_state=0
    )
    X = np.random.default_rng(2).normal(size=(300, 3))
    model.fit(X, X[:, 0]).fit_more(X, X[:, 0], epochs=1).save(tmp_path / "m")
    with pytest.raises(AttributeError, match="learned from all rows since the fit"):
        load_model(tmp_path / "m").predict_interval(X)


def test_a_file_without_them_gives_a_model_without_intervals(bases, tmp_path):
    header, arrays = parts(bases["number"])
    arrays = {name: arrays[name] for name in arrays if not name.startswith("conformal/")}
    (tmp_path / "before").write_bytes(seal(header, arrays))
    model = load_model(tmp_path / "before")
    with pytest.raises(AttributeError, match="its file is of an earlier thalweg"):
        model.predict_interval(np.zeros((1, 1)))


# --- hashes of rows ---------------------------------------------------------------------------


def of_hashes(modulus=8, salt="a" * 64, checksum="b" * 64):
    return {"salt": salt, "modulus": modulus, "checksum": checksum}


BYTE = np.array([3], np.uint8)  # two rows, with remainders 0 and 1 modulo 8


@pytest.mark.quick_each(2)
@pytest.mark.parametrize(
    ("packed", "entry", "says"),
    [
        (None, of_hashes(), "do not belong together"),
        (BYTE, None, "do not belong together"),
        (BYTE, of_hashes(salt="a" * 63), "64 hexadecimal digits"),
        (BYTE, of_hashes(checksum="b"), "64 hexadecimal digits"),
        (BYTE, of_hashes(checksum=None), "no checksum"),
        (BYTE, of_hashes(modulus=0), "modulus"),
        (BYTE, of_hashes(modulus=4 * 65_537), "modulus"),
        (BYTE, of_hashes(modulus=7), "the length of their modulus"),
        (BYTE, of_hashes(modulus=12), "the length of their modulus"),
        (BYTE.astype(np.int64), of_hashes(), "the length of their modulus"),
        (BYTE[:, None], of_hashes(), "the length of their modulus"),
        (np.array([0], np.uint8), of_hashes(), "not those of so many rows"),
        (np.array([7], np.uint8), of_hashes(), "not those of so many rows"),
        (np.array([3], np.uint8), of_hashes(modulus=4), "not those of so many rows"),
        (np.array([17], np.uint8), of_hashes(modulus=4), "not those of so many rows"),
        (BYTE, {**of_hashes(), "more": 1}, "more"),
    ],
)
def test_hashes_of_rows_that_no_fit_gives_are_refused(bases, refused, packed, entry, says):
    header, arrays = parts(bases["two"])
    assert len(header.pop("row_hashes")["salt"]) == 64
    assert len(arrays.pop("rows")) > 0
    header |= {} if entry is None else {"row_hashes": entry}
    arrays |= {} if packed is None else {"rows": packed}
    assert says in refused(header, arrays)


@pytest.mark.parametrize("modulus", [4, 8])
def test_hashes_of_rows_are_read_as_they_were_saved(bases, tmp_path, modulus):
    header, arrays = parts(bases["two"])
    header["row_hashes"] = of_hashes(modulus)
    arrays["rows"] = np.array([8 if modulus == 4 else 129], np.uint8)
    (tmp_path / "m").write_bytes(seal(header, arrays))
    found = load_model(tmp_path / "m")._known.row_digests
    assert np.flatnonzero(found.seen).tolist() == ([3] if modulus == 4 else [0, 7])
    assert (found.salt, found.checksum, len(found.seen)) == ("a" * 64, "b" * 64, modulus)


def test_hashes_of_whole_rows_of_before_are_not_used_nor_saved_again(bases, refused, tmp_path):
    header, arrays = parts(bases["two"])
    del header["row_hashes"]
    header["row_salt"], arrays["rows"] = "a" * 64, np.arange(3)
    (tmp_path / "m").write_bytes(seal(header, arrays))
    model = load_model(tmp_path / "m")
    assert model._known.row_digests is None
    model.save(tmp_path / "again")
    assert "rows" not in read_sealed(tmp_path / "again")[1]
    for bad in (np.zeros(3), np.zeros((3, 1), np.int64), np.zeros(0, np.int64)):
        assert "not a list of 1 to 65,536" in refused(header, {**arrays, "rows": bad})


@pytest.mark.parametrize("roles", [{"other": "a"}, {"group": 1}, ["a"], {"time": None}])
def test_roles_that_are_none_are_refused(bases, refused, roles):
    header, arrays = parts(bases["two"])
    assert "roles" in refused({**header, "roles": roles}, arrays)


# --- labels and sizes -------------------------------------------------------------------------


def test_300_short_labels_said_to_be_a_million_wide_are_refused(bases, refused):
    header, arrays = parts(bases["three"])
    labels = [f"c{k:03}" for k in range(300)]
    header["classes"] = {"labels": labels, "dtype": "U999999", "costs": [1.0] * 300}
    assert "more than its arrays can have" in refused(header, arrays)


@pytest.mark.parametrize("kind", ["two", "three"])
def test_labels_have_the_room_of_the_longest_whatever_a_file_says(bases, tmp_path, kind):
    header, arrays = parts(bases[kind])
    header["judgement"] = header["report"] = None
    header["classes"]["labels"] = ["a", "ill", "well"][-len(header["classes"]["labels"]) :]
    header["classes"]["dtype"] = "U999999"
    header["positive"] = "well" if kind == "two" else None
    header["training"]["settings"]["positive"] = None
    path = tmp_path / "wide"
    path.write_bytes(seal(header, arrays))
    tracemalloc.start()
    model = load_model(path)
    model.predict(pd.read_csv(bases[kind].table))
    assert tracemalloc.get_traced_memory()[1] < BYTES
    tracemalloc.stop()
    assert model.classes_.dtype == "U4"
    save_model(model, tmp_path / "again")
    assert unseal((tmp_path / "again").read_bytes())[0]["classes"]["dtype"] == "U4"


def test_labels_of_which_an_array_cannot_be_made_are_refused(bases, refused):
    header, arrays = parts(bases["two"])
    header["classes"]["labels"][1] = "w" * (LONGEST_LABEL + 1)
    header["classes"]["dtype"] = f"U{LONGEST_LABEL + 1}"
    assert "longer than 1,024 characters" in refused(header, arrays)
    labels = sorted(str(k) for k in range(2000))
    labels[-1] += "9" * 1000
    header["classes"] = {"labels": labels, "dtype": "U999999", "costs": [1.0] * 2000}
    arrays["theta"] = np.zeros(3000)
    assert f"more than {MOST_OF_LABELS:,} characters" in refused(header, arrays)
    header["classes"] = {"labels": [1, 2], "dtype": "U999999", "costs": [1.0, 1.0]}
    assert "not labels of one type" in refused(header, arrays)


def test_3000_networks_of_100000_labels_are_refused_at_once(bases, refused):
    header, arrays = parts(bases["three"])
    n = 100_000
    header["classes"] = {"labels": list(range(n)), "dtype": "i8", "costs": [1.0] * n}
    header["members"] = header["members"][:1] * 3000
    text = json.dumps(header, separators=(",", ":"), sort_keys=True)
    assert "header is too large" in refused(header, arrays, forged.with_head(text))
    # With as many arrays as such a header needs.
    header["classes"] = {"labels": list(range(n // 4)), "dtype": "i8", "costs": [1.0] * (n // 4)}
    arrays |= {f"theta.{k}": np.zeros(1) for k in range(1, 500)}
    arrays["theta"] = np.zeros(n // 4)
    assert "header.members has 3,000 entries, more" in refused(header, arrays)
    header["members"] = header["members"][:1]
    arrays["theta"] = np.zeros(n // 8)
    assert "header.classes.labels has 25,000 entries, more" in refused(header, arrays)


def test_a_class_that_the_model_does_not_know_is_not_counted(bases, refused):
    for kind in ("two", "three"):
        header, arrays = parts(bases[kind])
        assert header["report"] is not None
        header["report"]["table"]["class_counts"]["another"] = 1
        assert "count other classes" in refused(header, arrays)


# Each names very much of what a model file keeps of columns.
BOMBS = sorted(
    forged_columns.many_columns({"schema": {"columns": [0]}, "training": {"settings": 0}}, {}, 0)
)


# What is checked entry by entry shows at 2,000 of them; some kinds have as many as a header can.
AT_ONCE = {*itertools.product([100], BOMBS), *itertools.product([2000], BOMBS[::2])}
AT_ONCE |= {(20_000, "category"), (20_000, "number")}
AT_ONCE -= {(2000, "forms")}  # which takes seconds


@pytest.mark.parametrize(
    ("n", "what"), slow_but(AT_ONCE, itertools.product([100, 2000, 20_000], BOMBS))
)
def test_very_many_entries_of_columns_are_refused_at_once(bases, refused, what, n):
    header, arrays = parts(bases["written"])
    forged_columns.many_columns(header, arrays, n)[what]()
    if what == "levels":
        header["schema"]["columns"][0].pop("notation")
    try:
        data = seal(header, arrays)
    except ValueError:  # too large for seal itself
        data = forged.with_head(json.dumps(header, separators=(",", ":"), sort_keys=True))
    refused(header, arrays, data)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("date", {"seen": "%Y%Y"}),
        ("date", {"seen": "%q"}),
        ("date", {"seen": None}),
        ("date", {"price": "dmy"}),
        ("number", {"price": "1,234"}),
        ("number", {"price": "x"}),
        ("category", ["note"]),
    ],
    ids=str,
)
def test_settings_that_say_what_no_fit_accepts_are_refused(bases, refused, name, said):
    header, arrays = parts(bases["written"])
    header["training"]["settings"][name] = said
    refused(header, arrays)


@pytest.mark.parametrize(
    "text",
    ["auto", "x", "adam:lr=0.004\n", " adam", "adam:lr=0.0040", "adam:W99=3", "adam:lr=0", ""],
)
def test_an_optimizer_that_no_fit_writes_is_refused(bases, refused, text):
    header, arrays = parts(bases["single"])
    assert header["training"]["settings"]["optimizer"] == "auto"
    header["training"]["optimizer"] = text
    assert "optimizer that ran" in refused(header, arrays)


def test_an_optimizer_that_is_not_that_of_its_settings_is_refused(bases, refused):
    header, arrays = parts(bases["single"])
    header["training"]["settings"]["optimizer"] = "adam:lr=0.5"
    assert "not that of its settings" in refused(header, arrays)


@pytest.mark.quick_each(2)
@pytest.mark.parametrize(
    ("keys", "value", "complaint"),
    [
        (("architecture", "sizes"), [1] * 50_000, "sizes has 50,000"),
        (("architecture", "activations"), ["relu"] * 9000, "activations has 9,000"),
        (("architecture", "sizes"), [10**15, 10**15, 3], "the number of parameters"),
        (("training", "settings", "hidden_layer_sizes"), [1] * 50_000, "has 50,000"),
        (("training", "settings", "optimizer"), "sgd:" + "lr=1," * 20_000, "of at most 10,000"),
        (("objective", "loss"), "quantile:" + "level=0.5," * 30_000, "of at most 10,000"),
        (("schema", "columns"), [{"name": "x", "kind": "number"}] * 5000, "has 5,000"),
        (("encoder", "count"), 2**53, "encoders, but has"),
        (("report", "table", "columns"), [{}] * 9000, "has 9,000"),
        (("judgement", "baselines"), {f"b{k}": {} for k in range(21)}, "21 keys"),
        (("judgement", "baselines"), {"\ud800": {}}, "without lone surrogates"),
        (("report", "table", "class_counts"), dict.fromkeys(map(str, range(20_000)), -1), "-1"),
    ],
)
def test_sizes_are_held_against_the_arrays_first(bases, refused, keys, value, complaint):
    header, arrays = parts(bases["three"])
    inner = header
    for key in keys[:-1]:
        inner = inner[key]
    inner[keys[-1]] = value
    assert complaint in refused(header, arrays)


def test_a_network_too_deep_to_be_followed_is_refused(bases, refused):
    header, arrays = parts(bases["two"])
    n_inputs = header["architecture"]["sizes"][0]
    header["architecture"] = {
        "sizes": [n_inputs, *[1] * 1001],
        "activations": ["relu"] * 1000 + ["identity"],
    }
    header["training"]["settings"]["hidden_layer_sizes"] = [1] * 1000
    arrays["theta"] = np.full(n_inputs + 1 + 2 * 1000, 0.5, np.float32)
    assert "A network of 1,001 layers is too deep" in refused(header, arrays)


def test_too_little_memory_is_a_model_file_error(bases, tmp_path, monkeypatch):
    (tmp_path / "model").write_bytes(seal(bases["two"].header, bases["two"].arrays))

    def none_left(*_):
        raise MemoryError

    monkeypatch.setattr(model_file, "rebuilt", none_left)
    with pytest.raises(ModelFileError, match="not enough memory for the sizes that it names"):
        load_model(tmp_path / "model")


# --- what belongs together --------------------------------------------------------------------

NOTHING = {"value": None, "low": None, "high": None}
PAIRS = {
    "two": [
        (("judgement", "network", "metrics", "auc", "low"), None, "a value in an interval"),
        (("judgement", "network", "metrics", "auc", "high"), None, "a value in an interval"),
        (("judgement", "network", "metrics", "auc", "value"), None, "a value in an interval"),
        (("judgement", "network", "metrics", "auc"), {**NOTHING, "low": 1}, "a value in"),
        (("judgement", "network", "metrics", "auc", "low"), "Infinity", "a value in an interval"),
        (
            ("judgement", "differences", "logistic regression", "high"),
            None,
            "a measure, intervals, a margin",
        ),
        (("report", "table", "columns", 1, "high"), None, "or none of them"),
        (("report", "table", "columns", 1, "median"), None, "or none of them"),
        (("report", "table", "columns", 1, "low"), 1e9, "or none of them"),
        (("report", "table", "columns", 1, "name"), "x", "other columns than the schema"),
        (("report", "curves", "histogram", "positive"), [1] * 19, "in 20 bins"),
        (("report", "curves", "histogram", "negative"), [10**6] * 20, "in 20 bins"),
        (("report", "curves", "steps"), 10, "not 1000"),
        (("report", "curves", "roc", "true_positive", 0), 1, "run in one direction|from no row"),
        (("report", "curves", "roc", "false_positive"), [0], "from no row"),
        (
            ("training", "out_of_fold", "loss"),
            None,
            "an out-of-fold score, but no out-of-fold loss",
        ),
        (("training", "out_of_fold", "score"), -0.1, "no accuracy and no"),
        (("training", "out_of_fold", "score"), 7, "no accuracy and no"),
        (("training", "out_of_fold", "loss"), -1e308, "loss is below 0"),
        (("training", "out_of_fold", "ended_earlier"), 6, "more folds ended earlier than"),
        (("classes", "costs"), [1e-300, 1e308], "costs"),
    ],
    "number": [
        (("report", "curves", "residuals"), [0] * 23, "24 bins"),
        (("report", "curves", "counts"), [[0] * 24] * 23, "24 bins"),
        (("report", "curves", "low"), 1e9, "low end of the residuals is above the high end"),
        (("report", "table", "target_range", "low"), None, "low, a median and a high"),
        (("report", "table", "target_range", "low"), 1e9, "low, a median and a high"),
    ],
}


@pytest.mark.quick_each(2)
@pytest.mark.parametrize(
    ("kind", "keys", "value", "complaint"),
    [(kind, *each) for kind, some in PAIRS.items() for each in some],
)
def test_what_is_set_together_is_set_together(bases, refused, kind, keys, value, complaint):
    header, arrays = parts(bases[kind])
    if "out_of_fold" in keys:
        assert header["training"]["out_of_fold"]["score"] is not None
    inner = header
    for key in keys[:-1]:
        inner = inner[key]
    inner[keys[-1]] = value
    assert any(each in refused(header, arrays) for each in complaint.split("|"))


@pytest.mark.parametrize("epochs", [10**9 + 1, 2**63])
def test_more_epochs_than_a_fit_may_have_are_refused(bases, refused, epochs):
    header, arrays = parts(bases["two"])
    header["training"]["settings"]["max_iter"] = epochs
    assert "max_iter" in refused(header, arrays)


def test_an_estimate_of_nothing_is_one(bases, tmp_path):
    header, arrays = parts(bases["two"])
    header["judgement"]["network"]["metrics"]["auc"] = NOTHING
    path = tmp_path / "model"
    path.write_bytes(seal(header, arrays))
    assert read_model(path).judgement["network"]["metrics"]["auc"] == NOTHING
    assert forged.broken_by(path, bases["two"].table) is None


@pytest.mark.parametrize(("column", "name"), [(2, "train_loss"), (3, "valid_loss")])
def test_the_kept_epoch_has_its_losses(bases, refused, column, name):
    header, arrays = parts(bases["two"])
    assert header["training"]["history"][column] == name
    assert header["training"]["stopping"] != "none"
    history = arrays["history"].copy()
    history[header["members"][0]["best_epoch"] - 1, column] = np.nan
    arrays["history"] = history
    assert "loss" in refused(header, arrays)


# --- finite numbers ---------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["two", "three", "number", "single", "scored", "counted"])
def test_weights_that_could_overflow_are_refused(bases, refused, kind):
    header, arrays = parts(bases[kind])
    largest = {np.dtype("f4"): 3e38, np.dtype("f8"): 1e307}[arrays["theta"].dtype]
    signs = np.resize([1, -1], len(arrays["theta"]))
    arrays["theta"] = (largest * signs).astype(arrays["theta"].dtype)
    assert "may not be finite" in refused(header, arrays)


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_no_activation_exceeds_the_bound(name):
    with np.errstate(all="ignore"):
        z = np.concatenate([np.linspace(-50, 50, 20_001), np.logspace(0, 150, 301)])
        z = np.concatenate([z, -z])
        assert (abs(ACTIVATIONS[name].value(z)) <= 1.76 + 1.06 * abs(z)).all()
        half = np.logspace(0, 37, 75).astype("f4")
        assert np.isfinite(ACTIVATIONS[name].value(np.concatenate([half, -half]))).all()


@pytest.mark.quick_each(4)
@pytest.mark.parametrize("kind", ["two", "three", "number", "single", "scored", "counted"])
@pytest.mark.parametrize("scale", [1e4, 1e8, 1e12, 1e20, 1e30, 1e60, 1e120])
def test_what_is_accepted_predicts_finite_numbers_for_any_row(bases, tmp_path, kind, scale):
    header, arrays = parts(bases[kind])
    for name in [each for each in arrays if each.startswith("theta")]:
        with np.errstate(all="ignore"):
            scaled = np.clip(arrays[name] * np.float64(scale), -3e38, 3e38)
        arrays[name] = scaled.astype(arrays[name].dtype)
    path = tmp_path / "model"
    path.write_bytes(seal(header, arrays))
    try:
        model = load_model(path)
    except ModelFileError:
        return
    assert scale < 1e38 or arrays["theta"].dtype == np.float64
    table = pd.read_csv(bases[kind].table)
    rows = pd.concat([table] * 20, ignore_index=True)
    numbers = rows[list(model.schema_.names)].select_dtypes("number").columns
    extremes = np.resize([1e300, -1e300, 0.0, 5e-324, np.nan], len(rows))
    rows[numbers] = rows[numbers].astype(float)
    for place, column in enumerate(numbers):
        rows[column] = np.roll(extremes, place)
    X = rows[list(model.schema_.names)]
    X = X if model.schema_.named else X.to_numpy()
    for part in (X, X[:2]):  # many rows and few go different ways
        found = model.predict_proba(part) if hasattr(model, "classes_") else model.predict(part)
        assert np.isfinite(found).all()


def test_a_model_of_such_weights_is_not_written(tmp_path):
    rng = np.random.default_rng(0)
    model = ThalwegClassifier((2,), max_iter=2, early_stopping=False, random_state=0)
    model.fit(rng.normal(size=(30, 2)), np.arange(30) % 2)
    model.members_[0].theta[:] = np.finfo(model.theta_.dtype).max
    with pytest.raises(SettingsError, match="may not be finite"):
        model.save(tmp_path / "model")
    assert list(tmp_path.iterdir()) == []


# --- forgeries and bombs ----------------------------------------------------------------------


def held(tally, count):
    """No crash, nothing dear, nothing accepted that breaks."""
    assert tally.broken == []
    assert tally.refused + tally.accepted == count
    assert tally.refused > 0.7 * count
    assert tally.slowest < SECONDS, tally.dearest
    assert tally.largest < BYTES, tally.dearest
    return tally


def test_forgeries_are_refused_or_whole(bases, tmp_path):
    tally = forged.forge_many(list(bases.values()), tmp_path, range(50))
    assert held(tally, 50).accepted > 2


def test_bombs_are_refused_in_little_time_and_memory(bases, tmp_path):
    held(forged.bomb_many(list(bases.values()), tmp_path, range(15)), 15)


@pytest.mark.slow
def test_thousands_of_forgeries_are_refused_or_whole(bases, tmp_path):
    seeds = range(1000, 1000 + FORGERIES)
    held(forged.forge_many(list(bases.values()), tmp_path, seeds, landscapes=2), FORGERIES)


@pytest.mark.slow
def test_thousands_of_bombs_are_refused_in_little_time_and_memory(bases, tmp_path):
    seeds = range(1000, 1000 + FORGERIES)
    held(forged.bomb_many(list(bases.values()), tmp_path, seeds), FORGERIES)


@pytest.mark.parametrize(("name", "setting"), [("l1", 1e308), ("l1", 1e151), ("alpha", 1e200)])
def test_a_penalty_whose_gradient_is_not_finite_is_refused(bases, refused, name, setting):
    # A trace of such a model ended in "a defect in thalweg": the gradient's norm overflowed.
    header, arrays = parts(bases["scored"])
    header["training"]["settings"][name] = setting
    assert "penalties are so large" in refused(header, arrays)


def test_a_large_penalty_is_kept_and_traced(bases, tmp_path, cli):
    header, arrays = parts(bases["scored"])
    header["training"]["settings"]["l1"] = 1e100
    path = tmp_path / "model"
    path.write_bytes(seal(header, arrays))
    assert load_model(path).l1 == 1e100
    code, _, err = cli("trace", path, bases["scored"].table)
    assert (code, "defect" in err) == (0, False)
