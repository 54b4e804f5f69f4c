"""Writes a model as one file of C99, without allocation, state or input at run time."""

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

# C99 promises no longer literals.
_LONGEST = 4000
_PLAIN = frozenset(range(0x20, 0x7F)) - frozenset(b'\\"?')


def _number(value: float) -> str:
    return number_text(value, "NAN", "INFINITY")


def _dense(layer: Dense) -> list[str]:
    n, target = layer.n_out, layer.target
    lines = [
        f"for (int k = 0; k < {n}; k++) {target}[k] = {layer.b}[k];",
        f"for (int i = 0; i < {layer.n_in}; i++) {{",
        f"    const double s = {layer.source}[i];",
        # Many inputs are 0: those of other levels, and units that relu silences.
        "    if (s != 0.0) {",
        f"        const {layer.W}_type *w = {layer.W} + i * {n};",
        f"        for (int k = 0; k < {n}; k++) {target}[k] += (double)w[k] * s;",
        "    }",
        "}",
    ]
    if layer.function:
        each = f"{target}[k] = f_{layer.function}({target}[k])"
        lines.append(f"for (int k = 0; k < {n}; k++) {each};")
    return lines


_SYNTAX = Syntax(
    words={
        **{each: f"({{}} {each} {{}})" for each in BINARY},
        "negative": "(-{})",
        "whole": "(int)({})",
        **{each: f"{each}({{}})" for each in (
            "exp", "expm1", "log1p", "floor", "sqrt", "sin", "cos",
        )},
        "abs": "fabs({})",
        "sign": "sign_of({})",
        "maximum": "larger({}, {})",
        "minimum": "smaller({}, {})",
        "where": "({} ? {} : {})",
    },
    number=_number,
    function="static double {name}({arguments}) {{",
    argument="double {}",
    declare="double {} = {};",
    assign="{} = {};",
    loop="for (int {index} = {start}; {index} < {stop}; {index}++) {{",
    when="if ({}) {{",
    room="double {name}[{size}] = {{0}};",
    give="return {};",
    end="}",
    dense=_dense,
)  # fmt: skip

_HELPERS = {
    "sign": "static double sign_of(double x) { return (double)((x > 0.0) - (x < 0.0)); }",
    "maximum": "static double larger(double a, double b) { return a > b ? a : b; }",
    "minimum": "static double smaller(double a, double b) { return a < b ? a : b; }",
}

_NO_FAST_MATH = """\
#if defined(__FAST_MATH__) || (defined(__FINITE_MATH_ONLY__) && __FINITE_MATH_ONLY__)
#error "missing values are NaN, which -ffast-math and -ffinite-math-only ignore"
#endif
"""

# A text is compared by its bytes; the order of UTF-8 is that of the code points.
_TEXTS = """\
/* Where a text begins and how long it is without spaces around it; 0 for a missing one. */
static size_t stripped(const char **text) {
    const char *begin = *text;
    size_t length, again = 1;
    if (!begin) return 0;
    length = strlen(begin);
    while (again) {
        again = 0;
        for (size_t k = 0; k < sizeof around / sizeof *around; k++) {
            const size_t n = strlen(around[k]);
            if (length >= n && !memcmp(begin, around[k], n)) {
                begin += n; length -= n; again = 1;
            }
            if (length >= n && !memcmp(begin + length - n, around[k], n)) {
                length -= n; again = 1;
            }
        }
    }
    *text = begin;
    for (size_t k = 0; k < sizeof missing / sizeof *missing; k++) {
        size_t n = 0;
        while (n < length && missing[k][n]) {
            const char sign = begin[n] >= 'A' && begin[n] <= 'Z' ? (char)(begin[n] + 32) : begin[n];
            if (sign != missing[k][n]) break;
            n++;
        }
        if (n == length && !missing[k][n]) return 0;
    }
    return length;
}
"""
_LEVELS = """\
typedef struct { const char *text; int code; } level;

/* The length of the number in a text such as 3.00; 0 for any other text. */
static size_t whole_length(const char *text, size_t length) {
    size_t n = length && *text == '-', first = n;
    while (n < length && text[n] >= '0' && text[n] <= '9') n++;
    if (n == first || (text[first] == '0' && n > first + 1)) return 0;
    if (n + 1 >= length || text[n] != '.') return 0;
    for (size_t k = n + 1; k < length; k++) if (text[k] != '0') return 0;
    return n;
}

static int code_of(const char *text, size_t length, const level *levels, int n) {
    int low = 0, high = n;
    while (low < high) {
        const int middle = low + (high - low) / 2;
        const char *other = levels[middle].text;
        const size_t size = strlen(other);
        int order = memcmp(text, other, length < size ? length : size);
        if (!order) order = (length > size) - (length < size);
        if (!order) return levels[middle].code;
        if (order < 0) high = middle; else low = middle + 1;
    }
    return -1;
}

static double level_of(const char *text, const level *levels, int n) {
    const size_t length = stripped(&text);
    int code;
    if (!length) return NAN;
    code = code_of(text, length, levels, n);
    if (code < 0 && whole_length(text, length))
        code = code_of(text, whole_length(text, length), levels, n);
    return code < 0 ? 0.0 : code;
}
"""
_FILLED = """\
static double filled(const char *text) { return stripped(&text) ? 0.0 : NAN; }
"""


def c_text(model: CarriedModel) -> str:
    """The file, ASCII only; equal models give equal texts.

    ``thalweg_predict(x, text, p)`` takes the numbers and the texts of a row and sets the answers;
    ``thalweg_label(p)`` gives the place of the label among ``thalweg_labels``.

    Raises
    ------
    SettingsError
        If a column, a level or a class has a NUL, which ends a text in C.
    """
    model.require_no_nul("A text of C", ".onnx, .mjs or .py")
    program = program_of(model)
    names = _Names()
    numbers = [each for each in model.inputs if not each.is_text]
    texts = [each for each in model.inputs if each.is_text]
    tables = [_names("thalweg_number_columns", [each.name for each in numbers], names)]
    tables.append(_names("thalweg_text_columns", [each.name for each in texts], names))
    tables.append(_names("thalweg_answers", model.answer_names, names))
    if model.is_classifier:
        tables.append(_names("thalweg_labels", [str(each) for each in model.labels], names))
    levels = [_levels(each, names) for each in texts if each.kind == "category"]
    lines = [f"// {line}".rstrip() for line in head_lines(model)]
    lines += ["", "#include <math.h>", "#include <stddef.h>", "#include <string.h>", ""]
    lines += [*_NO_FAST_MATH.splitlines(), "", *names.long, *tables, ""]
    if texts:
        lines += _spaces()
        lines += _TEXTS.splitlines()
    if levels:
        lines += [*_LEVELS.splitlines(), *levels]
    if any(each.kind == "identifier" for each in texts):
        lines += _FILLED.splitlines()
    lines += [line for each in program.constants for line in _constant(each)]
    words = program.words
    lines += [text for word, text in _HELPERS.items() if word in words]
    for function in program.functions:
        lines += ["", *function_lines(function, _SYNTAX)[:-1]]
    lines += ["", *_predict(model, numbers, texts, list(lines_of(program.answers, _SYNTAX)))]
    if model.is_classifier:
        lines += ["", "int thalweg_label(const double *p) {"]
        lines += [*(f"    {line}" for line in lines_of(program.label, _SYNTAX)), "}"]
    return "\n".join([*lines, ""])


class _Names:
    """Texts as C: a literal, or the name of an array for one that is too long."""

    def __init__(self) -> None:
        self.long: list[str] = []

    def written(self, text: str) -> str:
        data = text.encode("utf-8", "backslashreplace")
        if len(data) <= _LONGEST:
            return '"' + "".join(map(_escaped, data)) + '"'
        name = f"long_text_{len(self.long)}"
        signs = [f"'{_octal(each)}'," for each in data]
        body = "\n".join(wrapped(f"static const char {name}[] = {{", [*signs, "0"], "};"))
        self.long.append(body)
        return name


def _escaped(byte: int) -> str:
    return chr(byte) if byte in _PLAIN else _octal(byte)


def _octal(byte: int) -> str:
    return f"\\{byte:03o}"


def _names(name: str, texts: tuple[str, ...] | list[str], names: _Names) -> str:
    written = [f"{names.written(each)}," for each in texts]
    return "\n".join(wrapped(f"const char *const {name}[] = {{", [*written, "NULL"], "};"))


def _levels(given: CarriedInput, names: _Names) -> str:
    """The texts of a category, sorted by their bytes."""
    known = {text.encode("utf-8", "backslashreplace"): (text, code) for text, code in given.codes}
    rows = [f"{{{names.written(text)}, {code}}}," for _, (text, code) in sorted(known.items())]
    return "\n".join(wrapped(f"static const level levels_{given.place}[] = {{", rows, "};"))


def _spaces() -> list[str]:
    around = [f'"{"".join(map(_octal, sign.encode("utf-8")))}",' for sign in AROUND]
    words = [f'"{"".join(map(_escaped, word.encode()))}",' for word in sorted(MISSING)]
    return [
        *wrapped("static const char *const around[] = {", around, "};"),
        *wrapped("static const char *const missing[] = {", words, "};"),
    ]


def _hexadecimal(value: float) -> str:
    """A float without rounding, as an odd number times a power of two.

    C99 promises the very number of hexadecimal digits only: of decimal ones a compiler may take
    the float beside it. A suffix for float32 is not needed, since the number is one.
    """
    if not value:
        return str(value).rstrip("0")
    top, bottom = value.as_integer_ratio()
    zeros = (top & -top).bit_length() - 1
    return f"{top >> zeros:#x}p{zeros - bottom.bit_length() + 1}"


def _constant(constant: ConstantArray) -> list[str]:
    values = constant.values
    kind = {"i": "int", "f": "float" if values.dtype == np.float32 else "double"}[values.dtype.kind]
    texts = [f"{each}," if kind == "int" else f"{_hexadecimal(each)}," for each in values.tolist()]
    head = [f"typedef {kind} {constant.name}_type;"] if constant.name.startswith("w") else []
    return [*head, *wrapped(f"static const {kind} {constant.name}[] = {{", texts, "};", "")]


def _predict(
    model: CarriedModel, numbers: list[CarriedInput], texts: list[CarriedInput], body: list[str]
) -> list[str]:
    """The function for a row."""
    lines = [
        "/* x: the numbers of thalweg_number_columns, NaN if missing. text: those of",
        "   thalweg_text_columns in UTF-8, NULL if missing. p: room for all thalweg_answers. */",
        "void thalweg_predict(const double *x, const char *const *text, double *p) {",
        f"    double v[{model.n_values}];",
        f"    for (int k = 0; k < {model.n_values}; k++) v[k] = NAN;",
    ]
    lines += [] if numbers else ["    (void)x;"]
    lines += [] if texts else ["    (void)text;"]
    lines += [f"    v[{each.place}] = x[{k}];" for k, each in enumerate(numbers)]
    for k, each in enumerate(texts):
        read = f"filled(text[{k}])"
        if each.kind == "category":
            table = f"levels_{each.place}"
            read = f"level_of(text[{k}], {table}, (int)(sizeof {table} / sizeof *{table}))"
        lines.append(f"    v[{each.place}] = {read};")
    return [*lines, *(f"    {line}" for line in body), "}"]
