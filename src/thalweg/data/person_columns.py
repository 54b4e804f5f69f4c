"""Columns that, by their names, say whose row it is: of a patient, a case, an animal."""

import re

# Below, values that repeat are more likely a property, such as "patient: yes".
_FEWEST = 10
_WHOSE = re.compile(
    r"patient|subject|participant|proband|person|client|donor|\bmrn\b|\bcase|\bfall|\banimal"
    r"|\bmouse|\bpat\b",
    re.IGNORECASE,
)


def says_whose(name: str) -> bool:
    """Whether a column of this name may say whose row it is."""
    apart = re.sub(r"[_.-]+", " ", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name))
    return _WHOSE.search(apart) is not None


def may_be_groups(name: str, n_different: int, n_known: int) -> bool:
    """Whether a column may say which rows go together: several of one patient, by its name.

    Parameters
    ----------
    name : str
    n_different, n_known : int
        Of its cells.
    """
    return says_whose(name) and n_different >= _FEWEST and n_known > 1.05 * n_different
