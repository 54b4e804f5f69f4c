"""The contract of an exported model: what it takes, what it gives, and what it does not do."""

from collections.abc import Callable, Sequence

from thalweg.data.cells import AROUND, LARGEST, MISSING
from thalweg.data.encoding.number_formulas import FARTHEST_AS_IS
from thalweg.export.carried_model import CarriedInput, CarriedModel, CarriedOffset
from thalweg.wording import counted, in_quotes

# Of a name, so many characters stand in a comment; of a list, so many names.
_LONGEST, _MOST = 60, 12
# So many inputs are printed; the head of a file has all.
_MOST_PRINTED = 40
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 _.,:;()<=>+-")

LICENCE = (
    "This text was generated from a model of yours, and it is yours: the authors of thalweg claim "
    "no right in it. Use, change and pass it on as you like; there is no warranty."
)


def commented(text: str) -> str:
    r"""Untrusted text for a comment in any language, in quotes: other signs as ``\uXXXX``."""
    cut = text[:_LONGEST]
    more = "..." if len(text) > len(cut) else ""
    return f'"{"".join(each if each in _PLAIN else _escaped(each) for each in cut)}{more}"'


def _escaped(sign: str) -> str:
    data = sign.encode("utf-16-be", "surrogatepass")
    units = (data[place : place + 2].hex() for place in range(0, len(data), 2))
    return "".join(f"\\u{unit}" for unit in units)


def named(text: str) -> str:
    """A name for a person, in quotes and as it is; a long one is cut."""
    return in_quotes(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}...")


def head_lines(model: CarriedModel) -> list[str]:
    """What stands at the beginning of every exported file, a sentence or an input on each line."""
    return [
        f"Exported by thalweg {model.version} from the model with the seal {model.seal or 'none'}.",
        f"SHA-256 of its training rows: {model.data_hash}.",
        LICENCE,
        "",
        *_of_both(model, commented, len(model.inputs)),
        *contract_lines(model),
    ]


def printed_lines(model: CarriedModel) -> list[str]:
    """What a person reads of it: as `head_lines`, but with names as they are written."""
    return [*_of_both(model, named, _MOST_PRINTED), *contract_lines(model, named)]


def _of_both(model: CarriedModel, quoted: Callable[[str], str], most: int) -> list[str]:
    """What it takes, at most so many inputs, and what it gives."""
    takes = [f"  {quoted(each.name)}: {_takes(each, model, quoted)}" for each in model.inputs]
    # An offset is the last one, and is never left out.
    shown, last = takes[: most - 1], takes[-1:] if len(takes) >= most else []
    left = len(takes) - len(shown) - len(last)
    more = [f"  and {left:,} more, which stand in the file"] if left else []
    return ["It takes:", *shown, *more, *last, "", "It gives:", f"  {_gives(model, quoted)}", ""]


def contract_lines(model: CarriedModel, quoted: Callable[[str], str] = commented) -> list[str]:
    """What holds for the inputs and answers, a sentence each.

    Parameters
    ----------
    model : CarriedModel
    quoted : callable
        How a name is written; by default so that it ends no comment in any language.
    """
    found = [
        f"A number is a double; NaN is missing. Above {LARGEST:g} in size, or infinite, it is no "
        "number of a table: the answers are NaN, and there is no label.",
        "Numbers are not read from text: units, decimal commas and bounds are for the caller.",
        *_of_kinds(model),
    ]
    if model.offset is not None:
        low, high = model.offset.low, model.offset.high
        found.append(
            f"The answers need the {_kind_of_offset(model)}, a number from {low:.3g} to "
            f"{high:.3g}: without it they are NaN."
        )
    if words := _other_words(model, quoted):
        found.append(
            "In the table of the fit, other cells were missing, too; give NaN or an empty text for "
            f"{words}."
        )
    within = "of the size of the answer or of the spread of the target"
    found.append(
        f"Its answers are those of the model to {model.tolerance:g}"
        + ("" if model.is_classifier else f" {within}")
        + f", because the weights are {model.dtype} numbers and sums have another order."
    )
    return found


def _of_kinds(model: CarriedModel) -> list[str]:
    """What holds for each kind of input that there is."""
    kinds = {each.kind for each in model.inputs}
    words = ", ".join(f'"{word}"' if word else "an empty text" for word in sorted(MISSING))
    found = []
    if any(each.as_it_is for each in model.inputs):
        found.append(
            f"The network takes numbers as they are: a missing one, or one above "
            f"{FARTHEST_AS_IS:g} in size, makes the answers NaN."
        )
    if "boolean" in kinds:
        found.append(
            "A boolean is 1 or 0; NaN is missing; with another number the answers are NaN."
        )
    if kinds & {"category", "identifier"}:
        found.append(
            f"A text is compared sign by sign. No part of it are spaces and invisible signs around "
            f"it: {code_points(AROUND)}. Python, JavaScript, C and SQL strip them; for ONNX, which "
            "cannot, they must be stripped before. In C a text ends at U+0000."
        )
        found.append(
            'A whole number that names a level is written "3", and for ONNX and SQL not "3.0".'
        )
        found.append(f"A text is missing if it is {words}, in capitals or not.")
    if "category" in kinds:
        found.append("A level that the model does not know counts as some other, rare level.")
    if "date" in kinds:
        found.append(
            "A date is the number of days since 1970-01-01 00:00, with the fraction of the day, on "
            "the clock of the column."
        )
    if "bound" in kinds:
        found.append("A bound is -1 for a cell such as <0.5, 1 for >0.5, and 0 for a plain number.")
    return found


def _other_words(model: CarriedModel, quoted: Callable[[str], str]) -> str:
    """The further words for a missing value: once, if they are those of every column."""
    columns = [each for each in model.inputs if each.kind not in ("bound", "offset")]
    said = [each for each in columns if each.missing]
    if len(said) > 1 and {each.missing for each in columns} == {said[0].missing}:
        return f"{_listed(said[0].missing, quoted)} in every column"
    more = f"; and more in {len(said) - _MOST:,} other columns" if len(said) > _MOST else ""
    found = (f"{_listed(each.missing, quoted)} in {quoted(each.name)}" for each in said[:_MOST])
    return "; ".join(found) + more


def code_points(signs: str) -> str:
    """The code points of some signs, in order, neighbours as a range."""
    codes = sorted(set(map(ord, signs)))
    firsts = [code for code in codes if code - 1 not in codes]
    lasts = [code for code in codes if code + 1 not in codes]
    return ", ".join(
        f"U+{first:04X}" + (f" to U+{last:04X}" if last > first else "")
        for first, last in zip(firsts, lasts, strict=True)
    )


def _kind_of_offset(model: CarriedModel) -> str:
    """Whether it is an exposure or an offset."""
    offset = model.offset
    return (
        "exposure" if offset is not None and offset.multiplies and not offset.is_log else "offset"
    )


def _takes(given: CarriedInput, model: CarriedModel, quoted: Callable[[str], str]) -> str:
    if given.kind == "category":
        levels = _listed(given.levels, quoted)
        return f"text, one of {counted(len(given.levels), 'level')}: {levels}"
    if given.kind == "date" and given.zone:
        return f"days since 1970-01-01 on the clock of {quoted(given.zone)}"
    if given.kind == "offset" and model.offset is not None:
        return f"number, the {_kind_of_offset(model)} of the row: {_effect(model.offset)}"
    return {
        "number": "number",
        "boolean": "1, 0 or NaN",
        "date": "days since 1970-01-01",
        "bound": "-1, 0 or 1: whether the number is a bound",
        "identifier": "text, of which only counts whether it is missing",
    }[given.kind]


def _effect(offset: CarriedOffset) -> str:
    """What an offset or exposure does to the answers."""
    if not offset.multiplies:
        return "it is added to the answers"
    return f"the answers are multiplied by {'its exponential' if offset.is_log else 'it'}"


def _gives(model: CarriedModel, quoted: Callable[[str], str]) -> str:
    answer = model.stages.answer
    labels = _listed(answer.labels, quoted)
    if answer.kind == "number":
        return f"the predicted number{f' {quoted(model.target)}' if model.target else ''}"
    if answer.kind == "levels":
        return f"the predicted quantiles {labels}"
    said = f"the probabilities of {labels}, in this order, and a label"
    if answer.threshold is not None and answer.kind == "two classes":
        name = quoted(answer.labels[answer.positive])
        said += f": {name} if its probability is above {answer.threshold!r}"
    elif answer.costs is not None:
        said += ": the class with the largest product of probability and cost"
    return said


def _listed(names: Sequence[str], quoted: Callable[[str], str]) -> str:
    more = f" and {len(names) - _MOST:,} more" if len(names) > _MOST else ""
    return ", ".join(map(quoted, names[:_MOST])) + more
