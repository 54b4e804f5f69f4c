"""Writes a small model as one SELECT, for databases such as DuckDB, SQLite and PostgreSQL."""

from collections import Counter
from collections.abc import Callable, Iterator

import numpy as np

from thalweg.data.cells import AROUND, MISSING
from thalweg.data.encoding.few_row_encoding import Lookups
from thalweg.errors import SettingsError
from thalweg.export.carried_model import CarriedInput, CarriedModel
from thalweg.export.export_contract import head_lines
from thalweg.export.programs.model_program import program_of
from thalweg.export.programs.program import (
    Assign,
    Declare,
    Dense,
    Encode,
    Expression,
    Literal,
    Operation,
    Statement,
    Variable,
    When,
)
from thalweg.export.programs.unrolled import Unrolling, choices, named
from thalweg.export.queries.sql_columns import (
    MOST_COLUMNS,
    SqlColumns,
    Term,
    made,
    sql_number,
    total,
)
from thalweg.wording import counted, parameter

# Of more weights the query would be as long as a book, and slow.
MOST_WEIGHTS = 2000
# The outputs of levels, each times its levels.
MOST_ENTRIES = 1_000_000
SOURCE, _ROW = "thalweg_rows", "thalweg_row"
# The rows as they are given, and with their numbers.
_GIVEN, _NUMBERED = "thalweg_given", "thalweg_source"
# A table of one cell: the signs that no text has at its edges.
_AROUND = "thalweg_around"
_HOW = [
    f"The rows are those of the table {SOURCE}: rename it here, or make a view of this name.",
    "A missing value is NULL, or a number that is NaN, and a column of numbers holds numbers: in "
    "SQLite an empty text would count as 0. Without an answer, prediction and probabilities are "
    "NULL.",
]


def sql_text(model: CarriedModel) -> str:
    """The query; equal models give equal texts.

    It gives the columns of the table, ``prediction``, and of classes ``p_LABEL`` for each.

    Raises
    ------
    SettingsError
        If the model has too many weights or columns, or names that a database cannot have.
    """
    require_small(model)
    model.require_labels_up_to(2**63 - 1, "A database")
    return _SqlQuery(model).text()


def require_small(model: CarriedModel) -> None:
    """Raise a SettingsError for a model that no query should hold."""
    n_weights = model.n_weights
    if n_weights > MOST_WEIGHTS:
        raise SettingsError(
            f"The model has {counted(n_weights, 'weight')}, and SQL is written for at most "
            f"{MOST_WEIGHTS:,}",
            where=f"it is the mean of {n} networks" if (n := len(model.stages.single)) > 1 else "",
            why="Each weight is a term of the query, and a database would be slow to read it",
            fix="export it as .onnx, .c, .mjs or .py; or fit a single small network, such "
            f"as with {parameter('hidden_layer_sizes', (8,))} and "
            f"{parameter('early_stopping', False)}",
        )
    n_entries = sum(
        int(form.of_missing.sum()) + form.n_outputs
        for network in model.stages.single
        for form in network.panel.forms
        if isinstance(form, Lookups)
    )
    if n_entries > MOST_ENTRIES:
        raise SettingsError(
            "The model has categories of too many levels for SQL",
            where=f"their tables have {n_entries:,} numbers, and a query at most {MOST_ENTRIES:,}",
            why="Each level is a case of the query",
            fix="export it as .onnx, .c, .mjs or .py",
        )
    names = [each.name for each in model.inputs]
    twice = [name for name, count in Counter(map(str.casefold, names)).items() if count > 1]
    odd = [name for name in names if not name or name.casefold() in twice]
    if odd:
        # A graph of ONNX finds a column by its name, too.
        others = ".onnx, .c, .mjs or .py" if odd[0] else ".c, .mjs or .py"
        raise SettingsError(
            f"A database cannot have a column {odd[0][:60]!r}",
            why="Names of columns are not empty, and differ not in capitals alone",
            fix=f"rename the column before the fit, or export the model as {others}",
        )
    model.require_no_nul("A query", ".onnx, .mjs or .py")


class _SqlQuery:
    def __init__(self, model: CarriedModel) -> None:
        self._model, self._program = model, program_of(model)
        self._constants = {each.name: each.values for each in self._program.constants}
        functions = {each.name: each for each in self._program.functions}
        self._columns = SqlColumns(functions, self._looked_up)
        self._known: dict[str, Term] = {}
        self._taken = {each.name.casefold() for each in model.inputs}
        self._row = self._free(_ROW)

    def text(self) -> str:
        """The query."""
        model, columns = self._model, self._columns
        for place in range(model.n_values):
            self._known[f"v[{place}]"] = Term("NULL", is_leaf=True)
        for given in model.inputs:
            place = given.place
            self._known[f"v[{place}]"] = columns.read(f"v{place}", _read(given))
        unrolling = Unrolling(self._program.constants)
        for statement in unrolling.unrolled(self._program.answers):
            self._do(statement)
        answers = [columns.kept(self._known[f"p[{k}]"]) for k in range(model.n_answers)]
        for k, each in enumerate(answers):
            self._known[f"p[{k}]"] = each
        outputs: list[tuple[str, Term]] = []
        if model.is_classifier:
            outputs.append(("prediction", columns.kept(self._label(unrolling))))
        names = (
            [f"p_{each}" for each in model.answer_names]
            if model.is_classifier
            else (["prediction"] if model.n_answers == 1 else [*model.answer_names])
        )
        outputs += zip(names, answers, strict=True)
        outputs = [(self._free(name), term) for name, term in outputs]
        return "\n".join([*self._lines(outputs), ""])

    def _free(self, name: str) -> str:
        """The name, with underscores behind it if the model or the result has such a column."""
        while name.casefold() in self._taken:
            name += "_"
        self._taken.add(name.casefold())
        return name

    # --- the program ------------------------------------------------------------------------------

    def _do(self, statement: Statement) -> None:
        columns, known = self._columns, self._known
        if isinstance(statement, Declare):
            known[statement.name] = columns.kept(columns.term(statement.value, known))
        elif isinstance(statement, Assign):
            known[named(statement.target)] = columns.kept(columns.term(statement.value, known))
        elif isinstance(statement, When):
            condition = columns.term(statement.condition, known)
            for each in statement.body:
                assert isinstance(each, Assign)
                name = named(each.target)
                parts = [condition, columns.term(each.value, known), known[name]]
                known[name] = columns.kept(made("CASE WHEN {} THEN {} ELSE {} END", parts))
        elif isinstance(statement, Encode):
            for each in Unrolling(self._program.constants).unrolled(statement.body):
                self._do(each)
        elif isinstance(statement, Dense):
            self._dense(statement)

    def _dense(self, layer: Dense) -> None:
        shape = layer.n_in, layer.n_out
        W = self._constants[layer.W].astype(np.float64).reshape(shape).tolist()
        b = self._constants[layer.b].astype(np.float64).tolist()
        sources = [self._known[f"{layer.source}[{i}]"] for i in range(layer.n_in)]
        for j in range(layer.n_out):
            products = [
                made(f"{sql_number(row[j])} * {{}}", [source])
                for row, source in zip(W, sources, strict=True)
            ]
            found = total([Term(sql_number(b[j]), is_leaf=True), *products])
            if layer.function:
                found = self._columns.called(layer.function, [found])
            self._known[f"{layer.target}[{j}]"] = self._columns.kept(found)

    def _looked_up(self, variable: Variable, term_of: Callable[[Expression], Term]) -> Term:
        """An element of a table at the place first + step · level."""
        table = self._constants[variable.name]
        assert isinstance(variable.at, Operation)
        first, product = variable.at.operands
        assert isinstance(first, Literal)
        assert isinstance(product, Operation)
        step, level = product.operands
        assert isinstance(step, Literal)
        found = self._columns.kept(term_of(level))
        # Its last entry is that of a missing level, which stands for itself in the expression.
        assert isinstance(level, Operation)
        assert isinstance(level.operands[0], Operation)
        missing = level.operands[0].operands[-1]
        assert isinstance(missing, Literal)
        places = int(first.value) + int(step.value) * np.arange(int(missing.value) + 1)
        return _case(found, table[places].astype(np.float64).tolist())

    def _label(self, unrolling: "Unrolling") -> Term:
        """The label of a row."""
        statements, cases, otherwise = choices(unrolling.unrolled(self._program.label))
        for each in statements:
            self._do(each)
        place = self._columns.term(otherwise, self._known)
        for condition, value in reversed(cases):
            terms = [
                self._columns.term(condition, self._known),
                self._columns.term(value, self._known),
                place,
            ]
            place = made("CASE WHEN {} THEN {} ELSE {} END", terms)
        place = self._columns.kept(place)
        whens = " ".join(
            f"WHEN {sql_number(float(k))} THEN {_braced(_label_text(each))}"
            for k, each in enumerate(self._model.labels)
        )
        return made(f"CASE {{}} {whens} END", [place])

    # --- the text ---------------------------------------------------------------------------------

    def _lines(self, outputs: list[tuple[str, Term]]) -> Iterator[str]:
        levels = self._columns.levels([each.text for _, each in outputs])
        widest = max(map(len, levels))
        if widest > MOST_COLUMNS:
            raise SettingsError(
                f"The query would have {widest:,} columns at once, and SQLite takes 2,000",
                fix="export the model as .onnx, .c, .mjs or .py",
            )
        row = self._row
        no_row = (
            f"It has no column {row}, which numbers its rows here: a database calls it ambiguous."
        )
        for line in [*head_lines(self._model), "", *_HOW, no_row]:
            yield f"-- {line}".rstrip()
        yield f"WITH {_GIVEN} AS (SELECT * FROM {SOURCE})"
        if any(each.is_text for each in self._model.inputs):
            yield f", {_AROUND} AS (SELECT {literal(AROUND)} AS signs)"
        yield f", {_NUMBERED} AS MATERIALIZED ("
        yield f"  SELECT *, row_number() OVER () AS {row} FROM {_GIVEN}"
        # It excludes no row. With a second column of this name, answers would join other rows.
        yield f"  WHERE NOT EXISTS (SELECT {row} FROM {_GIVEN}, (SELECT 0 AS {row}) AS one"
        yield "    WHERE 1 = 0)"
        yield ")"
        source = _NUMBERED
        for number, level in enumerate(levels):
            yield f", thalweg_{number} AS MATERIALIZED ("
            parts = [row, *(each if each == text else f"{text} AS {each}" for each, text in level)]
            yield "  SELECT " + ",\n    ".join(parts)
            yield f"  FROM {source}"
            yield ")"
            source = f"thalweg_{number}"
        found = [f"answers.{term.text} AS {quoted(name)}" for name, term in outputs]
        yield "SELECT rows_of.*, " + ", ".join(found)
        yield f"FROM {_NUMBERED} AS rows_of JOIN {source} AS answers"
        yield f"  ON rows_of.{row} = answers.{row} ORDER BY rows_of.{row}"


def _case(level: Term, values: list[float]) -> Term:
    """The value of each level; the most common one is that of all others."""
    common = Counter(values).most_common(1)[0][0]
    whens = [
        f"WHEN {sql_number(float(k))} THEN {sql_number(each)}"
        for k, each in enumerate(values)
        if each != common
    ]
    if not whens:
        return Term(sql_number(common), is_leaf=True)
    return made(f"CASE {{}} {' '.join(whens)} ELSE {sql_number(common)} END", [level])


def _read(given: CarriedInput) -> str:
    """An input as a double; a text as the number of its level."""
    # Without its table, SQLite reads the name of a column that is not there as a text.
    name = f"{_NUMBERED}.{quoted(given.name)}"
    if not given.is_text:
        number = f"CAST({name} AS DOUBLE PRECISION)"
        # Where a database has NaN, that is above every number, and so is its negative.
        return f"CASE WHEN {number} > 0e0 AND -{number} > 0e0 THEN NULL ELSE {number} END"
    text = f"trim(CAST({name} AS VARCHAR), (SELECT signs FROM {_AROUND}))"
    words = ", ".join(literal(word) for word in sorted(MISSING))
    missing = f"{name} IS NULL OR lower({text}) IN ({words})"
    whens = " ".join(
        f"WHEN {literal(level)} THEN {sql_number(float(code))}"
        for level, code in given.codes
        if "\0" not in level
    )
    found = f"CASE {text} {whens} ELSE 0e0 END" if whens else "0e0"
    return f"CASE WHEN {missing} THEN NULL ELSE {found} END"


def quoted(name: str) -> str:
    """A name as SQL."""
    return '"{}"'.format(_unicode(name).replace('"', '""'))


def literal(text: str) -> str:
    """A text as SQL."""
    return "'{}'".format(_unicode(text).replace("'", "''"))


def _unicode(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _label_text(label: str | int | float | bool) -> str:
    if isinstance(label, bool):
        return str(label).upper()
    if isinstance(label, float):
        return sql_number(label)
    return str(label) if isinstance(label, int) else literal(label)


def _braced(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")
