"""Settings from texts, as a person writes them: on the command line, or in a page of the studio."""

from collections.abc import Callable

from thalweg.errors import SettingsError
from thalweg.estimators.parameters.parameter import Option, Parameter, Setting, Special
from thalweg.estimators.parameters.rows.class_parameters import CROSS_ENTROPY
from thalweg.network.architecture import hidden_activations
from thalweg.network.formulas.losses import standard_text
from thalweg.training.descent.schedules import Range
from thalweg.training.descent.training_settings import parse_optimizer

# No setting has so many digits, and Python reads at most 4,300.
_LONGEST = 20


def _sizes(text: str) -> tuple[int, ...]:
    """``"64,32"`` is ``(64, 32)``."""
    sizes = [size.strip() for size in text.split(",")]
    if not all(size.isdecimal() and len(size) < _LONGEST and int(size) > 0 for size in sizes):
        raise SettingsError(
            f'"{text}" is not a list of hidden layers',
            fix="give the units of each layer, as in 64,32; or none",
        )
    return tuple(int(size) for size in sizes)


def _activations(text: str) -> tuple[str, ...]:
    """``"relu,tanh"`` is ``("relu", "tanh")``, one for each hidden layer."""
    names = tuple(name.strip() for name in text.split(","))
    return hidden_activations(names, len(names))


def _costs(text: str) -> dict[str, float]:
    """``"ill=5,well=1"``."""
    costs: dict[str, float] = {}
    for part in text.split(","):
        label, equals, number = part.rpartition("=")
        try:
            costs[label.strip()] = float(number)
        except ValueError:
            equals = ""
        if not equals:
            raise SettingsError(
                f'"{text}" does not give weights of classes',
                fix="write balanced, or ill=5,well=1",
            )
    return costs


def _labels(text: str) -> tuple[str, ...]:
    """``"low,mid,high"``."""
    return tuple(part.strip() for part in text.split(","))


def _optimizer(text: str) -> str:
    if text != "auto":
        parse_optimizer(text)
    return text


# Values with a form of their own, and what reads each.
_READERS: dict[Special, Callable[[str], Setting]] = {
    Special.SIZES: _sizes,
    Special.ACTIVATIONS: _activations,
    Special.COSTS: _costs,
    Special.LABELS: _labels,
    Special.OPTIMIZER: _optimizer,
    Special.LOSS: lambda text: text if text == CROSS_ENTROPY else standard_text(text),
}


def reader_of(parameter: Parameter) -> Callable[[str], Setting]:
    """The function that reads a parameter from a text: a word, a number, or its own form.

    The function raises a SettingsError for a text that has no meaning.
    """
    option = parameter.option
    words: dict[str, Setting] = {word: word for word in parameter.words}
    if isinstance(option, Option) and option.words:
        words = dict(option.words)
    ranges = [kind for kind in parameter.allowed if isinstance(kind, Range)]
    forms = [_READERS[kind] for kind in parameter.allowed if kind in _READERS]

    def read(text: str) -> Setting:
        if text in words:
            return words[text]
        if forms:
            return forms[0](text)
        for span in ranges:
            number = _number(text, span)
            if number is not None:
                return number
        if not ranges:
            raise SettingsError(
                f'"{text}" is not a known value', fix=f"take one of {', '.join(words)}"
            )
        fix = ", or ".join((parameter.range, *words))
        raise SettingsError(f'"{text}" is not a valid value', fix=f"give {fix}")

    return read


def _number(text: str, span: Range) -> float | None:
    """The number in a text, if it lies in the range."""
    if span.whole:
        is_whole = text.isdecimal() and len(text) < _LONGEST
        return int(text) if is_whole and span.has(int(text)) else None
    try:
        number = float(text)
    except ValueError:
        return None
    return number if span.has(number) else None
