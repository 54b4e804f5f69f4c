"""Writes a model as a Python module that needs nothing but the standard library, from 3.8 on."""

from base64 import b64encode

import numpy as np

from thalweg.data.cells import AROUND, MISSING
from thalweg.export.carried_model import CarriedInput, CarriedModel
from thalweg.export.export_contract import head_lines
from thalweg.export.programs.model_program import program_of
from thalweg.export.programs.program import ConstantArray, Dense, Program
from thalweg.export.programs.program_text import (
    Syntax,
    function_lines,
    lines_of,
    number_text,
    wrapped,
)
from thalweg.network.formulas.expressions.symbols import BINARY

# Up to so many weights they are printed as numbers, which a person can read.
MOST_PRINTED = 2000
_WIDTH = 100


def _number(value: float) -> str:
    return number_text(value, "_nan", "_inf")


def _dense(layer: Dense) -> list[str]:
    total = f"c + sum(map(_times, w, {layer.source}))"
    each = f"f_{layer.function}({total})" if layer.function else total
    return [
        f"{layer.target}[:{layer.n_out}] = [{each} for w, c in zip({layer.W}, {layer.b})]",
    ]


_SYNTAX = Syntax(
    words={
        **{each: f"({{}} {each} {{}})" for each in BINARY},
        "/": "_divided({}, {})",
        "negative": "(-{})",
        "whole": "int({})",
        **{each: f"_{each}({{}})" for each in ("exp", "expm1", "log1p", "floor", "sign")},
        **{each: f"math.{each}({{}})" for each in ("sqrt", "sin", "cos")},
        "abs": "abs({})",
        "maximum": "max({}, {})",
        "minimum": "min({}, {})",
        "where": "({1} if {0} else {2})",
    },
    number=_number,
    function="def {name}({arguments}):",
    argument="{}",
    declare="{} = {}",
    assign="{} = {}",
    loop="for {index} in range({start}, {stop}):",
    when="if {}:",
    room="{name} = [0.0] * {size}",
    give="return {}",
    end="",
    dense=_dense,
)

# What Python's own functions refuse is infinite or NaN, as in every other language.
_WORDS = """\
def _divided(a, b):
    return a / b if b else a * _inf


def _exp(x):
    try:
        return math.exp(x)
    except OverflowError:
        return _inf


def _expm1(x):
    try:
        return math.expm1(x)
    except OverflowError:
        return _inf


def _log1p(x):
    return math.log1p(x) if x > -1.0 else -_inf


def _floor(x):
    return float(math.floor(x)) if abs(x) < 1e300 else x


def _sign(x):
    return float((x > 0.0) - (x < 0.0))


def _floats(text, form):
    data = base64.b64decode(text)
    return struct.unpack("<%d%s" % (len(data) // struct.calcsize(form), form), data)


def _rows(W, n):
    return [W[k::n] for k in range(n)]


def _missing(cell):
    # NaN and NaT are not equal to themselves; whether pandas' NA is, has no answer.
    try:
        return cell is None or bool(cell != cell)
    except (TypeError, ValueError):
        return type(cell).__name__ == "NAType"


def _value(row, column, wanted="a number"):
    cell = row[column]
    if _missing(cell) or (isinstance(cell, str) and not cell):
        return _nan
    # NumPy's dates, texts and complex numbers can be made a float, and are no numbers here.
    kind = getattr(getattr(cell, "dtype", None), "kind", "f")
    if not hasattr(cell, "__float__") or kind not in ("b", "i", "u", "f"):
        raise TypeError("column %r: give %s, and not %r" % (column, wanted, cell))
    try:
        return float(cell)
    except OverflowError:
        return _inf


def _text(row, column):
    cell = row[column]
    if _missing(cell):
        return ""
    if hasattr(cell, "__iter__") and not isinstance(cell, str):
        raise TypeError("column %r: give a text, and not %r" % (column, cell))
    if isinstance(cell, float) and abs(cell) < 2.0**53 and cell == int(cell):
        cell = int(cell)
    text = str(cell).strip(_AROUND)
    return "" if text.lower() in _MISSING else text


def _level(row, column):
    text = _text(row, column)
    if not text:
        return _nan
    codes = _CODES[column]
    whole = re.match(r"(-?(?:0|[1-9][0-9]*))\\.0+\\Z", text)
    return float(codes.get(text, codes.get(whole.group(1), 0) if whole else 0))


def _filled(row, column):
    return 0.0 if _text(row, column) else _nan
"""


def python_text(model: CarriedModel) -> str:
    """The module, ASCII only; equal models give equal texts.

    It has ``COLUMNS``, ``ANSWERS``, for classes ``LABELS``, ``predict(row)`` for a dict of cells by
    their columns, and for classes ``label(answers)``.
    """
    program = program_of(model)
    lines = [f"# {line}".rstrip() for line in head_lines(model)]
    lines += ["", "import base64", "import math", "import re", "import struct"]
    lines += ["from operator import mul as _times", "", '_nan, _inf = float("nan"), float("inf")']
    lines += [f"_AROUND = {AROUND!a}", f"_MISSING = {_set(MISSING)}", ""]
    lines += [f"COLUMNS = {_listed([ascii(each.name) for each in model.inputs])}"]
    lines += [f"ANSWERS = {_listed([ascii(each) for each in model.answer_names])}"]
    if model.is_classifier:
        lines.append(f"LABELS = {_listed([ascii(each) for each in model.labels])}")
    lines += ["_CODES = {", *_codes(model), "}", "", "", *_WORDS.splitlines(), "", ""]
    n_weights = model.n_weights
    lines += [line for each in program.constants for line in _constant(each, n_weights)]
    lines += _as_rows(program)
    for function in program.functions:
        lines += ["", *function_lines(function, _SYNTAX)]
    lines += _routines(model, program)
    return "\n".join([*lines, ""])


def _listed(texts: list[str]) -> str:
    return f"[{', '.join(texts)}]"


def _set(words: frozenset[str]) -> str:
    return f"{{{', '.join(ascii(each) for each in sorted(words))}}}"


def _codes(model: CarriedModel) -> list[str]:
    return [
        f"    {each.name!a}: {{{', '.join(f'{text!a}: {code}' for text, code in each.codes)}}},"
        for each in model.inputs
        if each.kind == "category"
    ]


def _constant(constant: ConstantArray, n_weights: int) -> list[str]:
    values = constant.values
    if values.dtype.kind == "i" or n_weights <= MOST_PRINTED:
        texts = [
            _number(each) if values.dtype.kind == "f" else str(each) for each in values.tolist()
        ]
        return wrapped(f"{constant.name} = [", [f"{each}," for each in texts], "]")
    form, dtype = ("f", "<f4") if values.dtype == np.float32 else ("d", "<f8")
    text = b64encode(values.astype(dtype).tobytes()).decode("ascii")
    pieces = [f'"{text[k : k + _WIDTH - 8]}"' for k in range(0, len(text), _WIDTH - 8)]
    inner = [f"    {piece}" for piece in pieces]
    return [f"{constant.name} = _floats(", *inner, f'    , "{form}")']


def _as_rows(program: Program) -> list[str]:
    """Weights by the outputs of their layers, so that a sum runs over a tuple."""
    layers = [each for each in program.answers if isinstance(each, Dense)]
    return [f"{each.W} = _rows({each.W}, {each.n_out})" for each in layers]


def _read(given: CarriedInput) -> str:
    reads = {"category": "_level", "identifier": "_filled"}.get(given.kind, "_value")
    wanted = {"date": ', "days since 1970-01-01"', "boolean": ', "1, 0 or None"'}
    return f"    v[{given.place}] = {reads}(row, {given.name!a}{wanted.get(given.kind, '')})"


def _routines(model: CarriedModel, program: Program) -> list[str]:
    body = [f"    {line}" for line in lines_of(program.answers, _SYNTAX)]
    kind = model.stages.answer.kind
    gives = "p[0]" if kind == "number" else "p"
    said = {
        "number": "The predicted number",
        "levels": "The predicted quantiles, in the order of ANSWERS,",
    }.get(kind, "The probabilities, in the order of LABELS,")
    lines = [
        "",
        "def predict(row):",
        f'    """{said} of a row: a dict with a cell for each of COLUMNS; None is missing."""',
        f"    v, p = [_nan] * {model.n_values}, [0.0] * {model.n_answers}",
        *map(_read, model.inputs),
        *body,
        f"    return {gives}",
    ]
    if model.is_classifier:
        lines += [
            "",
            "",
            "def _place(p):",
            *(f"    {line}" for line in lines_of(program.label, _SYNTAX)),
            "",
            "",
            "def label(answers):",
            '    """The label for what predict gave; None if that is NaN."""',
            "    place = _place(answers)",
            "    return LABELS[place] if place >= 0 else None",
        ]
    return lines
