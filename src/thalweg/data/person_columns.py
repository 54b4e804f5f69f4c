"""Recognise columns about persons by their names: whose a row is, such as patient_id; births."""

import re

# With fewer different values, the column is more likely a property, such as "patient: yes".
_FEWEST = 10
_WHOSE = re.compile(
    r"patient|subject|participant|proband|person|client|donor|\bmrn\b|\bcase|\bfall|\banimal"
    r"|\bmouse|\bpat\b",
    re.IGNORECASE,
)


_BIRTH = re.compile(
    r"birth|\bborn\b|\bdob\b|\bbdate\b|geburt|\bgeb\b|\bgebdat|naissance|\bn[ée]e? le\b|nacimiento"
    r"|\bnascita|\bnascimento|geboorte|f[öø]d(?:sel|else)|urodz|narozen",
    re.IGNORECASE,
)


def says_whose(name: str) -> bool:
    """Whether a column of this name may say which person, case or animal a row is about."""
    return _WHOSE.search(_apart(name)) is not None


def says_birth(name: str) -> bool:
    """Whether a column of this name holds dates of birth, which do not say when a row was made."""
    return _BIRTH.search(_apart(name)) is not None


def _apart(name: str) -> str:
    """A name with spaces between its words."""
    return re.sub(r"[_.-]+", " ", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name))


def may_be_groups(name: str, n_different: int, n_known: int) -> bool:
    """Whether a column may say which rows belong together, such as several of one patient.

    Parameters
    ----------
    name : str
    n_different, n_known : int
        The number of its different cells, and of those that are not missing.
    """
    return says_whose(name) and n_different >= _FEWEST and n_known > 1.05 * n_different
