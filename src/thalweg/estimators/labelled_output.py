"""Probabilities as a frame with a named column for each class, where ``set_output`` asks for it."""

from collections.abc import Callable
from importlib import import_module
from typing import Any, Self

from numpy.typing import NDArray

from thalweg.data.typing import TableLike
from thalweg.errors import SettingsError
from thalweg.estimators.learning.target_outputs import Floats

_KINDS: dict[str, Callable[[Any], Any]] = {
    "pandas": lambda table: import_module("pandas").DataFrame(table),
    "polars": lambda table: import_module("polars").DataFrame(table),
}


class Labelled:
    """A mixin for classifiers."""

    # Not scikit-learn's attribute, which clones inherit: inside cross_validate or a stack columns
    # are taken out of predict_proba as of an array.
    _given_as: str = "default"

    def set_output(self, *, transform: str | None = None) -> Self:
        """Say what `predict_proba` gives.

        Parameters
        ----------
        transform : {"default", "pandas", "polars"} or None
            An array; or a frame whose columns are named as the classes are (with the index of
            the rows, for pandas). ``None`` changes nothing. The name of the parameter is
            scikit-learn's. Clones, such as those that ``cross_validate`` makes, give arrays. What
            of scikit-learn takes a fitted model as it is (a scorer, a display, a prefit stack)
            needs an array: say "default" before.

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
        """A frame of the kind that was asked for."""
        columns = {str(each): probabilities[:, k] for k, each in enumerate(labels.tolist())}
        frame = _KINDS[self._given_as](columns)
        index = getattr(X, "index", None)
        if self._given_as == "pandas" and index is not None and not callable(index):
            frame.index = index
        return frame
