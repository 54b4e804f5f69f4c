"""``set_output``: predicted probabilities as a data frame with a named column for each class."""

from collections.abc import Callable
from importlib import import_module
from typing import Any, Literal, Self, TypeAlias

from numpy.typing import NDArray

from thalweg.data.typing import TableLike
from thalweg.errors import SettingsError
from thalweg.estimators.learning.target_outputs import Floats

Container: TypeAlias = Literal["default", "pandas", "polars"]

_KINDS: dict[str, Callable[[Any], Any]] = {
    "pandas": lambda table: import_module("pandas").DataFrame(table),
    "polars": lambda table: import_module("polars").DataFrame(table),
}


class Labelled:
    """A mixin for classifiers."""

    # Not scikit-learn's attribute, which clones inherit: cross_validate and stacking take columns
    # of predict_proba as of an array.
    _given_as: Container = "default"

    def set_output(self, *, transform: Container | None = None) -> Self:
        """Choose what `predict_proba` and `predict_log_proba` return.

        Parameters
        ----------
        transform : {"default", "pandas", "polars"} or None
            "default" is an array. The others are frames whose columns have the names of the
            classes (for pandas, with the index of the rows). ``None`` changes nothing. The
            parameter has scikit-learn's name. Clones, such as those of ``cross_validate``, return
            arrays. Tools of scikit-learn that take a fitted model (a scorer, a display, a prefit
            stack) need an array: set "default" before.

        Returns
        -------
        self

        Raises
        ------
        SettingsError
            For any other word.
        """
        if transform is not None:
            if transform != "default" and transform not in _KINDS:
                raise SettingsError(
                    f"set_output(transform={transform!r}) has no meaning",
                    fix=f"take default, {' or '.join(_KINDS)}",
                )
            self._given_as = transform
        return self

    def _labelled(self, probabilities: Floats, labels: NDArray[Any], X: TableLike) -> Any:
        """An array as it is, or a frame of the requested kind."""
        if self._given_as == "default":
            return probabilities
        columns = {str(each): probabilities[:, k] for k, each in enumerate(labels.tolist())}
        frame = _KINDS[self._given_as](columns)
        index = getattr(X, "index", None)
        if self._given_as == "pandas" and index is not None and not callable(index):
            frame.index = index
        return frame
