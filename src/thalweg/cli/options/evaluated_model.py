"""Options that a saved model does not take, because it has its own settings."""

from collections.abc import Mapping

from thalweg.cli.options.training_options import flags_of
from thalweg.errors import SettingsError
from thalweg.estimators.parameters.parameter import Settings


def require_two(
    what: list[str], said: Mapping[str, object], roles: Mapping[str, object], settings: Settings
) -> None:
    """Raise unless there are a model and a table, and no option for training."""
    names, said = ("positive", "drop", "category", "text", "date", *roles), {**said, **roles}
    of_table = [f"--{name.replace('_', '-')}" for name in names if said[name] not in (None, [])]
    given = [*of_table, *flags_of(settings)]
    if len(what) == 2 and not given:
        return
    raise SettingsError(
        "A saved model has its own settings, columns and positive class"
        if len(what) == 2
        else f"{len(what)} files are too many",
        where=", ".join(given) if len(what) == 2 else "",
        fix="name MODEL and TABLE without these options, or TABLE alone",
    )
