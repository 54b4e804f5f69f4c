"""How a fix is written for the table at hand: in the words of its library, with its own keys."""

from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar, Token
from typing import Any, Literal, Protocol, TypeAlias

# Whose table it is: pandas; polars; Arrow; others that narwhals reads; an array without names.
Library: TypeAlias = Literal["pandas", "polars", "arrow", "frames", "arrays"]


class TableAtHand(Protocol):
    """What a fix needs to know of a table: a `GivenTable` has it."""

    @property
    def library(self) -> Library:
        """Whose table it is."""

    @property
    def names(self) -> Sequence[str]:
        """The names of its columns as text; none if they have no names."""

    @property
    def keys(self) -> Callable[[], Sequence[Any]]:
        """The keys of its columns, as its library has them; they may be numbers."""


# The table that is being read, and that a fix will be copied for, and what messages call its
# columns if they are matched by position. None: one of pandas, by names.
AT_HAND: ContextVar[tuple[TableAtHand, Sequence[str]] | None] = ContextVar(
    "table_at_hand", default=None
)


class AtHand:
    """Inside the block, fixes are written for this table.

    A class, because entering it is faster, and a prediction of one row enters it.
    """

    __slots__ = "_before", "_table"
    _before: Token[tuple[TableAtHand, Sequence[str]] | None]

    def __init__(self, table: TableAtHand, called: Sequence[str] = ()) -> None:
        self._table = table, called

    def __enter__(self) -> None:
        self._before = AT_HAND.set(self._table)

    def __exit__(self, *error: object) -> None:
        AT_HAND.reset(self._before)


def library_at_hand() -> Library:
    """Whose table is being read."""
    there = AT_HAND.get()
    return "pandas" if there is None else there[0].library


def key_of(name: str) -> Any:
    """The key of a column, given its name as text; of an array, its position."""
    table, called = AT_HAND.get() or (None, ())
    by_place = [*called].index(name) if name in called else None
    if library_at_hand() == "arrays":
        if by_place is not None:
            return by_place
        return int(name.removeprefix("x")) if name.removeprefix("x").isdecimal() else name
    keys = () if table is None else table.keys() or table.names
    if by_place is not None:
        return keys[by_place]
    there = next((key for key in keys if str(key) == name), None)
    if there is not None:
        return there
    # A column that the table lacks: its key is a number as those of the others are.
    whole = keys and all(isinstance(key, int) for key in keys) and name.isdecimal()
    return int(name) if whole else name


def keys_of(names: Sequence[str]) -> list[Any]:
    """The key of each column."""
    return [key_of(name) for name in names]


def column_in_python(name: str) -> str:
    """The column of a table X: ``X['dose']``, ``X[2]``, of an array ``X[:, 2]``."""
    key = key_of(name)
    return f"X[:, {key!r}]" if library_at_hand() == "arrays" else f"X[{key!r}]"


def cells_in_python(name: str) -> str:
    """The cells of a column of a table X, as a list of objects of Python."""
    library = library_at_hand()
    if library == "arrays":  # or a list of rows, which has no columns
        return f"[row[{key_of(name)!r}] for row in X]"
    column = column_in_python(name)
    return f"{column}.to_pylist()" if library == "arrow" else f"list({column})"


def without_columns(names: Sequence[str]) -> str:
    """Python that leaves columns out of a table X; of an array, those named x0, x1 and so on."""
    library, keys = library_at_hand(), keys_of(names)
    if library == "arrays":
        return f"X = np.delete(X, {keys!r}, axis=1)"
    return f"X = X.drop({'columns=' if library == 'pandas' else ''}{keys!r})"


def with_missing_columns(names: Sequence[str]) -> str:
    """Python that adds columns without a value to a table X."""
    library, keys = library_at_hand(), keys_of(names)
    if library == "polars":
        return f"X = X.with_columns({', '.join(f'pl.lit(None).alias({key!r})' for key in keys)})"
    if library == "arrow":
        added = "".join(f".append_column({key!r}, pa.nulls(len(X)))" for key in keys)
        return f"X = X{added}"
    frame = "X.to_pandas()" if library == "frames" else "X"
    if library == "pandas" and not all(isinstance(key, str) for key in keys):
        return f"X[{keys!r}] = None"
    return f"X = {frame}.assign(**{{{', '.join(f'{key!r}: None' for key in keys)}}})"


def with_values(name: str, values: str) -> str:
    """A table X with one more column, as a part of a call."""
    return {
        "polars": f"X.with_columns(pl.Series({name!r}, {values}))",
        "arrow": f"X.append_column({name!r}, pa.array({values}))",
        "frames": f"X.to_pandas().assign({name}={values})",
    }.get(library_at_hand(), f"X.assign({name}={values})")


def without_cells(cells_of: Mapping[str, Sequence[str]]) -> str:
    """Python that empties the cells of columns of a table X that are one of some texts."""
    library, said = library_at_hand(), []
    for name, cells in cells_of.items():
        key, column, texts = key_of(name), column_in_python(name), [*cells]
        kept = f"[None if cell in {texts!r} else cell for cell in {cells_in_python(name)}]"
        if library == "polars":
            said.append(f"X = X.with_columns(pl.Series({key!r}, {kept}))")
        elif library == "arrow":
            place = f"X.column_names.index({key!r})"
            said.append(f"X = X.set_column({place}, {key!r}, pa.array({kept}))")
        elif library == "arrays":
            said.append(f"{column} = {kept}")
        else:
            said.append(f"{column} = {column}.mask({column}.isin({texts!r}))")
    first = {"frames": ["X = X.to_pandas()"], "arrays": ["X = np.array(X, dtype=object)"]}
    return "; ".join([*first.get(library, []), *said])


def in_zone(name: str, zone: str, *, changes: bool) -> str:
    """Python that gives clock times of a column a zone, or none ("") without moving the hands.

    If the clocks of the zone change (``changes``), hours that occur twice or never become missing.
    """
    library, key, column = library_at_hand(), key_of(name), column_in_python(name)
    if library == "polars":
        said = repr(zone) if zone else None
        odd = ", ambiguous='null', non_existent='null'" if changes else ""
        return f"X = X.with_columns(pl.col({key!r}).dt.replace_time_zone({said}{odd}))"
    if library == "arrow":
        place = f"X.column_names.index({key!r})"
        return f"X = X.set_column({place}, {key!r}, {_in_zone_of_arrow(column, zone, changes)})"
    cells = f"pd.Series({column})" if library == "arrays" else column
    times = _on_the_clock(cells, zone, changes)
    if library == "pandas":
        return f"{column} = {times}"
    if library == "frames":
        return f"X = X.to_pandas(); {column} = {times}"
    # A DataFrame, because datetime64 of NumPy has no zones, and may become integers as objects.
    return f"X = np.array(pd.DataFrame(X), dtype=object); {column} = {times}.astype(object)"


def _in_zone_of_arrow(column: str, zone: str, changes: bool) -> str:
    """The same for a column of Arrow, which has no option for missing cells."""
    if not zone:
        return f"pa.compute.local_timestamp({column})"
    if not changes:
        return f"pa.compute.assume_timezone({column}, {zone!r})"
    both = (
        f"[pa.compute.assume_timezone({column}, {zone!r}, ambiguous=one, nonexistent=one) "
        "for one in ('earliest', 'latest')]"
    )
    return f"pa.compute.if_else(pa.compute.equal(*(both := {both})), both[0], None)"


def _on_the_clock(cells: str, zone: str, changes: bool) -> str:
    """The same for a Series, which may hold objects, also of several zones."""
    if zone:
        odd = ", ambiguous='NaT', nonexistent='NaT'" if changes else ""
        return f"pd.to_datetime({cells}).dt.tz_localize({zone!r}{odd})"
    return f"{cells}.map(lambda time: time.replace(tzinfo=None), na_action='ignore')"
