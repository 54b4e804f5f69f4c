"""What a person asks of an evaluation: groups, costs of mistakes, thresholds, a margin, baselines.

Costs give the threshold by the formula, and the evaluated model decides by it. Groups are those of
any column of the table, also of one that is no input.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from thalweg.data.column_roles import require_column
from thalweg.data.notation.said_columns import SaidColumns
from thalweg.data.read import Table
from thalweg.data.schema.schema import Schema
from thalweg.errors import DataError, SettingsError
from thalweg.estimators.deciding.decision_rule import CallsClasses
from thalweg.estimators.parameters.parameter import Settings
from thalweg.evaluation.comparing.margin_rule import require_margin
from thalweg.evaluation.decisions.chosen_threshold import Threshold
from thalweg.evaluation.decisions.cost_thresholds import by_costs
from thalweg.evaluation.decisions.decision_curve import require_range
from thalweg.evaluation.quantiles.levels_of_loss import levels_of_loss
from thalweg.evaluation.subgroups.named_groups import named_groups
from thalweg.evaluation.task_judging import Task
from thalweg.evaluation.task_kinds import TWO_CLASSES
from thalweg.evaluation.verdict_sections import BesideAnswers
from thalweg.jobs.sections.group_values import group_values
from thalweg.wording import parameter


@dataclass(frozen=True, kw_only=True)
class AskedSections:
    """What is asked of an evaluation.

    Attributes
    ----------
    by : sequence of str
        Columns of the table whose groups are evaluated.
    missed, alarm : float, optional
        What a missed positive row and a false alarm cost: both or none.
    first, last : float, optional
        The range of thresholds of net benefit: both or none.
    margin : float, optional
        The largest difference from another model that does not matter.
    no_trees : bool
        Whether boosted trees are left out of the baselines.
    """

    by: Sequence[str] = ()
    missed: float | None = None
    alarm: float | None = None
    first: float | None = None
    last: float | None = None
    margin: float | None = None
    no_trees: bool = False

    @property
    def threshold(self) -> Threshold | None:
        """By the costs, if there are any."""
        if self.missed is None or self.alarm is None:
            return None
        return by_costs(self.missed, self.alarm)

    def check(self, settings: Settings) -> None:
        """Raise a SettingsError if the costs or the range are none, before anything is read.

        ``settings`` are those of the training, if there is one.
        """
        require_both_costs(self.missed, self.alarm)
        require_margin(self.margin)
        if self.by and levels_of_loss(str(settings.get("loss", ""))):
            raise SettingsError(
                f"{parameter('by')} is for one answer, and "
                f"{parameter('loss', settings.get('loss'))} has several quantiles",
                fix=f"leave out {parameter('by')}, or take one level, such as "
                f"{parameter('loss', 'quantile:level=0.9')}",
            )
        if self.threshold is not None and settings.get("threshold") is not None:
            raise SettingsError(
                f"{parameter('threshold')} and {parameter('missed')} are two rules for one "
                "threshold",
                fix=f"leave out {parameter('threshold')}, or the costs",
            )
        if (self.first is None) != (self.last is None):
            raise SettingsError(
                "One end of the range of thresholds is given",
                fix=f"give both, as in {parameter('from', 0.05)} {parameter('to', 0.3)}",
            )
        if self.first is not None and self.last is not None:
            require_range(self.first, self.last)

    def require_nothing_compared(self) -> None:
        """Raise a SettingsError if something is about baselines, and there are none."""
        asked = {"margin": self.margin is not None, "no_trees": self.no_trees}
        given = " and ".join(parameter(name) for name, is_given in asked.items() if is_given)
        if given:
            raise SettingsError(
                f"{given} is about the comparison with baselines",
                why="A saved model is evaluated alone, because baselines need its training rows",
                fix=f"leave out {given}, or name the table alone to cross-validate the settings",
            )

    def check_task(self, task: Task, target: str) -> None:
        """Raise a SettingsError if something is for two classes, and the target has not two."""
        if task.kind is TWO_CLASSES:
            return
        for names, given, fix in (
            (("missed", "alarm"), self.missed, _INSTEAD if task.kind.of_classes else ""),
            (("from", "to"), self.first, ""),
        ):
            if given is not None:
                flags = " and ".join(parameter(name) for name in names)
                raise SettingsError(
                    f"{flags} are for two classes",
                    where=f'the target "{target}"',
                    fix=f"leave out {flags}{fix}",
                )

    def decide(self, model: object) -> None:
        """Have a fitted model decide by the costs, as `thalweg decide` does."""
        chosen = self.threshold
        if chosen is not None:
            assert isinstance(model, CallsClasses)
            model._decide(chosen)

    def ids_too(self, ids: Sequence[str], drop: Sequence[str]) -> list[str]:
        """The columns to carry along: also dropped ones that name groups, which are read then."""
        return [*ids, *(name for name in self.by if name in drop and name not in ids)]

    def beside(self, table: Table, read: Table, schema: Schema, said: SaidColumns) -> BesideAnswers:
        """The columns of groups with a value for each row of the table, and the range.

        Parameters
        ----------
        table : Table
        read : Table
            The same with its features as the model reads them.
        schema : Schema
            The columns of the model.
        said : SaidColumns
            What was said of the columns of this table.

        Raises
        ------
        DataError
            If the table has no such column, or it is the target or one of dates.
        """
        found = {}
        for name in self.by:
            cells = _cells(table, name)
            known = name in schema.given_names and name in read.frame.columns
            cells = read.frame[name] if known else cells
            found[name] = group_values(cells, schema, said, known=known)
            named_groups(name, found[name])  # refuses dates before anything is trained
        return BesideAnswers(found, (self.first, self.last))


_INSTEAD = f"; {parameter('class_weight')} says what a mistake on each class costs"


def require_both_costs(missed: float | None, alarm: float | None) -> None:
    """Raise a SettingsError if one of the two costs is given alone."""
    if (missed is None) != (alarm is None):
        raise SettingsError(
            "One of two costs is given",
            why="Only their ratio matters, so both are needed",
            fix=f"give both, as in {parameter('missed', 9)} {parameter('alarm', 1)}",
        )


def _cells(table: Table, name: str) -> pd.Series:
    """A column of the table, whatever its role."""
    if name == table.target_name:
        raise DataError(
            "The target names no groups",
            where=f'column "{name}"',
            why="Metrics compare predictions with it, so they need rows of all its values",
            fix=f"name another column with {parameter('by')}",
        )
    alone = [each for each in (table.groups, table.times, table.weights) if each is not None]
    roles = {str(each.name): each for each in alone}
    for frame in (table.frame, table.ids, table.dropped):
        if name in frame.columns:
            cells: pd.Series = frame[name]
            return cells
    every = [*table.frame.columns, *table.ids.columns, *table.dropped.columns, *roles]
    require_column("column of groups to evaluate", name, every)
    return roles[name]
