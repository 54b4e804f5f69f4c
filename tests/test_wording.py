"""How counts, numbers, values and a stranger's text are written."""

import copy
import io
import pickle
import shlex
import unicodedata
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from thalweg.data.doctor.table_check import check_table
from thalweg.data.schema.schema import infer_schema
from thalweg.errors import DataError, SettingsError, ThalwegWarning
from thalweg.estimators.classifier import ThalwegClassifier
from thalweg.estimators.parameters.option_spelling import as_option
from thalweg.evaluation.judged_test_set import judge_on_holdout
from thalweg.reporting.terminal_verdict import print_verdict
from thalweg.reporting.verdict_words import with_interval
from thalweg.wording import (
    amount,
    apart,
    brief,
    class_words,
    counted,
    even,
    in_quotes,
    parameter,
    printable,
    printable_data,
    shown,
    spelled,
    with_article,
    with_ends,
    words_of_two,
)

TURNING = (
    "\u061c\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
    "\u206a\u206b\u206c\u206d\u206e\u206f\ufff9\ufffa\ufffb"
)


@pytest.mark.parametrize(
    ("n", "words", "said"),
    [
        (0, ("row",), "0 rows"), (1, ("row",), "1 row"), (2, ("row",), "2 rows"),
        (12_345, ("epoch",), "12,345 epochs"), (1, ("class", "classes"), "1 class"),
        (7, ("class", "classes"), "7 classes"), (1, ("row is", "rows are"), "1 row is"),
    ],
)  # fmt: skip
def test_a_count_and_its_noun(n, words, said):
    assert counted(n, *words) == said


@pytest.mark.parametrize(
    "said",
    ["an RMSE", "an MAE", "an AUC", "a log-loss", "an accuracy", "a sensitivity", "a Brier score",
     "an R²", "a pinball loss", "a UNIT"],
)  # fmt: skip
def test_an_article_is_the_one_that_is_spoken(said):
    assert with_article(said.partition(" ")[2]) == said


def test_numbers_of_an_axis_have_the_digits_that_tell_them_apart():
    assert apart([0.79202, 0.79203]) == ["0.79202", "0.79203"]
    assert apart([0.1, 0.25, 0.1]) == ["0.1", "0.25", "0.1"]
    assert apart([1.0, 1.0 + 2**-52]) == ["1", "1.0000000000000002"]
    assert apart([]) == []


def test_a_column_of_amounts_keeps_the_zeros_at_the_end():
    values = (22, 13.12, 119, -0.5, 19_294.4, 0.0, 1e-9)
    assert [amount(each, in_column=True) for each in values] == [
        "22.00", "13.12", "119.0", "-0.5000", "19,294", "0", "1e-9"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0.0, "0"), (-0.0, "0"), (1.0, "1"), (12.5, "12.5"), (0.04321, "0.04321"),
        (0.043214, "0.04321"), (19_294.4, "19,294"), (-19_294.4, "-19,294"), (9.9996, "10"),
        (9999.6, "10,000"), (99.996, "100"), (1234.0, "1,234"), (100.0, "100"),
        (0.00001234, "0.00001234"), (1.25e-9, "1.25e-9"), (1.929e17, "1.929e17"), (1e300, "1e300"),
        (float("inf"), "inf"), (float("-inf"), "-inf"), (float("nan"), "nan"),
        (5e-324, "4.941e-324"),
    ],
)  # fmt: skip
def test_a_number_of_any_size_is_written_for_a_person(value, said):
    assert amount(value) == said
    assert amount(np.float64(value)) == said


@given(st.floats(-1e300, 1e300), st.integers(2, 10))
def test_a_written_number_has_the_digits_that_were_asked_for(value, digits):
    read = float(amount(value, digits).replace(",", ""))
    assert read == pytest.approx(value, rel=0.5 * 10.0 ** (1 - digits) * (1 + 1e-9), abs=1e-320)
    if 1e-6 <= abs(value) < 1e15:
        assert "e" not in amount(value, digits)


def test_a_sign_is_written_where_it_is_asked_for():
    assert [amount(each, signed=True) for each in (1.5, -1.5, 19_294.4, 1e-9, 0.0)] == [
        "+1.5", "-1.5", "+19,294", "+1e-9", "+0",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (np.str_("no"), "'no'"), (np.float64(2.5), "2.5"), (np.int64(3), "3"),
        (np.bool_(1), "True"), ([np.str_("a"), np.int64(1)], "['a', 1]"),
        ({np.str_("a"): np.float64(1)}, "{'a': 1.0}"),
        (np.array(["a", "b"], dtype=object), "['a', 'b']"), (np.array([1, 2]), "[1, 2]"),
        (np.longdouble(1.5), "1.5"), (None, "None"), ("x\x1b[2J\u200e", r"'x\x1b[2J\u200e'"),
    ],
)  # fmt: skip
def test_a_value_is_shown_as_python_writes_it(value, said):
    assert shown(value) == said


def test_a_long_value_is_shown_in_few_letters():
    assert len(shown("x" * 10_000)) < 70


@pytest.mark.parametrize("value", [10**5000, -(10**5000), [10**5000]], ids=["+", "-", "list"])
def test_a_number_of_more_digits_than_python_writes_is_shown(value):
    assert "a whole number of 5000 digits" in shown(value)


@given(st.text())
def test_what_is_printable_stays_and_nothing_else_does(text):
    said = printable(text)
    assert {unicodedata.category(sign) for sign in said}.isdisjoint({"Cc", "Cs", "Zl", "Zp"})
    assert not set(said) & set(TURNING)
    if text.isprintable():
        assert said == text


@pytest.mark.parametrize(
    "sign",
    [
        *TURNING,
        *"\xad\u180e\u200b\u200c\u200d\u2060\u2063",
        "\x1b",
        "\n",
        "\r",
        "\t",
        "\x00",
        "\x7f",
        "\x9b",
        "\ud800",
    ],
)
def test_signs_that_move_turn_or_hide_what_is_read_are_written_out(sign):
    written = sign.encode("unicode_escape").decode() if sign != "\ud800" else r"\ud800"
    assert printable(f"a{sign}b") == f"a{written}b"
    assert printable_data({f"a{sign}": [sign, 1, None]}) == {f"a{written}": [written, 1, None]}
    # However an error or a warning is printed, by Python itself too.
    assert sign not in str(DataError(f"a{sign}", where=sign, why=sign, fix=sign))
    assert sign not in str(ThalwegWarning(f"a{sign}"))


def test_joined_letters_of_other_scripts_stay():
    for word in ("می\u200cخواهم", "👩\u200d⚕️", "naïve", "日本語", "שלום"):
        assert printable(word) == word


def test_errors_and_warnings_keep_their_words_as_they_are_for_programs():
    error = pickle.loads(pickle.dumps(DataError("a\x1b", where="b\u202e")))
    assert error.as_dict()["what"] == "a\x1b"
    with pytest.warns(ThalwegWarning, match=r"a\\x1b"):
        warnings.warn("a\x1b", ThalwegWarning, stacklevel=1)


EVIL = "\x1b]0;owned\x07\x9b31m\u202etxt\u200f\u2028\ufeffend\n"


def test_nothing_that_writes_to_a_terminal_passes_a_strangers_text_on():
    X = pd.DataFrame({EVIL: np.arange(40.0), "b": ["Bern", EVIL] * 20})
    y = np.repeat(["no", EVIL], 20)
    schema = infer_schema(X)
    model = ThalwegClassifier((2,), max_iter=2, random_state=0, positive=EVIL).fit(X, y)
    table = X.assign(target=y)
    verdict = judge_on_holdout(
        ThalwegClassifier((2,), max_iter=2, random_state=0),
        X, y, positive=EVIL, seed=0, matrix=schema.matrix(X), n_levels=schema.n_levels,
    )  # fmt: skip
    page = io.StringIO()
    print_verdict(Console(file=page, width=300, force_terminal=False), verdict.as_dict())
    said = [
        str(schema), str(check_table(table, "target")), page.getvalue(), repr(model),
        str(model.trace(X[:1], [EVIL])),
    ]  # fmt: skip
    with pytest.raises(DataError) as told:
        model.predict(X.rename(columns={EVIL: "x"}))
    said.append(str(told.value))
    for text in said:
        assert not set(text) & (set(EVIL) - set("[]0;owned31mtx\n")), text
        assert r"\x1b" in text


def test_nothing_is_passed_on_by_the_verbs(cli):
    X = pd.DataFrame({EVIL.strip(): np.arange(60.0), "b": ["Bern", "x\u202ey"] * 30})
    X.assign(label=np.repeat(["no", "y\u200ee\u061cs"], 30)).to_csv("t.csv", index=False)
    quick = ("--target", "label", "--epochs", "2", "--hidden", "2")
    for line in (
        ("check", "t.csv", "--target", "label"), ("fit", "t.csv", *quick, "-v", "-o", "m"),
        ("show", "m"), ("evaluate", "m", "t.csv"), ("trace", "m", "t.csv"),
        ("fit", "t.csv", "--target", "lable\x1b"),
    ):  # fmt: skip
        _, out, err = cli(*line)
        assert not set(out + err) & set("\x1b\x07\x9b\u202e\u200f\u200e\u061c\u2028\ufeff"), line
        assert "\\" in out + err


def test_a_parameter_in_a_message_is_spelled_where_it_is_read():
    said = f"{parameter('class_weight')} is odd; take {parameter('n_bins', 3)} or {parameter('a')}"
    assert spelled(said) == "class_weight is odd; take n_bins=3 or a"
    assert spelled(said, as_option) == "--class-weight is odd; take --bins 3 or --a"
    assert spelled(parameter("unknown", "warn")) == 'unknown="warn"'
    assert spelled(parameter("unknown", "warn"), as_option) == "--unknown warn"
    assert spelled(parameter("positive", np.str_("no"))) == 'positive="no"'
    assert spelled(parameter("max_memory", "1GB"), as_option) == "--max-memory 1GB"
    # What is printed can be copied, into Python and into a shell.
    for name in ("Patient ID", "it's", 'a "b"', 'it\'s "b"', "x" * 90, r"a\b"):
        python, shell = (spelled(parameter("group", name), *how) for how in ((), (as_option,)))
        assert eval(f"dict({python})") == {"group": name}
        assert shlex.split(shell) == ["--group", name]
    assert len(spelled(parameter("group", "x" * 5000))) < 100
    # A parameter without an option keeps its name.
    assert spelled(parameter("scoring", None), as_option) == "scoring=None"
    assert spelled("class_weight=3 as it is", as_option) == "class_weight=3 as it is"


def test_errors_and_warnings_are_reported_in_the_words_of_their_reader():
    error = SettingsError(
        f"{parameter('alpha', 3)} is odd", where=parameter("dtype"), fix=parameter("n_bins", 0)
    )
    for each in (error, pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert str(each) == "alpha=3 is odd (dtype). Fix: n_bins=0."
        assert (each.what, each.where, each.fix) == ("alpha=3 is odd", "dtype", "n_bins=0")
        assert each.args == ("alpha=3 is odd",)
        assert each.as_dict()["what"] == "alpha=3 is odd"
        told = each.as_dict(as_option)
        assert (told["what"], told["where"]) == ("--alpha 3 is odd", "--dtype")
    warning = ThalwegWarning(f"less {parameter('alpha')}")
    assert (str(warning), warning.said(as_option)) == ("less alpha", "less --alpha")


# --- very long texts ----------------------------------------------------------------------------


@given(st.text(max_size=300))
def test_a_short_text_stays_as_it_is(text):
    assert brief(text) == text


def test_very_long_words_and_texts_keep_their_ends():
    assert brief(f"not {'a' * 99_999}z, but") == f"not {'a' * 100}…{'a' * 48}z, but"
    long = brief("a word " * 100_000 + "end")
    assert len(long) < 8000
    assert long.startswith("a word a word ")
    assert long.endswith(" a word end")


LONG = "x" * 100_000


@pytest.mark.parametrize(
    "line",
    [
        (LONG,),
        ("fit", LONG),
        ("fit", "wisconsin", "--target", LONG),
        ("fit", "wisconsin", "--hidden", LONG),
        ("fit", "wisconsin", "--hidden", ",".join(["0"] * 50_000)),
        ("fit", "wisconsin", "--optimizer", LONG),
        ("fit", "wisconsin", "--date", f"{LONG}=dmy"),
        ("fit", "wisconsin", "--number", f"{LONG}={LONG}"),
        ("fit", "wisconsin", "--max-memory", LONG),
        ("fit", "wisconsin", "--positive", "a b " * 30_000),
        ("fit", "wisconsin", "-o", LONG),
        ("fit", "wisconsin", f"--{LONG}"),
        ("landscape", "wisconsin", "-o", f"a.{LONG}"),
        ("trace", "wisconsin", "--plant", LONG),
        ("trace", "wisconsin", "--weight", f"W1[{LONG}]"),
        ("predict", LONG, "wisconsin"),
    ],
    ids=lambda line: " ".join(each[:12] for each in line),
)
def test_no_error_repeats_a_value_of_any_length(cli, line):
    code, out, err = cli(*line)
    assert code in (1, 2)
    assert out == ""
    assert len(err) < 10_000
    assert "Fix: " in err
    _, document, _ = cli(*line, "--json")
    assert len(document) < 12_000


@pytest.mark.parametrize(
    ("label", "word"),
    [("malignant", "malignant"), ("1", '"1"'), ("no", '"no"'), ("very low", '"very low"')],
)
def test_a_class_that_is_no_plain_word_is_in_quotes(label, word):
    other = "benign" if word == label else '"benign"'
    assert class_words([label, "benign"]) == [word, other]
    assert words_of_two(["benign", label]) == (other, word)


def test_two_classes_without_names_are_negative_and_positive():
    assert words_of_two([]) == ("negative", "positive")
    assert words_of_two(["a", "b", "c"]) == ("negative", "positive")


def test_a_class_with_quotes_stands_in_other_quotes():
    assert class_words(["ja", '"d" gut']) == ['"ja"', "'\"d\" gut'"]
    assert in_quotes('it\'s "d"') == '\u201cit\'s "d"\u201d'
    assert in_quotes("it's") == '"it\'s"'


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ((0.00055, -0.003, 0.00434), "+0.00055 [-0.00300, +0.00434]"),
        ((-0.003, -0.00412, 0.00004), "-0.00300 [-0.00412, +0.00004]"),
        ((2.0, -1.0, 5.0), "+2 [-1, +5]"),
        ((1.5e-9, 9e-10, 2.1e-9), "+1.50e-9 [+9.00e-10, +2.10e-9]"),
        ((12_345.6, 9_876.5, 14_814.7), "+12,346 [+9,876, +14,815]"),
        ((0.5, 0.0004, 12.3), "+0.5000 [+0.0004, +12.3000]"),
        ((0.0, 0.0, 0.0), "0 [0, 0]"),
        ((-1e-9, -0.25, 0.25), "0.00 [-0.25, +0.25]"),
        ((0.5, float("-inf"), float("inf")), "+0.5 [-inf, +inf]"),
    ],
)
def test_an_estimate_and_its_ends_have_the_same_number_of_decimals(values, said):
    assert with_ends(*values, 3, signed=True) == said


@given(
    st.lists(st.floats(-1e9, 1e9, allow_subnormal=False), min_size=3, max_size=3),
    st.integers(2, 5), st.booleans(),
)  # fmt: skip
def test_no_end_has_other_decimals_and_none_is_far_from_its_number(values, digits, signed):
    said = even(values, digits, signed=signed)
    if any("e" in each for each in said):
        assert max(map(abs, values)) < 1e-6
        return
    decimals = {len(each.partition(".")[2]) for each in said}
    assert len(decimals) == 1
    unit = 10.0 ** -decimals.pop()
    for value, text in zip(values, said, strict=True):
        assert abs(float(text.replace(",", "")) - value) <= 0.51 * unit


def test_a_verdict_writes_an_estimate_and_its_ends_alike():
    measured = {"value": 2.0, "low": 1.96, "high": 13.125}
    assert with_interval(measured, even) == ("2.00", "[1.96, 13.12]")
    assert with_interval(measured) == ("2.000", "[1.960, 13.125]")


def test_a_long_list_of_units_is_shortened_with_dots_on_the_command_line():
    for name in ("hidden", "units", "hidden_layer_sizes"):
        said = spelled(parameter(name, (4096,) * 8), as_option)
        assert said.endswith(" 4096,4096,4096,4096,4096,4096,..."), said
