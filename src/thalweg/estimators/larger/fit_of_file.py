"""Whether a table is fitted in memory or on shards, and the fit of its files on shards."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, TypeAlias

from thalweg.data.column_names import listed
from thalweg.data.formats.any_format import Format
from thalweg.data.formats.budget import half_of_memory, memory_of, of_bytes
from thalweg.data.larger.found_table import FoundTable, LargerColumns
from thalweg.data.larger.table_cache import Say, TableCache, nobody, temporary_folder
from thalweg.data.larger.table_files import ENDINGS, TableFiles, can_be_streamed
from thalweg.errors import SettingsError
from thalweg.estimators.fitted import Fitted
from thalweg.estimators.larger.fit_of_shards import fit_on_shards
from thalweg.estimators.larger.refused_settings import require_apt, require_enough
from thalweg.estimators.parameters.resolved_parameters import said_columns
from thalweg.training.progress import ProgressStep, telling
from thalweg.wording import parameter

# The arguments of `fit` that a fit on shards has.
OF_LARGER = ("self", "__class__", "X", "target", "max_memory", "cache")

MemoryLike: TypeAlias = int | str | None
PathLike: TypeAlias = str | os.PathLike[str]


@dataclass(frozen=True)
class LargerTable:
    """The files of a table that is fitted on shards.

    Attributes
    ----------
    path : str or path
        A file, or a folder of files.
    target : str
    max_memory : int
        In bytes.
    cache : str or path, optional
        The folder of the cache, which stays; None: a temporary one.
    beside : str or path, optional
        The folder in which the temporary one is made.
    drop : tuple of str
    form : Format
    """

    path: PathLike
    target: str
    max_memory: int
    cache: PathLike | None = None
    beside: PathLike | None = None
    drop: tuple[str, ...] = ()
    form: Format = field(default_factory=Format)

    @cached_property
    def files(self) -> TableFiles:
        """The files, opened once: a wide Parquet file has a long footer."""
        return TableFiles(self.path, self.form, self.max_memory)

    def fit(
        self, estimator: Any, *, of_classes: bool, typed: bool = False, say: Say = nobody
    ) -> tuple[Fitted, FoundTable]:
        """Fit an estimator on the table; with ``typed``, classes are of the type of the column.

        Raises
        ------
        DataError, SettingsError, OutputError
        """
        if self.cache is not None and not os.fspath(self.cache):
            raise SettingsError(
                f"{parameter('cache', '')} names no folder",
                fix="name one, or leave it out for a temporary one",
            )
        require_enough(self.max_memory)
        require_apt(estimator)
        files = self.files
        if files.left_out:
            say(
                f"Left out, because only files that end in {ENDINGS} are read: "
                f"{listed(files.left_out, 6)}"
            )
        said = said_columns(estimator)
        typed = typed and self.target in files.typed
        asked = LargerColumns(self.target, self.drop, said, of_classes, typed)
        with self._folder() as folder, telling(estimator.verbose) as tell:

            def passed(name: str, done: int, total: int) -> None:
                tell(ProgressStep.of_rows(name, done, total))

            cache = TableCache(folder, files, asked, self.max_memory, say, passed)
            try:
                found, shards = cache.rows()
                return fit_on_shards(estimator, found, shards, self.max_memory), found
            finally:
                cache.release()

    @contextmanager
    def _folder(self) -> Iterator[Path]:
        if self.cache is not None:
            yield Path(self.cache)
            return
        with temporary_folder(self.beside) as folder:
            yield folder


def larger_than_memory(
    path: PathLike, max_memory: MemoryLike, form: Format | None = None
) -> str | None:
    """Why a table is fitted on shards, a sentence; None if it is fitted in memory.

    It is if it is a folder, or if a budget is given and its cells would take more memory.
    """
    if os.path.isdir(path):
        return "A folder of files is fitted on shards, whatever its size."
    if max_memory is None or not can_be_streamed(path):
        return None
    budget = memory_of(max_memory)
    files = TableFiles(path, form or Format(), max(budget, 1 << 26))
    needed = files.memory()
    if needed <= budget:
        return None
    return (
        f"The table would take {of_bytes(needed)} of memory, more than "
        f"{parameter('max_memory', str(max_memory))}: it is fitted on shards."
    )


def budget_of_fit(max_memory: MemoryLike) -> int:
    """The memory that a fit on shards may use, in bytes; by default half of what is there."""
    return half_of_memory()[0] if max_memory is None else memory_of(max_memory)


def require_path(X: object, max_memory: MemoryLike, cache: PathLike | None) -> None:
    """Raise a SettingsError for a budget or a cache with a table that is in memory already."""
    if isinstance(X, str | os.PathLike):
        return
    for name, value in (("max_memory", max_memory), ("cache", cache)):
        if value is not None:
            raise SettingsError(
                f"{parameter(name, value)} is for the path of a file or a folder",
                where="fit",
                why=f"X is a {type(X).__name__}, which is in memory already",
                fix=f'give the path, as in fit("big.parquet", target="y", …), or leave {name} out',
            )


def require_one_target(target: object) -> str:
    """The name of the target; a SettingsError if there are none or several."""
    if target is None or isinstance(target, list | tuple):
        raise SettingsError(
            "A fit on shards has one target"
            if target is not None
            else "The target column of the file is not named",
            where="" if target is None else parameter("target", target),
            fix=f"name one column with {parameter('target')}",
        )
    return str(target)
