"""Duplicate rows: merge equal rows, sort rows by content, and hash tables.

Then a row of weight 2 is the same as two equal rows, with mini-batches, early stopping and
cross-validation; a fit does not depend on the order of the rows; and a split can keep equal rows
on one side.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thalweg.data.column_names import listed
from thalweg.data.row_view import Numbers
from thalweg.wording import counted

# Rows hashed at a time, so that temporary arrays stay in the cache.
_BLOCK = 1024
# A model keeps the hashes of so many rows, which are 32 KiB, and of more rows none.
MOST_DIGESTS = 65_536
# Each training row has so many remainders of hashes, so about 22 % of new rows share one with it.
PLACES = 4
# If more new rows than this share seem known, the hashes say nothing.
MOST_BY_CHANCE = 0.5
_BYTES = 8


@dataclass(frozen=True, eq=False)
class Rows:
    """A table as training uses it.

    Parameters
    ----------
    X : ndarray of float64, or Numbers, shape (n_rows, n_features)
        An array is C-contiguous; NaN for a missing value.
    y : ndarray of float64, shape (n_rows,) or (n_rows, n_outputs)
    weights : ndarray of float64, shape (n_rows,)
        All above zero.
    """

    X: Any
    y: np.ndarray
    weights: np.ndarray


def canonical_rows(X: np.ndarray | Numbers, y: np.ndarray, weights: np.ndarray) -> Rows:
    """Drop rows of weight 0, merge equal (x, y) rows, and sort the rest by content.

    Parameters
    ----------
    X : ndarray of float, or Numbers, shape (n_samples, n_features)
        May have NaN; all NaN are equal, and -0.0 equals 0.0.
    y : ndarray of float64, shape (n_samples,) or (n_samples, n_outputs)
    weights : ndarray of float64, shape (n_samples,)
        Finite and not negative; the weights of merged rows are added.

    Returns
    -------
    Rows
        The same for every order of the given rows. The numbers of X are not copied if X is
        `Numbers`, and are copied if it is an array.
    """
    numbers = Numbers.of(X)
    counted = weights > 0
    if not counted.all():
        numbers, y, weights = numbers.pick(np.flatnonzero(counted)), y[counted], weights[counted]
    order, first = _grouped(_Table(numbers, y), weights)
    starts = np.flatnonzero(first)
    merged = numbers.pick(order[starts])
    return Rows(
        X=merged if isinstance(X, Numbers) else _canonical(merged[:]),
        y=_canonical(y[order[starts]]),
        weights=np.add.reduceat(weights[order], starts) if len(starts) else weights,
    )


def row_groups(X: np.ndarray | Numbers) -> np.ndarray:
    """Number the rows so that exactly the equal rows have the same number.

    Parameters
    ----------
    X : ndarray of float, or Numbers, shape (n_samples, n_features)
        May have NaN; all NaN are equal, and -0.0 equals 0.0.

    Returns
    -------
    ndarray of int64, shape (n_samples,)
        0 … n_groups - 1, ranks by a hash of the content: a row keeps its number in any order of
        the table.
    """
    order, first = _grouped(_Table(Numbers.of(X)))
    groups = np.empty(len(X), dtype=np.int64)
    groups[order] = np.cumsum(first) - 1
    return groups


def content_hashes(X: np.ndarray, y: np.ndarray) -> NDArray[np.uint64]:
    """The hash by which canonical rows are sorted, for some rows of (x, y).

    Parameters
    ----------
    X : ndarray of float64, shape (n_samples, n_features)
    y : ndarray of float64, shape (n_samples,)
    """
    return _row_hashes(_Table(Numbers.of(X), y))


def input_hashes(hashes: NDArray[np.uint64], y: np.ndarray, n_features: int) -> NDArray[np.uint64]:
    """The hashes of x alone, from those of (x, y): rows with equal inputs share one."""
    bits = _canonical(y.astype(np.float64)).view(np.uint64)
    key = _mix(np.array([n_features + 1], dtype=np.uint64))
    found: NDArray[np.uint64] = hashes - _mix(bits + key)
    return found


def repeats(X: np.ndarray) -> np.ndarray:
    """Which rows of a table of features equal an earlier row, whatever their targets.

    Parameters
    ----------
    X : ndarray of float, shape (n_samples, n_features)
        Without the target: a split keeps rows with equal features together, too.

    Returns
    -------
    ndarray of bool, shape (n_samples,)
    """
    order, first = _grouped(_Table(Numbers.of(X)))
    again = np.ones(len(X), dtype=np.bool_)
    again[order[first]] = False  # the order within a group is that of the table
    return again


def repeats_in_words(count: int, identifiers: Sequence[str] = ()) -> str:
    """The number of rows that `repeats` has found, as all messages say it.

    ``identifiers`` are the columns that were not compared.
    """
    what = f"{counted(count, 'row equals', 'rows equal')} an earlier one in all features"
    return f"{what}{but_for(identifiers)}"


def but_for(identifiers: Sequence[str]) -> str:
    """That identifiers were not compared, of which a model sees only whether a cell is filled."""
    if not identifiers:
        return ""
    return f" but the identifier{'s'[: len(identifiers) - 1]} {listed(identifiers)}"


def data_hash(
    names: Sequence[str],
    kinds: Sequence[str],
    X: np.ndarray | Numbers,
    y: Sequence[Any] | np.ndarray,
) -> str:
    """The SHA-256 of a table: column names, their kinds, and canonical values.

    The order of rows and of columns matters. How the table was stored does not matter (text or
    binary, -0.0 or 0.0, the bits of a missing value), so a CSV and its DataFrame agree.

    Parameters
    ----------
    names, kinds : sequence of str, length n_features
        The kind says what the numbers of a column mean; for a category it includes the levels.
    X : ndarray of float, or Numbers, shape (n_samples, n_features)
    y : sequence or ndarray, length n_samples
        The label of each row; it is hashed as text.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    digest = hashlib.sha256()
    # The text of json.dumps([names, kinds, y]), piece by piece.
    digest.update(f"[{json.dumps(list(names))}, {json.dumps(list(kinds))}, [".encode("ascii"))
    for start in range(0, len(y), _BLOCK):
        labels = json.dumps(list(map(str, y[start : start + _BLOCK])))[1:-1]
        digest.update(f"{', ' if start else ''}{labels}".encode("ascii"))
    digest.update(b"]]")
    numbers = Numbers.of(X)
    for start in range(0, len(numbers), _BLOCK):
        block = _canonical(numbers[start : start + _BLOCK])
        digest.update(block.astype("<f8", copy=False).data)
    return digest.hexdigest()


@dataclass(frozen=True, eq=False)
class RowDigests:
    """Remainders of salted hashes of the rows that a model was fitted on.

    A saved model has no rows. From the remainders it knows that a row was none of its training
    rows; a row that was one, and about every fifth of the others, seems known. From one checksum it
    knows the whole set of its rows in any order.

    Parameters
    ----------
    salt : str
        64 hexadecimal digits.
    seen : ndarray of bool, shape (modulus,)
        Which remainders the hashes of the rows have.
    checksum : str or None
        Of all rows with their targets, 64 hexadecimal digits; None after further training.

    Notes
    -----
    A hash has 64 bits of BLAKE2b, over the features of a row. It does not contain the target, so
    whoever knows all features of a person cannot try targets. Of n rows the remainder modulo 4 n is
    kept: with n different rows, a row that is none of them seems known with a probability of
    1 - (1 - 1 / (4 n))ⁿ ≈ 1 - exp(-1/4) = 22 %. So a hit multiplies the odds that a row was a
    training row by 4.5, and no more. (Bloom 1970, "Space/time trade-offs in hash coding with
    allowable errors", with one hash; Aumasson, Neves, Wilcox-O'Hearn & Winnerlein 2013, "BLAKE2:
    simpler, smaller, fast as MD5".)
    """

    salt: str
    seen: NDArray[np.bool_]
    checksum: str | None

    @classmethod
    def of(
        cls, salt: str, X: np.ndarray | Numbers, y: Sequence[Any] | np.ndarray
    ) -> "RowDigests | None":
        """The hashes of the rows of a table; None if there are more than 65,536.

        Parameters
        ----------
        salt : str
            64 hexadecimal digits, such as the hash of the table.
        X : ndarray of float, or Numbers, shape (n_samples, n_features)
            As in `thalweg.data.canonical_rows.data_hash`.
        y : sequence or ndarray, length n_samples
            The label of each row; it is in the checksum as text.
        """
        if len(y) > MOST_DIGESTS:
            return None
        hashes, seen = _digests(salt, X), np.zeros(PLACES * len(y), np.bool_)
        seen[hashes % np.uint64(len(seen))] = True
        return cls(salt, seen, _checksum(salt, hashes, y))

    def of_targets(
        self, X: np.ndarray | Numbers, targets: Sequence[Sequence[Any] | np.ndarray]
    ) -> "list[RowDigests]":
        """The same rows with each of several targets, which are in the checksum alone."""
        hashes = self.of_rows(X)
        return [replace(self, checksum=_checksum(self.salt, hashes, y)) for y in targets]

    def and_of(self, X: np.ndarray | Numbers, y: Sequence[Any] | np.ndarray) -> "RowDigests | None":
        """The same with the rows of a further table; None if every second new row seemed known."""
        hashes = self.of_rows(X)
        if self.are(hashes, y):
            return self
        both = self.seen.copy()
        both[hashes % np.uint64(len(both))] = True
        more = replace(self, seen=both, checksum=None)
        return more if more.by_chance <= MOST_BY_CHANCE else None

    @property
    def by_chance(self) -> float:
        """The probability that a row which is none of these seems known."""
        return float(self.seen.mean())

    @property
    def n_rows(self) -> int:
        """The rows of the fit."""
        return len(self.seen) // PLACES

    @property
    def share_repeated(self) -> float:
        """The share of the rows of the fit that equal an earlier one, as their number tells.

        d different rows have a share of about 1 - (1 - 1/M)ᵈ of the M remainders. The estimate has
        a standard error of `error_of_share` / √n.
        """
        free = max(1.0 - self.by_chance, 1.0 / len(self.seen))
        different = np.log(free) / np.log1p(-1.0 / len(self.seen))
        return float(min(max(1.0 - different / self.n_rows, 0.0), 1.0))

    @property
    def error_of_share(self) -> float:
        """√n times the standard error of `share_repeated`, where no row repeats.

        d = c M balls in M boxes leave a number of boxes filled with the variance
        M e⁻²ᶜ (eᶜ - 1 - c); it grows by e⁻ᶜ for a further ball. Here c = 1 / PLACES.
        """
        c = 1.0 / PLACES
        return float(np.sqrt(PLACES * (np.exp(c) - 1.0 - c)))

    def of_rows(self, X: np.ndarray | Numbers) -> NDArray[np.uint64]:
        """The hash of each row of another table, in their order."""
        return _digests(self.salt, X)

    def know(self, hashes: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """Which rows seem known, by `of_rows`: all that equal one of these, and some others."""
        known: NDArray[np.bool_] = self.seen[hashes % np.uint64(len(self.seen))]
        return known

    def are(self, hashes: NDArray[np.uint64], y: Sequence[Any] | np.ndarray) -> bool:
        """Whether some rows are exactly these with their targets, in any order, by `of_rows`."""
        return self.checksum is not None and self.checksum == _checksum(self.salt, hashes, y)


@dataclass(frozen=True, eq=False)
class _Table:
    """Rows of (x, y) as arrays of canonical numbers; only the rows that are read are copied."""

    X: Numbers
    y: np.ndarray | None = None

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.X), self[:0].shape[1]

    def __getitem__(self, rows: np.ndarray | slice) -> np.ndarray:
        found = self.X[rows]
        if self.y is not None:
            found = np.column_stack((found, self.y[rows]))
        return _canonical(found)


def _canonical(table: np.ndarray) -> np.ndarray:
    """Give equal values equal bits, in place: one zero, one NaN."""
    table += 0.0
    table[np.isnan(table)] = np.nan
    return table


def _grouped(table: _Table, *then_by: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The order by content, and whether each row in that order is the first of its group.

    ``then_by`` sorts the rows within a group, so that a sum over them always has the same order.
    """
    hashes = _row_hashes(table)
    order = np.lexsort((*then_by, hashes))
    first, collided = _firsts(table, hashes, order)
    if collided:  # about once in 37 million tables of a million rows
        order = np.lexsort((*then_by, *table[:].T, hashes))
        first, _ = _firsts(table, hashes, order)
    return order, first


def _firsts(table: _Table, hashes: np.ndarray, order: np.ndarray) -> tuple[np.ndarray, bool]:
    """Whether each row differs from the row before, and whether any such pair has equal hashes."""
    in_order = hashes[order]
    first = np.ones(len(order), dtype=np.bool_)
    first[1:] = in_order[1:] != in_order[:-1]
    alike = np.flatnonzero(~first)
    for start in range(0, len(alike), _BLOCK):
        rows = alike[start : start + _BLOCK]
        here, before = (table[order[each]].view(np.uint64) for each in (rows, rows - 1))
        first[rows] = (here != before).any(axis=1)
    return first, bool(first[alike].any())


def _row_hashes(table: _Table) -> np.ndarray:
    """A 64-bit hash of each row: Σ_j mix(bits_j + key_j), modulo 2⁶⁴.

    The keys are the mixed numbers 1, 2, …, so a value has a different hash in each column.
    """
    n_rows, width = table.shape
    keys = _mix(np.arange(1, width + 1, dtype=np.uint64))
    hashes = np.empty(n_rows, dtype=np.uint64)
    for start in range(0, n_rows, _BLOCK):
        rows = slice(start, start + _BLOCK)
        bits = table[rows].view(np.uint64)
        hashes[rows] = _mix(bits + keys).sum(axis=1, dtype=np.uint64)
    return hashes


def _mix(words: np.ndarray) -> np.ndarray:
    """Scatter 64-bit words, in place: the finaliser of SplitMix64.

    Steele, Lea & Flood 2014, "Fast splittable pseudorandom number generators", OOPSLA,
    with the constants of Stafford's variant 13.
    """
    words ^= words >> np.uint64(30)
    words *= np.uint64(0xBF58476D1CE4E5B9)
    words ^= words >> np.uint64(27)
    words *= np.uint64(0x94D049BB133111EB)
    words ^= words >> np.uint64(31)
    return words


def _digests(salt: str, X: np.ndarray | Numbers) -> NDArray[np.uint64]:
    """The hash of each row, in their order."""
    keyed = hashlib.blake2b(key=bytes.fromhex(salt), digest_size=_BYTES)
    numbers, found = Numbers.of(X), []
    for start in range(0, len(numbers), _BLOCK):
        block = _canonical(numbers[start : start + _BLOCK]).astype("<f8", copy=False)
        for row in np.ascontiguousarray(block):
            digest = keyed.copy()
            digest.update(row)
            found.append(digest.digest())
    return np.frombuffer(b"".join(found), "<u8").astype(np.uint64)


def _checksum(salt: str, hashes: NDArray[np.uint64], y: Sequence[Any] | np.ndarray) -> str:
    """BLAKE2b of the sorted rows: the hash of each, and its label as text, with the length."""
    whole = hashes.astype("<u8").tobytes()
    texts = (str(label).encode("utf-8", "surrogatepass") for label in y)
    rows = sorted(whole[_BYTES * k : _BYTES * (k + 1)] + text for k, text in enumerate(texts))
    digest = hashlib.blake2b(key=bytes.fromhex(salt), digest_size=32)
    digest.update(b"".join(len(row).to_bytes(8, "little") + row for row in rows))
    return digest.hexdigest()
