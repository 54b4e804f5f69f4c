"""The texts of groups of rows from a file: the finding is computed, reasons and notes compared."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from thalweg.evaluation.comparing.multiple_tests import holm
from thalweg.evaluation.section_texts.revived_data import revived
from thalweg.evaluation.section_texts.text_patterns import own_or_quoted, sentence_of
from thalweg.evaluation.subgroups.group_sentences import INDEPENDENT, finding
from thalweg.evaluation.subgroups.group_tables import GroupTable, Unnoticed

_WHY = sentence_of(
    (
        "# row(s), fewer than #", "# ~ row(s), fewer than #", "all errors are 0",
        "no event is expected", "no fold has rows of both classes",
        "a probability of exactly 0 or 1 is wrong",
    )
)  # fmt: skip
_FEW_GROUPS = '"~" has fewer than two groups of # rows: nothing can be compared. '
_OF_TABLE = sentence_of(
    (
        f"{_FEW_GROUPS}Each of its values is in fewer than # rows. Name a column with fewer "
        "different values, or evaluate on more rows.",
        f"{_FEW_GROUPS}All rows are in one group. Name a column with at least two values.",
    )
)
_NO_NEW_ROWS = "These rows do not say how good the model is in groups of new rows:"
_OF_ROWS = sentence_of(
    [
        f"{_NO_NEW_ROWS} {why}. Use test rows or cross-validation."
        for why in (
            "the model was trained on them",
            "the model may have been trained on them",
            "models of folds answered them, and not the model that is used",
            "training was stopped by their loss",
        )
    ]
)
_NOTE = sentence_of(
    (
        "The threshold is the same for all groups. Where probabilities are higher, more "
        "rows are predicted ~.",
        "The threshold of # is the same for all groups. Where probabilities are higher, more "
        "rows are predicted ~.",
        "Prevalence, share predicted ~ and Brier score are not tested: they differ if the "
        "prevalence does. O/E is not tested, because the intercept says the same.",
        "Calibration in groups and equal error rates exclude each other in this sense: if "
        "prevalences differ, no model with errors can be calibrated in each group and give the "
        "~ rows, and the ~ rows, the same mean probability in all groups.",
        "Sizes of errors are tested by ranks (rank-sum test, Kruskal-Wallis): whether errors of a "
        "group tend to be larger, also where a few large ones decide the means.",
        "Intervals and tests count rows by Kish's effective number, because of weights.",
        INDEPENDENT,
    )
)
# Rounding of sums in an older version.
_NEARLY = 1e-9


def with_own_texts(
    section: Mapping[str, Any], metrics: Mapping[str, str], words: tuple[str, ...]
) -> dict[str, Any]:
    """Groups of a file, with the finding of their numbers.

    Parameters
    ----------
    section : dict
        A `SubgroupsData` of valid form.
    metrics : mapping of str to str
        The metrics of the task by their keys, with their names in sentences.
    words : tuple of str
        Of two classes the words for the negative and for the positive one; else the classes.

    Raises
    ------
    ValueError
        There are metrics that the task does not have, or tests that do not fit their p-values.
    """
    _require_metrics(section, metrics)
    _require_adjusted(section)
    names = frozenset((*words, *(f'"{each}"' for each in words)))
    tables = [_own_table(table, names) for table in section["tables"]]
    refused = section["refused"] and own_or_quoted(_OF_ROWS, section["refused"], (), ".")
    of_two = (words[0], words[1]) if len(words) == 2 else ("negative", "positive")
    found = [_table(each, metrics) for each in tables]
    return {
        **section,
        "refused": refused,
        "tables": tables,
        "sentence": "" if refused else finding(found, metrics, section["n_tests"], of_two),
        "notes": [own_or_quoted(_NOTE, note, names, ".") for note in section["notes"]],
    }


def _own_table(table: Mapping[str, Any], names: frozenset[str]) -> dict[str, Any]:
    """A table of groups with the reasons of the program."""
    why = table["refused"]
    groups = [
        {
            **group,
            "metrics": {key: _with_why(each, names) for key, each in group["metrics"].items()},
        }
        for group in table["groups"]
    ]
    own = why and own_or_quoted(_OF_TABLE, why, (table["column"],), ".")
    return {**table, "refused": own, "groups": groups}


def _with_why(metric: Mapping[str, Any], names: frozenset[str]) -> dict[str, Any]:
    why = metric["why"]
    return {**metric, "why": own_or_quoted(_WHY, why, names) if why else ""}


def _table(plain: Mapping[str, Any], metrics: Mapping[str, str]) -> GroupTable:
    unnoticed = tuple(
        revived(Unnoticed, each, name=metrics[each["metric"]]) for each in plain["unnoticed"]
    )
    # Plain data have the three numbers of an estimate beside the rest of a metric.
    groups = [
        {**group, "metrics": {key: {**each, "estimate": each} for key, each in found.items()}}
        for group in plain["groups"]
        for found in [group["metrics"]]
    ]
    return revived(GroupTable, {**plain, "groups": groups}, unnoticed=unnoticed, heterogeneity={})


def _require_metrics(section: Mapping[str, Any], metrics: Mapping[str, str]) -> None:
    """Raise a ValueError if a metric, or a group, is named that there is not."""
    for table in section["tables"]:
        groups = [each["name"] for each in table["groups"]]
        if len({*groups}) != len(groups):
            raise ValueError(f'a group of "{table["column"][:80]}" is there twice')
        named = {each["group"] for each in table["unnoticed"]}
        keys = {*table["heterogeneity"], *(each["metric"] for each in table["unnoticed"])}
        keys |= {key for group in table["groups"] for key in group["metrics"]}
        whole = all(each["metrics"].keys() == metrics.keys() for each in table["groups"])
        if not (keys <= metrics.keys() and named <= {*groups} and whole):
            raise ValueError("groups of rows have metrics that the task does not have")
        for group in table["groups"]:
            if any(each["judged"] is bool(each["why"]) for each in group["metrics"].values()):
                raise ValueError("a metric of a group is evaluated and has a reason why it is not")
    columns = [table["column"] for table in section["tables"]]
    if len({*columns}) != len(columns):
        raise ValueError("the groups of a column are there twice")
    if not section["overall"].keys() <= metrics.keys():
        raise ValueError("groups of rows have metrics that the task does not have")


def _require_adjusted(section: Mapping[str, Any]) -> None:
    """Raise a ValueError unless the number of tests and Holm's p-values follow from the others.

    Of two groups each is the rest of the other: that is one test, which both have.
    """
    tested = [
        (t, g, len(table["groups"]) == 2, key, metric)
        for t, table in enumerate(section["tables"])
        for g, group in enumerate(table["groups"])
        for key, metric in group["metrics"].items()
        if metric["p"] is not None
    ]
    p = {(t, g, key): each["p"] for t, g, two, key, each in tested if not (two and g)}
    if section["n_tests"] != len(p):
        raise ValueError(
            f"the groups name {section['n_tests']:,} tests, and have {len(p):,} p-values"
        )
    adjusted = dict(zip(p, holm(np.array([*p.values()])).tolist(), strict=True))
    for t, g, two, key, metric in tested:
        said = math.nan if metric["p_adjusted"] is None else metric["p_adjusted"]
        own = adjusted.get((t, 0 if two else g, key), math.nan)
        if not (said != said and own != own) and not abs(said - own) <= _NEARLY:
            raise ValueError(
                f"an adjusted p-value of the groups is {said:.6g}, and Holm's correction of its "
                f"p-value gives {own:.6g}"
            )
