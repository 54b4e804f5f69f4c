"""The curvature of the loss where a run begins and where it ends, and what its rate makes of it.

On a parabola ½ λ t² along an eigenvector of the Hessian, a plain gradient step multiplies t by
1 - η λ. It raises the loss exactly if η is above 2 / λ and t is not 0. On a network's loss that
holds as far as the loss is a parabola over the step.
"""

from dataclasses import dataclass
from typing import Any

from thalweg.landscape.ground.sharpness_and_stability import Extremes, stable_rate
from thalweg.landscape.numbers_in_words import written
from thalweg.landscape.plain_data import fields_of
from thalweg.training.descent.optimizer_settings import Lbfgs, Optimizer
from thalweg.wording import counted

START, END = "start", "end"
# The largest stable rate of each kind of step, as a formula.
FORMULAS = {
    "plain": "2 / λ", "momentum": "2 (1 + μ) / λ", "nesterov": "2 (1 + μ) / (λ (1 + 2 μ))",
}  # fmt: skip


@dataclass(frozen=True)
class EndCurvature:
    """The ends of the Hessian's spectrum at one end of a run.

    Attributes
    ----------
    where : {"start", "end"}
    step : int
    extremes : Extremes
    kind : str
        A key of ``FORMULAS``; "" for a rule without a bound on its rate.
    rate : float or None
        The learning rate of the first or last step; ``None`` without a bound.
    bound : float or None
        The largest stable rate; ``None`` without one, where no direction curves upwards, and where
        λ was not found.
    some_rows : bool
        Whether a step takes only some of the rows of this loss.
    """

    where: str
    step: int
    extremes: Extremes
    kind: str
    rate: float | None
    bound: float | None
    some_rows: bool

    @classmethod
    def of(
        cls, where: str, step: int, extremes: Extremes, optimizer: Optimizer | Lbfgs, rate: float,
        *, some_rows: bool,
    ) -> "EndCurvature":  # fmt: skip
        """That of a run whose optimizer has this rate there."""
        bound = stable_rate(optimizer, extremes.largest) if extremes.found else None
        kind = _kind(optimizer) if stable_rate(optimizer, 1.0) is not None else ""
        return cls(where, step, extremes, kind, rate if kind else None, bound, some_rows)

    @property
    def above(self) -> bool:
        """Whether the rate is above the bound."""
        return self.rate is not None and self.bound is not None and self.rate > self.bound

    def as_dict(self) -> dict[str, Any]:
        """Everything as plain data, and the sentence."""
        return {
            **fields_of(self), "formula": FORMULAS.get(self.kind), "above": self.above,
            "sentence": self.sentence(),
        }  # fmt: skip

    def sentence(self) -> str:
        """λ here, and whether the rate is above its bound."""
        ends = self.extremes
        if ends.largest <= 0:
            said = f"λ is {written(ends.largest)} at the {self.where}: no direction curves upwards"
        else:
            said = f"λ is {written(ends.largest)} at the {self.where}"
        if self.bound is not None and self.rate is not None:
            side = "above" if self.above else "not above"
            said += (
                f"; the rate there, {written(self.rate)}, is {side} {FORMULAS[self.kind]} = "
                f"{written(self.bound)}"
            )
        if ends.found and ends.downwards and self.where == END:
            said += (
                f"; in another direction the loss curves downwards, by {written(-ends.smallest)}, "
                "so this is no minimum"
            )
        if not ends.found:
            said += f"; {ends.unsure()}" + (
                ", and no bound of the rate follows" if self.kind else ""
            )
        return f"{said}."


def _kind(optimizer: Optimizer | Lbfgs) -> str:
    if isinstance(optimizer, Lbfgs):
        return ""
    if optimizer.rule == "nesterov":
        return "nesterov"
    return "momentum" if optimizer.constants[0] else "plain"


def curvature_words(found: list[tuple[str, tuple[EndCurvature, ...]]]) -> list[str]:
    """What λ is, what follows from it for whom, and how exactly it was found.

    Parameters
    ----------
    found : list of (str, tuple of EndCurvature)
        The name of each run, and both of its ends.
    """
    ends = [end for _, both in found for end in both]
    if not ends:
        return []
    kinds = {end.kind for end in ends}
    said = ["λ is the largest eigenvalue of the Hessian: the curvature where the loss bends most."]
    if "plain" in kinds:
        said.append(
            "A plain gradient step at a rate above 2 / λ raises the loss along this direction, as "
            "far as the loss is a parabola there; a smaller one lowers it."
        )
    said += [
        f"With {name} a single step says nothing, but on such a parabola the run is stable up to "
        f"the rate {FORMULAS[kind]}."
        for kind, name in (("momentum", "momentum"), ("nesterov", "Nesterov's momentum"))
        if kind in kinds
    ]
    without = [name for name, both in found if both and not both[0].kind]
    if without:
        said.append(
            "Rules that divide by past gradients, and those with factors for single blocks, have "
            f"no such bound: of the rate of {' and '.join(without)} nothing is said."
        )
    if any(end.some_rows and end.kind for end in ends):
        said.append(
            "λ is of all rows of this loss. A step that takes only some of them follows another "
            "gradient: for a single one of these the bound is only a guide."
        )
    settled = {end.extremes for end in ends if end.extremes.found}
    if not settled:
        return said
    worst = max(max(each.residual, each.smallest_residual) for each in settled)
    products = sum(each.products for each in settled)
    said.append(
        f"Found by Lanczos' method with {counted(products, 'Hessian-vector product')}. The "
        f"stopping error ‖H v - λ v‖, measured at the end, is at most {written(worst, 2)} of the "
        "largest |λ|: an eigenvalue is as close as that to each number."
    )
    return said
