"""The program of a model: its stages, one after the other, as statements for one row."""

from collections.abc import Iterator, Sequence

import numpy as np

from thalweg.export.carried_model import CarriedModel
from thalweg.export.programs.encoding_program import EncodingProgram
from thalweg.export.programs.program import (
    Assign,
    Call,
    ConstantArray,
    Declare,
    Dense,
    Encode,
    Expression,
    Function,
    Give,
    Index,
    Literal,
    Loop,
    Program,
    Room,
    Statement,
    Variable,
    When,
    called,
    function_of,
    item,
    op,
)
from thalweg.export.stages import AnswerStage, NetworkStages
from thalweg.network.formulas.expressions.symbols import parts

# The sums of two steps have such names: the function of a formula with several results has none.
TOP, OTHERS = "joined_top", "joined_others"


def program_of(model: CarriedModel) -> Program:
    """The program of a model."""
    made = _ModelProgram(model)
    answers, label = tuple(made.answers()), tuple(made.label())
    used = called(answers)
    functions = tuple(each for each in _functions(model) if each.name in used)
    return Program(
        functions, tuple(made.constants), answers, label, model.n_values, model.n_answers
    )


def _functions(model: CarriedModel) -> Iterator[Function]:
    """The functions of all formulas, sorted by name."""
    formulas = model.stages.formulas
    for name in sorted(formulas):
        if name.endswith("_slope") or name == "error_scale":
            continue
        if name == "joined":
            top, others = parts(formulas[name])
            yield function_of(OTHERS, others)
            yield function_of(TOP, top)
        else:
            yield function_of(name, formulas[name])


class _ModelProgram:
    """Makes the statements, and keeps the constants that they need."""

    def __init__(self, model: CarriedModel) -> None:
        self._model, self._answer = model, model.stages.answer
        self._networks, self._places = model.stages.single, model.stages.places
        self.constants: list[ConstantArray] = []

    # --- from the values of a row to the outputs of the networks ---------------------------------

    def answers(self) -> Iterator[Statement]:
        """Set ``p`` to the answers for the values ``v``."""
        yield Declare("odd", Literal(0.0))
        yield from self._checks()
        widest = max(
            max(len(each.panel.order), *(len(layer.b) for layer in each.layers))
            for each in self._networks
        )
        yield Room("a", widest)
        yield Room("b", widest)
        n_outputs = len(self._networks[0].layers[-1].b)
        yield Room("z", n_outputs * len(self._networks))
        for number, network in enumerate(self._networks):
            yield from self._outputs(number, network)
        yield from self._answers(n_outputs)
        yield from self._sizes()
        nothing = (
            Loop("k", self._model.n_answers, (Assign(item("p", "k"), Literal(float("nan"))),)),
        )
        yield When(op(">", Variable("odd"), Literal(0.0)), nothing)

    def _checks(self) -> Iterator[Statement]:
        """``odd`` is 1 if a value is one that a model refuses; comparisons with NaN are false."""
        for column in self._model.inputs:
            found: list[Expression] = []
            value = item("v", column.place)
            if column.kind == "boolean":
                off = op("*", value, op("-", value, Literal(1.0)))
                found.append(op(">", op("abs", off), Literal(0.0)))
            elif column.kind in ("number", "date", "bound"):
                found.append(op(">", op("abs", value), Literal(column.largest)))
            if column.as_it_is:
                found.append(op("==", op("==", value, value), Literal(0.0)))
            for odd in found:
                yield When(odd, (Assign(Variable("odd"), Literal(1.0)),))

    def _outputs(self, number: int, network: NetworkStages) -> Iterator[Statement]:
        """Set ``z``, from the place of this network on, to its outputs without costs."""
        encoding = EncodingProgram(f"e{number}", network.layers[0].W.dtype)
        yield Encode(number, tuple(encoding.statements(network.panel.forms, "a")))
        self.constants += encoding.constants
        source, target = "a", "b"
        for depth, layer in enumerate(network.layers):
            W = layer.W[:, np.argsort(network.panel.order)] if depth == 0 else layer.W
            names = f"w{number}_{depth}", f"b{number}_{depth}"
            weights = np.ascontiguousarray(W.T).ravel()
            self.constants += [ConstantArray(names[0], weights), ConstantArray(names[1], layer.b)]
            function = "" if layer.activation == "identity" else layer.activation
            yield Dense(*names, W.shape[1], W.shape[0], source, target, function)
            source, target = target, source
        n_outputs = len(network.layers[-1].b)
        for k, shift in enumerate(network.shift.tolist()):
            found: Expression = item(source, k)
            if shift:
                found = op("-", found, Literal(shift))
            yield Assign(item("z", number * n_outputs + k), found)

    # --- from the outputs to the answers ----------------------------------------------------------

    def _answers(self, n_outputs: int) -> Iterator[Statement]:
        answer = self._answer
        if answer.kind in ("number", "levels"):
            yield from self._numbers(n_outputs)
        elif answer.kind == "two classes":
            yield from self._two_classes(answer)
        elif answer.line is None:
            if answer.ranks is None:
                each = [self._shares(m, n_outputs) for m in range(len(self._networks))]
            else:
                each = [self._grades(m, n_outputs) for m in range(len(self._networks))]
            yield from self._mean(each, len(answer.labels))
        else:
            yield from self._tempered(n_outputs)

    def _mean(
        self, each: Sequence[tuple[Sequence[Statement], Sequence[Expression]]], n: int
    ) -> Iterator[Statement]:
        """Set ``p`` to the means over the places of the ensemble.

        Parameters
        ----------
        each : sequence of (sequence of Statement, sequence of Expression)
            What is done before the answers of each single network, and its answers.
        n : int
            The number of answers.
        """
        for before, _ in each:
            yield from before
        yield from _means([each[m][1] for m in self._places], n)

    def _numbers(self, n_outputs: int) -> Iterator[Statement]:
        """center + scale · link, within the range; the mean, the map, the order of levels."""
        answer, each = self._answer, []
        for m, network in enumerate(self._networks):
            links = [Call("link", (item("z", m * n_outputs + k),)) for k in range(n_outputs)]
            scaled = (op("*", Literal(network.scale), link) for link in links)
            sums = (op("+", Literal(network.center), part) for part in scaled)
            each.append(((), [_within(part, network.low, network.high) for part in sums]))
        yield from self._mean(each, n_outputs)
        if answer.line is not None:
            moved = _line(answer.line, item("p", 0))
            yield Assign(item("p", 0), _within(moved, answer.low, answer.high))
        if answer.kind == "levels":
            yield _sorted("p", n_outputs)

    def _two_classes(self, answer: AnswerStage) -> Iterator[Statement]:
        """Both probabilities, each from the logit itself."""
        if answer.line is None:
            both = [
                ((), [_probability(op("negative", item("z", m))), _probability(item("z", m))])
                for m in range(len(self._networks))
            ]
            yield from self._mean(both, 2)
            return
        decision: Expression = item("z", 0)
        if len(self._places) > 1:
            logs = []
            for name in ("minus_log_likely", "minus_log_unlikely"):
                each = [op("negative", Call(name, (item("z", m),))) for m in self._places]
                yield from _log_sum(f"{name}_sum", each)
                logs.append(Variable(f"{name}_sum"))
            decision = op("-", logs[0], logs[1])
        if answer.positive == 0:  # the map is one of the logit of the positive class
            decision = op("negative", _line(answer.line, op("negative", decision)))
        else:
            decision = _line(answer.line, decision)
        yield Declare("moved", decision)
        yield Assign(item("p", 0), _probability(op("negative", Variable("moved"))))
        yield Assign(item("p", 1), _probability(Variable("moved")))

    def _shares(self, m: int, n: int) -> tuple[list[Statement], list[Expression]]:
        """The probabilities of several classes by one network."""
        name = f"sum{m}"
        logits = [item("z", m * n + k) for k in range(n)]
        top, others = Variable(f"{name}_top"), Variable(f"{name}_others")
        found: list[Expression] = [Call("share", (op("-", z, top), others)) for z in logits]
        return _normalised(name, logits), found

    def _grades(self, m: int, n: int) -> tuple[list[Statement], list[Expression]]:
        """The probabilities of grades: products of three, see `grade_outputs`."""
        assert self._answer.ranks is not None
        before: list[Statement] = []
        rising: list[Variable] = []
        for k in range(n):
            z: Expression = item("z", m * n + k)
            before.append(Declare(f"c{m}_{k}", Call("risen", (rising[-1], z)) if k else z))
            rising.append(Variable(f"c{m}_{k}"))
        found = []
        for rank in self._answer.ranks.tolist():
            factors: list[Expression] = []
            if rank < n:
                factors.append(_probability(rising[rank]))
                factors += [_probability(item("z", m * n + rank))] if rank else []
            if rank:
                factors.append(_probability(op("negative", rising[rank - 1])))
            product = factors[0]
            for each in factors[1:]:
                product = op("*", product, each)
            found.append(product)
        return before, found

    def _tempered(self, n: int) -> Iterator[Statement]:
        """Several classes with a map: of the logarithms of the means of their probabilities."""
        assert self._answer.line is not None
        logs: list[list[Expression]] = []
        for m in range(len(self._networks)):
            logits: list[Expression] = [item("z", m * n + k) for k in range(n)]
            yield from _normalised(f"sum{m}", logits)
            logs.append(_log_shares(f"sum{m}", logits))
        found = logs[0]
        if len(self._places) > 1:
            sums = []
            for k in range(n):
                yield from _log_sum(f"l{k}", [logs[m][k] for m in self._places])
                sums.append(Variable(f"l{k}"))
            yield from _normalised("all", sums)
            found = _log_shares("all", sums)
        for k, each in enumerate(found):
            yield Declare(f"m{k}", _line(self._answer.line, each))
        moved = [Variable(f"m{k}") for k in range(n)]
        yield from _normalised("moved", moved)
        top, others = Variable("moved_top"), Variable("moved_others")
        for k, one in enumerate(moved):
            yield Assign(item("p", k), Call("share", (op("-", one, top), others)))

    def _sizes(self) -> Iterator[Statement]:
        """Answers for a row with its own offset or exposure."""
        offset = self._model.offset
        if offset is None:
            return
        size: Expression = item("v", self._model.n_values - 1)
        inside = op("*", op(">=", size, Literal(offset.low)), op("<=", size, Literal(offset.high)))
        yield When(op("==", inside, Literal(0.0)), (Assign(Variable("odd"), Literal(1.0)),))
        if offset.is_log:
            size = op("exp", op("minimum", size, Literal(offset.high)))
        operation = "*" if offset.multiplies else "+"
        found = op(operation, item("p", "k"), size)
        yield Loop("k", self._model.n_answers, (Assign(item("p", "k"), found),))

    # --- from the answers to a label -------------------------------------------------------------

    def label(self) -> Iterator[Statement]:
        """Give the place of the label, -1 for answers that are NaN."""
        answer = self._answer
        if answer.kind in ("number", "levels"):
            return
        yield When(op("==", op("==", item("p", 0), item("p", 0)), Literal(0.0)), (Give(Index(-1)),))
        if answer.threshold is not None and answer.kind == "two classes":
            above = op(">", item("p", answer.positive), Literal(answer.threshold))
            yield When(above, (Give(Index(answer.positive)),))
            yield Give(Index(1 - answer.positive))
            return
        costs = np.ones(len(answer.labels)) if answer.costs is None else answer.costs
        self.constants.append(ConstantArray("costs", costs))
        yield Declare("best", op("*", item("p", 0), item("costs", 0)))
        yield Declare("place", Literal(0.0))
        product = op("*", item("p", "k"), item("costs", "k"))
        place = Assign(Variable("place"), op("+", Variable("k"), Literal(0.0)))
        better = When(
            op(">", product, Variable("best")), (Assign(Variable("best"), product), place)
        )
        yield Loop("k", len(answer.labels), (better,), 1)
        yield Give(op("whole", Variable("place")))


def _probability(z: Expression) -> Expression:
    return Call("link", (z,))


def _line(line: tuple[float, float], z: Expression) -> Expression:
    """The map of a calibration."""
    return op("+", Literal(line[0]), op("*", Literal(line[1]), z))


def _within(value: Expression, low: float, high: float) -> Expression:
    if np.isfinite(low):
        value = op("maximum", value, Literal(low))
    return op("minimum", value, Literal(high)) if np.isfinite(high) else value


def _means(each: Sequence[Sequence[Expression]], n: int) -> Iterator[Statement]:
    """Set ``p`` to the means over the networks, in the order of summation of the model."""
    for m, found in enumerate(each):
        for k in range(n):
            value = found[k] if m == 0 else op("+", item("p", k), found[k])
            yield Assign(item("p", k), value)
    if len(each) > 1:
        mean = op("/", item("p", "k"), Literal(float(len(each))))
        yield Loop("k", n, (Assign(item("p", "k"), mean),))


def _normalised(name: str, numbers: Sequence[Expression]) -> list[Statement]:
    """Declare ``NAME_top`` and ``NAME_others`` of log Σ exp of some numbers."""
    top, others = Variable(f"{name}_top"), Variable(f"{name}_others")
    found: list[Statement] = [
        Declare(top.name, numbers[0]), Declare(others.name, Literal(0.0))
    ]  # fmt: skip
    for z in numbers[1:]:
        # The others first: they need the top before it becomes the higher one.
        found.append(Assign(others, Call(OTHERS, (top, others, z))))
        found.append(Assign(top, Call(TOP, (top, z))))
    return found


def _log_sum(name: str, logs: Sequence[Expression]) -> Iterator[Statement]:
    """Declare the logarithm of the sum of exponentials."""
    yield from _normalised(name, logs)
    yield Declare(name, Call("log_of_sum", (Variable(f"{name}_top"), Variable(f"{name}_others"))))


def _log_shares(name: str, numbers: Sequence[Expression]) -> list[Expression]:
    top, others = Variable(f"{name}_top"), Variable(f"{name}_others")
    return [Call("log_share", (op("-", z, top), others)) for z in numbers]


def _sorted(array: str, n: int) -> Loop:
    """Put an array in ascending order, by exchanges of neighbours."""
    after = op("+", Variable("k"), Index(1))
    swap = (
        Declare("low", op("minimum", item(array, "k"), Variable(array, after))),
        Declare("high", op("maximum", item(array, "k"), Variable(array, after))),
        Assign(item(array, "k"), Variable("low")),
        Assign(Variable(array, after), Variable("high")),
    )
    return Loop("i", n, (Loop("k", n - 1, swap),))
