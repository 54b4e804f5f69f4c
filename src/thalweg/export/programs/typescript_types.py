"""Writes the types of an exported JavaScript module, which TypeScript looks for beside it."""

from thalweg.export.carried_model import CarriedInput, CarriedModel
from thalweg.export.export_contract import head_lines
from thalweg.export.programs.javascript_module import json_of, require_exact_labels
from thalweg.export.programs.program_text import wrapped

_NOTHING = " | null | undefined"
_WIDTH = 100


def typescript_types(model: CarriedModel) -> str:
    """The declarations, ASCII only; equal models give equal texts.

    They are those of `javascript_module`: what a row has to have, what ``predict`` gives, and which
    labels there are.
    """
    require_exact_labels(model)
    lines = [f"// {line}".rstrip() for line in head_lines(model)]
    lines += [
        "",
        "/** A cell for each column; null, undefined, NaN and an empty text are missing. */",
    ]
    lines += ["export interface Row {"]
    lines += [f"    {json_of(each.name)}: {_cell(each)};" for each in model.inputs]
    lines += ["}", *_answers(model), "", "export declare const columns: readonly (keyof Row)[];"]
    names = [f"{json_of(each)}," for each in model.answer_names]
    lines += _shown("export declare const answers: readonly [", names, "];")
    if model.is_classifier:
        lines.append("export declare const labels: readonly Label[];")
    lines += ["", "/** The answers for a row; all are NaN where there is none. */"]
    lines.append("export declare function predict(row: Row): Answers;")
    if model.is_classifier:
        lines += [
            "",
            "/** The label for what predict gave; null if that is NaN. */",
            "export declare function label(answers: Readonly<Answers>): Label | null;",
        ]
    return "\n".join([*lines, ""])


def _cell(given: CarriedInput) -> str:
    """The type of a cell: what the module reads as the contract says, and without an error."""
    if given.is_text:
        return f"string | number{_NOTHING}"
    if given.kind == "boolean":
        return f'boolean | number | ""{_NOTHING}'
    return f'number | ""{_NOTHING}'


def _answers(model: CarriedModel) -> list[str]:
    """The types of what is predicted."""
    if model.stages.answer.kind == "number":
        return ["", "export type Answers = number;"]
    lines = ["", *_shown("export type Answers = [", ["number,"] * model.n_answers, "];")]
    if not model.is_classifier:
        return lines
    first, *others = map(json_of, model.labels)
    return [*lines, *_shown("export type Label =", [first, *(f"| {each}" for each in others)], ";")]


def _shown(head: str, parts: list[str], end: str) -> list[str]:
    """A list on a line of its own, or on several if it is long."""
    line = f"{head}{'' if head.endswith('[') else ' '}{' '.join(parts).rstrip(',')}{end}"
    return [line] if len(line) <= _WIDTH else wrapped(head, parts, end)
