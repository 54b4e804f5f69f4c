"""What a person says of single columns: number, category or text; and how messages ask for it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from thalweg.data.column_names import likely, listed, names_given
from thalweg.data.dates.date_reading import require_form
from thalweg.data.notation.missing_words import MissingColumns, MissingWords
from thalweg.data.notation.number_notation import NumberNotation, notation_of
from thalweg.errors import DataError, SettingsError
from thalweg.shell_words import in_shell
from thalweg.wording import parameter

# Columns that hold numbers: their names, or of each an example of how its numbers are written.
NumberColumns: TypeAlias = Mapping[str, str | None] | str | Sequence[str | int] | None
# Columns that hold something else: their names.
NamedColumns: TypeAlias = str | Sequence[str | int] | None
# Columns of dates: how each is read.
DateColumns: TypeAlias = Mapping[str, str] | None


@dataclass(frozen=True)
class SaidColumns:
    """What single columns hold, as far as it is said.

    Attributes
    ----------
    number : mapping of str to NumberNotation or None
        Columns of numbers, and how these are written; None where the cells tell.
    category : frozenset of str
        Names of groups, also where these are numbers.
    text : frozenset of str
        Free text, and names of single rows: only whether a cell is filled counts.
    date : mapping of str to str
        Columns of dates, and how these are read: `thalweg.data.dates.date_reading` has the forms.
    missing : MissingWords
        Further words for a missing value, of all columns and of single ones.
    """

    number: Mapping[str, NumberNotation | None] = field(default_factory=dict)
    category: frozenset[str] = frozenset()
    text: frozenset[str] = frozenset()
    date: Mapping[str, str] = field(default_factory=dict)
    missing: MissingWords = field(default_factory=MissingWords)

    @classmethod
    def of(
        cls,
        number: NumberColumns = None,
        category: NamedColumns = None,
        text: NamedColumns = None,
        date: DateColumns | object = None,
        missing: MissingColumns = None,
    ) -> "SaidColumns":
        """What parameters of these names say.

        Raises
        ------
        SettingsError
            If an example is no written number, a form of dates has no meaning, or a column is said
            to be two things.
        """
        examples = (
            number if isinstance(number, Mapping) else dict.fromkeys(names_given("number", number))
        )
        notations = {
            str(name): None if example is None else notation_of(str(example))
            for name, example in examples.items()
        }
        dates = _forms(date)
        for name, form in dates.items():
            require_form(name, form)
        made = cls(
            notations,
            frozenset(names_given("category", category)),
            frozenset(names_given("text", text)),
            dates,
            MissingWords.of(missing),
        )
        twice = sorted(name for name, count in Counter(made.names).items() if count > 1)
        if twice:
            raise SettingsError(
                f"A column is said to hold two things: {listed(twice)}",
                fix="name it once, as number, category, text or date",
            )
        return made

    @property
    def names(self) -> list[str]:
        """All columns of which it is said what they hold."""
        return [*self.number, *sorted(self.category), *sorted(self.text), *self.date]

    def but(self, name: str | None) -> "SaidColumns":
        """What is said of all columns but one."""
        number = {key: value for key, value in self.number.items() if key != name}
        date = {key: form for key, form in self.date.items() if key != name}
        one = {str(name)}
        missing = self.missing.but(name)
        return SaidColumns(number, self.category - one, self.text - one, date, missing)

    def as_settings(self) -> dict[str, Any]:
        """The parameters that say the same; without those that say nothing."""
        number = {
            name: None if notation is None else notation.example
            for name, notation in self.number.items()
        }
        said = {
            "number": number,
            "category": sorted(self.category),
            "text": sorted(self.text),
            "date": dict(self.date),
            "missing": self.missing.as_setting(),
        }
        return {key: value for key, value in said.items() if value}

    def require_known(self, names: Sequence[str]) -> None:
        """Raise a DataError where one of the columns is not among these."""
        for kind in ("number", "category", "text", "date"):
            for name in sorted(getattr(self, kind)):
                if name not in names:
                    raise _unknown(kind, name, names)
        for name in self.missing.of_column:
            if name not in names:
                raise _unknown("missing", name, names)


def _unknown(kind: str, name: str, names: Sequence[str]) -> DataError:
    guess = likely(name, names)
    parts = [part.strip() for part in name.split(",")]
    several = len(parts) > 1 and all(part in names for part in parts)
    flags = " ".join(f"--{kind} {in_shell(part)}" for part in parts)
    return DataError(
        f'There is no feature "{name}" to have a word for a missing value'
        if kind == "missing"
        else f'There is no feature "{name}" to be a {kind}',
        where=f"the table has {listed(names)}",
        why=f'Did you mean "{guess}"?' if guess and not several else "",
        fix=f"name each one apart: {flags}"
        if several
        else "use one of these names, spelled as it is there",
    )


def _forms(date: object) -> dict[str, str]:
    """The form of each column of dates; its name as text."""
    if isinstance(date, Mapping):
        return {str(name): form for name, form in date.items()}
    if date is None:
        return {}
    raise SettingsError(
        f"{parameter('date', date)} does not say how dates are read",
        fix=f"give the form of each column, as in {parameter('date', {'admitted': 'dmy'})}; dates "
        "whose cells tell their form need none",
    )


# --- how a message asks for it ------------------------------------------------------------------


def say_number(name: str, example: str = "") -> str:
    """How to say that a column holds numbers, and how they are written."""
    said = {name: example} if example else [name]
    flag = f"{name}={example}" if example else name
    return f"--number {in_shell(flag)} on the command line, number={said!r} in Python"


def say_how(name: str, example: str) -> str:
    """How to say how a column of a later table is written."""
    return f"--number {in_shell(f'{name}={example}')} on the command line"


def say_category(name: str) -> str:
    """How to declare a column a category."""
    return f"declare it a category: {_as_categories([name])}"


def say_categories(names: Sequence[str]) -> str:
    """How to declare columns categories."""
    return f"declare them: {_as_categories(names)}" if names[1:] else say_category(names[0])


def _as_categories(names: Sequence[str]) -> str:
    flags = " ".join(f"--category {in_shell(name)}" for name in names)
    return f"{flags} on the command line, category={[*names]!r} in Python"


def say_text(name: str) -> str:
    """How to say that a column holds free text."""
    return f"--text {in_shell(name)} on the command line, text={[name]!r} in Python"


def leave_out(name: str) -> str:
    """How to leave a column out; in Python it depends on the type of the table."""
    return f"leave the column out (--drop {in_shell(name)} on the command line)"
