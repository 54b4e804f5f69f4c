"""Options as the words of a command line, so that a command can be made again."""

from collections.abc import Iterator, Mapping
from typing import Any

from thalweg.data.notation.missing_words import EVERY
from thalweg.estimators.parameters.parameter import Settings, spelled
from thalweg.estimators.parameters.parameter_table import BY_NAME, flag_of


def option_words(said: Mapping[str, Any]) -> list[str]:
    """The words of options by the names of what they say; what is None or empty has none.

    Examples
    --------
    >>> option_words({"target": "ill", "drop": ["a", "b"], "row": None})
    ['--target', 'ill', '--drop', 'a', '--drop', 'b']
    """
    words = []
    for option, value in said.items():
        for each in _values(value):
            words += [f"--{option.replace('_', '-')}", each]
    return words


def setting_words(settings: Settings) -> list[str]:
    """The words of the options of a training; a preset is one of them."""
    words = []
    for name, value in settings.items():
        if name == "preset":
            words += ["--preset", str(value)]
        else:
            words += [flag_of(name), spelled(BY_NAME[name], value)]
    return words


def file_words(files: Mapping[str, str]) -> list[str]:
    """The words of options that name files to write."""
    flags = {"output": "-o"}
    return [word for name, path in files.items() for word in (flags.get(name, f"--{name}"), path)]


def _values(value: Any) -> Iterator[str]:
    """A value of an option, as the command line takes it: each of several by itself."""
    if value is None:
        return
    if isinstance(value, Mapping):
        for name, form in value.items():
            for each in form if isinstance(form, list | tuple) else [form]:
                yield name if each is None else str(each) if name == EVERY else f"{name}={each}"
    elif isinstance(value, list | tuple):
        yield from map(str, value)
    else:
        yield str(value)
