"""Each estimator parameter is described once, and everything else agrees with its row.

``python tests/estimators/parameters/test_parameter_table.py`` writes docs/parameters.md, and the
options of ``fit`` in docs/cli.md, from the table.
"""

import inspect
import itertools
import math
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from thalweg import SettingsError, ThalwegClassifier, ThalwegRegressor
from thalweg.cli.options.training_options import TRAINING
from thalweg.data.schema.matching import POLICIES
from thalweg.estimators.parameters import resolved_parameters
from thalweg.estimators.parameters.auto_by_width import optimizer_text
from thalweg.estimators.parameters.docstring import (
    HERE,
    described,
    documented,
    filled,
    written,
)
from thalweg.estimators.parameters.parameter import (
    CLASSIFIER,
    REGRESSOR,
    KeptAs,
    NoOption,
    Option,
    Parameter,
    Special,
    spelled,
)
from thalweg.estimators.parameters.parameter_table import BY_NAME, PARAMETERS, parameters_of
from thalweg.estimators.parameters.unlike_default import unlike_default
from thalweg.training.descent import training_settings
from thalweg.training.descent.schedules import Range

TESTS = Path(__file__).parents[2]
DOCS = TESTS.parent / "docs"
KINDS = {CLASSIFIER: ThalwegClassifier, REGRESSOR: ThalwegRegressor}


@pytest.mark.parametrize("kind", KINDS)
def test_the_constructor_has_the_parameters_of_the_table_with_their_defaults(kind):
    signature = inspect.signature(KINDS[kind]).parameters
    assert {name: each.default for name, each in signature.items()} == {
        each.name: each.default for each in parameters_of(kind)
    }
    # In one order, or a reader of the docstring looks for them.
    assert list(signature) == [each.name for each in parameters_of(kind)]
    for name, each in signature.items():
        assert type(each.default) is type(BY_NAME[name].default), name


@pytest.mark.parametrize("kind", KINDS)
def test_the_docstring_tells_them_all(kind):
    said = " ".join(inspect.getdoc(KINDS[kind]).split())
    assert HERE not in said
    for parameter in parameters_of(kind):
        assert " ".join(described(parameter).split()) in said
    assert all(len(line) <= 100 or "{" in line for line in KINDS[kind].__doc__.splitlines())


def test_a_description_is_in_the_form_of_numpydoc():
    parameter = Parameter(
        "size", (Range(1, whole=True), Special.NONE), None, "How large. " * 12, NoOption("why")
    )
    head, *body = described(parameter, "  ").splitlines()
    assert head == "  size : int or None, default None"
    assert len(body) == 2
    assert all(line.startswith("      ") and len(line) <= 100 for line in body)
    with pytest.raises(ValueError, match="once"):
        filled(f"{HERE} {HERE}", CLASSIFIER)


def test_lines_are_as_full_as_a_hundred_characters_allow():
    for parameter in PARAMETERS:
        _, *lines = described(parameter, "    ").splitlines()
        for line, following in itertools.pairwise(lines):
            assert len(line) <= 100 < len(line) + 1 + len(following.split()[0]), parameter.name


def test_a_class_that_is_documented_has_the_parameters_in_its_docstring():
    @documented(REGRESSOR)
    class Some:
        """A model.

        Parameters
        ----------
        {parameters}
        """

    assert HERE not in Some.__doc__
    names = [line.split(" : ")[0].strip() for line in Some.__doc__.splitlines() if " : " in line]
    assert [name for name in names if name in BY_NAME] == [
        each.name for each in parameters_of(REGRESSOR)
    ]


def test_a_default_is_one_of_what_is_allowed():
    for parameter in PARAMETERS:
        default, allowed = parameter.default, parameter.allowed
        if default is None:
            assert Special.NONE in allowed, parameter.name
        elif isinstance(default, bool):
            assert Special.SWITCH in allowed, parameter.name
        elif isinstance(default, int | float) and Special.VERBOSE not in allowed:
            spans = [each for each in allowed if isinstance(each, Range)]
            assert any(span.is_of(default) for span in spans), parameter.name
        elif isinstance(default, str) and parameter.words:
            assert default in parameter.words, parameter.name


def test_words_that_stand_elsewhere_are_the_same():
    assert BY_NAME["unknown"].words == POLICIES


def test_every_row_says_how_the_command_line_spells_it_or_why_it_does_not():
    flags = [each.option.flag for each in PARAMETERS if each.option.flag]
    assert len(flags) == len(set(flags))
    assert all(flag.startswith("--") for flag in flags)
    for parameter in PARAMETERS:
        option = parameter.option
        assert (option.help if isinstance(option, Option) else option.why).endswith("."), (
            parameter.name
        )


@pytest.mark.parametrize("kind", KINDS)
def test_scikit_learn_validates_what_the_table_allows(kind):
    model = KINDS[kind]()
    for parameter in parameters_of(kind):
        for span in (each for each in parameter.allowed if isinstance(each, Range)):
            # Each end that belongs to it, and each that does not.
            ends = {span.low: span.ends[0] == "[", span.high: span.ends[1] == "]"}
            for end, belongs in ends.items():
                if not math.isfinite(end):
                    continue
                model.set_params(**{parameter.name: int(end) if span.whole else float(end)})
                if belongs:
                    model._validate_params()
                else:
                    with pytest.raises(ValueError, match=parameter.name):
                        model._validate_params()
        for word in parameter.words:
            model.set_params(**{parameter.name: word})
            model._validate_params()
        if parameter.words or any(isinstance(each, Range) for each in parameter.allowed):
            model.set_params(**{parameter.name: "nonsense"})
            with pytest.raises(ValueError, match=parameter.name):
                model._validate_params()
        model.set_params(**{parameter.name: parameter.default})
        model._validate_params()


@pytest.mark.parametrize("kind", KINDS)
def test_settings_are_all_but_what_the_table_leaves_out(kind):
    X, y = np.arange(40.0)[:, None], np.arange(40) % 2
    model = KINDS[kind](
        hidden_layer_sizes=(2,), max_iter=1, early_stopping=False, random_state=0
    ).fit(X, y)
    kept = {each.name for each in parameters_of(kind) if each.kept is not KeptAs.NOT}
    columns = {each.name for each in parameters_of(kind) if each.kept is KeptAs.COLUMNS}
    # Columns are kept where some are named, and newer parameters where they are not the default.
    changed = (KeptAs.CHANGED, KeptAs.LABELS)
    newer = {each.name for each in parameters_of(kind) if each.kept in changed}
    assert newer - {"threshold", "interval_kind", "loss", "grades"} == {
        "preset",
        "scaling",
        "n_folds",
        "calibration",
        "importance",
    }
    assert set(model.settings_) == kept - columns - newer
    assert set(model.get_params()) - kept == {"random_state", "verbose", "callbacks", "n_jobs"}
    named = {
        "number": {0: "1,234.56"},
        "category": (),
        "text": [],
        "date": {1: "dmy"},
        "missing": {1: ["-", 9]},
    }
    model.set_params(**{name: named[name] for name in columns})
    table = pd.DataFrame({0: ["1,234", "7"] * 20, 1: ["01/02/2024", "03/02/2024"] * 20})
    settings_ = model.fit(table, y).settings_
    assert {name: settings_[name] for name in columns if name in settings_} == {
        "number": {"0": "1,234.56"}, "date": {"1": "dmy"}, "missing": {"1": ["-", "9"]}
    }  # fmt: skip
    of_settings = (KINDS[kind].__doc__ or "").partition("settings_ : dict")[2].partition(" : ")[0]
    assert {name for name in kept if f"``{name}``" in of_settings} == columns | newer | {"scoring"}


def test_how_early_stopping_was_done_is_settled_by_the_fit():
    X, y = np.arange(40.0)[:, None], np.arange(40) % 2
    model = ThalwegRegressor(
        hidden_layer_sizes=(2,), max_iter=1, early_stopping=True, random_state=0
    ).fit(X, y)
    for change in (
        {"early_stopping": False},
        {"validation_fraction": 0.3},
        {"n_iter_no_change": 3},
        {"tol": 0.1},
        {"scoring": "r2"},
    ):
        (name,) = change
        before = model.get_params()[name]
        with pytest.raises(SettingsError, match=f"{name}=.* cannot be changed after the fit"):
            model.set_params(**change).fit_more(X, y, epochs=1)
        model.set_params(**{name: before})


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "how",
    [
        {},
        {"early_stopping": "cross-validation"},
        {"early_stopping": False},
        {"learning_rate_init": 0.1, "weight_decay": 0.1},
        {"optimizer": "lbfgs", "early_stopping": "hold-out"},
    ],
)
def test_a_fit_reads_the_text_of_its_descent_once(kind, how, monkeypatch):
    read, texts = training_settings.parse_optimizer, []

    def counted(text):
        texts.append(text)
        return read(text)

    for module in (training_settings,):
        monkeypatch.setattr(module, "parse_optimizer", counted)
    X, y = np.arange(60.0)[:, None], np.arange(60) % 2
    model = KINDS[kind](hidden_layer_sizes=(2,), max_iter=1, random_state=0, **how).fit(X, y)
    assert texts == [optimizer_text(model.settings_)]


def test_a_rate_is_taken_as_it_is():
    for rate in (0.1, 1e-300, np.float32(0.3), 7):
        assert training_settings.optimizer_from("sgd", rate, None).rate == float(rate)
    assert training_settings.optimizer_from("adam:decay=0.3", None, 0.0).decay == 0.0


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ({}, []),
        (
            {
                "optimizer": "adam:scales=6,average=2,beta_2=0.95,schedule=cosine,lr=4e-3",
                "alpha": 1,
            },
            [],
        ),
        ({"random_state": 3, "n_jobs": 1, "verbose": 0, "positive": 1, "unknown": "error"}, []),
        # The default's cosine, beta_2, average and scales are gone with its text.
        (
            {"optimizer": "adam:lr=0.01"},
            [
                "learning rate 0.01 instead of 0.004",
                "beta_2 0.999 instead of 0.95",
                "schedule constant instead of cosine",
                "average 0 instead of 2",
                "rate of the input scales times 0 instead of 6",
            ],
        ),
        ({"learning_rate_init": 0.01}, ["learning rate 0.01 instead of 0.004"]),
        ({"learning_rate_init": 0.004}, []),
        (
            {"optimizer": "sgd:lr=0.004,momentum=0.9,schedule=cosine,warmup=0.1,clip=1,last=0.5"},
            [
                "rule sgd instead of adam",
                "momentum 0.9 instead of 0",
                "warm-up 0.1 instead of 0",
                "gradients clipped at 1 instead of none",
                "average 0 instead of 2",
                "rate of the input scales times 0 instead of 6",
                "rate of last times 0.5 instead of 1",
            ],
        ),
        ({"optimizer": "lbfgs:history=5"}, ["rule lbfgs:history=5 instead of adam"]),
        ({"weight_decay": 0.5}, ["weight decay 0.5 instead of 0"]),
        (
            {"hidden_layer_sizes": (64, 32), "alpha": 0.1, "max_iter": 5, "early_stopping": True},
            [
                "learning rate 0.008 instead of 0.004",
                "hidden layers 64, 32 instead of 128, 128",
                "alpha 0.1 instead of 1",
                "epochs 5 instead of 48",
                "early stopping hold-out instead of auto",
                "patience 24 instead of 6",
                "dropout 0 instead of 0.2",
            ],
        ),
        # What "auto" means for another width.
        (
            {"hidden_layer_sizes": (64,)},
            [
                "learning rate 0.0057 instead of 0.004",
                "hidden layers 64 instead of 128, 128",
                "epochs 96 instead of 48",
                "patience 12 instead of 6",
                "dropout 0.1 instead of 0.2",
            ],
        ),
        (
            {"hidden_layer_sizes": ()},
            [
                "rule lbfgs instead of adam",
                "hidden layers none instead of 128, 128",
                "alpha 0.1 instead of 1",
                "epochs 768 instead of 48",
            ],
        ),
        ({"max_iter": 48, "dropout": 0.2, "alpha": 1.0, "n_iter_no_change": 6}, []),
        ({"early_stopping": False}, ["early stopping off instead of auto"]),
        (
            {"class_weight": {"ill": 5.0, "well": 1.0}, "time_limit": 2.5},
            [
                "time limit 2.5 instead of none",
                "class weight ill = 5, well = 1 instead of none",
            ],
        ),
    ],
)
def test_what_is_not_the_default_is_said(how, told):
    given = ThalwegClassifier(**how).get_params()
    assert unlike_default(CLASSIFIER, resolved_parameters.fit_settings(given), "folds") == told
    # And of the settings of a file, in which a tuple is a list.
    listed = {name: list(v) if isinstance(v, tuple) else v for name, v in given.items()}
    assert unlike_default(CLASSIFIER, listed, "folds") == told


@pytest.mark.parametrize("sizes", [np.array([128, 128]), [128, 128], (np.int64(128), 128)])
def test_equal_settings_of_another_type_are_no_difference(sizes):
    given = ThalwegClassifier(sizes, alpha=np.float32(1), early_stopping="auto").get_params()
    assert unlike_default(CLASSIFIER, given, "folds") == []
    given = ThalwegClassifier(np.array([256]), alpha=np.float32(0.5)).get_params()
    told = ["hidden layers 256 instead of 128, 128", "alpha 0.5 instead of 1"]
    assert unlike_default(CLASSIFIER, given, "folds") == told


@pytest.mark.parametrize("stopping", ["hold-out", "validation", "none"])
def test_the_patience_of_a_network_that_stops_alone_is_said(stopping):
    given = ThalwegRegressor(hidden_layer_sizes=(64,)).get_params()
    assert "patience 40 instead of 20" in unlike_default(REGRESSOR, given, stopping)
    given = ThalwegRegressor(n_iter_no_change=6).get_params()
    assert unlike_default(REGRESSOR, given, stopping) == ["patience 6 instead of 20"]


def test_that_there_is_no_patience_is_said():
    given = ThalwegClassifier((), early_stopping=False).get_params()
    assert "patience none instead of 20" in unlike_default(CLASSIFIER, given, "none")
    given = ThalwegClassifier((), early_stopping=True).get_params()
    assert "patience" not in " ".join(unlike_default(CLASSIFIER, given, "hold-out"))


def test_a_loss_that_is_not_the_default_is_said():
    given = ThalwegRegressor("huber", alpha=0.5).get_params()
    told = ["loss huber instead of squared_error", "alpha 0.5 instead of 1"]
    assert unlike_default(REGRESSOR, given, "folds") == told


# What the documentation says of them

HEAD = """# The parameters of the estimators

All parameters, as `help(ThalwegClassifier)` shows them, with the option of the command line for
each. The defaults are [measured](defaults.md). The optimizers and schedules that `optimizer` takes
have [a page](optimizers.md), and so have [bins](tables.md#numbers). This page is written from the
table that docstrings, validation and the command line also read, by
`python tests/estimators/parameters/test_parameter_table.py`.
"""


def page():
    """docs/parameters.md."""
    return "\n".join([HEAD, *map(section, PARAMETERS)])


def section(parameter):
    option = parameter.option
    kinds = f" For a {parameter.of[0]} only." if len(parameter.of) == 1 else ""
    numbers = f" ({parameter.range})" if parameter.range else ""
    default = written(parameter.default)
    spelling = (
        f"Not on the command line: {option.why}"
        if isinstance(option, NoOption)
        else (f"On the command line: `{option.flag} {option.metavar}`{words_of(option)}.")
    )
    if isinstance(option, NoOption) and option.flag:
        spelling = f"On the command line: `{option.flag}`. {option.why}"
    return (
        f"## `{parameter.name}`\n\n{parameter.type}{numbers}, default `{default}`.{kinds}\n\n"
        f"{parameter.meaning}\n\n{spelling}\n"
    )


def words_of(option):
    said = [f"`{word}` for `{written(value)}`" for word, value in option.words if word != value]
    return f", with {', '.join(said)}" if said else ""


def rows():
    """The options of ``fit`` that say how to train, as docs/cli.md has them."""
    found = {}
    for parameter in TRAINING:
        option = parameter.option
        default = option.default.replace("--optimizer", "`--optimizer`") or (
            f"`{spelled(parameter, parameter.default)}`"
        )
        found[option.flag] = (
            f"| `{option.flag} {option.metavar}` | {option.help} Default: {default}. "
            f"[More](parameters.md#{parameter.name}). |"
        )
    return found


def with_rows(text):
    """docs/cli.md with these rows in the section of ``fit``, where the first of them stands."""
    before, mark, rest = text.partition("## `thalweg fit TABLE`")
    section, end, after = rest.partition("## `thalweg evaluate")
    flags, lines, place = rows(), [], None
    for line in section.splitlines(keepends=True):
        row = re.match(r"\| `(--[a-z-]+) ", line)
        if row and row[1] in flags:
            place = len(lines) if place is None else place
        else:
            lines.append(line)
    lines[place:place] = [f"{row}\n" for row in flags.values()]
    return before + mark + "".join(lines) + end + after


def test_the_documentation_is_written_from_the_table():
    told = f"run python tests/{Path(__file__).relative_to(TESTS)}, and look at what has changed"
    assert (DOCS / "parameters.md").read_text(encoding="utf-8") == page(), told
    cli = (DOCS / "cli.md").read_text(encoding="utf-8")
    assert with_rows(cli) == cli, told
    assert with_rows(cli.replace("Rows a step", "Rows")) == cli


if __name__ == "__main__":
    (DOCS / "parameters.md").write_text(page(), encoding="utf-8")
    text = (DOCS / "cli.md").read_text(encoding="utf-8")
    (DOCS / "cli.md").write_text(with_rows(text), encoding="utf-8")
