"""The contract of an exported model: what it takes, what it gives, and what it does not do."""

from collections.abc import Sequence

from thalweg.data.cells import AROUND, LARGEST, MISSING
from thalweg.data.encoding.number_formulas import FARTHEST_AS_IS
from thalweg.export.carried_model import CarriedInput, CarriedModel
from thalweg.wording import counted

# Of a name, so many characters stand in a comment; of a list, so many names.
_LONGEST, _MOST = 60, 12
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


def head_lines(model: CarriedModel) -> list[str]:
    """What stands at the beginning of every exported file, a sentence or an input on each line."""
    return [
        f"Exported by thalweg {model.version} from the model with the seal {model.seal or 'none'}.",
        f"SHA-256 of its training rows: {model.data_hash}.",
        LICENCE,
        "",
        "It takes:",
        *(f"  {_told(each)}" for each in model.inputs),
        "",
        "It gives:",
        f"  {_gives(model)}",
        "",
        *contract_lines(model),
    ]


def printed_lines(model: CarriedModel) -> list[str]:
    """The contract as it is printed: the first columns, what is given, and what holds for them."""
    more = len(model.inputs) - _MOST
    return [
        "It takes:",
        *(f"  {_told(each)}" for each in model.inputs[:_MOST]),
        *([f"  and {more:,} more, which stand in the file and in --json"] if more > 0 else []),
        f"It gives: {_gives(model)}.",
        *contract_lines(model),
    ]


def contract_lines(model: CarriedModel) -> list[str]:
    """What holds for the inputs and answers, a sentence each."""
    kinds = {each.kind for each in model.inputs}
    words = ", ".join(f'"{word}"' if word else "an empty text" for word in sorted(MISSING))
    found = [
        f"A number is a double; NaN is missing. Above {LARGEST:g} in size, or infinite, it is no "
        "number of a table: the answers are NaN, and there is no label.",
        "Numbers are not read from text: units, decimal commas and bounds are for the caller.",
    ]
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
    said = [each for each in model.inputs if each.missing]
    if said:
        found.append(
            "In the table of the fit, other cells were missing, too; give NaN or an empty text for "
            + "; ".join(
                f"{_listed(each.missing)} in {commented(each.name)}" for each in said[:_MOST]
            )
            + "."
        )
    within = "of the size of the answer or of the spread of the target"
    found.append(
        f"Its answers are those of the model to {model.tolerance:g}"
        + ("" if model.is_classifier else f" {within}")
        + f", because the weights are {model.dtype} numbers and sums have another order."
    )
    return found


def code_points(signs: str) -> str:
    """The code points of some signs, in order, neighbours as a range."""
    codes = sorted(set(map(ord, signs)))
    firsts = [code for code in codes if code - 1 not in codes]
    lasts = [code for code in codes if code + 1 not in codes]
    return ", ".join(
        f"U+{first:04X}" + (f" to U+{last:04X}" if last > first else "")
        for first, last in zip(firsts, lasts, strict=True)
    )


def _told(given: CarriedInput) -> str:
    return f"{commented(given.name)}: {_takes(given)}"


def _takes(given: CarriedInput) -> str:
    if given.kind == "category":
        return f"text, one of {counted(len(given.levels), 'level')}: {_listed(given.levels)}"
    if given.kind == "date" and given.zone:
        return f"days since 1970-01-01 on the clock of {commented(given.zone)}"
    return {
        "number": "number",
        "boolean": "1, 0 or NaN",
        "date": "days since 1970-01-01",
        "bound": "-1, 0 or 1: whether the number is a bound",
        "identifier": "text, of which only counts whether it is missing",
        "offset": "number, the offset or exposure of the row",
    }[given.kind]


def _gives(model: CarriedModel) -> str:
    answer = model.stages.answer
    if answer.kind == "number":
        return f"the predicted number{f' {commented(model.target)}' if model.target else ''}"
    if answer.kind == "levels":
        return f"the predicted quantiles {_listed(answer.labels)}"
    said = f"the probabilities of {_listed(answer.labels)}, in this order, and a label"
    if answer.threshold is not None and answer.kind == "two classes":
        name = commented(answer.labels[answer.positive])
        said += f": {name} if its probability is above {answer.threshold!r}"
    elif answer.costs is not None:
        said += ": the class with the largest product of probability and cost"
    return said


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST:,} more" if len(names) > _MOST else ""
    return ", ".join(map(commented, names[:_MOST])) + more
