"""The texts of the lessons: read from one TOML file for each, and checked.

A text may have places such as ``{x}``, which are filled with the values of a variant.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

TEXTS = files("thalweg.reporting.lessons") / "texts"
# A step is read while a picture waits.
MOST_WORDS = 80
KINDS = ("do", "number", "factors", "choice", "own")
_PLACE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class LessonStep:
    """One step of a lesson.

    Attributes
    ----------
    key : str
        How the page knows it.
    name : str
        Two or three words for a list of steps.
    aim : str
        One sentence, the heading.
    text : str
    question : mapping
        ``kind``, ``ask``, ``hints``, ``solution``, and what the kind needs.
    stage : mapping
        How the picture begins.
    quiet : bool
        Whether the picture shows no numbers until the answer is there.
    paper : str
        What to ask on paper instead; "" for the same, "-" for a step that needs a screen.
    same_as : str
        The key of an earlier step whose draw by the seed is this one's, too; "" for its own.
    after : sequence of str
        The keys of earlier steps that the page wants done first, because this one's texts or
        picture give their results away. A text has one key or a list.
    """

    key: str
    name: str
    aim: str
    text: str
    question: Mapping[str, Any]
    stage: Mapping[str, Any]
    quiet: bool = False
    paper: str = ""
    same_as: str = ""
    after: Sequence[str] = ()

    @property
    def n_words(self) -> int:
        """How many words a reader reads before the answer, those of the question included."""
        return len(f"{self.aim} {self.text} {self.question['ask']}".split())

    def as_dict(self) -> dict[str, Any]:
        """What the page needs."""
        return {
            "key": self.key, "name": self.name, "aim": self.aim, "text": self.text,
            "question": {"solution": "", **self.question}, "stage": self.stage,
            "quiet": self.quiet, "after": list(self.after),
        }  # fmt: skip


@dataclass(frozen=True)
class LessonText:
    """The texts of a lesson.

    Attributes
    ----------
    name, title, about : str
    table : str
        ``"none"`` if it is about no table, ``"classes"`` if it is about a table of two classes.
    steps : tuple of LessonStep
    more : mapping
        What else the file of a lesson has, by its own keys.
    """

    name: str
    title: str
    about: str
    table: str
    steps: tuple[LessonStep, ...]
    more: Mapping[str, Any] = field(default_factory=dict)

    def place_of_draw(self, place: int) -> int:
        """The step, from 0, by which the seed draws for the step at that place."""
        other = self.steps[place].same_as
        return [step.key for step in self.steps].index(other) if other else place


def lesson_text(name: str) -> LessonText:
    """Read the texts of a lesson.

    Raises
    ------
    ValueError
        If a text breaks the rules. That is a fault of the package.
    """
    found = tomllib.loads((TEXTS / f"{name}.toml").read_text(encoding="utf-8"))
    steps = tuple(
        LessonStep(**{"stage": {}, **each, "after": _listed(each.get("after", ()))})
        for each in found.pop("steps")
    )
    for step in steps:
        kind = step.question["kind"]
        if kind not in KINDS:
            raise ValueError(f"{name}, {step.key}: there is no question of the kind {kind}")
        hints = step.question["hints"]
        if hints and (len(hints) != 3 or not step.question.get("solution")):
            raise ValueError(f"{name}, {step.key}: three hints and a solution, or no hint")
        if step.n_words > MOST_WORDS:
            raise ValueError(f"{name}, {step.key}: {step.n_words} words, at most {MOST_WORDS}")
    for place, step in enumerate(steps):
        for key in step.after:
            if key not in [each.key for each in steps[:place]]:
                raise ValueError(f"{name}, {step.key}: no earlier step is {key}")
    head = {key: found.pop(key) for key in ("title", "about", "table")}
    return LessonText(name=name, steps=steps, more=found, **head)


def _listed(keys: str | Sequence[str]) -> Sequence[str]:
    """One key, or several, as several."""
    return (keys,) if isinstance(keys, str) else tuple(keys)


def filled_text(text: str, values: Mapping[str, str]) -> str:
    """A text with its places filled, as the page fills it.

    Examples
    --------
    >>> filled_text("x = {x}", {"x": "−2"})
    'x = −2'
    """
    return _PLACE.sub(lambda found: values.get(found[1], found[0]), text)
