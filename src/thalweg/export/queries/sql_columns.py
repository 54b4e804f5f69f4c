"""Columns of a query that are computed from each other, level by level.

An expression that is needed twice becomes a column. A column has a level: it needs columns of lower
levels only, so that each level is one SELECT from the one before. Without names for what is needed
twice, the text would double from step to step.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from thalweg.export.programs.program import (
    Call,
    Expression,
    Function,
    Literal,
    Operation,
    Variable,
)
from thalweg.export.programs.unrolled import named

# SQLite has no wider result.
MOST_COLUMNS = 1900
_INFIX = frozenset("+-*/")
_COMPARED = {"<": "<", ">": ">", "<=": "<=", ">=": ">=", "==": "="}
# What SQL has not, by what is needed more than once.
_WRITTEN = {
    "maximum": "CASE WHEN {0} > {1} THEN {0} ELSE {1} END",
    "minimum": "CASE WHEN {0} < {1} THEN {0} ELSE {1} END",
    "sign": "CASE WHEN {0} > 0e0 THEN 1e0 WHEN {0} < 0e0 THEN -1e0 ELSE 0e0 END",
    # expm1 and log1p in forms that keep small numbers, as in `onnx_graph`.
    "expm1": "(tanh({0} / 2e0) * (exp({0}) + 1e0))",
    "log1p": "CASE WHEN 1e0 + {0} = 1e0 THEN {0} "
    "ELSE {0} * ln(1e0 + {0}) / ((1e0 + {0}) - 1e0) END",
}


@dataclass(frozen=True)
class Term:
    """An expression as SQL.

    Attributes
    ----------
    text : str
    level : int
        That of the SELECT in which it can stand.
    needs : frozenset of str
        The columns in it.
    is_leaf : bool
        Whether it is a column or a number.
    is_truth : bool
        Whether it is a condition.
    """

    text: str
    level: int = 1
    needs: frozenset[str] = frozenset()
    is_leaf: bool = False
    is_truth: bool = False


@dataclass(frozen=True)
class _Column:
    level: int
    text: str
    needs: frozenset[str]


class SqlColumns:
    """Terms and columns of a query.

    Parameters
    ----------
    functions : mapping of str to Function
        The formulas of a model.
    lookup : function
        The column of a table of numbers that a term chooses from: of the name of the table, the
        index as an expression, and a function that makes terms of expressions.
    """

    def __init__(
        self,
        functions: Mapping[str, Function],
        lookup: Callable[[Variable, Callable[[Expression], Term]], Term],
    ) -> None:
        self._functions, self._lookup = functions, lookup
        self._columns: dict[str, _Column] = {}
        self._named: dict[str, Term] = {}

    def read(self, name: str, text: str) -> Term:
        """A column of level 0, read from the table."""
        self._columns[name] = _Column(0, text, frozenset())
        return Term(name, 1, frozenset((name,)), is_leaf=True)

    def kept(self, term: Term) -> Term:
        """A term as a column, unless it is one or a number."""
        if term.is_leaf:
            return term
        if term.text not in self._named:
            name = f"t{len(self._columns)}"
            self._columns[name] = _Column(term.level, term.text, term.needs)
            self._named[term.text] = Term(name, term.level + 1, frozenset((name,)), is_leaf=True)
        return self._named[term.text]

    def term(self, expression: Expression, known: Mapping[str, Term]) -> Term:
        """The term of an unrolled expression."""
        if isinstance(expression, Literal):
            return Term(sql_number(expression.value), is_leaf=True)
        if isinstance(expression, Variable):
            found = known.get(named(expression)) if not _is_lookup(expression) else None
            if found is not None:
                return found
            return self._lookup(expression, lambda each: self.term(each, known))
        if isinstance(expression, Call):
            operands = [self.term(each, known) for each in expression.operands]
            return self.called(expression.function, operands)
        assert isinstance(expression, Operation)
        return self._operation(expression, [self.term(each, known) for each in expression.operands])

    def called(self, name: str, operands: Sequence[Term]) -> Term:
        """The result of a formula."""
        function = self._functions[name]
        kept = [self.kept(each) for each in operands]
        known = dict(zip(function.arguments, kept, strict=True))
        for each in function.body:
            known[each.name] = self.kept(self.term(each.value, known))
        return self.term(function.result, known)

    def _operation(self, expression: Operation, operands: list[Term]) -> Term:
        name = expression.name
        if name == "whole":
            return operands[0]
        if name == "==" and operands[0] == operands[1]:  # missing is NULL here, and not NaN
            return made("({} IS NOT NULL)", operands[:1], is_truth=True)
        if name == "==" and operands[0].is_truth:
            assert expression.operands[1] == Literal(0.0)
            return made("(NOT {})", operands[:1], is_truth=True)
        if name == "*" and operands[0].is_truth:
            return made("({} AND {})", operands, is_truth=True)
        if name in _COMPARED:
            return made(f"({{}} {_COMPARED[name]} {{}})", operands, is_truth=True)
        if name in _INFIX:
            return made(f"({{}} {name} {{}})", operands)
        if name == "where":
            return made("CASE WHEN {} THEN {} ELSE {} END", operands)
        if name == "negative":
            return made("(-{})", operands)
        if name in _WRITTEN:
            return made(_WRITTEN[name], [self.kept(each) for each in operands])
        return made(f"{name}({{}})", operands)

    def levels(self, results: Iterable[str]) -> list[list[tuple[str, str]]]:
        """The columns of each level as pairs of name and text; those that are passed on, too.

        Parameters
        ----------
        results : iterable of str
            The columns that are needed after the last level.
        """
        depth = max(column.level for column in self._columns.values())
        last = dict.fromkeys(results, depth + 1)
        for column in self._columns.values():
            for need in column.needs:
                last[need] = max(last.get(need, 0), column.level)
        found: list[list[tuple[str, str]]] = []
        for level in range(depth + 1):
            passed = [
                (name, name)
                for name, column in self._columns.items()
                if column.level < level < last.get(name, 0)
            ]
            new = [
                (name, column.text)
                for name, column in self._columns.items()
                if column.level == level and name in last
            ]
            found.append(passed + new)
        return found


def made(form: str, operands: Sequence[Term], *, is_truth: bool = False) -> Term:
    """A term from others; a place in braces is filled with each."""
    level = max((each.level for each in operands), default=1)
    needs = frozenset().union(*(each.needs for each in operands))
    text = form.format(*(each.text for each in operands))
    return Term(text, level, needs, is_truth=is_truth)


def total(terms: Sequence[Term]) -> Term:
    """The sum of terms, in halves of halves: a database bounds how deep brackets may be."""
    if len(terms) == 1:
        return terms[0]
    half = len(terms) // 2
    return made("({} + {})", [total(terms[:half]), total(terms[half:])])


def sql_number(value: float) -> str:
    """A float as a double of SQL: without an exponent it would be a decimal."""
    if value != value:
        return "NULL"
    text = repr(float(value))
    text = text if "e" in text else f"{text}e0"
    return f"({text})" if text.startswith("-") else text


def _is_lookup(variable: Variable) -> bool:
    return isinstance(variable.at, Operation)
