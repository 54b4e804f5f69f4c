"""What Optuna needs of a space: its distributions, and a sampler that gives known values."""

from typing import TYPE_CHECKING, Any

from thalweg.tuning.search_spaces import OneOf, Space, Values

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from optuna.samplers import BaseSampler


def distributions(space: Space) -> "dict[str, BaseDistribution]":
    """The dimensions of a space as Optuna has them."""
    from optuna.distributions import (
        CategoricalDistribution,
        FloatDistribution,
        IntDistribution,
    )

    found: dict[str, BaseDistribution] = {}
    for name, each in space.dimensions.items():
        if isinstance(each, OneOf):
            found[name] = CategoricalDistribution(list(each.stored))
        elif each.whole:
            step = int(each.step or 1)
            found[name] = IntDistribution(int(each.low), int(each.high), log=each.log, step=step)
        else:
            found[name] = FloatDistribution(each.low, each.high, log=each.log, step=each.step)
    return found


def fixed_sampler(values: Values, space: "dict[str, BaseDistribution]") -> "BaseSampler":
    """A sampler that gives these values."""
    from optuna.samplers import BaseSampler

    class Fixed(BaseSampler):
        def infer_relative_search_space(
            self, study: Any, trial: Any
        ) -> "dict[str, BaseDistribution]":
            del study, trial
            return space

        def sample_relative(self, study: Any, trial: Any, search_space: Any) -> dict[str, Any]:
            del study, trial, search_space
            return dict(values)

        def sample_independent(self, study: Any, trial: Any, name: str, distribution: Any) -> Any:
            raise AssertionError(f"{name} has a value outside of its distribution")

    return Fixed()
