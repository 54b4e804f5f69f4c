"""What a study and a search do not have in common, in words; and how to go on with either."""

import ast
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeAlias

from thalweg.errors import SettingsError
from thalweg.estimators.parameters.parameter import CLASSIFIER
from thalweg.tuning.search_spaces import NAMES, space_of
from thalweg.tuning.studies.journal_lines import OF_TABLE
from thalweg.wording import counted, parameter, shown

Facts: TypeAlias = dict[str, Any]

# What is known of the table only as a hash, and what it means if that differs.
_DIGESTS = {
    "table": "the rows, the columns or the target of the table differ",
    "weights": "the weights of the rows differ",
    "rows": "the groups or times of the rows differ",
}
# What a study has in common with its search, where a person calls it so.
_PARAMETERS = ("keep", "sampler", "max_row_microseconds", "max_size")
_KINDS = {"ThalwegClassifier": "a classification", "ThalwegRegressor": "a regression"}
# What is said of columns; of other columns it is said otherwise, whoever says it.
_OF_COLUMNS = ("category", "date", "missing", "number", "text")
# A longer text is not read as Python: a study is a file that anybody may have written.
_LONGEST_READ = 1000
# So many columns are named.
_MOST_NAMES = 5


def require_same(path: str, known: Facts, facts: Facts) -> None:
    """Raise a SettingsError with each difference, if a study is of another search."""
    known, facts = _without_consequences(known, facts)
    decisive = [name for name in {**known, **facts} if name != OF_TABLE]
    changed = [name for name in decisive if known.get(name) != facts.get(name)]
    if "seed" in changed and "seed of fits" in changed:
        changed.remove("seed of fits")  # one seed of a person, said once
    if not changed:
        return
    before, now = _with_space(known), _with_space(facts)
    said = "; ".join(
        part for name in changed for part in _differences(name, before, now, known, facts)
    )
    raise other_search(path, said, _as_before(changed, before, now))


def other_search(path: str, why: str, as_before: str = "") -> SettingsError:
    """The error that a study is of another search."""
    return SettingsError(
        "The study is of another search",
        where=path,
        why=why,
        fix=f"for a new search name a new file, {parameter('study', _free(path))}; to go on with "
        f"the old one, {as_before or 'search as before'}",
    )


def _free(path: str) -> str:
    """The name of a file that is not there, like the given one."""
    given, n = Path(path), 2
    while os.path.lexists(free := given.with_name(f"{given.stem}-{n}{given.suffix}")):
        n += 1
    return str(free)


def _without_consequences(known: Facts, facts: Facts) -> tuple[Facts, Facts]:
    """Both without the settings that differ only because the columns or the task do."""
    one, other = known.get("settings"), facts.get("settings")
    if not (isinstance(one, dict) and isinstance(other, dict)):
        return known, facts
    before, now = known.get(OF_TABLE), facts.get(OF_TABLE)
    left_out = set[str]()
    if before and now and set(before["columns"]) != set(now["columns"]):
        left_out.update(_OF_COLUMNS)
    if known.get("estimator") != facts.get("estimator"):
        left_out |= set(one) ^ set(other)
    both = ({k: v for k, v in each.items() if k not in left_out} for each in (one, other))
    before, now = ({**each, "settings": s} for each, s in zip((known, facts), both, strict=True))
    return before, now


def _with_space(facts: Facts) -> Facts:
    """The same with the name of its space instead of its dimensions, if it is a ready-made one."""
    kind = CLASSIFIER if facts.get("estimator") == "ThalwegClassifier" else "regressor"
    for name in NAMES:
        if facts.get("space") == space_of(name, kind).as_text():
            return {**facts, "space": name}
    return facts


def _differences(
    name: str, before: Facts, now: Facts, known: Facts, facts: Facts
) -> list[str]:  # fmt: skip
    one, other = before.get(name), now.get(name)
    if name == "table":
        return _of_tables(known.get(OF_TABLE), facts.get(OF_TABLE)) or [_DIGESTS[name]]
    if name == "rows" and bool(one) != bool(other):
        return [f"{_marks(one)} then, {_marks(other)} now"]
    if name in _DIGESTS:
        return [_DIGESTS[name]]
    if name == "estimator":
        return [f"{_KINDS.get(str(one), one)} then, {_KINDS.get(str(other), other)} now"]
    if name == "space" and not (isinstance(one, dict) and isinstance(other, dict)):
        texts = (parameter(name, each) if isinstance(each, str) else "another space"
                 for each in (one, other))  # fmt: skip
        return ["{} then, {} now".format(*texts)]
    if isinstance(one, dict) and isinstance(other, dict):
        return _of_mappings(name, one, other)
    return [_changed(name, one, other)]


def _of_mappings(name: str, one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """What settings or the dimensions of spaces do not have in common."""
    if name == "settings":
        return [_then_and_now(*each) for each in _changed_settings(one, other)]
    keys = [key for key in {**one, **other} if one.get(key) != other.get(key)]
    return [
        f"{name} has {key} ({shown(other[key])}), which the study does not have"
        if key not in one
        else f"{key} ({shown(one[key])}) of the study is not in the {name} of this search"
        if key not in other
        else _changed(f"{name} {key}", one[key], other[key])
        for key in keys
    ]


def _changed_settings(
    one: Mapping[str, Any], other: Mapping[str, Any]
) -> list[tuple[str, Any, Any]]:
    """Name, value then and value now; of what is said of columns, the columns that differ."""
    found = list[tuple[str, Any, Any]]()
    for name in {**one, **other}:
        then, now = _read(one.get(name)), _read(other.get(name))
        if then == now:
            continue
        if isinstance(then, dict) and isinstance(now, dict):
            then, now = (
                {k: v for k, v in mine.items() if v != its.get(k)} or None
                for mine, its in ((then, now), (now, then))
            )
        found.append((name, then, now))
    return found


def _changed(name: str, one: Any, other: Any) -> str:
    if name == "seed":
        name = "random_state"
    elif name not in _PARAMETERS:
        return f"{name} was {shown(one)} and is {shown(other)}"
    return _then_and_now(name, one, other)


def _then_and_now(name: str, one: Any, other: Any) -> str:
    return f"{_parameter(name, one)} then, {_parameter(name, other)} now"


def _marks(text: str | None) -> str:
    return text.split()[0] if text else "no groups and no times"


def _of_tables(one: Facts | None, other: Facts | None) -> list[str]:
    """What is known to differ between two tables."""
    if one is None or other is None or one == other:
        return ["cells of the table differ"] if one is not None and one == other else []
    found = []
    if one["rows"] != other["rows"]:
        found.append(f"{counted(one['rows'], 'row')} then, {counted(other['rows'], 'row')} now")
    gone = [name for name in one["columns"] if name not in other["columns"]]
    new = [name for name in other["columns"] if name not in one["columns"]]
    for names, when in ((gone, "of the study {} not here"), (new, "{} not in the study")):
        some = ", ".join(shown(name) for name in names[:_MOST_NAMES])
        more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
        if names:
            found.append(f"the column{'s' if len(names) > 1 else ''} {some}{more} ")
            found[-1] += when.format("are" if len(names) > 1 else "is")
    if one["target"] != other["target"]:
        found.append("the values of the target differ, or are in another order")
    return found or ["cells of the table differ"]


def _as_before(changed: list[str], before: Facts, now: Facts) -> str:
    """What to give to go on with the study."""
    given, left_out, is_told = list[str](), list[str](), True
    for name in changed:
        one, other = before.get(name), now.get(name)
        if name == "settings" and isinstance(one, dict) and isinstance(other, dict):
            pairs = _changed_settings(one, other)
        elif name in ("seed", "space", *_PARAMETERS) and not isinstance(one, dict):
            pairs = [("random_state" if name == "seed" else name, one, other)]
        else:
            pairs, is_told = [], False
        for own, value, _ in pairs:
            (left_out if value is None else given).append(
                parameter(own) if value is None else _parameter(own, value)
            )
    parts = [" ".join(given) and f"give {' '.join(given)}"]
    parts.append(" ".join(left_out) and f"leave out {' '.join(left_out)}")
    if not is_told:
        parts.append("give the table, the groups and the target that the study has")
    return ", and ".join(filter(None, parts))


def _parameter(name: str, value: Any) -> str:
    """A parameter with its value."""
    value = _read(value)
    return f"no {parameter(name)}" if value is None else parameter(name, value)


def _read(value: Any) -> Any:
    """The value of a text that a study has of it, such as a tuple or what is said of columns."""
    is_short = isinstance(value, str) and len(value) <= _LONGEST_READ
    if is_short and value.startswith(("(", "[", "{")):
        with suppress(SyntaxError, ValueError, MemoryError, RecursionError):
            return ast.literal_eval(value)
    return value
