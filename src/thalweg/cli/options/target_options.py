"""What ``--target`` and ``--positive`` say, given once or for each of several targets."""

from collections.abc import Mapping, Sequence
from typing import Annotated, NamedTuple

import typer

from thalweg.data.column_names import listed
from thalweg.errors import SettingsError
from thalweg.wording import parameter

Targets = Annotated[
    list[str] | None,
    typer.Option(
        "--target", metavar="NAME",
        help="The column to predict: classes, or a number. Repeat it for several.",
    ),
]  # fmt: skip
TargetOfModel = Annotated[
    str | None,
    typer.Option(
        "--target", metavar="NAME", help="Of a model of several targets or quantiles: which one."
    ),
]
Positive = Annotated[
    list[str] | None,
    typer.Option(
        "--positive", metavar="LABEL",
        help="The positive one of two classes; of several targets NAME=LABEL, repeated.",
    ),
]  # fmt: skip
CheckedTargets = Annotated[
    list[str] | None,
    typer.Option(
        "--target", metavar="NAME",
        help="The column to predict: classes or a number. Repeat it for several.",
    ),
]  # fmt: skip


class AskedTargets(NamedTuple):
    """One target with its positive class, or several with the positive classes of some.

    Attributes
    ----------
    target, positive : str or None
        Of one target.
    targets : tuple of str
        Several; empty for one.
    positives : mapping of str to str
        The positive class of targets by their names.
    """

    target: str | None
    positive: str | None
    targets: tuple[str, ...]
    positives: Mapping[str, str]


def targets_and_positives(
    targets: Sequence[str], positives: Sequence[str], *, several: bool
) -> AskedTargets:
    """The targets that a person named, and their positive classes.

    Parameters
    ----------
    targets : sequence of str
    positives : sequence of str
        A label; of several targets ``NAME=LABEL``, or one label that all of them have.
    several : bool
        Whether the verb takes several targets.

    Raises
    ------
    SettingsError
        For a target that is named twice, several where one is asked, or a positive class that is
        given twice or of another column.
    """
    if len(targets) > 1:
        _require_different(targets)
        if not several:
            raise SettingsError(
                f"{parameter('target')} is given {len(targets)} times, and here it names one "
                "column",
                where=listed(targets),
                fix=f"name one: {parameter('target', targets[0])}",
            )
        return AskedTargets(None, None, tuple(targets), _positives(targets, positives))
    if len(positives) > 1:
        raise SettingsError(
            f"{parameter('positive')} is given {len(positives)} times for one target",
            where=listed(positives),
            fix=f"name one class: {parameter('positive', positives[0])}",
        )
    one = targets[0] if targets else None
    return AskedTargets(one, positives[0] if positives else None, (), {})


def _require_different(targets: Sequence[str]) -> None:
    for name in targets:
        if targets.count(name) > 1:
            raise SettingsError(
                f"{parameter('target', name)} is given twice",
                fix="name each target once",
            )


def _positives(targets: Sequence[str], given: Sequence[str]) -> dict[str, str]:
    from thalweg.jobs.targets.positive_texts import named_positive

    found: dict[str, str] = {}
    for text in given:
        named = named_positive(text, targets)
        if named is None and len(given) == 1:
            return dict.fromkeys(targets, text)
        if named is None:
            raise SettingsError(
                f"{parameter('positive', text)} is of none of the targets",
                where=f"the targets are {listed(targets)}",
                fix="write a target and its class, as in "
                f"{parameter('positive', f'{targets[0]}=1')}",
            )
        name, label = named
        if name in found:
            raise SettingsError(
                f'{parameter("positive")} names two classes of "{name}"',
                where=listed(given),
                fix="name one for each target",
            )
        found[name] = label
    return found
