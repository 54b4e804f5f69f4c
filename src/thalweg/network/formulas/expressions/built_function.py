"""A Python function for the steps of an expression, which NumPy and the compiler both run.

Nothing that a person wrote is run, and no text: each step becomes one node of Python's syntax tree,
which is made here and holds an operation of the list below, names of earlier steps, and a number.
The code object is taken out of the compiled tree, and sees no other name than the functions of
``elementary_functions`` and ``abs``.
"""

import ast
from types import CodeType, FunctionType
from typing import Any

import thalweg.elementary_functions as vocabulary
from thalweg.network.formulas.expressions.symbols import (
    ARGUMENT,
    CONSTANT,
    FUNCTIONS,
    UNARY,
    Formula,
    FormulaStep,
)

_ARITHMETIC: dict[str, ast.operator] = {
    "+": ast.Add(), "-": ast.Sub(), "*": ast.Mult(), "/": ast.Div()
}  # fmt: skip
_COMPARED: dict[str, ast.cmpop] = {
    "<": ast.Lt(), ">": ast.Gt(), "<=": ast.LtE(), ">=": ast.GtE(), "==": ast.Eq()
}  # fmt: skip


def built(formula: Formula, name: str) -> FunctionType:
    """The function of a formula's arguments; a tuple if it has several results.

    Parameters
    ----------
    formula : Formula
    name : str
        Compiled code is kept by this name: no two formulas may share it.
    """
    body: list[ast.stmt] = [
        ast.Assign([ast.Name(_local(place), ast.Store())], _node(formula, step))
        for place, step in enumerate(formula.steps)
    ]
    results: list[ast.expr] = [_read(place) for place in formula.results]
    body.append(ast.Return(results[0] if len(results) == 1 else ast.Tuple(results, ast.Load())))
    arguments = ast.arguments(
        [], [ast.arg(each) for each in formula.arguments], None, [], [], None, []
    )
    function = ast.FunctionDef(name, arguments, body, [])
    tree = ast.fix_missing_locations(ast.Module([function], []))
    module = compile(tree, "<formula>", "exec", dont_inherit=True)
    code = next(each for each in module.co_consts if isinstance(each, CodeType))
    words: dict[str, Any] = {each: getattr(vocabulary, each) for each in FUNCTIONS}
    return FunctionType(code, {**words, "abs": abs, "__builtins__": {}, "__name__": __name__}, name)


def _local(place: int) -> str:
    return f"step_{place}"


def _read(place: int) -> ast.Name:
    return ast.Name(_local(place), ast.Load())


def _node(formula: Formula, step: FormulaStep) -> ast.expr:
    """The expression of one step."""
    if step.operation == CONSTANT:
        return ast.Constant(float(step.value))
    if step.operation == ARGUMENT:
        return ast.Name(formula.arguments[step.operands[0]], ast.Load())
    operands: list[ast.expr] = [_read(each) for each in step.operands]
    if step.operation in _ARITHMETIC:
        return ast.BinOp(operands[0], _ARITHMETIC[step.operation], operands[1])
    if step.operation in _COMPARED:
        return ast.Compare(operands[0], [_COMPARED[step.operation]], [operands[1]])
    if step.operation == "negative":
        return ast.UnaryOp(ast.USub(), operands[0])
    assert step.operation in (*FUNCTIONS, *UNARY), step.operation
    return ast.Call(ast.Name(step.operation, ast.Load()), operands, [])
