"""The texts of an evaluation in a model file: which are computed, compared, or quoted.

Whoever can write a model file can seal it, so its sentences are untrusted text. A page shows them
beside its own. Therefore what can be computed from the numbers is left out of files, and is
computed when a file is read. Other texts stand there as they are only if the program writes such
ones.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from thalweg.evaluation.importance.importance_found import Importance
from thalweg.evaluation.importance.importance_sentences import importance_section, shown_above_0
from thalweg.evaluation.section_texts import effect_texts, importance_texts
from thalweg.evaluation.section_texts.reasons_left_out import own_reasons
from thalweg.evaluation.section_texts.section_sentences import with_own_sentences
from thalweg.evaluation.task_kinds import THE_NETWORK

# What is computed from the rest of a section, so that no file has to have it.
COMPUTED = {
    "importance": ("title", "scale", "notes", "spread", "lines"),
    "effects": ("title", "answer"),
}


@dataclass(frozen=True)
class ModelNames:
    """The names that texts of a model file may have.

    Attributes
    ----------
    columns : tuple of str
        Those of the user's table.
    classes : tuple of str
        Of two, the negative one first; none of a regression.
    levels : frozenset of str
        Of all categories.
    target : str
        The name of the target, or "".
    subject : str
        What the model is called.
    statistic : str
        What of a numeric target is predicted, such as "0.9 quantile"; "" for its mean.
    scaled : bool
        Whether intervals of numbers are scaled.
    grades : tuple of str
        The names of classes in an order, in that order.
    """

    columns: tuple[str, ...]
    classes: tuple[str, ...] = ()
    levels: frozenset[str] = field(default_factory=frozenset)
    target: str = ""
    subject: str = THE_NETWORK
    statistic: str = ""
    scaled: bool = False
    grades: tuple[str, ...] = ()


def without_computed(sections: Mapping[str, Any]) -> dict[str, Any]:
    """Sections as a file keeps them: without what is computed from their numbers."""
    kept = dict(sections)
    for key, computed in COMPUTED.items():
        if kept.get(key) is not None:
            kept[key] = {name: part for name, part in kept[key].items() if name not in computed}
    return kept


def in_own_words(sections: Mapping[str, Any], names: ModelNames) -> dict[str, Any]:
    """Sections of a file, of valid form, with the sentences of the program.

    Parameters
    ----------
    sections : mapping
        As `without_computed` gives them, or as earlier files have them: with all sentences.
    names : ModelNames

    Raises
    ------
    ValueError
        The sections are of other columns or classes than the model.
    """
    found, matter = (
        with_own_sentences(sections, names.classes, scaled=names.scaled, grades=names.grades),
        None,
    )
    if (importance := found.get("importance")) is not None:
        kept = importance["found"]
        if tuple(kept["columns"]) != names.columns:
            raise ValueError("the importance is that of other columns")
        own = importance_texts.with_own_texts(Importance.from_dict(kept))
        found["importance"] = importance_section(own, names.subject)
        matter = [own.columns[j] for rise in shown_above_0(own) for j in rise.members]
    if (effects := found.get("effects")) is not None:
        _require_own(effects, names)
        found["effects"] = effect_texts.with_own_texts(
            effects, names.target, matter, names.levels, names.statistic
        )
    if "left_out" in found:
        found["left_out"] = own_reasons(found["left_out"], names.classes)
    return found


def _require_own(effects: Mapping[str, Any], names: ModelNames) -> None:
    """Raise a ValueError if there are curves of columns or classes that the model does not have."""
    columns = {each["column"] for each in (*effects["curves"], *effects["without"])}
    if not columns <= {*names.columns} or effects["n_columns"] != len(names.columns):
        raise ValueError("the effect curves are those of other columns")
    outputs = {each["output"] for each in effects["curves"]}
    if not outputs <= ({*names.classes} or {""}):
        raise ValueError("the effect curves are those of other classes")
