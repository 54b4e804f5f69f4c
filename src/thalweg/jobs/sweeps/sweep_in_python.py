"""``thalweg.sweep``: the curve of one setting, or the map of learning rate × units."""

from collections.abc import Callable, Mapping
from os import PathLike
from typing import Any, overload

from thalweg.data.read import Table
from thalweg.data.typing import FrameLike, GroupsLike, TargetLike, TimesLike, WeightsLike
from thalweg.errors import SettingsError
from thalweg.estimators.from_others.named_tables import Rows, TargetNames
from thalweg.reporting.sweeps.shown_curve import ShownCurve
from thalweg.reporting.sweeps.shown_sweep import ShownSweep
from thalweg.reporting.sweeps.shown_sweep import sweep as map_of_rate_and_units
from thalweg.tuning.curves.asked_values import POINTS
from thalweg.tuning.curves.progress_lines import told_by
from thalweg.tuning.curves.setting_sweep import PointDone, setting_sweep
from thalweg.tuning.trial_fits import Model
from thalweg.wording import as_code


@overload
def sweep(
    estimator: Model, X: Rows, y: TargetLike | None = None, sample_weight: WeightsLike = None, *,
    over: Mapping[str, Any], points: int = POINTS, cv: Any = None,
    target: TargetNames | None = None, groups: GroupsLike = None, time_column: TimesLike = None,
    n_jobs: int | None = None, listener: Callable[[PointDone], None] | None = None,
) -> ShownCurve: ...  # fmt: skip
@overload
def sweep(
    table: Table | str | PathLike[str] | FrameLike, *rates_and_units: Any, **training: Any
) -> ShownSweep: ...
def sweep(*table: Any, over: Mapping[str, Any] | None = None, **more: Any) -> Any:
    """The loss of an estimator over one setting; or, of a table alone, over rate × units.

    ``sweep(estimator, X, y, over={"alpha": (0.01, 10)})`` fits the estimator for each value, on the
    same folds. ``sweep(table, rates=…, units=…)`` maps the loss of networks with one hidden layer;
    its parameters are those of `thalweg.reporting.sweeps.shown_sweep.sweep`. docs/tuning.md has
    examples of the first, docs/landscape.md of the second.

    Parameters
    ----------
    estimator : ThalwegClassifier or ThalwegRegressor
    X, y, sample_weight, target, groups, time_column
        As in ``fit``; one target.
    over : dict
        One parameter of the estimator, with a range ``(low, high)`` or a list of values. The
        estimator as it is, the default, is fitted in any case.
    points : int, default 9
        The values of a range: by equal factors, or by equal steps where that is the scale of the
        setting.
    cv : int, splitter or list of (train, test), optional
        Without it, each value is one fit of the estimator, whose own folds are evaluated. With it,
        each value is a fit for each of these folds, as in scikit-learn's ``validation_curve``.
    n_jobs : int, optional
        The number of threads, on which no loss depends.
    listener : callable, optional
        Called with a `PointDone` after each value. Without one, a ``verbose`` estimator prints.

    Returns
    -------
    ShownCurve or ShownSweep
        A notebook displays its page. The first has ``frame``, ``verdict``, ``plot()`` and
        ``save()``.

    Raises
    ------
    DataError, SettingsError
    UnfinishedError
        For Ctrl-C before the first value was finished. Later, it ends the curve with the values
        that are finished.

    Examples
    --------
    >>> from thalweg import ThalwegClassifier, load_table, sweep
    >>> table = load_table("wisconsin")
    >>> over = {"learning_rate_init": (1e-4, 1e-1)}
    >>> shown = sweep(ThalwegClassifier(), table.frame, table.target, over=over, points=3)
    >>> shown.save("rate.html")
    """
    if over is None:
        _require_table(table)
        return map_of_rate_and_units(*table, **more)
    estimator, *rows = _estimator_and_rows(table, more)
    hears = more.pop("listener", None) or told_by(estimator)
    begun = setting_sweep(estimator, *rows, over=over, listener=hears, **more)
    begun.run()
    return ShownCurve(
        begun.curve(type(estimator).__name__), {"python": _recipe(estimator, over, more)}
    )


def _require_table(table: tuple[Any, ...]) -> None:
    """Raise where an estimator is given without a setting."""
    if table and hasattr(table[0], "get_params"):
        raise SettingsError(
            "sweep does not know the setting that it goes over",
            fix='give it, as in sweep(estimator, X, y, over={"learning_rate_init": (1e-4, 1e-1)})',
        )


def _estimator_and_rows(given: tuple[Any, ...], more: dict[str, Any]) -> list[Any]:
    """The estimator, X, y and the weights, by their places or by their names."""
    names = ("estimator", "X", "y", "sample_weight")
    if len(given) > len(names):
        raise TypeError(
            f"sweep takes {len(names)} arguments by their places, and {len(given)} are given"
        )
    found = dict(zip(names, given, strict=False))
    for name in names:
        if name in more:
            if name in found:
                raise TypeError(f"sweep got two values of {name}")
            found[name] = more.pop(name)
    for name in names[:2]:
        if name not in found:
            raise TypeError(f"sweep with over={{…}} lacks {name}")
    return [found.get(name) for name in names]


def _recipe(estimator: Model, over: Mapping[str, Any], more: Mapping[str, Any]) -> str:
    """The call that makes it again; the table in memory has to be there."""
    said = {name: value for name, value in more.items() if name in ("points", "target")}
    keywords = "".join(f", {name}={as_code(value)}" for name, value in said.items())
    kind = type(estimator).__name__
    return (
        f"# X, y: the table and its target\nfrom thalweg import {kind}, sweep\n\n"
        f'sweep({estimator!r}, X, y, over={as_code(dict(over))}{keywords}).save("sweep.html")\n'
    )
