"""The report of an evaluation that is beside a fit: of new rows, any estimator, or predictions."""

from typing import TYPE_CHECKING, Any, cast

from thalweg.evaluation.judging.shapes import VerdictData
from thalweg.evaluation.section_shapes import SectionsData
from thalweg.reporting.page.report_page import model_part
from thalweg.reporting.page.report_shapes import AboutTable, PicturesData, Report, RowsData
from thalweg.reporting.page.task_kind_pages import PAGES
from thalweg.reporting.verdict_words import kind_of

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
