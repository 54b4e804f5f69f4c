"""The HTML report: one offline page with a network, its training and its evaluation.

`report_html` takes only plain data (`thalweg.reporting.page.report_shapes`). The page of two
classes is drawn by its script; pictures of several classes and of regression are static.

The page makes no request: its policy (CSP) forbids all of them, and allows its own script and
styles by their hashes. It contains no row of the table that nobody asked for, only counts,
weights, and for each column the lowest, median and highest value, the ends of its bins and the
names of its levels. It stays below 450 KB for 300 columns and 256 units; of a larger network it
contains the first columns, and of each layer the units with the largest path shares. A what-if
panel adds all networks, about 5.5 bytes for each weight, and quantiles of the columns. Numbers are
written as in `terminal_verdict`.
"""

from collections.abc import Mapping, Sequence
from math import ceil, isfinite, isnan
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from thalweg.errors import Status
from thalweg.estimators.parameters.auto_by_width import alpha_of, dropout_of, epochs_of
from thalweg.estimators.parameters.optimizer_of_fit import fitted_optimizer_text
from thalweg.estimators.parameters.parameter import CLASSIFIER, REGRESSOR
from thalweg.estimators.parameters.unlike_default import unlike_default
from thalweg.evaluation.judging.shapes import VerdictData
from thalweg.evaluation.section_shapes import SectionsData
from thalweg.network.formulas.losses import own_text
from thalweg.reporting.html_pieces import name, text
from thalweg.reporting.inline import filled, json_block
from thalweg.reporting.landscape.landscape_section import section_html
from thalweg.reporting.network_drawing_data import facing, is_turned
from thalweg.reporting.network_svg import MOST_UNITS
from thalweg.reporting.page.about_model_data import with_unit
from thalweg.reporting.page.page_tree import Node, tree_of
from thalweg.reporting.page.report_shapes import (
    AboutTable,
    ColumnData,
    LevelData,
    PicturesData,
    Report,
    TrainingData,
)
from thalweg.reporting.page.rows_in_words import rows_beside
from thalweg.reporting.page.section_data import drawn_sections
from thalweg.reporting.page.sections import every_task, the_network, what_if_panel
from thalweg.reporting.page.task_kind_pages import PAGES, evaluation, page_of, require_report
from thalweg.reporting.trace.html import STYLE, piece
from thalweg.reporting.tuning.search_page import STYLES, search_part
from thalweg.reporting.tuning.shown_search import ShownSearch
from thalweg.reporting.verdict_words import (
    WEIGHTS_GIVEN,
    batches_ended,
    kind_of,
    training_ended,
)
from thalweg.training.history import pass_name

if TYPE_CHECKING:
    from thalweg.estimators.classifier import ThalwegClassifier
    from thalweg.persistence.rebuilt import Model

_MOST_POINTS = 300
# The number of levels of a column that are listed with their counts.
_MOST_LEVELS = 5


def column_facts(
    names: Sequence[str],
    kinds: Sequence[str],
    matrix: np.ndarray,
    levels: Sequence[Sequence[str]] = (),
) -> list[ColumnData]:
    """The summary of the columns of a table.

    Parameters
    ----------
    names, kinds : sequence of str, length n_features
    matrix : ndarray of float64, shape (n_samples, n_features)
        NaN for a missing value; for a category the number of its level, from 1.
    levels : sequence of sequence of str, length n_features
        The levels of each category; empty for other columns.

    Returns
    -------
    list of dict
        ``name kind missing low median high``, the last three None if there are no numbers;
        ``levels``: the most common levels of a category or a boolean, each with its ``name`` and
        its ``rows``; ``n_levels``: how many there are. Both are None for any other column.
    """
    facts: list[ColumnData] = []
    for place, (column, kind, values) in enumerate(zip(names, kinds, matrix.T, strict=True)):
        present = values[~np.isnan(values)]
        low = median = high = None
        if len(present) and kind in ("number", "boolean", "bound", "date"):
            low, median, high = map(float, (present.min(), np.median(present), present.max()))
        counts = None
        if kind == "boolean":
            counts = {"true": int((present == 1).sum()), "false": int((present == 0).sum())}
        elif kind == "category" and levels:
            own = np.bincount(present.astype(np.intp), minlength=len(levels[place]) + 1)[1:]
            counts = dict(zip(levels[place], own.tolist(), strict=True))
        facts.append(
            {
                "name": column,
                "kind": kind,
                "missing": len(values) - len(present),
                "low": low,
                "median": median,
                "high": high,
                "levels": None if counts is None else _most_common(counts),
                "n_levels": None if counts is None else len(counts),
            }
        )
    return facts


def _most_common(counts: Mapping[str, int]) -> list[LevelData]:
    """The most common levels of a column, with their rows."""
    order = sorted(counts, key=lambda level: -counts[level])[:_MOST_LEVELS]
    return [{"name": level, "rows": counts[level]} for level in order]


def report_data(
    model: "Model",
    about: AboutTable,
    verdict: VerdictData,
    curves: PicturesData | None,
    *,
    version: str,
    sections: SectionsData | None = None,
) -> Report:
    """The report of a fitted model, as plain data.

    Parameters
    ----------
    model : ThalwegClassifier or ThalwegRegressor
        Fitted on the training part.
    about : AboutTable
        The summary of the table.
    verdict, curves : mapping
        From `Verdict.as_dict`, and from `Curves.as_dict` or `Residuals.as_dict`.
    version : str
        The version of thalweg.
    sections : mapping, optional
        From the rows of the verdict. The page then shows them before the baselines.

    Returns
    -------
    dict
        One of the shapes in `thalweg.reporting.page.report_shapes`.
    """
    task = kind_of(verdict)
    facts = {key: value for key, value in verdict.items() if key in task.facts}
    sizes = {key: verdict[key] for key in ("n_train", "n_test")}
    report = {
        "title": f"{about['name']}: {PAGES[task].title(verdict, about['target'])}",
        "thalweg": version,
        "seed": model.seed_,
        "table": {**about, **sizes, **facts, "n_rows": sum(sizes.values())},
        **model_part(model, verdict, about["target"]),
        "verdict": verdict,
        "curves": curves,
        "sections": sections,
        **_threshold_now(model, verdict),
    }
    # The task decides which of the shapes it is; `require_report` checks that.
    return cast(Report, report)


def _threshold_now(model: "Model", verdict: VerdictData) -> dict[str, float]:
    """The threshold of a model that was decided after its evaluation; else nothing."""
    if "positive" not in verdict:
        return {}
    now = cast("ThalwegClassifier", model).threshold_
    if now is None or now == verdict["network"]["threshold"]:
        return {}
    return {"threshold_now": float(now)}


def model_part(model: "Model", verdict: VerdictData, target: str) -> dict[str, Any]:
    """What a report shows of a fitted network, and of how it was trained."""
    return {
        "data_hash": model.data_hash_,
        "network": _network(model, PAGES[kind_of(verdict)].outputs(model, target)),
        "training": {
            "history": model.history_,
            "best_epoch": model.best_epoch_,
            "stopping": model.stopping_,
            "status": model.status_.name.lower(),
            "scoring": model.settings_["scoring"],
            **_continued(model),
        },
    }


def _continued(model: "Model") -> dict[str, str]:
    """How a training ended that went on after a fit, or had no fit before; else nothing."""
    if model._known.also == "batches":
        ended = batches_ended(model.settings_, model.history_)
        return {"ended": ended, "title": f"Training: {ended}"}
    if model._known.also == "weights":
        return {"ended": WEIGHTS_GIVEN, "title": WEIGHTS_GIVEN[:1].upper() + WEIGHTS_GIVEN[1:]}
    if model._known.also == "epochs":
        ended = training_ended(
            model.stopping_, model.status_.name.lower(), model.best_epoch_, len(model.history_),
            _most_epochs(model), pass_name(model.history_), continued=True,
        )  # fmt: skip
        title = ended.partition(";")[0]
        return {"ended": ended, "title": title[:1].upper() + title[1:]}
    return {}


def _network(model: "Model", outputs: Mapping[str, Any]) -> dict[str, Any]:
    """The first network, and how it was trained."""
    settings, schema = model.settings_, model.schema_
    scaling = model.encoder_.output_scaling()
    if model.encoder_.scaling.as_they_are:  # these inputs have no formula
        plain = np.arange(len(scaling.scale)) < model.encoder_.scaling.n_outputs
        scaling = scaling._replace(scale=np.where(plain, np.nan, scaling.scale))
    return {
        "sizes": list(model.architecture_.sizes),
        "activations": list(model.architecture_.activations),
        "inputs": model.encoder_.output_names(schema.names, schema.levels),
        "columns": model.encoder_.output_columns(),
        "theta": _theta(model),
        "members": len(model.members_),
        **({"unlike_members": True} if len({*_trials(model)}) > 1 else {}),
        **outputs,
        "encoding": {
            key: [None if isnan(each) else each for each in values.tolist()]
            for key, values in scaling._asdict().items()
        },
        "loss": own_text(model.members_[0].outputs.loss),
        "dropout": dropout_of(settings, model._kind),
        "unlike_default": unlike_default(
            CLASSIFIER if hasattr(model, "classes_") else REGRESSOR, settings, model.stopping_
        ),
        "calibration": None if model.calibration_ is None else model.calibration_.sentence,
        "optimizer": fitted_optimizer_text(settings),
        "alpha": alpha_of(settings),
        "batch_size": settings["batch_size"],
        "max_iter": _most_epochs(model),
    }


def _trials(model: "Model") -> Sequence[int]:
    """The trial of each network of a model that a search made; else nothing."""
    tuned = model._known.tuned
    return () if tuned is None else tuned.networks


def _most_epochs(model: "Model") -> int:
    """The epochs that were allowed, or a bound where the file does not tell the number of rows."""
    if model.status_ is Status.MAX_EPOCHS and model.stopping_ != "cross-validation":
        return len(model.history_)
    return epochs_of(model.settings_)


def _theta(model: "Model") -> list[float]:
    """The weights, with the signs of the output's changed so that it is for the positive class."""
    layers = facing(model.architecture_.layers(model.theta_), turn=is_turned(model))
    flat: list[float] = np.concatenate([each.ravel() for pair in layers for each in pair]).tolist()
    return flat


def report_html(report: Report, search: ShownSearch | None = None) -> str:
    """The HTML page of a report.

    Parameters
    ----------
    report : mapping
        One of the shapes in `thalweg.reporting.page.report_shapes`.
    search : ShownSearch, optional
        The search that gave the model.

    Returns
    -------
    str
        HTML, for a UTF-8 file.

    Raises
    ------
    DataError
        If a key is absent.
    """
    require_report(report)
    report = with_unit(report)
    page, given = page_of(report), report["table"]["name"]
    shown = [
        evaluation(report),
        what_if_panel.what_if(report),
        every_task.training(report),
        "" if search is None else search_part(search),
        every_task.columns(report),
        *_network_of(report),
        section_html(report.get("landscape")),
        *_traced(report),
    ]
    rows = "no row of the table" + rows_beside(report)
    script, modules = what_if_panel.script_of(report)
    return filled(
        "report.html",
        styles=(
            "marks.css",
            "report.css",
            "about_model.css",
            *(STYLES if search is not None else ()),
        ),
        script=script,
        modules=modules,
        more=(STYLE,) if "trace" in report else (),
        version=text(report["thalweg"]),
        title=text(report["title"]),
        kicker="thalweg report"
        + (f" · {name(given)}" if (given := report["table"]["name"]) else ""),
        headline=page.headline(report),
        sentence=every_task.opinion(report),
        sections="".join(shown),
        made=every_task.made(report),
        footer=f"<b>Not a medical device.</b> Made by thalweg {text(report['thalweg'])}; this "
        f"page is one file, makes no network request and contains {rows}.",
        data=json_block(data_of_page(report)),
        model=what_if_panel.model_block(report),
    )


def _network_of(report: Report) -> list[str]:
    """The drawing of the network, if there is one."""
    if "network" not in report:
        return []
    if report["network"]["theta"] is None:
        return [the_network.network(report, "", "")]
    drawn, most = page_of(report).drawn(report)
    chosen = (
        f"of more than {most} inputs (a number with its bins is one, and so is each level of a "
        "category), the first are drawn, in the order of the table's columns, and of more than "
        f"{MOST_UNITS} units in a layer, those with the largest path shares"
    )
    return [the_network.network(report, drawn, chosen)]


def _traced(report: Report) -> list[str]:
    """The trace of the rows that were asked for."""
    if "trace" not in report:
        return []
    return [f'<section id="trace">\n{piece("trace", report["trace"])}\n</section>\n']


def said_by_page(report: Report) -> dict[str, list[Node]]:
    """What the page says of the evaluation, for a page that builds its elements one by one.

    Parameters
    ----------
    report : mapping
        One of the shapes in `thalweg.reporting.page.report_shapes`.

    Returns
    -------
    dict
        ``headline``, ``opinion`` and ``evaluation``, each as `tree_of` gives it.
    """
    require_report(report)
    report = with_unit(report)
    return {
        "headline": tree_of(page_of(report).headline(report)),
        "opinion": tree_of(every_task.opinion(report)),
        "evaluation": tree_of(evaluation(report)),
    }


def data_of_page(report: Report) -> dict[str, Any]:
    """The data for the page's script and for other programs.

    Parameters
    ----------
    report : mapping
        One of the shapes in `thalweg.reporting.page.report_shapes`.
    """
    report = with_unit(report)
    data = {"thalweg": report["thalweg"], "seed": report["seed"], **page_of(report).data(report)}
    if "network" in report:
        data["data_hash"] = report["data_hash"]
        if report["training"]["history"]:
            data["training"] = {
                **report["training"],
                "history": _thinned(report["training"]),
                "pass": pass_name(report["training"]["history"]),
                "unit": kind_of(report["verdict"]).unit,
            }
    if recipes := report.get("recipes"):
        data["recipes"] = recipes
    if (sections := report.get("sections")) is not None:
        data["sections"] = drawn_sections(sections, report["verdict"])
    return data


def _thinned(training: TrainingData) -> dict[str, list[Any]]:
    """The history by columns: about 300 epochs at most, with the first, the best and the last."""
    history = training["history"]
    every = ceil(len(history) / _MOST_POINTS)
    kept = [
        epoch
        for epoch in history
        if (epoch["epoch"] - 1) % every == 0
        or epoch["epoch"] in (training["best_epoch"], len(history))
    ]
    return {
        key: [value if value is None or isfinite(value) else None for value in column]
        for key, column in (
            (key, [epoch[key] for epoch in kept]) for key in ("epoch", "train_loss", "valid_loss")
        )
    }
