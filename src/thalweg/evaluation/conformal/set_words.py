"""A set of classes in words: one class, "cannot tell (either)", "no plausible class"."""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from thalweg.data.typing import Label

# Of two classes, and of more.
EITHER, ANY = "cannot tell (either)", "cannot tell (any class)"
# An empty set: at this level no class is plausible. It does not say that the cells are unlike.
NONE = "no plausible class"


def set_words(
    sets: NDArray[np.bool_], labels: Sequence[Label] | NDArray[np.generic]
) -> NDArray[np.object_]:
    """The words for each row.

    Parameters
    ----------
    sets : ndarray of bool, shape (n_samples, n_classes)
    labels : sequence of labels, length n_classes

    Returns
    -------
    ndarray of str, shape (n_samples,)
        Of two classes, the class, `EITHER` or `NONE`; of more, the classes as a list, `ANY` or
        `NONE`. Different sets have different words: a label that could be read as another one, or
        as several, is in double quotes.
    """
    names = [_apart(str(label), several=len(labels) > 2) for label in labels]
    different, of_row = np.unique(sets, axis=0, return_inverse=True)
    words = np.array([_words(each, names) for each in different], dtype=object)
    return words[of_row.reshape(-1)]


def _apart(label: str, *, several: bool) -> str:
    """A label, in quotes (those inside doubled) if it could be taken for other words."""
    taken = label in (EITHER, ANY, NONE) or label.startswith('"')
    if taken or (several and re.search(r",|\bor\b", label)):
        return '"' + label.replace('"', '""') + '"'
    return label


def _words(chosen: NDArray[np.bool_], names: list[str]) -> str:
    if chosen.all():
        return EITHER if len(names) == 2 else ANY
    if not chosen.any():
        return NONE
    found = [name for name, inside in zip(names, chosen, strict=True) if inside]
    return found[0] if len(found) == 1 else f"{', '.join(found[:-1])} or {found[-1]}"
