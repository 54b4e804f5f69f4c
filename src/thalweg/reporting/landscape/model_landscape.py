"""The landscape of a fitted model: its own descent run again, and others from its start."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from thalweg.errors import SettingsError
from thalweg.estimators.retrace import Retraced, retraced
from thalweg.landscape.ground.surface import landscape
from thalweg.landscape.runs.path import terrain_of
from thalweg.landscape.runs.presets import Preset
from thalweg.landscape.runs.race import Race, RacePicture, StageWatch, race
from thalweg.reporting.landscape.presented import Landscape

# What the model's own descent is called beside the others.
OWN = "model"


def model_landscape(
    model: Any,
    X: Any,
    y: Any,
    *,
    sample_weight: Any = None,
    rules: Sequence[str] = (),
    plane: str = "auto",
    grid: int = 41,
    profiles: Sequence[str] | None = None,
    seed: int | None = None,
    name: str = "",
    watch: StageWatch | None = None,
) -> Landscape:
    """The loss around a fitted model, with the way that it came.

    With the rows of the fit the model's descent is run again, bit for bit, and drawn. With other
    rows it cannot be: then the loss over these rows is cut along two random directions through
    the model's weights, and no way is drawn but those of ``rules``.

    Parameters
    ----------
    model : ThalwegClassifier
        Fitted.
    X : DataFrame or array of shape (n_samples, n_features)
        The rows that the loss is measured on; those of the fit, as a rule.
    y : array of shape (n_samples,)
    sample_weight : array of shape (n_samples,), optional
    rules : sequence of str
        Others to race from the model's start: names of `thalweg.landscape.runs.presets.PRESETS`, or
        text forms of optimizers.
    plane : str, default "auto"
    grid : {11, 21, 41, 81, 161}, default 41
        As `thalweg.landscape.ground.surface.landscape` takes them.
    profiles : sequence of str, optional
        The runs to make a profile of, all if not given; the model's is called "model".
    seed : int, optional
        Of what is drawn by chance; the model's, if not given.
    name : str
        Of the table.
    watch : callable, optional
        ``watch(stage, done, all) -> stop``, as `thalweg.landscape.runs.race.race` takes it.

    Returns
    -------
    Landscape

    Raises
    ------
    SettingsError
        For a rule, a plane or a grid that is not known.
    DataError
        For a class that the model does not know.
    """
    found = retraced(model, X, y, sample_weight)
    seed = model.seed_ if seed is None else seed
    picture = RacePicture(plane=plane, grid=grid, profiles=profiles, seed=seed)
    draw = _along if found.same else _elsewhere
    run = draw(model, found, rules, picture, _about(model, found, name), watch)
    return Landscape(replace(run, name=name))


def _along(
    model: Any,
    found: Retraced,
    rules: Sequence[str],
    picture: RacePicture,
    about: tuple[str, ...],
    watch: StageWatch | None,
) -> Race:
    """The descent of the fit, and others beside it."""
    del model
    # By a name of its own: its text may be the name of a preset, which is another descent.
    own = Preset(OWN, str(found.member.settings.optimizer), "the descent of the fit, repeated")
    others = [rule for rule in rules if rule != OWN]
    return race(found.member, (own, *others), picture, about=about, watch=watch)


def _about(model: Any, found: Retraced, name: str) -> tuple[str, ...]:
    sizes = " → ".join(f"{size:,}" for size in model.architecture_.sizes)
    rows = len(found.member.data.X if found.member.rows is None else found.member.rows)
    where = f"{name}: " if name else ""
    several = len(model.members_)
    which = f"network 1 of {several:,}, {sizes}" if several > 1 else f"network {sizes}"
    if found.same:
        how = f"the descent of the fit, repeated; seed {model.seed_}"
    else:
        how = "not the rows as the fit had them, whose descent cannot be repeated on these"
    return (f"{where}{rows:,} different rows; {which}; {how}.",)


def _elsewhere(
    model: Any,
    found: Retraced,
    rules: Sequence[str],
    picture: RacePicture,
    about: tuple[str, ...],
    watch: StageWatch | None,
) -> Race:
    """The loss over rows that the model was not fitted on."""
    if rules:
        return race(found.member, rules, picture, about=about, watch=watch)
    if picture.plane not in ("auto", "random"):
        raise SettingsError(
            f"A plane {picture.plane!r} is laid through descents, and there is none",
            where="these are not the rows that the model was fitted on",
            fix="take plane='random', or give the rows of the fit",
        )
    terrain = terrain_of(found.member, seed=picture.seed)
    surface = landscape(
        terrain, plane="random", grid=picture.grid, centre=np.asarray(model.theta_),
        seed=picture.seed,
        watch=None if watch is None else lambda done, total: watch("surface", done, total),
    )  # fmt: skip
    return Race("", about, surface, (), (), (), (), picture.seed, surface.complete, terrain, ())
