"""The tables that come with thalweg, and their cards."""

import tomllib
from importlib.resources import files
from typing import Any

from thalweg.data.column_names import likely, listed
from thalweg.errors import DataError

_DATASETS = files("thalweg.data") / "datasets"


def bundled_tables() -> list[str]:
    """The names of the tables that come with thalweg."""
    return sorted(each.name.removesuffix(".csv") for each in _csv_files())


def table_card(name: str) -> dict[str, Any]:
    """The description of a bundled table: its columns, source, licence and traps.

    Raises
    ------
    DataError
        There is no bundled table of that name.
    """
    if name not in bundled_tables():
        bundled = bundled_tables()
        guess = likely(name, bundled)
        raise DataError(
            "There is no bundled table of this name",
            where=f'"{name}"',
            why=f'Did you mean "{guess}"?' if guess else "",
            fix=f"bundled tables are {listed(bundled)}",
        )
    return tomllib.loads((_DATASETS / f"{name}.toml").read_text(encoding="utf-8"))


def bytes_of_bundled(name: str) -> bytes:
    """The file of a bundled table."""
    return (_DATASETS / f"{name}.csv").read_bytes()


def _csv_files() -> list[Any]:
    return [each for each in _DATASETS.iterdir() if each.name.endswith(".csv")]
