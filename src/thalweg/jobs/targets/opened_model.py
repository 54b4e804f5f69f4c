"""The model of a file for a verb: of several targets, or quantiles, the one that is asked for.

This is the one place where ``--target`` chooses one of several targets, or the level of one of
several quantiles. Behind it a verb has the file of an ordinary model of one answer.
"""

from collections.abc import Sequence

from thalweg.data.column_names import listed
from thalweg.errors import SettingsError
from thalweg.persistence.model_file import ModelFile, read_model
from thalweg.shell_words import command_of
from thalweg.wording import offered, parameter


def open_model(path: str, target: str | None = None, *, is_column: bool = True) -> ModelFile:
    """The content of a model file, of one target.

    Parameters
    ----------
    path : str
    target : str, optional
        One of several targets, or the level of one of several quantiles, such as ``"0.9"``. Of a
        model of one target, the name of its column in a table.
    is_column : bool
        Whether the verb has a table, in which the only target may have another name.

    Raises
    ------
    SettingsError
        If the model has several targets and none of them is named, or no target of this name.
    """
    file = read_model(path, several=True)
    if file.targets:
        if target not in file.targets:
            raise _asks_target(path, file.targets, target)
        return file.of_target(str(target))
    level = _level(target, file.levels)
    if level is not None:
        return file.of_level(level)
    if target is not None and not is_column and target != file.target and file.levels:
        raise SettingsError(
            f'The model has no level and no target "{target}"',
            where=f"{path} predicts the quantiles {listed([*map(repr, file.levels)], 8)}",
            fix=f"give {offered('target', [*map(repr, file.levels)])}",
        )
    if target is not None and not is_column and target != file.target:
        known = "does not know the name of its target"
        if file.target is not None:
            known = f'predicts "{file.target}"'
        raise SettingsError(
            f"{parameter('target', target)} is not the target of this model",
            where=f"{path} {known}",
            fix=f"leave out {parameter('target')}",
        )
    return file


def _level(target: str | None, levels: Sequence[float]) -> float | None:
    """The level that a text names; None if it names none of them."""
    if target is None or not levels:
        return None
    try:
        named = float(target)
    except ValueError:
        return None
    return named if named in levels else None


def require_one_level(rows: bool, levels: Sequence[float]) -> None:
    """Raise a SettingsError if rows are to be explained, and the model has several quantiles."""
    if rows and levels:
        level = repr(levels[len(levels) // 2])
        raise SettingsError(
            f"{parameter('rows')} explains one answer of a row, and the model predicts "
            f"{len(levels)} quantiles",
            why="A column may matter for one level and not for another",
            fix=f"name one level of a saved model, such as {parameter('target', level)}; or leave "
            f"out {parameter('rows')}",
        )


def opened_targets(path: str, target: str | None, targets: Sequence[str]) -> list[ModelFile] | None:
    """The file of several targets, once for each that is asked for; None if one is asked for.

    Parameters
    ----------
    path : str
    target : str, optional
        The only one that is asked for.
    targets : sequence of str
        Those that are asked for; empty: all.
    """
    if target is not None:
        return None
    file = read_model(path, several=True)
    if not file.targets:
        if targets:
            raise SettingsError(
                f"{len(targets)} targets are named, and the model has one",
                where=path,
                fix=f"name one: {parameter('target', targets[0])}",
            )
        return None
    for name in targets:
        if name not in file.targets:
            raise _asks_target(path, file.targets, name)
    return [file.of_target(name) for name in targets or file.targets]


def _asks_target(path: str, names: tuple[str, ...], target: str | None) -> SettingsError:
    where = f"{path} predicts {listed(names, 8)}"
    if target is None:
        return SettingsError(
            f"The model has {len(names)} targets, and none of them is named",
            where=where,
            why="Each target has an answer of its own",
            fix=f"add {offered('target', names)}",
        )
    return SettingsError(
        f'The model has no target "{target}"', where=where, fix=f"give {offered('target', names)}"
    )


def how_to_see_one(names: Sequence[str], model: str = "MODEL") -> str:
    """Which verbs show one of several targets, a sentence."""
    name = names[0]
    return (
        f"One target: {command_of(['thalweg', 'show', model, '--target', name])}; likewise "
        "evaluate, report, decide, explain, trace, drift, landscape, card and export."
    )
