"""The options of ``thalweg explain`` alone: rows, the whole model, and effect curves."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from thalweg.cli.escaped_names import Naming
from thalweg.cli.options import verb_options
from thalweg.cli.options.option_groups import NewRowOptions
from thalweg.errors import SettingsError

if TYPE_CHECKING:
    from thalweg.jobs.explaining.effect_curves import AskedEffects
    from thalweg.jobs.explaining.explained_table_rows import AskedRows


EFFECTS = "--effects"


def _option(flag: str, metavar: str, what: str) -> Any:
    return typer.Option(flag, metavar=metavar, help=what)


def _number(text: str) -> float:
    """A number as Python writes it, or as a table does where that can be read in one way: 4,5."""
    from thalweg.data.notation.written_number import written  # which a plain number does not need

    try:
        return float(text)
    except ValueError:
        cell = written(text)
    if cell is None or not cell.is_sure or cell.unit or cell.bound:
        raise typer.BadParameter(
            f"{text!r} is not a number that can be read in one way. Write it with a decimal point "
            "and without a mark between thousands, as in 1234.5"
        )
    return float(cell.readings[0].value)


def _limit(flag: str, what: str) -> Any:
    return typer.Option(flag, parser=_number, metavar="X", help=what)


Row = Annotated[str | None, _option("--row", "ROWS", "Rows to explain, from 1: 17, or 3,17-19.")]
Against = Annotated[str | None, _option("--against", "ROW", "Another row to compare with.")]
Background = Annotated[
    str | None, _option("--background", "TABLE", "Compare with the mean of at most 100 rows.")
]
Method = Annotated[
    Any,
    verb_options.setting(
        "--method",
        verb_options.one_of("path", "shapley"),
        "NAME",
        "path",
        "How contributions are computed: path, or shapley for at most 12 columns.",
    ),
]
Set = Annotated[
    list[str] | None,
    _option("--set", "NAME=CELL", "What if this cell were another? May be repeated."),
]
Change = Annotated[
    list[str] | None,
    _option("--change", "NAMES", "Which changes of columns (a,b) change the answer?"),
]
To = Annotated[str | None, _option("--to", "CLASS", "With --change: the class to become.")]
Below = Annotated[float | None, _limit("--below", "With --change: a number below this.")]
Above = Annotated[float | None, _limit("--above", "With --change: a number above this.")]
Together = Annotated[
    list[str] | None,
    typer.Option(
        "--groups",
        metavar="NAMES",
        help="Columns to permute together (a,b), or none; may be repeated.  [default: found]",
    ),
]
Refit = Annotated[bool, typer.Option("--refit", help="Fit again without each column, too.")]


@dataclass(frozen=True)
class ExplainedRowOptions:
    """What is asked of single rows."""

    row: Row = None
    against: Against = None
    background: Background = None
    method: Method = None
    cells: Set = None
    change: Change = None
    to: To = None
    below: Below = None
    above: Above = None

    def given(self) -> dict[str, Any]:
        """The options that were given, with their values."""
        spelled = {"cells": "set"}
        said = {spelled.get(name, name): value for name, value in vars(self).items()}
        return {name: value for name, value in said.items() if value not in (None, [])}

    def asked(self, named: Naming, of_model: Sequence[str]) -> "AskedRows | None":
        """The same as a job takes them; None if no row is named.

        ``of_model`` are the options about the whole model that were given.
        """
        from thalweg.jobs.explaining.explained_table_rows import AskedRows
        from thalweg.jobs.explaining.which_columns import require_asked

        beside = {name: value for name, value in self.given().items() if name != "row"}
        require_asked(self.row, of_model, **beside)
        if self.row is None:
            return None
        return AskedRows(
            row=self.row, against=self.against, background=self.background,
            method=self.method or "path",
            set=self.cells or (),
            change=[*map(named, self.change or ())], to=self.to, below=self.below,
            above=self.above,
        )  # fmt: skip


@dataclass(frozen=True)
class WholeModelOptions(NewRowOptions):
    """What is asked of a whole model, and of the rows that answer it."""

    drop_row: verb_options.DropRow = None
    groups: Together = None
    refit: Refit = False

    def columns(self, named: Naming) -> dict[str, Any]:
        """The same as `AskedColumns` takes it."""
        said = self.asked(named, self.drop_row)
        names = ("target", "drop_missing", "group", "weight", "seed")
        return {name: said[name] for name in names} | {
            "groups": self.groups,
            "refit": self.refit,
        }

    def given(self) -> list[str]:
        """The options that were given, without those that any table may need."""
        of_any = ("--number", "--missing", "--drop-row")
        return [each for each in super().given() if each not in of_any]


@dataclass(frozen=True)
class EffectOptions:
    """Effect curves of columns."""

    effects: Annotated[
        bool, typer.Option(EFFECTS, help="The effect curve of each column, over all rows.")
    ] = False
    column: Annotated[
        list[str] | None,
        typer.Option("--column", metavar="NAME", help="Only of this column; may be repeated."),
    ] = None
    kind: Annotated[
        str | None,
        typer.Option("--kind", metavar="KIND", help="ale, pdp, or auto.  [default: ale]"),
    ] = None

    def asked(self, named: Naming, others: Sequence[str]) -> "AskedEffects | None":
        """The same as a job takes them; None if no curves are asked for.

        ``others`` are the options that were given for other questions. Those of groups and weights
        of rows are for curves, too.
        """
        others = [each for each in others if each not in ("--group", "--weight-column")]
        from thalweg.jobs.explaining.effect_curves import AskedEffects

        beside = {"--column": self.column, "--kind": self.kind}
        if not self.effects and any(beside.values()):
            name = next(each for each, value in beside.items() if value)
            raise SettingsError(f"{name} is for effect curves", fix=f"give --effects {name} …")
        if self.effects and others:
            raise SettingsError(
                f"{', '.join(others)} is for another question than {EFFECTS}",
                why="Effect curves are of all rows, and they need no target",
                fix=f"leave it out, or leave {EFFECTS} out",
            )
        columns = [*map(named, self.column or [])]
        return AskedEffects(columns=columns, kind=self.kind or "ale") if self.effects else None
