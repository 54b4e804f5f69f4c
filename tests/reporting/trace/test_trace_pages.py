"""What a trace shows: the same numbers in text, HTML and JSON, and sums that add up as written."""

import html
import json
import re
from decimal import Decimal
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console
from sklearn.neural_network import MLPRegressor

import by_hand
from mixed import mixed
from thalweg import ThalwegClassifier, from_sklearn, load_table
from thalweg.errors import DataError, SettingsError, UnseenLevelWarning
from thalweg.estimators.parameters.optimizer_of_fit import fitted_optimizer_text
from thalweg.network.architecture import Architecture
from thalweg.network.engine import Data, Objective
from thalweg.network.gradcheck import FORMULA
from thalweg.reporting.trace.model_trace import check_data
from thalweg.reporting.trace.tables.digits import (
    added_up,
    exact,
    moved_words,
    number,
    precise,
    sum_lines,
)
from thalweg.reporting.trace.tables.network_check_tables import SECTIONS, verdict
from thalweg.reporting.trace.tables.trace_tables import sum_section
from thalweg.reporting.trace.text import TEXT
from thalweg.reporting.trace.trace_data import Names, trace_data
from thalweg.reporting.trace.trace_display import Shown
from thalweg.tracing.network_check import check_model
from thalweg.tracing.row_trace import trace

# Some tables here have a column of names; test_identifiers is about what is said of it.
pytestmark = pytest.mark.filterwarnings("ignore::thalweg.errors.IdentifierWarning")


def shown(sizes=(4, 12, 9, 1), n_rows=1, text="sigmoid_cross_entropy", column="size", **settings):
    rng = np.random.default_rng(sum(sizes))
    architecture = Architecture(sizes, (*(("tanh",) * (len(sizes) - 2)), "identity"))
    X = rng.normal(size=(n_rows, sizes[0]))
    data = Data.of(X, by_hand.targets(text, n_rows, sizes[-1], rng))
    theta = rng.normal(size=architecture.n_parameters) * 0.7
    traced = trace(architecture, Objective(text, settings.pop("penalty", 0.01)), theta, data)
    inputs = ["age", column, "dose", *(f"c{i}" for i in range(4, sizes[0]))][: sizes[0] - 1]
    names = Names(
        [*inputs, "age missing"],
        list(range(17, 17 + n_rows)),
        [[None] * n_rows, *X.T[1:-1].tolist(), None],
        ["yes"] * n_rows,
        subject="my.csv",
        output="probability of yes",
    )
    return Shown("trace", trace_data(traced, names, **settings))


VARIETIES = [
    {},
    {"n_rows": 5, "weight": "b1[2]"},
    {"sizes": (4, 3, 1), "weight": "W1[3,2]", "optimizer": "sgd:lr=0.1,momentum=0.9"},
    {"sizes": (30, 20, 1), "weight": "W2[1,3]", "penalty": 0.0},
    {"sizes": (4, 6, 3), "text": "softmax_cross_entropy", "weight": "W1[1,1]"},
    {"sizes": (4, 5, 5, 5, 2), "text": "huber", "n_rows": 2},
    {"sizes": (3, 1), "text": "poisson", "optimizer": "adamw:decay=0.1,clip=0.001"},
    {"sizes": (4, 3, 1), "optimizer": "lbfgs"},
    {"sizes": (4, 3, 1), "optimizer": "nadam"},
    {"sizes": (4, 3, 1), "weight": "W1[3,2]", "optimizer": "adam:scales=6"},
]


@pytest.mark.quick_each(2)
@pytest.mark.parametrize("settings", VARIETIES)
def test_text_and_html_hold_the_same_tables(settings):
    one = shown(**settings)
    text, page = str(one), one._repr_html_().replace("<wbr/>", "")
    body = html.unescape(re.sub(r"<math.*?</math>", "", page, flags=re.DOTALL))
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", body)
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in rows]
    wanted = [
        list(row) for section in SECTIONS["trace"](one.data) for row in
        ([section.heads] if section.rows else []) + list(section.rows)
    ]  # fmt: skip
    assert cells == wanted
    # On a terminal a cell may be broken into lines between words: numbers stay whole.
    words = text.split()
    for row in wanted:
        for word in " ".join(row).split():
            assert word in words, word


@pytest.mark.parametrize("settings", VARIETIES)
def test_every_number_of_the_text_is_one_of_the_json(settings):
    one = shown(**settings)
    held = []

    def gather(value):
        if isinstance(value, dict):
            for each in value.values():
                gather(each)
        elif isinstance(value, list):
            for each in value:
                gather(each)
        elif isinstance(value, float):
            held.append(value)

    gather(json.loads(one.to_json()))
    written = {form(value) for value in held for form in (number, precise, exact)}
    written |= {f"{value:.1e}" for value in held}
    chain = one.data["chain"]
    for step in one.data["update"]["steps"]:
        written.add(number(step["moved"] - step["theta"]))
        written.add(number(step["theta"] * step["decayed"]))
        written.add(number(step["gradient"] * step["clipped"]))
    for section in SECTIONS["trace"](one.data):
        if section.totals and not section.formula:
            continue  # sums: their digits are the test below
        for row in section.rows:
            for cell in row[1:]:
                if re.fullmatch(r"-?[0-9.]+(e[+-][0-9]+)?", cell):
                    assert cell in written or cell == "1", (section.title, cell)
    assert chain["value"] == pytest.approx(chain["engine"], rel=1e-12)


@pytest.mark.parametrize("settings", VARIETIES)
def test_sums_add_up_as_they_are_written(settings):
    checked = 0
    for section in SECTIONS["trace"](shown(**settings).data):
        if section.totals and not section.formula:
            *terms, total = (Decimal(row[-1]) for row in section.rows)
            assert sum(terms) == total, section.title
            checked += 1
    assert checked >= 1


def test_a_cut_sum_says_how_many_there_are_and_what_they_come_to():
    one = shown(sizes=(30, 20, 1), weight="W1[3,2]")
    (columns,) = (s for s in SECTIONS["trace"](one.data) if s.title.startswith("Z1[3]"))
    line = columns.rows[-2]
    assert line[:2] == ("22 more", "(sum)")
    _, *terms = one.data["sums"][0]["terms"]
    smallest = sorted(terms, key=lambda term: abs(term["value"]))[:22]
    rest = sum(term["value"] for term in smallest)
    assert float(line[-1]) == pytest.approx(rest, abs=1e-4)
    # What is shown stands in the order of the inputs: no column is put first for its weight.
    names = [row[0] for row in columns.rows[1:-2]]
    assert len(names) == 8
    assert names == [term["name"] for term in terms if term not in smallest]
    paths = shown(sizes=(4, 3, 12, 1), weight="W1[3,2]")
    (section,) = (s for s in SECTIONS["trace"](paths.data) if s.title.startswith("The chain"))
    assert section.rows[-2][:2] == ("4 more", "(sum)")
    assert "12 paths" in " ".join(section.words)


def on_80_columns(shown):
    console = Console(width=80, color_system=None)
    with console.capture() as caught:
        console.print(TEXT["trace"](shown.data))
    return [line.rstrip() for line in caught.get().splitlines()]


@pytest.mark.parametrize("sizes", [(4, 3, 12, 1), (4, 3, 5, 4, 1), (3, 4, 4, 4, 4, 4, 4, 4, 1)])
def test_a_path_is_named_by_its_units_and_no_name_is_broken(sizes):
    one = shown(sizes=sizes, weight="W1[3,2]")
    lines = on_80_columns(one)
    row = one.data["chain"]["rows"][0]
    (begin,) = (i for i, line in enumerate(lines) if line.startswith("path through"))
    path = row["paths"][0]
    through = [f"A{len(sizes) - 1 - k}[{unit}]" for k, unit in enumerate(path["units"])][1:]
    assert lines[begin + 2].startswith(" ".join(through[:5]))  # more units take two lines
    said = " ".join(" ".join(lines).split())
    for line in lines:
        assert line.count("[") == line.count("]"), line
    if len(sizes) == 4:
        assert all(line for line in lines[begin + 2 : begin + 11]), "one line a path"
        assert "product each: dLoss_Yh · dYh_Z3 · dZ3_A2[i] · dA2[i]_Z2[i] · dZ2[i]_A1[3]." in said
    for each in row["paths"]:
        for factor in each["factors"]:
            assert number(factor["value"]) in said


def test_of_several_outputs_a_path_is_named_by_its_output_too():
    one = shown(sizes=(4, 6, 5, 3), text="softmax_cross_entropy", weight="W1[1,1]")
    (section,) = (s for s in SECTIONS["trace"](one.data) if s.title.startswith("The chain"))
    k, i = one.data["chain"]["rows"][0]["paths"][0]["units"]
    assert section.rows[0][0] == f"Z3[{k}] A2[{i}]"
    assert "dLoss_Z3[i] · dZ3[i]_A2[j] · dA2[j]_Z2[j] · dZ2[j]_A1[1]" in section.words[-1]


@pytest.mark.parametrize(
    ("crossings", "says"),
    [
        (1, "1 longer step would have crossed a kink; each was made"),
        (2, "2 longer steps would have crossed a kink; each was made"),
    ],
)
def test_crossed_kinks_are_counted_in_english(crossings, says):
    data = {**shown().data["chain"]}
    data["difference"] = {**data["difference"], "crossings": crossings}
    assert says in " ".join(SECTIONS["chain"](data)[-1].words)


def test_a_weight_that_was_not_named_is_said_to_be_what_the_rows_move_most():
    one = shown(penalty=5.0)
    (block,) = (node for node in one.data["nodes"] if node["name"] == "W1")
    steepest = np.abs(block["gradient"]).max()
    assert steepest > 2 * abs(one.data["chain"]["value"]), "the penalty makes another one steeper"
    words = " ".join(str(one).split())
    assert "this one has the largest gradient in the first layer, without the penalty." in words
    assert "largest gradient in the first layer." in " ".join(str(shown(penalty=0.0)).split())
    assert "steepest" not in words


@pytest.mark.parametrize(
    ("bias", "rows", "said"),
    [
        (-9.0, [0], "for this row, all gradients of the first layer are 0"),  # a dead network
        (-9.0, [0, 1], "for these rows together, all gradients of the first layer are 0"),
        (0.0, [0], "for this row, all gradients of the first layer are 0"),  # row 2 has some
        (0.0, [1], "this one has the largest gradient in the first layer"),
        (0.0, [0, 1], "this one has the largest gradient in the first layer"),
    ],
)
@pytest.mark.parametrize("penalty", [0.0, 0.1])
def test_no_weight_is_said_to_have_the_largest_gradient_if_all_are_0(bias, rows, said, penalty):
    architecture = Architecture.dense(2, (3,), 1, "relu")
    theta = np.full(architecture.n_parameters, 0.5)
    theta[architecture.blocks[1].offset :][:3] = bias
    X = np.array([[-1.0, -2.0], [1.0, 2.0]])[rows]
    data = Data.of(X, np.ones((len(rows), 1)))
    traced = trace(architecture, Objective("sigmoid_cross_entropy", penalty), theta, data)
    names = Names(
        ["a", "b"], list(range(1, len(rows) + 1)), [None, None], ["yes"] * len(rows),
        subject="my.csv", output="probability of yes",
    )  # fmt: skip
    words = " ".join(str(Shown("trace", trace_data(traced, names))).split())
    assert f"No weight was named: {said}" in words
    all_zero = "all gradients" in said
    assert ("largest gradient in the first layer" in words) != all_zero
    assert ("and its first weight was taken" in words) == all_zero
    assert ("0 (without the penalty)" in words) == (all_zero and penalty > 0)


def test_truth_stands_in_a_trace_as_it_stands_in_the_table():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"age": rng.normal(size=60), "sick": rng.random(60) < 0.5})
    frame["sick"] = frame["sick"].astype(object)
    frame.loc[7, "sick"] = None
    model = ThalwegClassifier((3,), max_iter=2, random_state=0, n_bins=0, early_stopping=False)
    model.fit(frame, np.where(rng.random(60) < 0.5, "no", "yes"))
    assert model.schema_.kinds == ("number", "boolean")
    column = model.trace(frame.iloc[:9]).data["columns"][1]
    truth = [None if cell is None else str(cell).lower() for cell in frame["sick"][:9]]
    assert column["raw"] == truth
    assert {"true", "false", None} == set(truth)
    written = pd.DataFrame({"age": [1.0, 2.0, 3.0], "sick": ["TRUE", 1, 0]})
    assert model.trace(written).data["columns"][1]["raw"] == ["TRUE", "1", "0"]


@given(
    st.lists(st.floats(-1e6, 1e6, allow_subnormal=False), min_size=1, max_size=30),
    st.integers(-12, 12),
)
def test_any_sum_adds_up_as_it_is_written(values, power):
    values = [value * 10.0**power for value in values]
    written, _, total = added_up(values, sum(values))
    assert sum(map(Decimal, written)) == Decimal(total)
    largest = max(map(abs, [*values, sum(values)]))
    for value, each in zip([*values, sum(values)], [*written, total], strict=True):
        assert abs(float(each) - value) <= 1.01e-5 * largest


@pytest.mark.parametrize("n", [1, 7, 8, 9, 10, 30])
def test_no_line_says_that_there_is_one_more(n):
    terms = [{"name": f"t{k}", "text": "", "value": 1.0} for k in range(n)]
    lines, total = sum_lines(terms, float(n), 8)
    assert len(lines) == (n if n <= 9 else 9)
    assert float(total) == n
    assert [line.name for line in lines if "more" in line.name] == (
        [f"{n - 8} more"] if n > 9 else []
    )


def test_what_is_not_finite_is_written_all_the_same():
    assert added_up([float("inf"), 1.0], float("inf")) == (["inf", "1"], [False] * 2, "inf")
    assert added_up([0.0, 0.0], 0.0) == (["0", "0"], [False] * 2, "0")
    assert number(float("nan")) == "–"
    assert number(-0.0) == "0"


@pytest.mark.parametrize("settings", VARIETIES)
def test_a_page_is_sound_asks_for_nothing_and_runs_its_own_script_alone(settings):
    page = shown(**settings).to_html()
    scripts = re.findall(r"<script[^>]*>", page)
    assert scripts == ['<script type="application/json" id="data">', '<script type="module">']
    assert "default-src 'none'" in page
    assert not re.search(r"\b(?:src|href)=(?!\"data:,\")", page)
    assert not re.search(r"https?://(?!www\.w3\.org/1998/Math/MathML)", page)
    for formula in re.findall(r"<math.*?</math>", page, flags=re.DOTALL):
        ElementTree.fromstring(formula)
    body = re.search(r'<div class="trace">.*</div>(?=\n</details>)', page, flags=re.DOTALL)[0]
    ElementTree.fromstring(body)
    (still,) = re.findall(r'<svg class="net still".*?</svg>', page, flags=re.DOTALL)
    ElementTree.fromstring(still)


def test_a_chain_alone_is_a_page_without_a_script():
    page = shown(weight="W1[1,2]")
    assert "<script" not in Shown("chain", page.data["chain"]).to_html()


def test_the_formula_has_the_factors_as_fractions_and_numbers():
    one = shown(sizes=(4, 3, 1), weight="W1[3,2]")
    formula = re.search(r"<math.*?</math>", one._repr_html_(), flags=re.DOTALL)[0]
    tree = ElementTree.fromstring(formula)
    space = "{http://www.w3.org/1998/Math/MathML}"
    fractions = tree.findall(f".//{space}mfrac")
    assert len(fractions) == 6  # the derivative, and its five factors
    symbols, numbers = ("".join(row.itertext()) for row in tree.iter(f"{space}mtr"))
    assert symbols.startswith("∂Loss17∂W3,2(1)=∂Loss∂Yh·∂Yh∂Z(2)·")
    factors = [f for row in one.data["chain"]["rows"] for f in (
        *row["paths"][0]["factors"], *row["local"])]  # fmt: skip
    expected = "·".join(number(factor["value"]) for factor in factors)
    assert numbers == f"{number(one.data['chain']['rows'][0]['value'])}={expected}"


def test_hostile_names_stay_text():
    evil = "<script>alert(1)</script>\x1b[31m&"
    one = shown(column=evil, weight="W1[1,2]")
    page = one.to_html()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert "\\u003cscript\\u003e" in page  # in the data of the page
    assert "\x1b" not in str(one) + page + one.to_json()


def test_nothing_is_cut_off_in_80_columns():
    for settings in VARIETIES:
        one = shown(**settings)
        console = Console(width=80, color_system=None)
        with console.capture() as caught:
            console.print(TEXT["trace"](one.data), highlight=False)
        said = caught.get()
        assert "…" not in said
        assert max(cell_len(line.rstrip()) for line in said.splitlines()) <= 80
        words = said.split()
        for section in SECTIONS["trace"](one.data):
            for row in section.rows:
                assert all(word in words for word in row[-1].split()), row


# --- the door of a model ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def fitted():
    table = load_table("wisconsin")
    model = ThalwegClassifier((15,), random_state=0, early_stopping=False, max_iter=4)
    return model.fit(table.frame, table.target), table


def probability_by_hand(model, row):
    """Of the first network, in float64 whatever the dtype of its weights."""
    first = model.members_[0]
    A = first.encoder.encode(model.schema_.matrix(row)).T
    *hidden, (W, b) = first.architecture.layers(first.theta.astype(np.float64))
    for W_hidden, b_hidden in hidden:
        A = np.maximum(W_hidden @ A + b_hidden, 0)
    return float(1 / (1 + np.exp(-(W @ A + b)[0, 0])))


def test_a_row_of_a_raw_table_is_traced(fitted):
    model, table = fitted
    assert model.theta_.dtype == np.float32
    one = model.trace(table.frame.iloc[[23]], ["malignant"], weight="W1[3,bare_nuclei]")
    assert one.data["rows"][0]["target"] == "malignant"
    traced = one.data["rows"][0]["prediction"][0]
    assert traced == pytest.approx(probability_by_hand(model, table.frame.iloc[[23]]), rel=1e-12)
    assert traced == pytest.approx(model.predict_proba(table.frame.iloc[[23]])[0, 1], rel=1e-6)
    columns = {column["name"]: column for column in one.data["columns"]}
    assert columns["clump_thickness"]["raw"] == [8.0]
    assert columns["bare_nuclei"]["raw"] == [None]
    assert columns["bare_nuclei missing"]["raw"] is None
    assert columns["bare_nuclei missing"]["encoded"] == [1.0]
    assert one.data["chain"]["column"] == "bare_nuclei"
    assert "missing" in str(one)
    assert "bare_nuclei" in one._repr_html_()
    assert repr(one) == str(one)
    assert one.data["update"]["optimizer"] == fitted_optimizer_text(model.settings_)
    assert "network 1 of" not in str(one)


def test_of_several_networks_the_trace_says_which_one_it_follows(fitted):
    table = fitted[1]
    model = ThalwegClassifier((4,), random_state=0, max_iter=2).fit(table.frame, table.target)
    one = model.trace(table.frame.iloc[[23]], ["malignant"])
    said = " ".join(str(one).split())
    assert "mean of all 5, and differs from the one here. Network" in said
    assert "and another number than here" not in said
    assert "network 1 of 5" in one.to_html()
    p = probability_by_hand(model, table.frame.iloc[[23]])
    assert one.data["rows"][0]["prediction"][0] == pytest.approx(p, rel=1e-12)
    assert p != pytest.approx(model.predict_proba(table.frame.iloc[[23]])[0, 1], rel=1e-6)


def test_one_row_may_come_in_any_form(fitted):
    model, table = fitted
    whole = model.trace(table.frame.iloc[[5]], table.target[5]).data
    assert model.trace(table.frame.iloc[5], table.target[5]).data == whole
    supposed = model.trace(table.frame.iloc[5])
    assert supposed.data["rows"][0]["supposed"]
    assert "predicted as" in str(supposed)
    assert supposed.data["rows"][0]["target"] == model.predict(table.frame.iloc[[5]])[0]
    matrix = model.schema_.matrix(table.frame)
    plain = ThalwegClassifier((3,), random_state=0, early_stopping=False, max_iter=2)
    plain.fit(matrix, table.target)
    assert plain.trace(matrix[5]).data == plain.trace(matrix[5:6]).data


def test_the_penalty_is_that_of_the_training_rows(fitted):
    model, table = fitted
    row = table.frame.iloc[[5]]
    whole = model.trace(row)
    assert whole.data["network"]["penalty"] == 1.0 / 699
    assert [f["name"] for f in whole.data["chain"]["penalties"]] == ["penalty of squares"]
    bare = ThalwegClassifier((3,), alpha=0, random_state=0, early_stopping=False, max_iter=2)
    assert "penalty" not in str(bare.fit(table.frame, table.target).trace(row))


def test_costs_smoothing_and_sizes_are_in_the_loss_as_in_training():
    frame, y = mixed(300)
    model = ThalwegClassifier(
        (4,), alpha=3, l1=0.7, label_smoothing=0.2, class_weight={"ill": 1, "well": 5},
        dropout=0.25, random_state=0, max_iter=2, unknown="ignore",
    )  # fmt: skip
    model.fit(frame, y)
    pair = [int(np.flatnonzero(y == label)[0]) for label in ("ill", "well")]
    traced = model.trace(frame.iloc[pair], y[pair])
    rows, weight = model.members_[0].taught
    network, found = traced.data["network"], traced.trace
    assert (network["penalty"], network["l1"]) == (3 / weight, 0.7 / weight)
    assert (network["taught"], network["taught_weight"]) == (rows, weight)
    assert weight > 2 * rows  # the costs are in it
    assert found.shares * 2 == pytest.approx(np.array([1, 5]) * rows / weight, rel=1e-15)
    assert found.data.Y.ravel().tolist() == pytest.approx([0.1, 0.9])
    p = found.prediction.ravel()
    losses = -(found.data.Y.ravel() * np.log(p) + (1 - found.data.Y.ravel()) * np.log(1 - p))
    weights = np.concatenate([W.ravel() for W, _ in model.members_[0].layers]).astype(np.float64)
    penalty = 1.5 / weight * weights @ weights + 0.7 / weight * np.abs(weights).sum()
    assert network["height"] == pytest.approx(losses @ found.shares + penalty, rel=1e-12)
    said = " ".join(str(traced).split())
    assert "Label smoothing is 0.2" in said
    assert "dropout set a share of 0.25 of the hidden outputs to 0" in said
    assert "counts by the cost of its class" in said
    assert model.check_gradient(frame, y).data["passes"]


def test_chain_and_update_of_a_trace(fitted):
    model, table = fitted
    one = model.trace(table.frame.iloc[[5, 23]], table.target[[5, 23]], rows=[6, 24])
    chain = one.chain("W1[3,mitoses]")
    assert chain.kind == "chain"
    assert chain.data["name"] == "W1[3,9]"
    assert "The chain rule: dLoss_W1[3,9]" in str(chain)
    assert chain._repr_html_().count("<math") == 1
    update = one.update("b1[3]", "sgd:lr=0.1,momentum=0.9", steps=4)
    assert [step["step"] for step in update.data["steps"]] == [1, 2, 3, 4]
    assert "The update of b1[3]: sgd:momentum=0.9" in str(update)  # 0.1 is the usual rate
    assert "The learning rate η is 0.1 in every step" in str(update)
    assert "L-BFGS finds the length" in str(one.update("b1[3]", "lbfgs"))
    assert chain.to_html().startswith("<!doctype html>")


def test_a_page_is_saved_wholly_and_not_over_another(fitted, tmp_path):
    model, table = fitted
    one = model.trace(table.frame.iloc[[5]])
    one.save(tmp_path / "row.html")
    assert (tmp_path / "row.html").read_text("utf-8") == one.to_html()
    with pytest.raises(OSError, match=r"row\.html"):
        one.save(tmp_path / "row.html")
    one.save(tmp_path / "row.html", overwrite=True)


@pytest.mark.parametrize(
    ("rows", "y", "error", "says"),
    [
        ([5], ["typo"], DataError, '"typo".*row 1.*"benign" or "malignant"'),
        ([5, 6], ["benign"], DataError, "1 labels do not fit 2 rows"),
        (list(range(101)), None, DataError, "101 rows are too many.*100 rows or fewer"),
    ],
)
def test_the_error_of_rows_that_cannot_be_traced_says_why(fitted, rows, y, error, says):
    model, table = fitted
    with pytest.raises(error, match=says):
        model.trace(table.frame.iloc[rows], y)
    with pytest.raises(SettingsError, match="no input 'typo'"):
        model.trace(table.frame.iloc[[5]], weight="W1[1,typo]")


def test_the_gradient_of_a_model_is_checked(fitted):
    model, table = fitted
    drawn = model.check_gradient()
    assert drawn.data["passes"]
    assert drawn.data["drawn"]
    assert "The gradient is right" in str(drawn)
    rows = model.check_gradient(table.frame, table.target)
    assert rows.data["passes"]
    assert rows.data["n_rows"] == 699
    caught = model.check_gradient(table.frame.iloc[:20], fault="dropped_bias")
    assert not caught.data["passes"]
    assert "caught the planted fault: the gradient is wrong in b1" in str(caught)
    json.loads(caught.to_json())
    assert "wrong in b1" in caught.to_html()
    wrong = verdict({**caught.data, "fault": None})
    assert wrong.startswith("The check failed: the gradient is wrong in b1, by up to ")


def test_labels_that_are_numbers_are_understood():
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"a": rng.normal(size=40), "b": rng.normal(size=40)})
    y = (X["a"] > 0).astype(int)
    model = ThalwegClassifier((3,), random_state=0, early_stopping=False, max_iter=2).fit(X, y)
    assert model.trace(X.iloc[[0]], [1]).data["rows"][0]["target"] == "1"
    assert model.trace(X.iloc[0], 1).data["rows"][0]["y"] == [1.0]


# --- tables of every kind ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def of_every_kind():
    frame, y = mixed()
    frame["code"] = frame["code"].astype("category")
    model = ThalwegClassifier((5,), random_state=0, early_stopping=False, max_iter=3)
    return model.fit(frame, y), frame, y


def scaled(cell, center, scale):
    """A number as the network sees it, by the formula of the documentation."""
    z = scale * (cell - center)
    return z / np.sqrt(1 + (z / 3) ** 2)


def test_every_output_stands_beside_the_cell_it_is_made_of(of_every_kind):
    model, frame, _ = of_every_kind
    rows = [0, 1, 5]  # without an age, without a town, without a hole
    data = model.trace(frame.iloc[rows], rows=[1, 2, 6]).data
    columns = {column["name"]: column for column in data["columns"]}
    towns, codes = ("Bern", "Oslo", "Rome"), ("8001", "8002", "9100")
    hot = [name for name in columns if name.startswith("ward=")]
    assert len(hot) == 32
    bins = [name for name in columns if name.startswith("age ") and "…" in name]
    assert len(bins) == model.encoder_.bins.n_outputs == 8
    assert list(columns) == [
        "age", "smoker", "name", *bins, *(f"town={town}" for town in towns), "sex=m", *hot,
        "ward common", *(f"code={code}" for code in codes), "town missing", "age missing",
    ]  # fmt: skip
    cells = frame.iloc[rows]
    texts = [None if pd.isna(town) else town for town in cells["town"]]
    assert texts[1] is None
    for town in towns:
        assert columns[f"town={town}"]["raw"] == texts
        assert columns[f"town={town}"]["encoded"][1] == 0
        seen = {t: e for t, e in zip(texts, columns[f"town={town}"]["encoded"], strict=True) if t}
        assert all((e > 0) == (t == town) for t, e in seen.items())
    for name, raw in (("sex=m", "sex"), ("ward common", "ward"), ("name", "name")):
        assert columns[name]["raw"] == list(cells[raw])
    assert columns["code=9100"]["raw"] == [str(code) for code in cells["code"]]
    assert columns["smoker"]["raw"] == [str(each).lower() for each in cells["smoker"]]
    assert columns["age"]["raw"] == [None, *cells["age"].iloc[1:]]
    center, spread = frame["age"].median(), np.subtract(*frame["age"].quantile([0.75, 0.25]))
    assert columns["age"]["encoded"][1:] == pytest.approx(
        [scaled(age, center, 1 / spread) for age in cells["age"].iloc[1:]], rel=1e-6
    )
    for name in bins:
        low, high = (float(end) for end in name.removeprefix("age ").split("…"))
        came = [min(max((age - low) / (high - low), 0), 1) for age in (center, *cells["age"][1:])]
        share = model.encoder_.bins.scale
        assert columns[name]["raw"] == [None, *cells["age"].iloc[1:]]
        assert columns[name]["encoded"] == pytest.approx(
            [0, *(share * (each - came[0]) for each in came[1:])], abs=1e-5
        )
    for name, encoded in (("age missing", [1, 0, 0]), ("town missing", [0, 1, 0])):
        assert (columns[name]["own_cell"], columns[name]["raw"]) == (False, None)
        assert columns[name]["encoded"] == encoded


def test_every_scaled_number_can_be_recomputed_from_the_numbers_beside_it(of_every_kind):
    model, frame, _ = of_every_kind
    one = model.trace(frame.iloc[[5]])
    levels = 0
    for column in one.data["columns"]:
        if (its := column["scaling"]) is None:
            assert column["name"].endswith(" missing")
            continue
        if its["is_bin"]:
            low, high = its["least"], its["most"]
            came = [min(max((x - low) / (high - low), 0), 1) for x in (its["x"], its["m"])]
            wanted = its["s"] * (came[0] - came[1])
        else:
            wanted = scaled(its["x"], its["m"], its["s"])
        assert column["encoded"] == [pytest.approx(wanted, abs=1e-12)], column["name"]
        name, _, level = column["name"].partition("=")
        if level:
            share = (frame[name].dropna().astype(str) == level).mean()
            here = str(frame[name].iloc[5]) == level
            wanted = {"x": 1 if here else -1 if name == "sex" else 0, "most": 1}
            assert {key: its[key] for key in wanted} == wanted
            if share < 0.25:  # the interquartile range is 0
                levels += 1
                assert its["s"] == 2 / (its["most"] - its["least"]) == 2
    assert levels > 20
    how = next(s for s in SECTIONS["trace"](one.data) if s.title == "How the columns are encoded")
    said = " ".join(how.words)
    assert "1 / (interquartile range), or 2 / (max - min) where that range is 0" in said
    assert "fewer than a quarter of the rows have a level" in said
    row = f"ward={frame['ward'].iloc[5]}"
    (ward,) = (column for column in one.data["columns"] if column["name"] == row)
    shown = (f"X[{ward['column']}]", "1", "0", "2", "0", "1", number(ward["encoded"][0]))
    assert shown in how.rows
    assert "interquartile range" in one.to_html()


def test_dates_and_target_codes_can_be_recomputed_from_what_the_page_says():
    """Each formula is that of a sentence on the page, and of docs/mathematics.md."""
    rng = np.random.default_rng(0)
    n, wards = 800, rng.integers(0, 60, 800)
    moments = pd.Timestamp("2019-03-01") + pd.to_timedelta(rng.integers(0, 900 * 24, n), "h")
    frame = pd.DataFrame(
        {"came": moments.strftime("%Y-%m-%d %H:%M"), "ward": "w" + pd.Series(wards).astype(str)}
    )
    settings = {"n_bins": 0, "early_stopping": False, "max_iter": 1, "random_state": 0}
    model = ThalwegClassifier((2,), **settings).fit(frame, (wards % 2 == 0) ^ (rng.random(n) < 0.1))
    taken = [
        j
        for j, w in enumerate(frame["ward"])
        if f"ward={w}" not in model.encoder_.output_names(model.schema_.names, model.schema_.levels)
    ]
    one = model.trace(frame.iloc[[taken[0]]])
    columns = {column["name"]: column for column in one.data["columns"]}
    moment = moments[taken[0]]
    days = (moment - pd.Timestamp("2000-01-01")) / pd.Timedelta("1D")
    year, hour = 2 * np.pi * days / 365.2425, 2 * np.pi * moment.hour / 24
    wanted = {
        "year sine": np.sin(year),
        "year cosine": np.cos(year),
        "hour sine": np.sin(hour),
        "hour cosine": np.cos(hour),
    }
    wanted |= {
        f"weekday={day}": 2 / np.sqrt(1 + (2 / 3) ** 2) * (moment.strftime("%a") == day)
        for day in ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    }
    for name, value in wanted.items():
        assert columns[f"came: {name}"]["encoded"] == [pytest.approx(value, abs=1e-9)], name
    assert columns["came: days"]["scaling"]["x"] == pytest.approx(days + 10957)
    code = columns["ward target"]
    its = code["scaling"]
    assert its["x"] != 0
    assert its["least"] <= its["x"] <= its["most"]
    assert code["encoded"] == [pytest.approx(scaled(its["x"], its["m"], its["s"]), abs=1e-12)]
    one.data["columns"] = [*[*columns.values()][-24:], columns["came: days"], code]
    said = " ".join(str(one).split())
    for each in (
        "days since 1970-01-01",
        "2π d / 365.2425",
        "the days since 2000-01-01",
        "2 / √(1 + (2/3)²) = 1.664",
        "2π h / 24",
        "target code is the code of the level",
    ):
        assert each in said, each


def test_where_training_had_other_target_codes_the_trace_says_so():
    """The mean of the traced training rows is not the loss of the training: it had other codes."""
    rng = np.random.default_rng(1)
    wards = rng.integers(0, 60, 800)
    frame = pd.DataFrame({"x": rng.normal(size=800), "ward": [f"w{w}" for w in wards]})
    y = (wards % 2 == 0) ^ (rng.random(800) < 0.1)
    settings = {"early_stopping": False, "max_iter": 1, "random_state": 0, "dtype": "float64"}
    settings |= {"batch_size": 800, "optimizer": "sgd:lr=1e-12", "dropout": 0.0}

    def traced(columns):
        model = ThalwegClassifier((2,), **settings).fit(frame[columns], y)
        parts = [
            model.trace(frame[columns].iloc[k : k + 100], y[k : k + 100])
            for k in range(0, 800, 100)
        ]
        mean = np.mean([part.data["network"]["height"] for part in parts])
        return parts[0], mean - model.history_[0]["train_loss"]

    coded, apart = traced(["x", "ward"])
    assert abs(apart) > 1e-4
    plain, same = traced(["x"])
    assert abs(same) < 1e-9
    assert coded.data["network"]["coded"] == ["ward"]
    assert plain.data["network"]["coded"] == []
    said = "In training, a training row had other codes"
    for found in (str(coded), coded.to_html()):
        assert said in " ".join(found.split())
        assert "The target codes of ward are those of a new row" in " ".join(found.split())
    assert said not in " ".join(str(plain).split())


def test_of_a_level_with_an_output_of_its_own_no_other_code_is_claimed():
    """Its code is 0 in training, too, and its row is traced as training had it."""
    rng = np.random.default_rng(1)
    wards = rng.integers(0, 60, 800)
    frame = pd.DataFrame({"x": rng.normal(size=800), "ward": [f"w{w}" for w in wards]})
    frame.loc[rng.random(800) < 0.05, "ward"] = None
    settings = {"early_stopping": False, "max_iter": 1, "random_state": 0, "unknown": "ignore"}
    model = ThalwegClassifier((2,), **settings).fit(frame, wards % 2 == 0)
    names = model.encoder_.output_names(model.schema_.names, model.schema_.levels)
    own = frame["ward"].map(lambda ward: f"ward={ward}" in names)
    (code,) = (k for k, name in enumerate(names) if name == "ward target")
    rows = {
        "own": frame[own].iloc[:1],
        "missing": frame[frame["ward"].isna()].iloc[:1],
        "new": frame.iloc[:1].assign(ward="w999"),
        "shared": frame[~own & frame["ward"].notna()].iloc[:1],
        "both": pd.concat([frame[own].iloc[:1], frame[~own & frame["ward"].notna()].iloc[:1]]),
    }
    for kind, some in rows.items():
        traced = model.trace(some)
        shares = kind in ("shared", "both")
        assert traced.data["network"]["coded"] == (["ward"] if shares else []), kind
        said = " ".join(str(traced).split())
        assert ("In training, a training row had other codes" in said) == shares
        assert any(traced.trace.data.X[:, code]) == shares


def test_a_number_that_is_moved_in_a_sum_is_named():
    """One quantity must not have two numbers in a trace without a word about it."""
    terms = [{"name": name, "text": "", "value": 1 / 3} for name in "abc"]
    lines, total = sum_lines(terms, 1.0, 8)
    assert [line.written for line in lines] == ["0.33334", "0.33333", "0.33333"]
    assert total == "1.00000"
    assert moved_words(lines) == (
        "So that the printed terms add up, a is printed one unit of the last digit away from the "
        "nearest rounding.",
    )
    assert moved_words(sum_lines(terms, 1.0, 1)[0][1:]) == ()  # "2 more" has no other number
    section = sum_section({"name": "Z1[1]", "row": 3, "terms": terms, "total": 1.0})
    assert section.words == moved_words(lines)
    chain = shown(n_rows=3, weight="b1[2]", penalty=0.0).data["chain"]
    rows = [{**row, "value": 1 / 3} for row in chain["rows"]]
    sections = SECTIONS["chain"]({**chain, "rows": rows, "value": 1.0})
    (sums,) = (s for s in sections if s.title == "Sum over rows and penalties")
    assert f"add up, {rows[0]['derivative']} is printed one unit" in sums.words[0]


def test_parts_that_are_all_0_are_said_to_be_0():
    data = {**shown(sizes=(4, 3, 1), n_rows=2, weight="W1[3,2]").data["chain"]}
    words = " ".join(SECTIONS["chain"](data)[0].words)
    assert "where it is largest" in words
    assert "every row is 0" not in words
    for zeros, said in ((1, "one of the factors is 0:"), (2, "2 of the factors are 0:")):
        zero = [row_of_0(row, zeros) for row in data["rows"]]
        words = " ".join(SECTIONS["chain"](data | {"rows": zero})[0].words)
        assert "where it is largest" not in words
        assert f"The part of every row is 0, as {said}" in words
        assert "The factors are those of row 17" in words
    alone = shown(sizes=(4, 3, 1), weight="W1[3,2]").data["chain"]
    words = SECTIONS["chain"](alone | {"rows": [row_of_0(alone["rows"][0], 2)]})[0].words
    assert "2 of the factors are 0: this row does not change the weight." in words


def row_of_0(row, zeros):
    """A row of a chain in which so many factors are 0."""
    (path,) = row["paths"]
    factors = [{**f, "value": 0.0} if i < zeros else f for i, f in enumerate(path["factors"])]
    return row | {"value": 0.0, "paths": [path | {"factors": factors}]}


def test_a_zero_in_a_sum_of_tiny_terms_is_0():
    assert added_up([-4.9e-8, 0.0], -4.9e-8) == (
        ["-4.90000e-08", "0"], [False] * 2, "-4.90000e-08",
    )  # fmt: skip


def test_an_update_that_ends_early_says_so():
    update = shown(weight="W1[1,1]", optimizer="sgd:lr=1e308", steps=5).data["update"]
    assert (update["asked"], len(update["steps"])) == (5, 1)
    words = " ".join(SECTIONS["update"]({**update, "name": "W1[1,1]"})[0].words)
    assert "Step 2 gives numbers that are not finite: of 5 steps 1 is shown." in words
    update = shown(weight="W1[1,1]", steps=5).data["update"]
    assert "not finite" not in str(SECTIONS["update"]({**update, "name": "W1[1,1]"}))


DEAD = Architecture.dense(3, (1, 1), 1, "relu")


def dead_check(b2=-1.0):
    """The check of a network whose first unit never passes anything on."""
    theta = np.array([0.1, 0.1, 0.1, -50.0, 1.0, b2, 1.0, 0.3])
    objective = Objective("sigmoid_cross_entropy")
    return {**check_data(check_model(DEAD, objective, theta), None), "objective_known": True}


def test_a_check_says_where_there_is_nothing_to_compare():
    data = dead_check()
    (part,) = data["parts"]
    assert part["unseen"] == ["W1", "b1", "W2", "b2", "W3"]
    assert (data["passes"], data["compares"]) == (True, True)
    (section,) = SECTIONS["check"](data)
    assert section.title == (
        "The gradient is right where it could be compared: its largest relative error beyond "
        "rounding is 0; in W1, b1, W2, b2, W3, rounding leaves nothing to compare"
    )
    assert "loss: in W1, b1, W2, b2, W3 all derivatives are 0, or so small" in " ".join(
        section.words
    )
    assert dict(section.rows)["W1"] == "nothing to compare"
    assert dict(section.rows)["b3"].endswith(("e-12", "e-13", "e-14"))


def test_a_check_of_rounding_alone_is_no_evidence():
    data = dead_check()
    (part,) = data["parts"]
    nothing = [{**part, "unseen": list(part["errors"])}]
    (section,) = SECTIONS["check"]({**data, "passes": False, "compares": False, "parts": nothing})
    assert section.title == (
        "The check says nothing about the gradient: there was no derivative to compare"
    )
    still = np.zeros(DEAD.n_parameters)
    still[-1] = 800.0  # σ is 1, and so is every target: no derivative is left
    rows = Data.of(np.ones((4, 3)), np.ones((4, 1)))
    check = check_model(DEAD, Objective("sigmoid_cross_entropy"), still, rows)
    assert not check.passes
    assert not check.compares


def test_blocks_that_are_missing_in_a_check_are_named():
    data = dead_check(b2=0.0)  # Z2 is at its kink
    (part,) = data["parts"]
    assert part["absent"] == ["b2"]
    (section,) = SECTIONS["check"](data)
    assert "1 left out because of kinks, among them all of b2." in " ".join(section.words)
    first = section.words[0]
    assert FORMULA in first
    # Other rows count only where steps cross a kink.
    of_others = "8 random rows. Where steps cross a kink it is that of others, 8 at a time, of 96"
    assert f"L is the loss of {of_others} in all." in first
    few = SECTIONS["check"]({**data, "n_rows": 5, "drawn": False})[0].words[0]
    assert "L is the loss of 5 rows. The table" in few
    assert section.title.endswith("; no element of b2 could be compared")


@pytest.mark.parametrize("rare", ["f", "m"])
def test_the_scale_of_a_rare_level_is_also_stated_for_two_levels(rare):
    levels = np.where(np.arange(40) % 8 == 0, rare, "m" if rare == "f" else "f")
    frame = pd.DataFrame({"sex": levels, "age": np.arange(40.0)})
    model = ThalwegClassifier((2,), random_state=0, n_bins=0, early_stopping=False, max_iter=1)
    one = model.fit(frame, np.arange(40) % 2 == 0).trace(frame.iloc[[0]])
    (sex,) = (column for column in one.data["columns"] if column["name"].startswith("sex="))
    its = sex["scaling"]
    common = 1 if rare == "f" else -1
    assert (its["x"], its["m"], its["s"]) == (-common, common, 2 / (1 - (-1)))
    (words,) = (s.words for s in SECTIONS["trace"](one.data) if s.title.startswith("How the"))
    assert "s is 2 / (1 - (-1)) = 1." in " ".join(words)


def test_how_columns_are_encoded_is_said_of_the_kinds_that_are_there():
    rng = np.random.default_rng(0)
    kinds = {
        "age": rng.normal(size=80),
        "smoker": rng.random(80) < 0.5,
        "sex": rng.choice(["f", "m"], 80),
        "town": rng.choice(["Bern", "Zug", "Chur"], 80),
    }
    said = {  # a part of the sentences, and the columns that it needs
        "The x of a column of true and false is 1 for true, and 0 for false.": {"smoker"},
        "which share one column": {"sex"},
        "2 / (1 - (-1)) = 1": {"sex"},
        "The x of a level is 1 in a row that has it, else 0": {"town"},
        "2 / (1 - 0) = 2": {"town"},
    }
    for names in (["age"], ["smoker"], ["sex"], ["town"], ["town", "sex"], ["town", "smoker"]):
        frame = pd.DataFrame({name: kinds[name] for name in names})
        model = ThalwegClassifier((2,), random_state=0, n_bins=0, early_stopping=False, max_iter=1)
        one = model.fit(frame, np.arange(80) % 2 == 0).trace(frame.iloc[[0]])
        (how,) = (s.words for s in SECTIONS["trace"](one.data) if s.title.startswith("How the"))
        found = {part for part in said if part in " ".join(how)}
        assert found == {part for part, needs in said.items() if needs <= {*names}}, names
        assert " ".join(how).count("interquartile range is 0") <= 1


def test_a_part_of_the_loss_and_the_whole_loss_have_two_names():
    """``dLoss_W1`` is of all rows, with penalty; that of one row is ``dLoss[17]_W1``."""
    several = shown(n_rows=3, weight="W1[3,2]")
    chain = several.data["chain"]
    names = [row["derivative"] for row in chain["rows"]]
    assert names == [f"dLoss[{row}]_W1[3,2]" for row in (17, 18, 19)]
    values = {row["derivative"]: row["value"] for row in chain["rows"]}
    values |= {term["name"]: term["value"] for term in chain["penalties"]}
    assert sum(values.values()) == pytest.approx(chain["value"], rel=1e-12)
    sections = SECTIONS["trace"](several.data)
    named = {}  # every number that a table gives for a derivative of this weight, by name
    for section in sections:
        for row in section.rows:
            if row[0].startswith("dLoss") and "W1[3,2]" in row[0]:
                named.setdefault(row[0], set()).add(float(row[-1]))
    assert {*named} == {chain["derivative"], *names}
    for name, numbers in named.items():
        for each in numbers:
            wanted = chain["value"] if name == chain["derivative"] else values[name]
            assert each == pytest.approx(wanted, rel=1e-4)
    first = sections[2]
    its = several.data["rows"][0]
    assert (f"Loss[17] = {number(1 / 3)} · {number(its['loss'])}", number(its["part"]), "", "") in (
        first.rows
    )
    parts = sum(row["part"] for row in several.data["rows"])
    assert parts == pytest.approx(several.data["network"]["data_height"], rel=1e-12)
    assert not any("dLoss_Loss" in cell for s in sections for row in s.rows for cell in row)
    assert "<msub><mi>Loss</mi><mn>19</mn></msub>" in several.to_html()  # the largest


def test_the_numbers_of_a_mixed_row_add_up(of_every_kind):
    model, frame, y = of_every_kind
    one = model.trace(frame.iloc[[5]], [y[5]], weight="W1[2,sex=m]")
    traced = one.data["rows"][0]["prediction"][0]
    assert traced == pytest.approx(probability_by_hand(model, frame.iloc[[5]]), rel=1e-12)
    assert traced == pytest.approx(model.predict_proba(frame.iloc[[5]])[0, 1], rel=1e-6)
    assert one.data["chain"]["column"] == "sex=m"
    assert one.data["chain"]["value"] == pytest.approx(one.data["chain"]["engine"], rel=1e-9)
    for each in one.data["sums"]:
        terms = [term["value"] for term in each["terms"]]
        assert sum(terms) == pytest.approx(each["total"], rel=1e-12, abs=1e-14)
    named = {term["text"] for term in one.data["sums"][0]["terms"]}
    assert named == {"bias", *(column["name"] for column in one.data["columns"])}
    assert re.search(rf"sex=m +{frame['sex'].iloc[5]} ", str(one))
    assert "sex=m" in one.to_html()
    json.loads(one.to_json())
    assert model.check_gradient(frame, y).data["passes"]


def test_of_many_columns_those_are_shown_that_are_furthest_from_0(of_every_kind):
    model, frame, _ = of_every_kind
    one = model.trace(frame.iloc[[5]])
    columns = one.data["columns"]
    section = SECTIONS["trace"](one.data)[0]
    named = [row[1] for row in section.rows]
    assert (len(columns), len(named)) == (53, 24)
    assert named == [column["name"] for column in columns if column["name"] in named]  # in order
    assert {column["name"] for column in columns if column["encoded"] != [0]} <= {*named}
    assert f"ward={frame['ward'].iloc[5]}" in named
    assert section.words == ("29 more columns not shown, which are the nearest to 0.",)


def test_a_level_that_was_not_seen_is_reported_once_and_shown_as_it_is(of_every_kind):
    model, frame, _ = of_every_kind
    row = frame.iloc[[5]].assign(town="<Riga>")
    with pytest.warns(UnseenLevelWarning, match="Riga") as told:
        one = model.trace(row)
    assert len(told) == 1
    columns = {column["name"]: column for column in one.data["columns"]}
    assert columns["town=Bern"]["raw"] == ["<Riga>"]
    assert "&lt;Riga&gt;" in one.to_html()
    assert "<Riga>" not in one.to_html()
    strict = ThalwegClassifier((3,), random_state=0, max_iter=1, unknown="error")
    strict.fit(*of_every_kind[1:])
    with pytest.raises(DataError, match="Riga"):
        strict.trace(row)


def test_a_mixed_row_may_come_in_any_form(of_every_kind):
    model, frame, y = of_every_kind
    whole = model.trace(frame.iloc[[5]], y[5]).data
    assert model.trace(frame.iloc[5], y[5]).data == whole
    assert model.trace(frame.iloc[[5], ::-1], y[5]).data == whole
    nameless = ThalwegClassifier((5,), random_state=0, early_stopping=False, max_iter=3)
    cells = frame.drop(columns="code").to_numpy(dtype=object)
    nameless.fit(cells, y)
    row = nameless.trace(cells[5], y[5]).data
    assert row == nameless.trace(cells[5:6], y[5]).data == nameless.trace(list(cells[5]), y[5]).data
    names = {column["name"]: column["raw"] for column in row["columns"]}
    assert names["x0=Bern"] == [cells[5, 0]]


def test_a_batch_says_what_each_row_is_and_what_yh_is(of_every_kind):
    model, frame, y = of_every_kind
    rows = [3, 17, 18, 19]
    for labels in (y[rows], None):
        one = model.trace(frame.iloc[rows], labels)
        table = SECTIONS["trace"](one.data)[0]
        assert table.title == "The rows"
        assert table.words == (f"Yh is the probability of {model.classes_[1]}.",)
        assert table.heads == (
            "row",
            "target" if labels is not None else "predicted as",
            "Yh",
            "loss",
        )
        said = y[rows] if labels is not None else model.predict(frame.iloc[rows])
        assert [row[1] for row in table.rows] == [str(each) for each in said]
        for row, p in zip(table.rows, model.predict_proba(frame.iloc[rows])[:, 1], strict=True):
            assert float(row[2]) == pytest.approx(p, rel=1e-5)
        assert [row[0] for row in table.rows] == ["1", "2", "3", "4"]
        assert table.words[0] in " ".join(str(one).split())
        assert table.words[0] in one.to_html()
    assert SECTIONS["trace"](model.trace(frame.iloc[[3]]).data)[0].title != "The rows"
    turned = SECTIONS["trace"](one.data | {"other": "well"})[0]
    assert turned.words[0].endswith("The positive class is well: its probability is 1 - Yh.")


def test_the_row_of_the_chain_is_among_those_shown(of_every_kind):
    model, frame, y = of_every_kind
    followed = set()
    for first in range(0, 40, 5):
        rows = range(first, first + 5)
        one = model.trace(frame.iloc[rows], y[rows])
        chain = max(one.data["chain"]["rows"], key=lambda row: abs(row["value"]))["row"]
        followed.add(chain)
        sections = {section.title: section for section in SECTIONS["trace"](one.data)}
        assert f"Forward and backward, row {chain}" in sections
        assert "Forward and backward, row 1" in sections
        columns = sections["The row, raw and encoded"]
        assert f"encoded {chain}" in columns.heads
        assert "3 more rows not shown." in columns.words
        at = columns.heads.index(f"encoded {chain}")
        for row in columns.rows:
            column = one.data["columns"][int(row[0][2:-1]) - 1]
            assert row[at] == number(column["encoded"][chain - 1])
    assert followed - {1, 2}  # else this shows nothing


def test_of_weights_of_another_program_no_mean_of_training_rows_is_claimed():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 2))
    y = 3 * X[:, 0] + 1
    theirs = MLPRegressor(hidden_layer_sizes=(3,), max_iter=3000, random_state=0).fit(X, y)
    said = str(from_sklearn(theirs).trace(X[:2], y[:2]))
    assert "The target is taken as it is: Y = target. Yh is the prediction." in said
    assert "of the training rows" not in said
    assert "0 + 1 Yh" not in said
