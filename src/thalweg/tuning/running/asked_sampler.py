"""Which samplers a search takes: by name, or one of Optuna whose packages are installed."""

from importlib.util import find_spec
from typing import Any

from thalweg.errors import SettingsError
from thalweg.wording import parameter, shown

SAMPLERS = ("tpe", "random")
# The packages that samplers of Optuna import when they are first asked, and not when they are made.
_NEEDS = {"CmaEsSampler": "cmaes", "GPSampler": "torch"}


def require_sampler(sampler: Any) -> None:
    """Raise a SettingsError for what is no sampler, or cannot give values here."""
    if isinstance(sampler, str):
        if sampler not in SAMPLERS:
            raise SettingsError(
                f"There is no sampler {shown(sampler)}",
                fix=f"take one of {', '.join(SAMPLERS)}, or a sampler of Optuna",
            )
        return
    if isinstance(sampler, type) or not hasattr(sampler, "sample_independent"):
        raise SettingsError(
            f"The sampler is {shown(sampler)}, which is no sampler of Optuna",
            fix="give one that is made, such as RandomSampler(seed=0), not its class",
        )
    for kind in _kinds(sampler) & {*_NEEDS}:
        package = _NEEDS[kind]
        if find_spec(package) is None:
            raise SettingsError(
                f"The sampler {kind} needs the package {package}, which is not installed",
                why="Optuna imports it only after the first trials",
                fix=f"install it: pip install {package}; or take {parameter('sampler', 'tpe')}",
            )


def require_storable(sampler: Any) -> None:
    """Raise a SettingsError for the sampler that runs what it finds in a file."""
    if "CmaEsSampler" in _kinds(sampler):
        raise SettingsError(
            "A study in a file does not take the sampler CMA-ES",
            why="It keeps pickles there, and whoever changes the file could make them any program",
            fix=f"leave out {parameter('study')}, or take {parameter('sampler', 'tpe')}",
        )


def _kinds(sampler: Any) -> set[str]:
    """The names of its classes."""
    return {each.__name__ for each in type(sampler).__mro__}
