"""The cells that ``--set NAME=CELL`` changes: names and cells may both hold an equals sign."""

from collections.abc import Iterator, Mapping, Sequence

from thalweg.data.column_names import likely, listed
from thalweg.errors import SettingsError
from thalweg.wording import as_printed, parameter


def cells_to_set(said: Mapping[str, str] | Sequence[str], names: Sequence[str]) -> dict[str, str]:
    r"""The new cell of each column that is to be changed.

    Parameters
    ----------
    said : mapping of str to str, or sequence of str
        Texts such as ``"age=50"``. A name may be written as messages print it, and an equals sign
        in a name as ``\x3d``.
    names : sequence of str
        The columns of the model.

    Raises
    ------
    SettingsError
        If a text names no column of the model, or can name two; if a column is named twice.
    """
    if isinstance(said, Mapping):
        return dict(said)
    found: dict[str, str] = {}
    for text in said:
        name, cell = _split(text, names)
        if name in found:
            raise SettingsError(
                f'{parameter("set")} names "{name}" twice', fix="give one cell for each column"
            )
        found[name] = cell
    return found


def _split(text: str, names: Sequence[str]) -> tuple[str, str]:
    """The column and its cell: the one split that names a column of the model."""
    splits = list(_splits(text))
    if not splits:
        raise SettingsError(
            f'"{text}" does not say what a cell should be',
            where=parameter("set"),
            fix=f"write a column and its cell, as in {parameter('set', 'age=50')}",
        )
    known = [(as_printed(name, names), cell) for name, cell in splits]
    fits = [(name, cell) for name, cell in known if name in names]
    if len(fits) > 1:
        raise _two_columns(text, fits)
    return fits[0] if fits else _unknown(splits, names)


def _splits(text: str) -> Iterator[tuple[str, str]]:
    """The text, split at each equals sign that has a name before it."""
    for place, sign in enumerate(text):
        if sign == "=" and text[:place].strip():
            yield text[:place], text[place + 1 :]


def _two_columns(text: str, fits: list[tuple[str, str]]) -> SettingsError:
    ways = " or ".join(f'column "{name}" with the cell "{cell}"' for name, cell in fits)
    name, cell = fits[-1]
    certain = f"{name.replace('=', chr(92) + 'x3d')}={cell}"
    return SettingsError(
        f'"{text}" can be read in {len(fits)} ways: {ways}',
        where=parameter("set"),
        why="The model has a column of each name",
        fix=f'write {parameter("set", certain)} to change "{name}"; for "{fits[0][0]}", leave the '
        "equals sign out of the cell, or ask in Python by what_if",
    )


def _unknown(splits: list[tuple[str, str]], names: Sequence[str]) -> tuple[str, str]:
    for name, cell in splits:
        if near := likely(name, names):
            fix = f"write {parameter('set', f'{near}={cell}')}"
            break
    else:
        name, fix = splits[0][0], "name one of these columns"
    raise SettingsError(
        f'{parameter("set")} names "{name}", which is no column of the model',
        where=f"the model has {listed(names, 8)}",
        fix=fix,
    )
