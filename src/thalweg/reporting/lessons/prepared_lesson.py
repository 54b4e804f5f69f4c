"""A lesson that is ready for a page or for paper: its texts, and for each step its variants."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from thalweg.reporting.lessons.drawn_by_seed import variant_of
from thalweg.reporting.lessons.lesson_texts import LessonStep, LessonText, filled_text


@dataclass(frozen=True)
class Variant:
    """The numbers of a step, one of several that a seed draws from.

    Attributes
    ----------
    values : mapping of str to str
        What the places of the texts are filled with.
    answer : float, sequence of float, or None
        The true number, all factors, or the place of the right choice from 0.
    stage, revealed : mapping
        How the picture begins, and what it shows with the answer.
    traps : mapping of str to float or pair of float
        Wrong answers that deserve a word of their own, by their names in the texts: a number, or
        the ends of a range.
    choices : sequence of mapping, optional
        ``text`` and ``say`` of each choice, where they depend on the variant.
    key : str
        The answer as a teacher reads it; "" for the solution of the text.
    paper : str
        HTML below the question on paper: what the page shows as its picture.
    """

    values: Mapping[str, str] = field(default_factory=dict)
    answer: float | Sequence[float] | None = None
    stage: Mapping[str, Any] = field(default_factory=dict)
    revealed: Mapping[str, Any] = field(default_factory=dict)
    traps: Mapping[str, float | Sequence[float]] = field(default_factory=dict)
    choices: Sequence[Mapping[str, str]] | None = None
    key: str = ""
    paper: str = ""

    @property
    def choice(self) -> int:
        """The place of the right choice."""
        return int(cast(float, self.answer))

    def as_dict(self) -> dict[str, Any]:
        """What the page needs."""
        more = {} if self.choices is None else {"choices": list(self.choices)}
        return {
            "values": dict(self.values), "answer": self.answer, "stage": dict(self.stage),
            "revealed": dict(self.revealed), "traps": dict(self.traps), **more,
        }  # fmt: skip


@dataclass(frozen=True)
class PreparedLesson:
    """A lesson about one subject.

    Attributes
    ----------
    text : LessonText
    variants : mapping of str to sequence of Variant
        For each key of a step; a step that is not named has one variant without numbers.
    subtitle : str
        What it is about: the table, the model, the rows.
    script : str
        The file in ``draw/`` that the page begins with.
    modules : mapping of str to str
        Modules of the script that are no files.
    chosen : mapping of str to str
        Modules of the script that stand for several files, and the files to take.
    facts : mapping
        What the script of this lesson needs beside the steps.
    rows : str
        What the page holds of a table, as a sentence; "" for nothing.
    made : str
        What was trained for it, as a sentence; "" where the subject has it.
    styles : sequence of str
        Further styles in ``draw/``.
    """

    text: LessonText
    variants: Mapping[str, Sequence[Variant]]
    subtitle: str
    script: str
    modules: Mapping[str, str] = field(default_factory=dict)
    chosen: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    rows: str = ""
    made: str = ""
    styles: Sequence[str] = ()

    def variants_of(self, step: LessonStep) -> Sequence[Variant]:
        """The variants of a step, one at least."""
        return self.variants.get(step.key) or (Variant(),)

    def drawn_variant(self, place: int, seed: int) -> Variant:
        """The variant of the step at a place from 0, for a seed."""
        several = self.variants_of(self.text.steps[place])
        return several[variant_of(seed, self.text.place_of_draw(place), len(several))]


def right_answer(step: LessonStep, variant: Variant) -> str:
    """The answer of a step as a teacher reads it."""
    if variant.key:
        return variant.key
    question = step.question
    if question["kind"] == "choice":
        choices = variant.choices or question["choices"]
        return filled_text(choices[variant.choice]["text"], variant.values)
    return filled_text(question.get("solution", ""), variant.values)
