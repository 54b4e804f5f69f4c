"""Recognise columns that identify persons, cases or animals, such as patient_id, by their names."""

import re

# With fewer different values, the column is more likely a property, such as "patient: yes".
_FEWEST = 10
_WHOSE = re.compile(
    r"patient|subject|participant|proband|person|client|donor|\bmrn\b|\bcase|\bfall|\banimal"
    r"|\bmouse|\bpat\b",
    re.IGNORECASE,
)


def says_whose(name: str) -> bool:
    """Whether a column of this name may say which person, case or animal a row is about."""
    apart = re.sub(r"[_.-]+", " ", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name))
    return _WHOSE.search(apart) is not None


def may_be_groups(name: str, n_different: int, n_known: int) -> bool:
    """Whether a column may say which rows belong together, such as several of one patient.

    Parameters
    ----------
    name : str
    n_different, n_known : int
        The number of its different cells, and of those that are not missing.
    """
    return says_whose(name) and n_different >= _FEWEST and n_known > 1.05 * n_different
