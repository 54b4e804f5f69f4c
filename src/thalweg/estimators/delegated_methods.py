"""One-line estimator methods (save, plots, trace); the only file that may import from above."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from os import PathLike
from typing import TYPE_CHECKING, Any, Unpack

from thalweg.data.typing import TableLike, TargetLike, WeightsLike
from thalweg.estimators.available_methods import of_one_target
from thalweg.estimators.offsets.given_offsets import OffsetLike, asked_of
from thalweg.estimators.offsets.rows_of_rates import require_rates

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from pandas import DataFrame

    from thalweg.estimators.network_estimator import NetworkEstimator as _Estimator
    from thalweg.export.carried_model import CarriedModel
    from thalweg.jobs.cards.made_card import ModelCard
    from thalweg.reporting.explaining.counterfactuals import Counterfactuals
    from thalweg.reporting.explaining.explanation import Explanation
    from thalweg.reporting.explaining.what_if import WhatIf
    from thalweg.reporting.landscape.landscape_display import Landscape
    from thalweg.reporting.trace.model_trace import ModelTrace
    from thalweg.reporting.trace.trace_display import Shown
    from thalweg.training.lr_find import RateRange, RateSearch

else:
    _Estimator = object  # at run time it is a mixin; the estimators inherit from it


class Doors(_Estimator):
    """Methods of every estimator that are implemented elsewhere."""

    def save(self, path: str | PathLike[str], *, overwrite: bool = False) -> None:
        """Write the fitted model to one file; see `thalweg.persistence.model_file.save_model`."""
        from thalweg.persistence.model_file import save_model

        save_model(self, path, overwrite=overwrite)

    @of_one_target
    def export(
        self, path: str | PathLike[str], *, overwrite: bool = False, opset: int | None = None
    ) -> "CarriedModel":
        """Write the model for another language: ONNX, C, JavaScript, Python or SQL, by the ending.

        See `thalweg.jobs.exports.written_export.export_model`.
        """
        from thalweg.jobs.exports.written_export import export_model

        return export_model(self, path, overwrite=overwrite, opset=opset)

    def studio(
        self, *, port: int | None = None, workspace: str | None = None, browser: bool = True
    ) -> None:
        """Open the studio on this model; see `thalweg.studio.studio_of_model.studio_of_model`."""
        from thalweg.studio.studio_of_model import studio_of_model

        studio_of_model(self, port=port, workspace=workspace, browser=browser)

    def predict_batches(
        self, batches: Iterable[TableLike], *, method: str = "predict", n_jobs: int | None = None
    ) -> Iterator[Any]:
        """Predictions for an iterator of batches, in order.

        See `thalweg.estimators.streams.batch_predictions.predict_batches`.
        """
        from thalweg.estimators.streams.batch_predictions import predict_batches

        return predict_batches(self, batches, method=method, n_jobs=n_jobs)

    @of_one_target
    def report(
        self,
        path: str | PathLike[str],
        X: TableLike | None = None,
        y: TargetLike | None = None,
        **settings: Any,
    ) -> None:
        """Save the report on new rows, or on those that the folds of the fit held out.

        See `thalweg.reporting.page.rows_report.report_of_model`.
        """
        from thalweg.reporting.page.rows_report import report_of_model

        if settings.get("exposure") is None:
            require_rates(self, y)
        report_of_model(self, path, X, y, **settings)

    @of_one_target
    def card(
        self, X: TableLike | None = None, y: TargetLike | None = None, **asked: Any
    ) -> "ModelCard":
        """The card of the model; see `thalweg.jobs.cards.made_card.model_card`."""
        from thalweg.jobs.cards.made_card import model_card

        require_rates(self, y)
        return model_card(self, X, y, **asked)

    @of_one_target
    def oof_importance(self, X: TableLike, y: TargetLike, **settings: Any) -> "DataFrame":
        """Which columns the networks lean on, from the rows of the fit that each held out.

        See `thalweg.estimators.importance.importance_of_model.oof_importance`.
        """
        from thalweg.estimators.importance.importance_of_model import oof_importance

        return oof_importance(self, X, y, **settings)

    @of_one_target
    def explain(self, X: TableLike, **settings: Any) -> "Explanation":
        """Why the answers are as they are; see `thalweg.reporting.explaining.explanation`."""
        from thalweg.reporting.explaining.explanation import explain_model

        return explain_model(self, X, **settings)

    @of_one_target
    def what_if(self, X: TableLike, changes: Mapping[Any, Any]) -> "WhatIf":
        """The answers if some cells were others; see `thalweg.reporting.explaining.what_if`."""
        from thalweg.reporting.explaining.what_if import what_if_of_model

        return what_if_of_model(self, X, changes)

    @of_one_target
    def counterfactuals(
        self, X: TableLike, change: str | int | Sequence[str | int], **settings: Any
    ) -> "Counterfactuals":
        """Small changes of a row that change the answer.

        See `thalweg.reporting.explaining.counterfactuals.counterfactuals_of_model`.
        """
        from thalweg.reporting.explaining.counterfactuals import counterfactuals_of_model

        return counterfactuals_of_model(self, X, change, **settings)

    def plot_importance(self, found: "DataFrame", *, dark: bool = False) -> "Figure":
        """The bars of `thalweg.importance`; see `thalweg.reporting.figures.importance_plot`."""
        from thalweg.reporting.figures.importance_plot import importance_figure

        return importance_figure(found, dark=dark)

    def plot_history(self, *, dark: bool = False) -> "Figure":
        """The loss of every epoch; see `thalweg.reporting.figures.model_plots.plot_history`."""
        from thalweg.reporting.figures.model_plots import plot_history

        return plot_history(self, dark=dark)

    def lr_find(
        self,
        X: TableLike,
        y: TargetLike,
        sample_weight: WeightsLike = None,
        **settings: "Unpack[RateRange]",
    ) -> "RateSearch":
        """Find a learning rate for a table; see `thalweg.estimators.rate_search.find_rate`."""
        from thalweg.estimators.rate_search import find_rate

        return find_rate(self, X, y, sample_weight, **settings)

    def plot_lr_find(self, search: "RateSearch", *, dark: bool = False) -> "Figure":
        """The loss over the rate of each step; see `thalweg.reporting.figures.model_plots`."""
        from thalweg.reporting.figures.model_plots import plot_lr_find

        return plot_lr_find(self, search, dark=dark)

    @of_one_target
    def trace(self, X: TableLike, y: TargetLike | None = None, **settings: Any) -> "ModelTrace":
        """Trace a row through the network and back; see `thalweg.reporting.trace.model_trace`."""
        from thalweg.reporting.trace.model_trace import trace_model

        require_rates(self, y)
        return trace_model(self, X, y, **settings)

    @of_one_target
    def check_gradient(
        self, X: TableLike | None = None, y: TargetLike | None = None, **settings: Any
    ) -> "Shown":
        """Check the gradient by finite differences; see `thalweg.reporting.trace.model_trace`."""
        from thalweg.reporting.trace.model_trace import check_model_gradient

        require_rates(self, y)
        return check_model_gradient(self, X, y, **settings)

    @of_one_target
    def landscape(self, X: TableLike, y: TargetLike, **settings: Any) -> "Landscape":
        """The loss around the model; see `thalweg.reporting.landscape.model_landscape`."""
        from thalweg.reporting.landscape.model_landscape import model_landscape

        require_rates(self, y)
        return model_landscape(self, X, y, **settings)

    def _html_repr(self) -> str:
        """The HTML for notebooks; scikit-learn's ``_repr_html_`` and mime bundle call it."""
        from thalweg.reporting.notebook_html import html_repr

        return html_repr(self)


class ClassifierDoors(Doors):
    """Such methods of a classifier."""

    @of_one_target
    def plot_confusion_matrix(
        self,
        X: TableLike,
        y: TargetLike,
        *,
        threshold: float | Sequence[float] | None = None,
        dark: bool = False,
    ) -> "Figure":
        """The confusion matrix; see `thalweg.reporting.figures.model_plots`."""
        from thalweg.reporting.figures.model_plots import plot_confusion_matrix

        return plot_confusion_matrix(self, X, y, threshold=threshold, dark=dark)

    @of_one_target
    def plot_roc(self, X: TableLike, y: TargetLike, *, dark: bool = False) -> "Figure":
        """The ROC curve; see `thalweg.reporting.figures.model_plots.plot_roc`."""
        from thalweg.reporting.figures.model_plots import plot_roc

        return plot_roc(self, X, y, dark=dark)


class RegressorDoors(Doors):
    """Such methods of a regressor."""

    def lr_find(
        self,
        X: TableLike,
        y: TargetLike,
        sample_weight: WeightsLike = None,
        *,
        offset: OffsetLike = None,
        exposure: OffsetLike = None,
        **settings: "Unpack[RateRange]",
    ) -> "RateSearch":
        """Find a learning rate for a table; see `thalweg.estimators.rate_search.find_rate`."""
        from thalweg.estimators.rate_search import find_rate

        return find_rate(self, X, y, sample_weight, asked_of(offset, exposure), **settings)

    @of_one_target
    def plot_predictions(self, X: TableLike, y: TargetLike, *, dark: bool = False) -> "Figure":
        """Predicted against true, and residuals; see `thalweg.reporting.figures.model_plots`."""
        from thalweg.reporting.figures.model_plots import plot_predictions

        return plot_predictions(self, X, y, dark=dark)
