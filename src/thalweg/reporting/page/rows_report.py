"""The report of an evaluation that is beside a fit: of new rows, any estimator, or predictions."""

import inspect
from collections.abc import Mapping
from importlib.metadata import version
from os import PathLike
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Unpack, cast

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils.validation import check_is_fitted

from thalweg.data.column_names import likely
from thalweg.data.schema.given_table import table_of
from thalweg.data.schema.schema import infer_schema
from thalweg.data.typing import GroupsLike, Label, WeightsLike
from thalweg.endings import PAGE, check_ending
from thalweg.errors import DataError, SettingsError
from thalweg.estimators.classifier import ThalwegClassifier
from thalweg.estimators.regressor import ThalwegRegressor
from thalweg.evaluation.any_estimator.evaluate_estimator import evaluate
from thalweg.evaluation.any_estimator.evaluation import By, Evaluation
from thalweg.evaluation.any_estimator.given_predictions import of_own_answers
from thalweg.evaluation.any_estimator.reportable import AskedPage, Given
from thalweg.evaluation.decisions.decision_curve import require_range
from thalweg.evaluation.judging.shapes import VerdictData
from thalweg.evaluation.section_shapes import SectionsData, with_model
from thalweg.evaluation.task_judging import OneNumber, SeveralClasses, Task, TwoClasses
from thalweg.evaluation.task_kinds import SEVERAL_CLASSES
from thalweg.files import write_atomic
from thalweg.persistence.model_file import model_bytes
from thalweg.reporting.model_sections.about_evaluation import about_evaluation
from thalweg.reporting.page.report_page import column_facts, model_part, report_html
from thalweg.reporting.page.report_shapes import AboutTable, PicturesData, Report, RowsData
from thalweg.reporting.page.task_kind_pages import PAGES
from thalweg.reporting.page.what_if_data import what_if_data, without_weights
from thalweg.reporting.verdict_words import kind_of
from thalweg.wording import counted, shown

if TYPE_CHECKING:
    from thalweg.persistence.rebuilt import Model


def rows_report(
    verdict: VerdictData,
    about: AboutTable,
    rows: RowsData,
    *,
    n_rows: int,
    curves: PicturesData | None,
    sections: SectionsData,
    seed: int,
    version: str,
    model: "Model | None" = None,
    taught_by: str = "",
) -> Report:
    """The report of an evaluation, as plain data; what is not known has no section.

    Parameters
    ----------
    verdict : VerdictData
    about : AboutTable
        The summary of the table of ``n_rows`` rows; without columns if there is none.
    rows : RowsData
        Which rows were evaluated.
    curves : mapping or None
        From `Curves.as_dict` or `Residuals.as_dict`; None for several classes.
    sections : SectionsData
        Of the same rows.
    seed : int
        Of the evaluation.
    version : str
        The version of thalweg.
    model : ThalwegClassifier or ThalwegRegressor, optional
        Fitted: its network and its training are then on the page.
    taught_by : str
        The rows that trained it, as a part of a sentence; "" if they are not known.
    """
    task, target = kind_of(verdict), about["target"]
    subject = PAGES[task].title(verdict, target)
    facts = {key: value for key, value in verdict.items() if key in task.facts}
    report: dict[str, Any] = {
        "title": f"{about['name']}: {subject}" if about["name"] else subject,
        "thalweg": version,
        "seed": seed,
        "table": {**about, **facts, "n_rows": n_rows},
        "rows": rows,
        "verdict": verdict,
        "curves": curves,
        "sections": sections,
    }
    if model is not None:
        report |= model_part(model, verdict, target)
        taught = {"taught_by": taught_by} if taught_by else {}
        report["network"] = {**report["network"], **taught, "seed": model.seed_}
    # The task decides which of the shapes it is; `require_report` checks that.
    return cast(Report, report)


def save_report(found: Evaluation, path: str | PathLike[str], **asked: Unpack[AskedPage]) -> None:
    """Save the page of an `Evaluation`, as `Evaluation.report` says."""
    if not isinstance(path, str | PathLike):
        raise SettingsError(
            f"A report is saved as a file, and {shown(path)} is no path",
            fix='give a name: report("page.html")',
        )
    check_ending(path, "A report", PAGE)
    unit, benefit = asked.get("unit", ""), asked.get("benefit")
    if unit and found.task.kind.of_classes:
        raise SettingsError(
            "A unit is that of a numeric target, and these are classes", fix="leave out unit"
        )
    if benefit is not None:
        if not isinstance(benefit, tuple | list) or len(benefit) != 2:
            raise SettingsError(
                f"benefit is {shown(benefit)}, not two thresholds", fix="give benefit=(0.1, 0.5)"
            )
        require_range(*benefit)
    names = asked.get("name", ""), asked.get("target", "")
    rows = asked.get("rows", False)
    report = evaluation_report(found, *names, unit, benefit, rows=rows)
    if not asked.get("what_if", True):
        report = without_weights(report)
    elif (network := network_of(found)) is not None:
        report["what_if"] = what_if_data(network)
    search = asked.get("search")
    if search is not None:
        _require_search_of(network_of(found), search)
    page = report_html(report, None if search is None else search.shown(names[0]))
    write_atomic(path, page.encode(), overwrite=asked.get("overwrite", False))


def _require_search_of(model: "ThalwegClassifier | ThalwegRegressor | None", search: Any) -> None:
    """Refuse what is no search, or gave another model: its sentences would be of that one."""
    searched = getattr(search, "model", None)
    if not isinstance(searched, ThalwegClassifier | ThalwegRegressor):
        raise SettingsError(
            f"search is {shown(search)}, which is not what tune returns",
            fix="give that: found = tune(…); found.model.report(path, X, y, search=found)",
        )
    if searched is not model and (model is None or model_bytes(searched) != model_bytes(model)):
        raise SettingsError(
            "The search gave another model than the one of this report",
            fix="report the model of the search: found.model.report(path, X, y, search=found); or "
            "leave out search",
        )


def network_of(found: Evaluation) -> "ThalwegClassifier | ThalwegRegressor | None":
    """The one fitted network of thalweg that answered, if that is what was evaluated."""
    return found.model if isinstance(found.model, ThalwegClassifier | ThalwegRegressor) else None


def evaluation_report(
    found: Evaluation,
    name: str = "",
    target: str = "",
    unit: str = "",
    benefit: tuple[float, float] | None = None,
    *,
    rows: bool = False,
) -> Report:
    """The report of an `Evaluation`, as plain data; ``rows``: some are explained."""
    given, answers, n_rounds = found._given, found.answers, len(found.verdict.answered)
    assert given is not None  # whoever makes an evaluation for users says what is known
    caution = given.caution
    said = " ".join(each for each in (found._conclusion(), caution) if each)
    verdict = {**found.verdict.as_dict(), "sentence": said}
    network = network_of(found)
    pictures = found.task.shown(answers)
    sections = found._sections_with(benefit or (None, None)).as_dict()
    target, notes = target or given.target, list[str]()
    if (rates := found._rates) is not None:
        target, unit, notes = rates.name(target), rates.name(unit), [rates.note]
    about = about_evaluation(found, target, rows=rows)
    report: dict[str, Any] = {
        **rows_report(
            cast(VerdictData, verdict),
            {**_about(found, given, name, target, unit), "notes": notes},
            {
                "how": answers.how, "known": given.known, "n_rounds": n_rounds,
                "in_folds": answers.folds is not None,
                "measure": found.task.measure,
            },
            n_rows=len(given.y),
            curves=pictures.as_dict() if pictures else None,
            sections=with_model(sections, about),
            seed=found.seed,
            version=version("thalweg"),
            model=network,
            taught_by=_taught_by(found, given),
        )
    }  # fmt: skip
    if network is None and given.estimator:
        report["model"] = given.estimator
    if n_rounds > 1 and found.task.kind is not SEVERAL_CLASSES:
        value = None if found.threshold is None else found.threshold.value
        own: Any = SimpleNamespace(threshold_=value)
        report["pictured"] = found.task.judge(answers, own, seed=found.seed).as_dict()
    return cast(Report, report)


def _about(found: Evaluation, given: Given, name: str, target: str, unit: str) -> AboutTable:
    """The summary of the table; its columns only if they can be read."""
    about: dict[str, Any] = {"name": name, "target": target, "notes": []}
    if not found.task.kind.of_classes:
        low, median, high = (float(each) for each in np.quantile(given.y, [0, 0.5, 1]))
        about["target_range"] = {"low": low, "median": median, "high": high}
    else:
        labels, counts = np.unique(np.array([str(each) for each in given.y]), return_counts=True)
        about["class_counts"] = dict(zip(labels.tolist(), counts.tolist(), strict=True))
    if unit:
        about["unit"] = unit
    if given.X is not None:
        about |= _columns(given.X)
    return cast(AboutTable, about)


def _columns(X: Any) -> dict[str, Any]:
    try:
        table = table_of(X)
        schema = infer_schema(table)
        matrix = schema.matrix(table)
    except DataError:  # another library reads this table, and thalweg cannot summarise it
        return {}
    return {"columns": column_facts(schema.names, schema.kinds, matrix, schema.levels)}


def _taught_by(found: Evaluation, given: Given) -> str:
    """The rows that trained the network, as far as they are known."""
    if found.verdict.n_train:
        return f"{counted(found.verdict.n_train, 'row')} of this table"
    return "these rows" if given.known == "training" else ""


def report_of_model(
    model: ThalwegClassifier | ThalwegRegressor,
    path: str | PathLike[str],
    X: Any = None,
    y: Any = None,
    *,
    sample_weight: WeightsLike = None,
    groups: GroupsLike = None,
    costs: Mapping[str, float] | None = None,
    by: By | None = None,
    exposure: str | ArrayLike | None = None,
    seed: int = 0,
    **asked: Unpack[AskedPage],
) -> None:
    """Save the report of a fitted estimator: on new rows, or on those that its folds held out.

    Parameters
    ----------
    model : ThalwegClassifier or ThalwegRegressor
        Fitted.
    path : str or path
    X, y : table and array-like, optional
        Rows that the model was not trained on. If they are the rows of its fit, the page says so.
        Default: the held-out rows of the folds of the fit, which say less about new rows.
    sample_weight, groups, costs, by, exposure
        As in `thalweg.evaluate`; only with rows.
    seed : int, default 0
        Of the intervals.
    **asked
        ``name``, ``target``, ``unit``, ``benefit``, ``what_if``, ``rows``, ``search`` and
        ``overwrite`` of `Evaluation.report`.

    Raises
    ------
    sklearn.exceptions.NotFittedError
        The model has not been fitted.
    SettingsError
        Rows without targets, no rows where the fit has none of its own, or an unknown argument.
    """
    check_is_fitted(model)
    _require_known(asked)
    if (X is None) != (y is None):
        raise SettingsError("Rows need their targets to be evaluated", fix="pass both, X and y")
    if X is None:
        of_rows = {"sample_weight": sample_weight, "groups": groups, "costs": costs, "by": by,
                   "exposure": exposure}  # fmt: skip
        for name, value in of_rows.items():
            if value is not None:
                raise SettingsError(
                    f"{name} is about rows, and none are given", fix="pass X and y, too"
                )
        found = _of_folds(model, seed)
    else:
        positive = getattr(model, "positive_", None)
        found = evaluate(
            model, X, y, how="given", positive=positive, seed=seed, sample_weight=sample_weight,
            groups=groups, costs=costs, by=by, exposure=exposure,
        )  # fmt: skip
    save_report(found, path, **asked)


def _require_known(asked: Mapping[str, Any]) -> None:
    """Refuse a misspelt argument: what was asked of the page would be left out in silence."""
    known = [*[*inspect.signature(report_of_model).parameters][2:-1], *AskedPage.__annotations__]
    for name in asked.keys() - AskedPage.__annotations__.keys():
        guess = likely(name, known)
        raise SettingsError(
            f"report has no argument {name!r}",
            why=f'Did you mean "{guess}"?' if guess else "",
            fix=f"take one of {', '.join(known)}",
        )


def _of_folds(model: ThalwegClassifier | ThalwegRegressor, seed: int) -> Evaluation:
    """The evaluation of the answers for the held-out rows of the folds."""
    own = model._known.out_of_fold
    if own is None or own.answers is None:
        raise SettingsError(
            "There are no rows to evaluate this model on",
            why="Only a fit with folds has answers for rows that it held out, and no file keeps "
            "them",
            fix="pass rows that the model was not trained on: report(path, X, y)",
        )
    y: np.ndarray = own.answers.truth
    if isinstance(model, ThalwegClassifier):
        task, y = _classes(model, own.answers.truth)
    else:
        task = OneNumber().of(model)
    n_rows = counted(len(own.answers), "row")
    given = Given.of_predictions(own.answers.how, y)
    how = f"The held-out rows of the folds of the fit, {n_rows}: each predicted by networks that " \
        "were not trained on it"  # fmt: skip
    return of_own_answers(own.answers, task, model, how, given, seed)


def _classes(model: ThalwegClassifier, truth: np.ndarray) -> tuple[Task, np.ndarray]:
    """The task of a classifier, and the labels of the rows."""
    labels: list[Label] = model.classes_.tolist()
    if len(labels) > 2:
        return SeveralClasses(model.classes_), model.classes_[truth]
    place = 1 if model.positive_ is None else int(model.classes_[1] == model.positive_)
    return TwoClasses(labels[place], labels[1 - place]), model.classes_[
        np.where(truth, place, 1 - place)
    ]
