"""Writes a model as an ES module of JavaScript, for browsers and Node."""

import json
from base64 import b64encode
from collections.abc import Iterable

import numpy as np

from thalweg.data.cells import AROUND, MISSING
from thalweg.export.carried_model import CarriedInput, CarriedModel
from thalweg.export.export_contract import head_lines
from thalweg.export.programs.model_program import program_of
from thalweg.export.programs.program import ConstantArray, Dense
from thalweg.export.programs.program_text import (
    Syntax,
    function_lines,
    lines_of,
    number_text,
    wrapped,
)
from thalweg.network.formulas.expressions.symbols import BINARY


def _number(value: float) -> str:
    return number_text(value, "NaN", "Infinity")


def _dense(layer: Dense) -> list[str]:
    n, target = layer.n_out, layer.target
    lines = [
        f"for (let k = 0; k < {n}; k += 1) {target}[k] = {layer.b}[k];",
        f"for (let i = 0; i < {layer.n_in}; i += 1) {{",
        f"  const s = {layer.source}[i];",
        f"  if (s !== 0) for (let k = 0; k < {n}; k += 1)",
        f"    {target}[k] += {layer.W}[i * {n} + k] * s;",
        "}",
    ]
    if layer.function:
        each = f"{target}[k] = f_{layer.function}({target}[k])"
        lines.append(f"for (let k = 0; k < {n}; k += 1) {each};")
    return lines


_SYNTAX = Syntax(
    words={
        **{each: f"({{}} {each} {{}})" for each in BINARY},
        "negative": "(-{})",
        "whole": "({})",
        **{each: f"Math.{each}({{}})" for each in (
            "abs", "exp", "expm1", "log1p", "floor", "sqrt", "sin", "cos", "sign",
        )},
        "maximum": "Math.max({}, {})",
        "minimum": "Math.min({}, {})",
        "where": "({} ? {} : {})",
    },
    number=_number,
    function="function {name}({arguments}) {{",
    argument="{}",
    declare="let {} = {};",
    assign="{} = {};",
    loop="for (let {index} = {start}; {index} < {stop}; {index} += 1) {{",
    when="if ({}) {{",
    room="const {name} = new Float64Array({size});",
    give="return {};",
    end="}",
    dense=_dense,
)  # fmt: skip

_READING = """\
function floats(text, size) {
  const bytes = Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  const found = size === 4
    ? new Float32Array(bytes.length / 4) : new Float64Array(bytes.length / 8);
  for (let k = 0; k < found.length; k += 1)
    found[k] = size === 4 ? view.getFloat32(4 * k, true) : view.getFloat64(8 * k, true);
  return found;
}

function cellOf(row, column) {
  if (!Object.prototype.hasOwnProperty.call(row, column))
    throw new Error(`the row has no column ${JSON.stringify(column)}`);
  return row[column];
}

function numberOf(row, column, wanted = "a number") {
  const cell = cellOf(row, column);
  if (cell === null || cell === undefined || cell === "") return NaN;
  if (typeof cell === "number" || typeof cell === "boolean") return Number(cell);
  throw new TypeError(`column ${JSON.stringify(column)}: give ${wanted}`);
}

function textOf(row, column) {
  const cell = cellOf(row, column);
  if (cell === null || cell === undefined || Number.isNaN(cell)) return "";
  if (typeof cell === "number" && !Number.isSafeInteger(cell))
    throw new TypeError(`column ${JSON.stringify(column)}: write the number as text`);
  if (!["string", "number", "boolean", "bigint"].includes(typeof cell))
    throw new TypeError(`column ${JSON.stringify(column)}: give a text`);
  const signs = String(cell);
  let begin = 0;
  let end = signs.length;
  while (begin < end && AROUND.includes(signs[begin])) begin += 1;
  while (begin < end && AROUND.includes(signs[end - 1])) end -= 1;
  const text = signs.slice(begin, end);
  return MISSING.has(text.toLowerCase()) ? "" : text;
}

function levelOf(row, column, levels) {
  const text = textOf(row, column);
  if (!text) return NaN;
  const whole = /^(-?(?:0|[1-9][0-9]*))\\.0+$/.exec(text);
  return levels.get(text) ?? (whole ? levels.get(whole[1]) : undefined) ?? 0;
}

function filledOf(row, column) {
  return textOf(row, column) ? 0 : NaN;
}
"""


def require_exact_labels(model: CarriedModel) -> None:
    """Raise a SettingsError for a label that is no number of JavaScript."""
    model.require_labels_up_to(2**53 - 1, "JavaScript")


def javascript_module(model: CarriedModel) -> str:
    """The module, ASCII only; equal models give equal texts.

    It exports ``columns``, ``answers``, for classes ``labels``, ``predict(row)`` for an object with
    a cell for each column, and for classes ``label(answers)``.
    """
    require_exact_labels(model)
    program = program_of(model)
    lines = [f"// {line}".rstrip() for line in head_lines(model)]
    lines += ["", f"export const columns = {json_of([each.name for each in model.inputs])};"]
    lines += [f"export const answers = {json_of(model.answer_names)};"]
    if model.is_classifier:
        lines.append(f"export const labels = {json_of(model.labels)};")
    lines += [
        f"const AROUND = {json_of(AROUND)};",
        f"const MISSING = new Set({json_of(sorted(MISSING))});",
    ]
    for each in model.inputs:
        if each.kind == "category":
            pairs = [f"{json_of(pair)}," for pair in each.codes]
            lines += wrapped(f"const levels_{each.place} = new Map([", pairs, "]);")
    lines += ["", *_READING.splitlines(), ""]
    lines += [line for each in program.constants for line in _constant(each)]
    for function in program.functions:
        lines += ["", *function_lines(function, _SYNTAX)[:-1]]
    kind = model.stages.answer.kind
    lines += [
        "",
        "/** The answers for a row, an object with a cell for each column; null is missing. */",
        "export function predict(row) {",
        f"    const v = new Float64Array({model.n_values}).fill(NaN);",
        f"    const p = new Array({model.n_answers}).fill(0);",
        *map(_read, model.inputs),
        *(f"    {line}" for line in lines_of(program.answers, _SYNTAX)),
        f"    return {'p[0]' if kind == 'number' else 'p'};",
        "}",
    ]
    if model.is_classifier:
        lines += [
            "",
            "function placeOf(p) {",
            *(f"    {line}" for line in lines_of(program.label, _SYNTAX)),
            "}",
            "",
            "/** The label for what predict gave; null if that is NaN. */",
            "export function label(answers) {",
            "    return labels[placeOf(answers)] ?? null;",
            "}",
        ]
    return "\n".join([*lines, ""])


def json_of(value: object) -> str:
    """JSON of ASCII signs, in which no page sees a tag or the end of a script."""
    shown: object = value if not isinstance(value, Iterable) or isinstance(value, str) else [*value]
    return json.dumps(shown).replace("<", "\\u003c")


def _constant(constant: ConstantArray) -> list[str]:
    values = constant.values
    if values.dtype.kind == "i":
        texts = [f"{each}," for each in values.tolist()]
        return wrapped(f"const {constant.name} = [", texts, "];")
    size = 4 if values.dtype == np.float32 else 8
    text = b64encode(values.astype(f"<f{size}").tobytes()).decode("ascii")
    return [f'const {constant.name} = floats("{text}", {size});']


def _read(given: CarriedInput) -> str:
    name = json_of(given.name)
    if given.kind == "category":
        return f"    v[{given.place}] = levelOf(row, {name}, levels_{given.place});"
    reads = "filledOf" if given.kind == "identifier" else "numberOf"
    wanted = {"date": ', "days since 1970-01-01"', "boolean": ', "1, 0 or null"'}
    return f"    v[{given.place}] = {reads}(row, {name}{wanted.get(given.kind, '')});"
