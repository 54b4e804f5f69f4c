"""The report of an `Evaluation`: what it needs beside the answers, and the method that saves it.

This module and `thalweg.estimators.delegated_methods` are the only ones that import from a higher
floor, inside a method of a few lines.
"""

from dataclasses import dataclass
from os import PathLike
from typing import TYPE_CHECKING, Any, Literal, TypedDict, cast

import numpy as np

from thalweg.evaluation.answers import OF_FOLDS, STOPPED, How

if TYPE_CHECKING:
    from thalweg.evaluation.any_estimator.evaluation import Evaluation
    from thalweg.evaluation.several.evaluations import Evaluations

# What is known of the rows: held out by this evaluation, in folds; given, so that nothing is known;
# those that the model was trained on; those of the folds of a fit.
Known = Literal["held out", "folds", "not known", "training", "out-of-fold"]
_OF_GIVEN: dict[How, Known] = {
    "test": "not known",
    "cross-validated": "folds",
    "out-of-fold": "out-of-fold",
    "stopped on these rows": "out-of-fold",
    "training": "training",
    "origin unknown": "not known",
}
_CAUTIONS: dict[str, str] = {
    "training": "CAUTION: the model was trained on these rows, so the numbers do not say how good "
    "it is on new rows.",
    "out-of-fold": f"CAUTION: {OF_FOLDS[:1].lower()}{OF_FOLDS[1:]}",
    STOPPED: "CAUTION: training was stopped on these rows, so new rows may be worse.",
    "not known": "The numbers hold for new rows only if the model was not trained on these rows.",
}


@dataclass(frozen=True, eq=False)
class Given:
    """What is known of the rows and of the model, beside the answers.

    Parameters
    ----------
    known : str
        Which rows were evaluated.
    y : ndarray, shape (n_rows,)
        The targets of the whole table.
    X : table or None
        The whole table.
    target : str
        Its name; "" if it has none.
    estimator : str
        The text of the estimator; "" for predictions.
    which : str
        Which of the rows trained the model, in sentences; "" if it cannot tell, or held them out.
    stopped : bool
        Of rows that folds held out: whether they chose when training stopped.
    weights : ndarray of float64, shape (n_rows,), or None
        How much each row of the whole table counts.
    """

    known: Known
    y: np.ndarray
    X: Any = None
    target: str = ""
    estimator: str = ""
    which: str = ""
    stopped: bool = False
    weights: np.ndarray | None = None

    @property
    def caution(self) -> str:
        """What the origin of the rows says about new rows, in sentences; "" for held-out rows."""
        return self.which or _CAUTIONS.get(STOPPED if self.stopped else self.known, "")

    @classmethod
    def of_predictions(cls, how: How, y: np.ndarray) -> "Given":
        """What is known of predictions: how a person says that they came about."""
        return cls(_OF_GIVEN[how], y, stopped=how == STOPPED)

    @classmethod
    def of_model(cls, model: object, X: Any, y: np.ndarray, named: Any, how: How) -> "Given":
        """What is known of a model on a table.

        Parameters
        ----------
        model : object
        X : table
        y : ndarray
        named : array-like
            The target as it was given: a Series has a name.
        how : str
            Of the answers; "test" where the rows were held out here.
        """
        name, text = getattr(named, "name", None), " ".join(repr(model).split())
        # The address of an object in memory says nothing, and is another one each time.
        said = type(model).__name__ if " at 0x" in text else text
        known: Known = "held out" if how == "test" else _OF_GIVEN[how]
        return cls(known, y, X, "" if name is None else str(name), said)


class AskedPage(TypedDict, total=False):
    """What is asked of a page; `Evaluation.report` says what each means."""

    name: str
    target: str
    unit: str
    benefit: tuple[float, float] | None
    what_if: bool
    rows: bool
    search: Any
    overwrite: bool


class Reportable:
    """A mixin of `Evaluation`."""

    def report(
        self,
        path: str | PathLike[str],
        *,
        name: str = "",
        target: str = "",
        unit: str = "",
        benefit: tuple[float, float] | None = None,
        what_if: bool = True,
        rows: bool = False,
        search: Any = None,
        overwrite: bool = False,
    ) -> None:
        """Save the report of this evaluation: one HTML page that works offline.

        It has the sections of the report of ``thalweg fit``, as far as they are known: importance
        and effect curves if a single fitted model answered, those about a network and single rows
        only if that is one of thalweg. It has no row of the table without ``rows``.

        Parameters
        ----------
        path : str or path
            Ends in ``.html``, or has no ending.
        name, target : str, optional
            What the page calls the table and the target; default: what is known of them.
        unit : str, optional
            The unit of a numeric target.
        benefit : (float, float), optional
            The range of thresholds of net benefit.
        what_if : bool, default True
            Whether the page holds the model, if it is one of thalweg, so that a reader can try
            rows: about 5.4 bytes for each weight. Without it the page has no weight.
        rows : bool, default False
            Whether the answers for three rows are explained, with their cells, if the model is one
            of thalweg.
        search : Tuned, optional
            The result of `thalweg.tune` that gave the model: the page has its sections, too.
        overwrite : bool, default False
            Whether an existing file is replaced.

        Raises
        ------
        SettingsError
            For another ending, a unit of classes, or thresholds that are not in order.
        OutputError
            If the file cannot be written.
        """
        from thalweg.reporting.page.rows_report import save_report

        found = cast("Evaluation", self)
        save_report(
            found, path, name=name, target=target, unit=unit, benefit=benefit, what_if=what_if,
            rows=rows, search=search,
            overwrite=overwrite,
        )  # fmt: skip


class ReportableTargets:
    """A mixin of `Evaluations`."""

    def report(self, path: str | PathLike[str], *, name: str = "", overwrite: bool = False) -> None:
        """Save the overview of all targets: one HTML page that works offline.

        The report of one target is that of its evaluation: ``evaluations["a"].report(path)``.

        Parameters
        ----------
        path : str or path
            Ends in ``.html``, or has no ending.
        name : str, optional
            What the page calls the table.
        overwrite : bool, default False
            Whether an existing file is replaced.

        Raises
        ------
        SettingsError
            For another ending.
        OutputError
            If the file cannot be written.
        """
        from thalweg.reporting.targets.saved_overview import save_overview

        save_overview(cast("Evaluations", self), path, name=name, overwrite=overwrite)
