"""The sections of the report that all tasks have: table, network, training, how it was made."""

import math
from collections.abc import Sequence
from typing import Any

from thalweg.data.dates.date_numbers import plain_texts
from thalweg.network.formulas.losses import loss
from thalweg.reporting.html_pieces import (
    PICTURE,
    breakable,
    compact,
    figure,
    folded,
    label,
    name,
    of_unit,
    source,
    table,
    text,
    whole,
)
from thalweg.reporting.learning_words import learning_title, steps_meant
from thalweg.reporting.page.report_shapes import (
    ColumnData,
    Report,
    ReportTable,
    TrainingData,
)
from thalweg.reporting.page.rows_in_words import FOLDS, HELD_OUT, has_explained_rows
from thalweg.reporting.page.sections.section_words import has_panel
from thalweg.reporting.page.sections.the_network import layers, seed_of_fit, several, taught_by
from thalweg.reporting.verdict_words import kind_of, training_ended
from thalweg.training.history import pass_name
from thalweg.wording import amount, counted, counted_classes

MOST_COLUMNS = 300
# Further columns are folded, so that a reader need not scroll past them.
_SHOWN_COLUMNS = 40
_LONGEST_LEVEL = 24
_MOST_EPOCHS = 60
# So that a sentence of the page is whole, and a text from a file still has a limit.
_LONGEST_SENTENCE = 1_000
_MOST_COUNTED = 20


def opinion(report: Report) -> str:
    """The sentence of the verdict, set off; a caution is visible without colour, too."""
    if not report["verdict"]["sentence"]:
        return ""
    sentence = text(report["verdict"]["sentence"], longest=2_000)
    warned = "CAUTION" in sentence
    sign = '<span aria-hidden="true">▲ </span>' if warned else ""
    return f'<p class="{"opinion caution" if warned else "opinion"}">{sign}{sentence}</p>'


def columns(report: Report) -> str:
    """The table of the columns; if there are many, those with findings first, the rest folded."""
    facts = report["table"]
    if "columns" not in facts:
        return ""
    # A column of bounds is made from another one: it is no column of the user's table.
    found = given = [each for each in facts["columns"] if each["kind"] != "bound"]
    if len(found) > _SHOWN_COLUMNS:
        found = sorted(found, key=lambda each: not _has_finding(each))
    shown, more = found[:_SHOWN_COLUMNS], found[_SHOWN_COLUMNS:MOST_COLUMNS]
    n_left = len(found) - len(shown) - len(more)
    notes = [text(note, longest=500) for note in facts["notes"]]
    if more:
        notes.append(
            f"Here are {len(shown)} of {len(found):,} columns, first those with missing cells, "
            f"with a single value, or not used. {len(more):,} more can be unfolded on the screen."
        )
    if n_left:
        notes.append(f"{counted(n_left, 'further column is', 'further columns are')} not listed.")
    body = _columns_table(shown)
    if more:
        body += folded(f"{counted(len(more), 'more column')}", _columns_table(more))
    if notes:
        body += '<ul class="notes">' + "".join(f"<li>{note}</li>" for note in notes) + "</ul>"
    return figure(
        "table",
        f"{counted(facts['n_rows'], 'row')}, {counted(len(given), 'column')}: {_missing(given)}",
        f"{_named(facts['name'], '; ')}{_of_target(facts, _grades(report))}{_parts(report)}.",
        body,
        source=source(report, "summary of the whole table; the only cells on this page are the "
                       "lowest, median and highest of each column, ends of bins, titles and units "
                       "beside the header, names of levels"
                       f"{', quantiles of each number' if has_panel(report) else ''}"
                       f"{', and the traced rows' if 'trace' in report else ''}"
                       f"{', and the explained rows' if has_explained_rows(report) else ''}"),
    )  # fmt: skip


def _named(given: str, behind: str) -> str:
    """The name of a table, and what follows it; nothing if it has no name."""
    return f"{name(given)}{behind}" if given else ""


def _grades(report: Report) -> Sequence[str]:
    """The grades in their order; empty for another target."""
    verdict: dict[str, Any] = dict(report["verdict"])
    return verdict.get("grades") or ()


def _of_target(facts: ReportTable, grades: Sequence[str]) -> str:
    said = _target(facts, grades)
    if not said:
        return ""
    target = f"target {name(facts['target'])}" if facts["target"] else "target"
    return f"{target}: {said}. "


def _parts(report: Report) -> str:
    """Which rows of the table the model was trained and evaluated on."""
    facts = report["table"]
    if "rows" in report:
        return text(report["verdict"]["how"], _LONGEST_SENTENCE)
    return (
        f"Trained on {counted(facts['n_train'], 'row')}, evaluated on {facts['n_test']:,} held out"
    )


def _has_finding(column: ColumnData) -> bool:
    """Whether a column has missing values, only one value, or is not used."""
    constant = column["low"] is not None and column["low"] == column["high"]
    return bool(
        column["missing"]
        or constant
        or column.get("n_levels") == 1
        or column["kind"] in ("identifier", "empty")
    )


def _columns_table(found: Sequence[ColumnData]) -> str:
    rows = [
        (
            name(each["name"]),
            text(each["kind"]),
            f"<b>{each['missing']:,}</b>" if each["missing"] else "0",
            *(("", "", "", levels) if (levels := _levels(each)) else _ends(each)),
        )
        for each in found
    ]
    heads = (
        "column", "kind", "missing", "lowest", "median", "highest",
        "median between the ends; rows of each level",
    )  # fmt: skip
    return table(heads, rows, "Columns of the table: missing cells, ranges and levels")


def _ends(column: ColumnData) -> tuple[str, ...]:
    ends = (column["low"], column["median"], column["high"])
    if column["kind"] == "date" and None not in ends:
        return (*plain_texts([end for end in ends if end is not None]), _range(column))
    return (*map(compact, ends), _range(column))


def _levels(column: ColumnData) -> str:
    """The most common levels of a column, with their rows; "" if it has none."""
    levels, n_levels = column.get("levels"), column.get("n_levels")
    if not levels or n_levels is None:
        return ""
    said = ", ".join(
        f"<bdi>{text(each['name'], _LONGEST_LEVEL)}</bdi>&nbsp;{each['rows']:,}" for each in levels
    )
    more = n_levels - len(levels)
    rest = f" and {counted(more, 'more level')}" if more > 0 else ""
    return f'{said}<span class="soft">{rest}</span>'


def _target(facts: ReportTable, grades: Sequence[str]) -> str:
    """The rows of each class, or the range of a numeric target."""
    if "target_range" in facts:
        ends = facts["target_range"]
        low, median, high = (compact(end) for end in (ends["low"], ends["median"], ends["high"]))
        unit = of_unit(facts.get("unit"))
        return f"a number from {low} to {high}{unit}, median {median}{unit}"
    counts = facts.get("class_counts", {})
    order = [each for each in grades if each in counts] or counts
    return counted_classes({each: counts[each] for each in order}, _MOST_COUNTED, label)


def training(report: Report) -> str:
    """The losses of the training run; nothing of a model that has none."""
    if "network" not in report or not report["training"]["history"]:
        return ""
    history, best = report["training"]["history"], report["training"]["best_epoch"]
    facts = report["network"]
    every = max(1, math.ceil(len(history) / _MOST_EPOCHS))
    kept = [
        e for e in history if (e["epoch"] - 1) % every == 0 or e["epoch"] in (best, len(history))
    ]
    rows = [
        (
            f"{epoch['epoch']:,}{' (kept)' if epoch['epoch'] == best else ''}",
            f"{epoch['steps']:,}",
            *(_loss(epoch[key]) for key in ("train_loss", "valid_loss", "rate", "gradient_norm")),
        )
        for epoch in kept
    ]
    what = pass_name(history)
    summary = f"Table: {what}s" if every == 1 else f"Table: one in {every} {what}s"
    heads = (what, "steps", "training loss", "held-out loss", "learning rate", "gradient norm")
    return figure(
        "training",
        _learning(report["training"], facts["members"]),
        f"Trained on {taught_by(report)}; "
        f"{_optimizer(facts['optimizer'])}, seed {seed_of_fit(report)}. "
        f"{_losses_meant(report['training'], facts['dropout'])}",
        PICTURE.format("training-picture"),
        behind=folded(summary, table(heads, rows, f"Losses by {what}")),
        source=source(report, _quantity(report)),
    )


def _optimizer(said: str) -> str:
    """The optimizer; a very long one, such as with a schedule step by step, stands elsewhere."""
    if len(said) <= _LONGEST_SENTENCE:
        return breakable(said, _LONGEST_SENTENCE)
    rule = text(said.partition(":")[0])
    return f"the optimizer {rule}, with the settings under “How it was made”"


def _settings(report: Report) -> str:
    """The settings that are not the defaults; and the positive class."""
    unlike = report["network"]["unlike_default"]
    settings = whole("; ".join(unlike) or "the defaults", _LONGEST_SENTENCE)
    positive = report["verdict"].get("positive")
    if positive is None:
        return settings
    return f"{settings}{'; ' if unlike else ', with the '}positive class {label(positive)}"


def made(report: Report) -> str:
    """How to make this model and page again, as far as it is known."""
    what = "split, first weights, order of rows, bootstrap"
    if "rows" in report:
        divided = report["rows"]["known"] in (HELD_OUT, FOLDS) and "model" in report
        what = "splits and intervals" if divided else "intervals"
    how = text(report["verdict"]["how"].removeprefix("Evaluated "), _LONGEST_SENTENCE)
    lines = [
        ("Version", f"thalweg {text(report['thalweg'])}"),
        ("Seed", f"{report['seed']} ({what})"),
        *_model_lines(report),
        ("Evaluated", how + _kept_apart(report)),
    ]
    body = "".join(f"<div><dt>{head}</dt><dd>{words}</dd></div>" for head, words in lines)
    return (
        '<section id="made" aria-labelledby="made-title"><h2 id="made-title">How it was made</h2>'
        f'<dl class="facts">{body}</dl></section>'
    )


def _model_lines(report: Report) -> list[tuple[str, str]]:
    """A network with its training; of another estimator its text; of predictions nothing."""
    if "network" not in report:
        return [("Model", breakable(report["model"], _LONGEST_SENTENCE))] if "model" in report \
            else []  # fmt: skip
    facts, trained = report["network"], report["training"]
    corrected = facts.get("calibration")
    seed = [("Seed of the fit", f"{seed_of_fit(report)}")] if "rows" in report else []
    return [
        *seed,
        ("Data hash", f'<code class="hash">{text(report["data_hash"])}</code> '
         "(SHA-256 of the training part)"),
        ("Network", layers(report) + several(report)),
        ("Loss", f"{text(facts['loss'].replace('_', ' '))}, penalty alpha {facts['alpha']:g}, "
         f"dropout {facts['dropout']:g}"),
        ("Optimizer", f"{whole(facts['optimizer'], _LONGEST_SENTENCE, breakable)}; batches "
         f"{text(facts['batch_size'])}, at most "
         f"{counted(facts['max_iter'], pass_name(trained['history']))}"),
        ("Settings", _settings(report)),
        *([("Calibration", text(corrected, _LONGEST_SENTENCE))] if corrected else []),
        ("Ended", _ended(trained, facts["max_iter"])),
    ]  # fmt: skip


def _kept_apart(report: Report) -> str:
    """What is never on both sides of a split; only a fit that held rows out says so."""
    if "rows" in report:
        return ""
    # Equal rows of two groups are two cases, which may be on different sides.
    how = report["verdict"]["how"].replace("judged on", "evaluated on")  # as older files say it
    if "evaluated on the latest " in how:
        return "; no network was trained on rows later than those"
    together = "rows of one group" if " groups, evaluated on " in how else "equal rows"
    return f"; {together} are never on both sides"


def _missing(found: Sequence[ColumnData]) -> str:
    counts = {each["name"]: each["missing"] for each in found if each["missing"]}
    cells = sum(counts.values())
    if not cells:
        return "no cell is missing"
    where = (
        f"all in {name(next(iter(counts)))}" if len(counts) == 1 else f"in {len(counts)} columns"
    )
    return f"{counted(cells, 'cell is', 'cells are')} missing, {where}"


def _range(column: ColumnData) -> str:
    """A small picture of where the median lies between the lowest and the highest value."""
    low, median, high = column["low"], column["median"], column["high"]
    if low is None or median is None or high is None:
        return ""
    # Halved, because the width of a range may overflow.
    place = (median / 2 - low / 2) / (high / 2 - low / 2) if high > low else 0.5
    return (
        '<svg class="range" viewBox="0 0 96 12" width="96" height="12" role="img" '
        f'aria-label="median at {place:.0%} of the range"><path d="M4 6H92M4 3V9M92 3V9"/>'
        f'<circle cx="{4 + 88 * place:.1f}" cy="6" r="3.5"/></svg>'
    )


def _loss(value: float | None) -> str:
    return "" if value is None else amount(value)


def _learning(trained: TrainingData, n_networks: int) -> str:
    history, scoring = trained["history"], trained.get("scoring")
    if "title" in trained:
        return text(trained["title"], longest=_LONGEST_SENTENCE)
    words = learning_title(history, trained["best_epoch"], trained["stopping"], scoring, n_networks)
    return text(words, longest=_LONGEST_SENTENCE)


def _quantity(report: Report) -> str:
    unit = kind_of(report["verdict"]).unit
    if unit is not None:
        return f"mean cross-entropy per row, in {unit}"
    formula = loss(report["network"]["loss"])
    if formula.written is not None:
        return (
            f"loss of a row: {text(formula.formula)}, with prediction z and target y in the unit "
            "of the target, divided so that its slopes are as large as those of other losses"
        )
    unit = "its mean" if formula.name == "poisson" else "its standard deviation"
    return f"loss of a row: {text(formula.formula)}, with the target in units of {unit}"


def _losses_meant(trained: TrainingData, dropout: float) -> str:
    held_out = {
        "cross-validation": "the held-out loss is the mean over the folds of the training part",
        "hold-out": "the held-out loss is on a part of these rows that no step used",
        "validation": "the held-out loss is on the given validation rows",
        "folds": "these are losses of the first network, the held-out loss is on its fold",
        "none": "",
    }[trained["stopping"]]
    training_loss = "The training loss includes the penalty on the weights"
    if dropout:
        training_loss += f" and the noise of dropout ({dropout:g} of the units are 0 in each step)"
    if "ended" in trained:
        return f"{training_loss}."
    if held_out:
        return f"{training_loss}; {held_out}, without that."
    return f"{training_loss}. {steps_meant(trained['history'], trained['best_epoch'])}"


def _ended(trained: TrainingData, limit: int) -> str:
    best, ran = trained["best_epoch"], len(trained["history"])
    what = pass_name(trained["history"])
    status, scoring = trained["status"], trained.get("scoring")
    if "ended" in trained:
        return text(trained["ended"], longest=_LONGEST_SENTENCE)
    said = training_ended(trained["stopping"], status, best, ran, limit, what, scoring)
    return text(said, longest=_LONGEST_SENTENCE)
