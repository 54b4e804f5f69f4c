"""How the command line writes a parameter in a message: ``--class-weight ill=5``."""

import ast

from thalweg.estimators.parameters.parameter import spelled
from thalweg.estimators.parameters.parameter_table import BY_NAME, flag_of
from thalweg.shell_words import in_shell
from thalweg.wording import in_python

# Parameters whose option is called otherwise.
_CALLED = {"for_target": "target", "n_trials": "trials"}
# Parameters of the estimators that are options of a search, and of no fit.
_OF_SEARCH = ("time_limit", "n_jobs")
# Options that are given once for each value.
_REPEATED = ("drop_row", "missing")


def as_option(name: str, value: str) -> str:
    """How the command line writes a parameter in a message (`wording.Spelling`)."""
    name = _CALLED.get(name, name)
    of_fit = name in BY_NAME and name not in _OF_SEARCH
    flag = flag_of(name) if of_fit else f"--{name.replace('_', '-')}"
    if flag == name:  # the parameter has no option
        return in_python(name, value)
    if value.startswith("{"):
        return _of_columns(flag, value)
    if value == "True" and not of_fit:  # an option without a value, such as --resume
        return flag
    if name in _REPEATED and value.startswith("["):
        return " ".join(f"{flag} {in_shell(each)}" for each in ast.literal_eval(value))
    return f"{flag} {_in_shell(name, value)}" if value else flag


def _in_shell(name: str, value: str) -> str:
    """A value as Python writes it, as a shell reads it: a text in quotes only if it needs them.

    An option may have its own word for a value: False is ``off``.
    """
    try:
        said = ast.literal_eval(value)
    except (SyntaxError, ValueError):  # shortened, so no literal any more
        return value
    if isinstance(said, tuple | list) and ... in said:  # a long list, shortened in its middle
        said = ",".join("..." if each is ... else str(each) for each in said)
    elif name in BY_NAME and isinstance(said, str | bool | tuple):
        said = spelled(BY_NAME[name], said) or "none"
    elif isinstance(said, tuple | list):
        said = ",".join(map(str, said))  # such as --hidden 8,4 and --units 2,15
    return in_shell(said) if isinstance(said, str) else value


def _of_columns(flag: str, value: str) -> str:
    """What is said of columns, an option each: ``--date admitted=dmy``."""
    try:
        said = ast.literal_eval(value).items()
    except (SyntaxError, ValueError):
        return f"{flag} {value}"
    return " ".join(
        f"{flag} {in_shell(f'{name}={each}')}"
        for name, value in said
        for each in (value if isinstance(value, list | tuple) else [value])
    )
