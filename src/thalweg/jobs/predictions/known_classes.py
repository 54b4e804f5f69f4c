"""Which classes of a model the texts of a table mean."""

from thalweg.data.cells import number_of
from thalweg.data.label_types import visibly_known
from thalweg.data.notation.yes_no import are_yes_no, folded


def places_of_classes(labels: list[str], found: list[str]) -> dict[str, int]:
    """The class of each text: the same text, or else the same number or truth value."""
    visible = visibly_known(found, labels)
    values = [(_value(label), k) for k, label in enumerate(labels)]
    by_value: dict[float | None, int] = {value: k for value, k in values if value is not None}
    if len(by_value) < len(labels):  # not all are numbers, or two are equal
        by_value = {}
    exact = {label: k for k, label in enumerate(labels)}
    places = {
        text: exact.get(seen, by_value.get(_value(text)))
        for text, seen in zip(found, visible, strict=True)
    }
    if are_yes_no([*labels, *found]):
        by_word = {folded(label): k for k, label in enumerate(labels)}
        places = {text: by_word.get(folded(text)) for text in found}
    return {text: place for text, place in places.items() if place is not None}


def _value(text: str) -> float | None:
    """1 for "1", "1.0" and "TRUE"; None if the text is neither a number nor true or false."""
    if text.casefold() in ("true", "false"):
        return float(text.casefold() == "true")
    value = number_of(text)
    return None if value is None or value != value else float(value)
