"""Loss landscapes for teaching: functions of two parameters with minima, passes and hills.

A picture shows such a function completely, while a network's loss has far more dimensions than a
picture. So it explains the words that are also used in hundreds of dimensions.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from thalweg.errors import SettingsError, Status
from thalweg.landscape.ground.surface import Window
from thalweg.landscape.ground.terrain import Facts, Heights, Terrain
from thalweg.landscape.plain_data import fields_of
from thalweg.landscape.planes.plane import Plane, Vector
from thalweg.landscape.runs.path import ALL_STEPS, DescentPath
from thalweg.network.formulas.activations import Array
from thalweg.training.descent.optimizer_settings import Optimizer


class Bump(NamedTuple):
    """A hill (height > 0) or a hollow (height < 0): h exp(-½ (u² / length² + v² / width²)).

    u and v are the distances from (x, y) along directions that are rotated by ``turn`` degrees.
    """

    height: float
    x: float
    y: float
    length: float
    width: float
    turn: float = 0.0

    @property
    def shape(self) -> Vector:
        """The matrix Q of ½ (p - c)ᵀ Q (p - c)."""
        angle = np.radians(self.turn)
        along = np.array([np.cos(angle), np.sin(angle)])
        across = np.array([-along[1], along[0]])
        return np.outer(along, along) / self.length**2 + np.outer(across, across) / self.width**2


@dataclass(frozen=True)
class Hills:
    """f(p) = floor + ½ bowl ‖p‖² + Σ bumps, over p = (x, y); a terrain like that of a network.

    Attributes
    ----------
    floor, bowl : float
    bumps : tuple of Bump
    """

    floor: float
    bowl: float
    bumps: tuple[Bump, ...]

    @property
    def n_parameters(self) -> int:
        """Two."""
        return 2

    @property
    def work(self) -> int:
        """Multiply-adds for one evaluation, roughly."""
        return 16 * (1 + len(self.bumps))

    @property
    def facts(self) -> Facts:
        """There are no rows."""
        return Facts("the value of a function of two parameters", 0, 0, None, "float64")

    def losses(self, thetas: Array) -> Heights:
        """f at many points, shape (n, 2) -> (n,)."""
        return self.values_and_slopes(thetas)[0]

    def loss_and_gradient(self, theta: Array) -> tuple[float, Heights]:
        """f and its gradient at one point."""
        values, slopes = self.values_and_slopes(np.asarray(theta, np.float64)[None])
        return float(values[0]), slopes[0]

    def hessian(self, point: Array) -> Vector:
        """The matrix of second derivatives at one point, shape (2, 2)."""
        return self.derivatives(np.asarray(point, np.float64)[None])[2][0]

    def values_and_slopes(self, points: Array) -> tuple[Vector, Vector]:
        """f and its gradients at many points: (n,), (n, 2)."""
        return self._with_bends(points, None)

    def derivatives(self, points: Array) -> tuple[Vector, Vector, Vector]:
        """f, its gradients and Hessians at many points: (n,), (n, 2), (n, 2, 2)."""
        bends = np.tile(self.bowl * np.eye(2), (len(points), 1, 1))
        return *self._with_bends(points, bends), bends

    def _with_bends(self, points: Array, bends: Vector | None) -> tuple[Vector, Vector]:
        """f and its gradients; the Hessians of the bumps are added to ``bends``, if it is there."""
        points = np.asarray(points, np.float64)
        with np.errstate(over="ignore", invalid="ignore"):  # far out f may be infinite
            values = self.floor + 0.5 * self.bowl * np.sum(points**2, axis=1)
            slopes = self.bowl * points
            for bump in self.bumps:
                away = points - np.array([bump.x, bump.y])
                pull = away @ bump.shape
                value = bump.height * np.exp(-0.5 * np.sum(away * pull, axis=1))
                # With d = p - c: ∇ h exp(-½ dᵀ Q d) = -h exp(…) Q d, and once more for the Hessian.
                values = values + value
                slopes = slopes - value[:, None] * pull
                if bends is not None:
                    square = pull[:, :, None] * pull[:, None]
                    bends += value[:, None, None] * (square - bump.shape)
        return np.asarray(values), np.asarray(slopes, np.float64)


@dataclass(frozen=True)
class TeachingGround:
    """A function of two parameters, and how a race runs on it.

    Attributes
    ----------
    name : str
        By which it is asked for.
    hills : Hills
    seen : Window
        The part that is shown.
    start : (float, float)
        Where all runs start.
    steps : int
        The number of steps of each run.
    words : str
        What it is made for.
    """

    name: str
    hills: Hills
    seen: Window
    start: tuple[float, float]
    steps: int
    words: str


# Found by a search for a ground on which the article's four runs end as they do, with hills that
# rise well above the passes; the runs of `landscape.runs.presets` are made for it.
RELIEF = TeachingGround(
    "hills",
    Hills(
        floor=1.3,
        bowl=0.06,
        bumps=(
            Bump(-1.179, 0.975, -0.752, 0.896, 0.608, -10.4),
            Bump(-0.426, -0.882, 0.501, 0.608, 0.459, -2.2),
            Bump(1.016, 1.354, 1.607, 0.7, 0.489, -32.9),
            Bump(0.8, -1.011, -1.579, 0.619, 0.481, 35.4),
            Bump(0.572, -2.344, 1.864, 0.938, 0.651, 36.2),
            Bump(0.267, 2.628, 0.366, 0.618, 0.605, 0.0),
            Bump(-0.283, -0.175, -2.211, 0.715, 0.493, -4.8),
            Bump(0.321, 0.037, 0.182, 0.398, 0.453, 15.6),
        ),
    ),
    Window(-2.8, 2.8, -2.8, 2.8),
    (-2.046, 1.64),
    120,
    "made so that the runs end differently",
)
# An older and simpler one: a bowl, two hollows and two low hills.
PLAIN = TeachingGround(
    "hills-plain",
    Hills(
        floor=1.0,
        bowl=0.12,
        bumps=(
            Bump(-0.9, 1.2, -0.9, 0.8, 0.7),
            Bump(-0.35, -0.9, 0.7, 0.35, 0.45),
            Bump(0.6, 1.0, 1.4, 0.7, 0.6),
            Bump(0.5, -1.0, -1.4, 0.7, 0.6),
        ),
    ),
    Window(-3.0, 3.0, -3.0, 3.0),
    (-2.2, 2.0),
    150,
    "a bowl, two hollows and two low hills",
)
GROUNDS = {each.name: each for each in (RELIEF, PLAIN)}
WHOLE = "whole"
# Points along an axis from which the search for stationary points starts.
BEGINNINGS, NEWTON_STEPS, LEASH = 13, 60, 0.3


def whole_plane() -> Plane:
    """The plane of the two parameters themselves."""
    return Plane(
        WHOLE, "all of it: the function has two parameters", np.zeros(2), np.eye(2), ("x", "y")
    )


@dataclass(frozen=True, eq=False)
class StationaryPoint:
    """A stationary point, and its kind.

    Attributes
    ----------
    kind : str
        "global minimum", "local minimum", "pass" or "hill".
    a, b, loss : float
    bends : (float, float)
        Eigenvalues of the Hessian, the smaller first: the smallest and the largest curvature.
    words : str
        What the kind means.
    """

    kind: str
    a: float
    b: float
    loss: float
    bends: tuple[float, float]
    words: str

    def as_dict(self) -> dict[str, Any]:
        """Everything as plain data."""
        return fields_of(self)


@dataclass(frozen=True, eq=False)
class HillLine:
    """A line drawn on a landscape.

    Attributes
    ----------
    name, words : str
    a, b, losses : ndarray of shape (n_points,)
    """

    name: str
    words: str
    a: Vector
    b: Vector
    losses: Vector

    def as_dict(self) -> dict[str, Any]:
        """Everything as plain data."""
        return fields_of(self)


_KINDS = {
    "global minimum": "the lowest point of all; every direction leads upwards",
    "local minimum": "every direction leads upwards, yet it is not the lowest point: a run that "
    "only goes down and comes here stays",
    "pass": "a dip in a ridge: upwards along the ridge, downwards to both sides (a saddle point)",
    "hill": "every direction leads downwards; the smallest push moves a ball away",
}


def places(terrain: Hills, seen: Window) -> tuple[StationaryPoint, ...]:
    """All points of a window where the gradient is 0, the lowest first.

    Newton's method finds them from a grid of starting points, and the signs of the Hessian's
    eigenvalues give their kinds.
    """
    axes = [np.linspace(low, high, BEGINNINGS) for low, high in (seen[:2], seen[2:])]
    points = np.stack(np.meshgrid(*axes), axis=-1).reshape(-1, 2)
    for _ in range(NEWTON_STEPS):
        _, slopes, bends = terrain.derivatives(points)
        steps = (np.linalg.pinv(bends) @ slopes[:, :, None])[:, :, 0]
        # Limit the steps: long ones jump over nearby points.
        lengths = np.linalg.norm(steps, axis=1, keepdims=True)
        points = points - steps * (LEASH / np.maximum(lengths, LEASH))
    _, slopes, _ = terrain.derivatives(points)
    inside = np.all((points >= seen[::2]) & (points <= seen[1::2]), axis=1)
    found: list[Vector] = []
    for point in points[inside & (np.linalg.norm(slopes, axis=1) < 1e-10)]:
        if all(np.linalg.norm(point - each) > 1e-6 for each in found):
            found.append(point)
    heights = terrain.losses(np.array(found).reshape(-1, 2))
    lowest = float(np.min(heights, initial=np.inf))
    told = []
    for point, height in sorted(zip(found, heights.tolist(), strict=True), key=lambda x: x[1]):
        low, high = np.linalg.eigvalsh(terrain.hessian(point)).tolist()
        kind = "pass"
        if low > 0:
            kind = "global minimum" if height == lowest else "local minimum"
        elif high < 0:
            kind = "hill"
        a, b = point.tolist()
        told.append(StationaryPoint(kind, a, b, height, (low, high), _KINDS[kind]))
    return tuple(told)


def thalwegs(terrain: Hills, found: Sequence[StationaryPoint]) -> tuple[HillLine, ...]:
    """From each pass the line of steepest descent to both sides, down to a stationary point.

    A river would flow along it; it is called *thalweg*, the way of the valley.
    """
    lines = []
    for each in found:
        if each.kind != "pass":
            continue
        top = np.array([each.a, each.b])
        _, vectors = np.linalg.eigh(terrain.hessian(top))
        sides = [_downhill(terrain, top + 1e-3 * sign * vectors[:, 0]) for sign in (1, -1)]
        points = np.concatenate([sides[0][::-1], top[None], sides[1]])
        lines.append(
            HillLine(
                "thalweg",
                "the way that water takes from the pass down to both sides: the floor of the "
                "valleys",
                points[:, 0].copy(), points[:, 1].copy(), terrain.losses(points),
            )
        )  # fmt: skip
    return tuple(lines)


def _downhill(terrain: Hills, point: Vector, step: float = 0.02, most: int = 2000) -> Vector:
    """The line of steepest descent, by the midpoint rule; steps get shorter where it flattens."""
    points = [point]
    while step > 1e-4 and len(points) < most:
        slope = terrain.loss_and_gradient(points[-1])[1]
        middle = terrain.loss_and_gradient(points[-1] - step / 2 * _unit(slope))[1]
        following = points[-1] - step * _unit(middle)
        if terrain.losses(following[None])[0] < terrain.losses(points[-1][None])[0]:
            points.append(following)
        else:
            step /= 2
    return np.array(points)


def _unit(vector: Vector) -> Vector:
    return vector / max(float(np.linalg.norm(vector)), 1e-300)


def roll(
    terrain: Terrain, start: Array, optimizer: Optimizer, steps: int, name: str = ""
) -> DescentPath:
    """Train on any terrain by its gradient alone, with the update rules of networks.

    Parameters
    ----------
    terrain : Terrain
    start : ndarray of shape (n_parameters,)
    optimizer : Optimizer
        An update rule with its rate and schedule, and clipping. There are no layers, so neither
        decay nor factors of the rate are allowed.
    steps : int
    name : str
        Default: the name of the rule.

    Returns
    -------
    DescentPath
        Every point of the run.

    Raises
    ------
    SettingsError
        For settings about layers, or less than one step.
    """
    if optimizer.factors or optimizer.decay:
        raise SettingsError(
            "A function of a few parameters has no layers and no weights",
            where=str(optimizer),
            why="Decay and factors of the rate are settings of layers",
            fix="leave them out",
        )
    if steps < 1:
        raise SettingsError(f"{steps} steps are too few", fix="take at least one")
    rule, theta = optimizer.formula, np.array(start, np.float64)
    slots = np.zeros((rule.n_slots, theta.size))
    points, watched = [theta.copy()], list[float]()
    for step in range(steps):
        with np.errstate(over="ignore", invalid="ignore"):
            loss, gradient = terrain.loss_and_gradient(theta)
        watched.append(loss)
        if not (np.isfinite(loss) and np.isfinite(gradient).all()):
            break
        gradient = gradient * min(
            1.0, optimizer.clip / max(float(np.linalg.norm(gradient)), 1e-300)
        )
        rate = float(optimizer.rates(step, 1, steps, watched)[0])
        rule.update(theta, gradient, slots, step + 1, rate, *optimizer.constants)
        points.append(theta.copy())
    whole = len(points) > steps
    ending = ALL_STEPS if whole else Status.DIVERGED.sentence
    path = DescentPath.of(name or optimizer.rule, np.array(points), None, str(optimizer), ending)
    return path if whole else replace(path, diverged=True)
