"""The landscape of a fitted model: its training run repeated, beside others from its start."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from thalweg.data.typing import TableLike, TargetLike, WeightsLike
from thalweg.errors import SettingsError
from thalweg.estimators.network_estimator import NetworkEstimator
from thalweg.estimators.outputs.value_outputs import Values
from thalweg.estimators.repeated_descent import Retraced, retraced, spared_data
from thalweg.landscape.connections.run_connection import check_connected
from thalweg.landscape.given_values import runs_given
from thalweg.landscape.ground.surface import landscape
from thalweg.landscape.runs.path import memory_of_paths, terrain_of
from thalweg.landscape.runs.presets import OWN, Preset, optimizers_of
from thalweg.landscape.runs.race import Race, RacePicture, race
from thalweg.landscape.runs.stage_watch import StageWatch
from thalweg.network.engine import Data
from thalweg.network.formulas.activations import Array
from thalweg.parallel_map import usable_cores
from thalweg.reporting.landscape.landscape_display import Landscape
from thalweg.reporting.landscape.python_recipe import SAVED, keywords
from thalweg.training.descent.network_memory import require_memory_for
from thalweg.training.descent.optimizer_settings import Optimizer
from thalweg.training.descent_inputs import Member
from thalweg.wording import amount, counted


def model_landscape(
    model: Any, X: TableLike, y: TargetLike, *, sample_weight: WeightsLike = None,
    rules: Sequence[str] = (), plane: str = "auto", grid: int = 41,
    profiles: Sequence[str] | None = None, seed: int | None = None, name: str = "",
    connect: Sequence[str] = (), watch: StageWatch | None = None,
    spared: tuple[TableLike, TargetLike] | None = None,
) -> Landscape:  # fmt: skip
    """The loss around a fitted model, with the path of its training.

    With the rows of the fit, the model's training run is repeated, bit for bit, and drawn. With
    other rows the picture shows a slice of their loss along two random directions through the
    model's weights, and no path except those of ``rules``.

    Parameters
    ----------
    model : ThalwegClassifier or ThalwegRegressor
        A fitted model.
    X : DataFrame or array of shape (n_samples, n_features)
        The rows of the loss; usually those of the fit.
    y : array of shape (n_samples,)
    sample_weight : array of shape (n_samples,), optional
    rules : sequence of str
        Others to race from the model's start: names of `runs.presets.PRESETS`, or text forms.
    plane, grid : optional
        As in `thalweg.landscape.ground.surface.landscape`.
    profiles : sequence of str, optional
        Runs with a profile, default all; the model's run is called "model".
    seed, name : optional
        The random seed of the picture (default: that of the model), and the name of the table.
    connect, watch : optional
        Two runs to connect, as ``("model", "momentum")``; `thalweg.landscape.runs.race.race`.
    spared : (X, y), optional
        Rows that the fit did not get, such as test rows, for the line between connected runs.

    Returns
    -------
    Landscape

    Raises
    ------
    SettingsError
        For an unknown rule, plane or grid.
    DataError
        For a target that the model does not know.
    """
    rules, profiles, connect = runs_given(rules, profiles, connect)
    found, seed = retraced(model, X, y, sample_weight), model.seed_ if seed is None else seed
    picture = RacePicture(plane=plane, grid=grid, profiles=profiles, seed=seed, connect=connect)
    data = spared_data(model, found, *(spared or ([], []))) if connect and found.same else None
    draw = (
        partial(_along, spared=data)
        if found.same
        else partial(_elsewhere, theta=np.asarray(model.theta_))
    )
    drawn = draw(found.member, rules, picture, _about(model, found, name), watch)
    return Landscape(
        replace(drawn, name=name), {"Python": _recipe(rules, picture, sample_weight is not None)}
    )


def _recipe(rules: Sequence[str], picture: RacePicture, is_weighted: bool) -> str:
    """The call that draws it again, with what is not at its default."""
    given = {
        "rules": (list(rules), []), "plane": (picture.plane, "auto"), "grid": (picture.grid, 41),
        "profiles": (picture.profiles, None), "seed": (picture.seed, None),
        "connect": (tuple(picture.connect), ()),
    }  # fmt: skip
    own = {key: each for key, (each, usual) in given.items() if each != usual}
    weights = ", sample_weight=sample_weight" if is_weighted else ""
    rows = (
        "X, y, sample_weight: these rows and their weights" if is_weighted else "X, y: these rows"
    )
    return (
        f"# model: the fitted model; {rows}\n"
        f"shown = model.landscape(X, y{weights}, {keywords(own)})\n{SAVED}"
    )


def _require_memory(member: Member, rules: Sequence[str | Preset]) -> None:
    """Refuse runs that cannot fit into memory."""
    texts = optimizers_of(rules)
    sizes, steps = member.architecture.sizes, member.settings.max_epochs
    require_memory_for(memory_of_paths(sizes, member.theta.dtype, texts, steps, usable_cores()))


def _along(
    member: Member,
    rules: Sequence[str],
    picture: RacePicture,
    about: tuple[str, ...],
    watch: StageWatch | None,
    *,
    spared: Data | None,
) -> Race:
    """The training run of the fit, and others beside it."""
    # Under a name of its own: its text may also be the name of a preset, which is another run.
    own = Preset(OWN, str(member.settings.optimizer), "the training run of the fit, repeated")
    others = [rule for rule in rules if rule != OWN]
    _require_memory(member, (own, *others))
    return race(member, (own, *others), picture, about=about, watch=watch, spared=spared)


def _about(model: NetworkEstimator, found: Retraced, name: str) -> tuple[str, ...]:
    sizes = " → ".join(f"{size:,}" for size in model.architecture_.sizes)
    rows = len(found.member.data.X if found.member.rows is None else found.member.rows)
    where = f"{name}: " if name else ""
    several = len(model.members_)
    which = f"network 1 of {several:,}, {sizes}" if several > 1 else f"network {sizes}"
    if found.same:
        optimizer = found.member.settings.optimizer
        averaged = isinstance(optimizer, Optimizer) and optimizer.average
        end = ", to the average of its weights" if averaged else ""
        how = f"the training run of the fit, repeated{end}; seed {model.seed_}"
    elif found.reweighted:
        fix = "give them as sample_weight=" if model._known.weights_hash else "give none"
        how = (
            "the rows of the fit, but not its sample weights, so its training run cannot be "
            f"repeated: {fix}"
        )
    elif model._known.also == "levels":
        how = "trained together with other levels, so that its own training run is another one"
    else:
        how = "not the rows of the fit, whose training run cannot be repeated on these"
    return (f"{where}{counted(rows, 'different row')}; {which}; {how}.", *_scale_words(model))


def _scale_words(model: NetworkEstimator) -> tuple[str, ...]:
    """How a numeric target is scaled, in which the loss is."""
    outputs = model.members_[0].outputs
    if not isinstance(outputs, Values):
        return ()
    scale = amount(outputs.scale)
    own = (
        f"target / {scale}"
        if outputs.of_logarithm
        else f"(target - {amount(outputs.center)}) / {scale}"
    )
    return (f"The loss is of the scaled target, {own}.",)


def _elsewhere(
    member: Member,
    rules: Sequence[str],
    picture: RacePicture,
    about: tuple[str, ...],
    watch: StageWatch | None,
    *,
    theta: Array,
) -> Race:
    """The loss over rows that the model was not fitted on."""
    if rules:
        _require_memory(member, rules)
        return race(member, rules, picture, about=about, watch=watch)
    check_connected(picture.connect, [])
    if picture.plane not in ("auto", "random"):
        raise SettingsError(
            f"A plane {picture.plane!r} needs training runs, and there is none",
            where="these are not the rows that the model was fitted on",
            fix="take plane='random', or give the rows of the fit",
        )
    terrain = terrain_of(member, seed=picture.seed)
    surface = landscape(
        terrain, plane="random", grid=picture.grid, centre=theta,
        seed=picture.seed,
        watch=None if watch is None else lambda done, total: watch("surface", done, total),
    )  # fmt: skip
    return Race("", about, surface, (), (), (), (), picture.seed, surface.complete, terrain, ())
