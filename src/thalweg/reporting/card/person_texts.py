"""What only a person knows of a model: the TOML file with it, read strictly, and its template."""

import json
import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from thalweg.data.column_names import listed
from thalweg.errors import SettingsError
from thalweg.reporting.card.card_items import COLUMNS, ITEMS, PERSON, PERSONS
from thalweg.wording import counted, printable, shown

# Of a file, of a text, and of the meaning of a column, in bytes and characters.
MOST_BYTES, LONGEST, LONGEST_MEANING = 1_000_000, 20_000, 500
# The number that a person may name, and further texts that are no part of an item.
R_SQUARED = "r_squared"
EXTRA = {
    "authors": "Who made the model, and this card",
    "licence": "The licence of the model file, as an identifier such as cc-by-4.0, for the head "
    "that --hugging-face writes",
}
_LARGEST_R_SQUARED = 0.99


_MOST_PARTS = 50
# It begins at the start of a word alone and gives nothing back, so its time is that of the bytes.
_DEEP = re.compile(rb"(?<![\w\"'-])(?:[\w\"'-]++[ \t]*+\.[ \t]*+){%d}" % _MOST_PARTS)


@dataclass(frozen=True)
class Persons:
    """What a person stated.

    Parameters
    ----------
    texts : mapping of str to str
        By the keys of `thalweg.reporting.card.card_items.PERSONS` and `EXTRA`; none is empty.
    columns : mapping of str to str
        What columns mean.
    r_squared : float or None
        The Cox-Snell R² (for a number, R²) that the sample size is computed for.
    """

    texts: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)
    r_squared: float | None = None

    def paragraphs(self, key: str) -> list[str]:
        """A text in paragraphs, which blank lines part; lines of one are joined."""
        parts: list[list[str]] = [[]]
        for line in self.texts.get(key, "").splitlines():
            if line.strip():
                parts[-1].extend(line.split())
            elif parts[-1]:
                parts.append([])
        return [printable(" ".join(words)) for words in parts if words]


def read_persons(path: str | os.PathLike[str], columns: Sequence[str]) -> Persons:
    """Read what a person stated from a TOML file.

    Parameters
    ----------
    path : str or path
    columns : sequence of str
        Those of the model.

    Raises
    ------
    SettingsError
        The file cannot be read, is no TOML, is too long, or has a key that nobody asked for.
    """
    where = os.fspath(path)
    try:
        with open(path, "rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as why:
        raise SettingsError(
            "The file of what you state cannot be read",
            where=where, why=why.strerror or repr(why),
            fix="name a TOML file; --write-about about.toml writes an empty one",
        ) from why  # fmt: skip
    if len(data) > MOST_BYTES:
        raise SettingsError(
            f"The file has more than {MOST_BYTES:,} bytes",
            where=where, fix="shorten it, and keep tables of data out of it",
        )  # fmt: skip
    if _DEEP.search(data):  # the parser's memory grows with the square of their number
        raise SettingsError(
            f"The file has a key of more than {_MOST_PARTS} parts between dots",
            where=where, fix='write lines such as ethics = "…"',
        )  # fmt: skip
    try:
        found = tomllib.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as why:
        is_toml = not isinstance(why, tomllib.TOMLDecodeError | UnicodeDecodeError | RecursionError)
        said = "It has a number of too many digits" if is_toml else printable(str(why))[:300]
        raise SettingsError(
            "The file cannot be read as TOML in UTF-8",
            where=where, why=said,
            fix='write lines such as ethics = "…", and long texts between three quotes (""")',
        ) from why  # fmt: skip
    return persons_of(found, columns, where)


def persons_of(said: Mapping[str, Any], columns: Sequence[str], where: str = "about") -> Persons:
    """The same from a mapping; ``where`` is what messages call it."""
    _require_known(said, [*PERSONS, *EXTRA, R_SQUARED], where, "key")
    texts = {
        key: _text(key, value, LONGEST, where)
        for key, value in said.items()
        if key not in (COLUMNS, R_SQUARED)
    }
    return Persons(
        {key: text for key, text in texts.items() if text.strip()},
        _meanings(said.get(COLUMNS, {}), columns, where),
        _r_squared(said.get(R_SQUARED), where),
    )


def _require_known(said: Mapping[str, object], known: Sequence[str], where: str, what: str) -> None:
    unknown = [key for key in said if key not in known]
    if not unknown:
        return
    near = get_close_matches(str(unknown[0]), known, 1)
    meant = f'write "{near[0]}" instead of "{printable(str(unknown[0]))}"' if near else "remove it"
    if len(unknown) > 1:
        meant = f"{meant}, and so on"
    raise SettingsError(
        f"There is no {what} {listed([printable(str(key)) for key in unknown], 5)} in a card",
        where=where,
        why=f"A card has these: {listed(list(known), len(known))}"
        if len(known) <= len(PERSONS) + len(EXTRA) + 1
        else "",
        fix=f"{meant}; --write-about about.toml writes a file with all keys",
    )


def _text(key: str, value: Any, longest: int, where: str) -> str:
    if not isinstance(value, str):
        raise SettingsError(
            f'"{printable(key)}" is {shown(value)}, and no text', where=where,
            fix=f'write {printable(key)} = "…"',
        )  # fmt: skip
    if len(value) > longest:
        raise SettingsError(
            f'"{printable(key)}" has {counted(len(value), "character")}, and at most '
            f"{longest:,} are allowed",
            where=where, fix="shorten it, and name the document that says more",
        )  # fmt: skip
    return value


def _meanings(said: Any, columns: Sequence[str], where: str) -> dict[str, str]:
    if not isinstance(said, Mapping):
        raise SettingsError(
            f'"{COLUMNS}" is {shown(said)}, and no table', where=where,
            fix='write a line [columns], and below it lines such as age = "age in years"',
        )  # fmt: skip
    _require_known(said, columns, where, "column")
    told = {name: _text(name, value, LONGEST_MEANING, where) for name, value in said.items()}
    return {name: printable(text) for name, text in told.items() if text.strip()}


def _r_squared(value: Any, where: str) -> float | None:
    if value is None:
        return None
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not 0 < value <= _LARGEST_R_SQUARED:
        raise SettingsError(
            f'"{R_SQUARED}" is {shown(value)}, and not a number above 0, and at most '
            f"{_LARGEST_R_SQUARED}",
            where=where, fix=f"write {R_SQUARED} = 0.05, or leave it out",
        )  # fmt: skip
    return float(value)


def template(columns: Sequence[str], name: str = "") -> str:
    """A TOML file with all keys, each empty and with what it asks for above it.

    Parameters
    ----------
    columns : sequence of str
        Those of the model. A name that TOML cannot write is left out.
    name : str
        What the model is called.
    """
    of = f" of {printable(name)}" if name else ""
    lines = [
        f"# What only you know{of}, for its model card (thalweg card MODEL --about THIS_FILE).",
        '# An empty text is "not stated" in the card. Write long texts between three quotes: """.',
        "# The numbers are those of TRIPOD+AI (BMJ 2024;385:e078378), which says more.",
    ]
    for item in ITEMS:
        for part in item.parts:
            for asked in part.asked:
                if asked.by == PERSON and asked.key != COLUMNS:
                    lines += ["", f"# {part.number}  {item.title}: {asked.words}."]
                    lines.append(f'{asked.key} = ""')
    lines += ["", "# Not a part of an item:"]
    for key, words in EXTRA.items():
        lines += [f"# {words}.", f'{key} = ""']
    lines += [
        "", "# 10  The R² (of classes: Cox-Snell's) that you expect, for the sample size.",
        f"# {R_SQUARED} = 0.05", "", "# 9b  Predictors: what each column means, and its unit.",
        f"[{COLUMNS}]",
    ]  # fmt: skip
    lines += [f'{_key(column)} = ""' for column in columns if _is_writable(column)]
    return "\n".join(lines) + "\n"


def _is_writable(column: str) -> bool:
    return not any("\ud800" <= sign <= "\udfff" for sign in column)


def _key(column: str) -> str:
    """A key of TOML: bare, or as a basic string, whose escapes are those of JSON.

    Signs that are invisible or turn the direction of reading are escaped: a person reads the file.
    """
    if column.isascii() and column.replace("_", "").replace("-", "").isalnum():
        return column
    quoted = json.dumps(column, ensure_ascii=False)
    return "".join(sign if printable(sign) == sign else f"\\u{ord(sign):04x}" for sign in quoted)
