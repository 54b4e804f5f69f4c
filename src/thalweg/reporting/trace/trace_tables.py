"""The tables of a trace as text, shared by the terminal and the page.

Each function takes plain data from `thalweg.reporting.trace.trace_data.trace_data`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from thalweg.reporting.trace.digits import number, precise, sum_lines
from thalweg.reporting.trace.trace_notes import has_penalty
from thalweg.wording import counted

Facts = Mapping[str, Any]

# The largest numbers of units of a layer, terms of a sum, columns of a table and rows of a batch.
UNITS, TERMS, COLUMNS, ROWS = 6, 8, 24, 2

# The numbers that all weights share in a step, as the tables name them.
_TERMS = {
    "rate": "learning rate η",
    "momentum": "momentum μ",
    "epsilon": "ε",
    "rho": "ρ",
    "rest": "1 - ρ",
    "beta_1": "β₁",
    "beta_2": "β₂",
    "rest_1": "1 - β₁",
    "rest_2": "1 - β₂",
    "now": "μ now",
    "soon": "μ next",
}
# Rules that correct for an empty memory, in the learning rate and in ε.
_CORRECTED = ("adam", "adamw", "nadam")
_CORRECTED_TERMS = {"rate": "corrected learning rate", "epsilon": "corrected ε"}

# Letters for the units of a path, from the loss on; in a deeper network, numbers follow.
_LETTERS = "ijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class Section:
    """One table with its title and sentences.

    Attributes
    ----------
    title : str
    words : tuple of str
        Sentences above the table.
    heads : tuple of str
    rows : tuple of tuple of str
    totals : int
        How many of the last rows are totals.
    formula : tuple of (str, str)
        Factors of a product, symbol and number, for a page that shows it as mathematics.
    product : tuple of (str, str)
        The name of the product, and its number.
    """

    title: str
    words: tuple[str, ...] = ()
    heads: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    totals: int = 0
    formula: tuple[tuple[str, str], ...] = ()
    product: tuple[str, str] = field(default=("", ""))


def trace_sections(data: Facts) -> list[Section]:
    """The whole trace: columns, both passes, the sums, the chain and the update."""
    return [
        columns_section(data),
        *(passes_section(data, r) for r in range(min(len(data["rows"]), ROWS))),
        *(sum_section(each) for each in data["sums"]),
        *chain_sections(data["chain"], chosen=data["chosen"]),
        *update_sections({**data["update"], "name": data["chain"]["name"]}),
    ]


def columns_section(data: Facts) -> Section:
    """Each column, raw and encoded; with many columns those with the largest encoded values."""
    rows = data["rows"][:ROWS]
    several = len(data["rows"]) > 1
    heads = ["", "column"]
    for row in rows:
        at = f" {row['row']}" if several else ""
        heads += [f"raw{at}", f"encoded{at}"]
    lines = []
    # A category has an output for each level: nearly all are 0, and not worth a line.
    sizes = [-max(map(abs, column["encoded"][: len(rows)])) for column in data["columns"]]
    strongest = sorted(sorted(range(len(sizes)), key=sizes.__getitem__)[:COLUMNS])
    for column in (data["columns"][j] for j in strongest):
        cells = [f"X[{column['column']}]", column["name"]]
        for r in range(len(rows)):
            raw = column["raw"]
            cells.append("" if raw is None else _cell(raw[r]))
            cells.append(number(column["encoded"][r]))
        lines.append(tuple(cells))
    hidden = _more(len(data["columns"]) - COLUMNS, "column", ", which are the nearest to 0")
    words = hidden + _more(len(data["rows"]) - ROWS, "row")
    return Section("The row, raw and encoded", words, tuple(heads), tuple(lines))


def _cell(raw: float | str | None) -> str:
    return "missing" if raw is None else raw if isinstance(raw, str) else number(raw)


def passes_section(data: Facts, r: int = 0) -> Section:
    """Forward and backward for one row: every quantity and its derivative."""
    named = {node["name"]: node for node in data["nodes"]}
    lines: list[tuple[str, ...]] = []
    hidden = []
    for name, node in named.items():
        if name[0] in "Wb":
            lines.append(_block_line(node))
        elif name not in ("X", "Loss"):
            units = _units(named, name, r, data["chain"]["rows"])
            lines += [_unit_line(node, unit, r) for unit in units]
            if len(units) < len(node["value"]):
                hidden.append(f"{len(node['value']) - len(units)} more of {name}")
    lines += _loss_lines(data["network"])
    words = (
        "Read the values downwards, in the order of the forward pass, and the derivatives upwards, "
        "in the order of the backward pass. For W and b the table shows the norm, ‖·‖.",
        *((f"Not shown: {'; '.join(hidden)}.",) if hidden else ()),
    )
    title = "Forward and backward"
    if len(data["rows"]) > 1:
        title += f", row {data['rows'][r]['row']}"
        if r:
            words = words[1:]
    return Section(title, words, ("", "value", "", "derivative"), tuple(lines))


def _loss_lines(network: Facts) -> list[tuple[str, ...]]:
    """The loss, and below it the loss with penalty, which every derivative is of."""
    height = number(network["height"])
    if not has_penalty(network):
        return [("Loss", height, "dLoss_Loss", "1")]
    without = ("Loss", number(network["data_height"]), "", "")
    return [without, ("Loss with penalty", height, "dLoss_Loss", "1")]


def _units(named: Facts, name: str, r: int, chain_rows: Sequence[Facts]) -> list[int]:
    """Which units of a layer are shown: those of the chain, and those with the largest gradient."""
    layer = name[1:] if name[0] in "ZA" else ""
    node = named.get(f"Z{layer}", named[name])
    gradient = node["gradient"] or node["value"]
    strength = [abs(row[r] or 0.0) for row in gradient]
    order = sorted(range(len(strength)), key=lambda i: (-strength[i], i))
    row = chain_rows[r]
    on_the_way = [*row["paths"][0]["factors"], *row["local"]]
    passed = {
        int(factor["name"].partition(f"_{name}[")[2].partition("]")[0])
        for factor in on_the_way
        if f"_{name}[" in factor["name"]
    }
    chosen = [unit - 1 for unit in passed]
    chosen += [i for i in order if i not in chosen][: max(0, UNITS - len(chosen))]
    return sorted(chosen)


def _unit_line(node: Facts, unit: int, r: int) -> tuple[str, ...]:
    at = f"[{unit + 1}]" if len(node["value"]) > 1 else ""
    gradient = node["gradient"]
    derivative = f"{node['derivative']}{at}" if gradient else ""
    slope = number(gradient[unit][r]) if gradient else ""
    return (
        f"{node['name']}{at} = {node['formula']}",
        number(node["value"][unit][r]),
        derivative,
        slope,
    )


def _block_line(node: Facts) -> tuple[str, ...]:
    """The table row of W or b: its norm and that of its derivative."""
    value, gradient = node["value"], node["gradient"]
    shape = f"{node['name']}, {len(value)} × {len(value[0])}"
    lengths = [f"‖{number(_length(each))}‖" for each in (value, gradient)]
    return (shape, lengths[0], node["derivative"], lengths[1])


def _length(matrix: Sequence[Sequence[float | None]]) -> float:
    return float(sum(float(v or 0.0) ** 2 for row in matrix for v in row) ** 0.5)


def sum_section(data: Facts) -> Section:
    """Z of one unit: the largest terms in this row, in the order of the inputs."""
    inputs = {
        term["name"]: f"{number(term['weight'])} · {number(term['input'])}"
        for term in data["terms"]
        if "weight" in term
    }
    bias, *terms = data["terms"]
    sizes = [abs(term["value"]) for term in terms]
    largest = set(sorted(range(len(terms)), key=lambda j: -sizes[j])[:TERMS])
    in_order = sorted(range(len(terms)), key=lambda j: j not in largest)
    ordered = [bias, *(terms[j] for j in in_order)]
    lines, total = sum_lines(ordered, data["total"], TERMS + 1)
    rows = [(line.name, line.text, inputs.get(line.name, ""), line.written) for line in lines]
    title = f"{data['name']} of row {data['row']}, term by term"
    heads = ("term", "", "weight · input", "product")
    return Section(title, (), heads, (*rows, (data["name"], "", "", total)), 1)


def chain_sections(data: Facts, *, chosen: bool = False) -> list[Section]:
    """The derivative of one weight: its factors, the sum over rows, and two comparisons."""
    shown = max(data["rows"], key=lambda row: abs(row["value"]))
    column = f", from the column {data['column']}" if data["column"] else ""
    words = [f"{data['name']} = {number(data['weight'])}{column}."]
    if chosen:
        words.append("No weight was named: this one has the largest gradient in the first layer.")
    if len(data["rows"]) > 1:
        words.append(
            f"For row {shown['row']}, where it is largest; --json has the chain of every row."
        )
    if not shown["value"]:
        words.append("One of the factors is 0: this row does not change the weight.")
    found = _row_sections(data, shown, tuple(words))
    terms = [
        {"name": f"row {row['row']}", "text": "", "value": row["value"]} for row in data["rows"]
    ]
    terms += data["penalties"]
    if len(terms) > 1:
        n_penalties = len(data["penalties"])
        ordered = sorted(terms[: len(terms) - n_penalties], key=lambda t: -abs(t["value"]))
        ordered = [*terms[len(terms) - n_penalties :], *ordered]
        lines, total = sum_lines(ordered, data["value"], TERMS)
        rows = (*(tuple(line) for line in lines), (data["derivative"], "", total))
        found.append(Section("Sum over rows and penalties", (), ("part", "", "value"), rows, 1))
    return [*found, _opinions(data)]


def _row_sections(data: Facts, row: Facts, words: tuple[str, ...]) -> list[Section]:
    """The paths of one row, if there are several, and the product."""
    title = f"The chain rule: {data['derivative']}"
    is_part = len(data["rows"]) > 1 or data["penalties"]
    is_product = f"product, the part of row {row['row']}" if is_part else "product"
    if len(row["paths"]) == 1 and not row["n_more"]:
        factors = [*row["paths"][0]["factors"], *row["local"]]
        return [_product(title, words, data["derivative"], factors, row["value"], is_product)]
    n_paths, layer = len(row["paths"]) + row["n_more"], int(data["name"][1:].partition("[")[0])
    terms = [
        {
            "name": " ".join(_place(*each) for each in passed_units(path, layer)),
            "text": " · ".join(number(factor["value"]) for factor in path["factors"]),
            "value": path["value"],
        }
        for path in row["paths"]
    ]
    lines, total = sum_lines(terms, row["outer"], TERMS, rest=row["rest"], n_more=row["n_more"])
    rows = (*(tuple(line) for line in lines), (row["to"], "", total))
    along = (
        *words,
        f"The loss depends on {row['to'].removeprefix('dLoss_')} along {n_paths:,} paths, with "
        f"one product each: {any_path(row['paths'][0], layer)}. The largest come first.",
    )
    summed = {"name": row["to"], "text": "the sum over all paths", "value": row["outer"]}
    product = _product(
        "and from there to the weight",
        (),
        data["derivative"],
        [summed, *row["local"]],
        row["value"],
        is_product,
    )
    return [Section(title, along, ("path through", "factors", "product"), rows, 1), product]


def passed_units(path: Facts, layer: int) -> list[tuple[str, int]]:
    """The units between the loss and a layer: ``("A3", 2)``; a single last unit is omitted."""
    last = layer + len(path["units"])
    several = path["factors"][0]["name"].endswith("]")
    units = [(f"A{last - k}", unit) for k, unit in enumerate(path["units"])]
    return [(f"Z{last}", units[0][1]), *units[1:]] if several else units[1:]


def _place(name: str, unit: int | str) -> str:
    return f"{name}[{unit}]"


def any_path(path: Facts, layer: int) -> str:
    """The factors by name, with letters for the units in which paths differ."""
    words = " · ".join(factor["name"] for factor in path["factors"])
    for (name, unit), letter in zip(passed_units(path, layer), _LETTERS, strict=False):
        for each in (*(f"{sign}{name[1:]}" for sign in "AZ"), *(["Yh"] if name[0] == "Z" else [])):
            words = words.replace(_place(each, unit), _place(each, letter))
    return words


def _product(
    title: str,
    words: tuple[str, ...],
    name: str,
    factors: Sequence[Facts],
    value: float,
    is_product: str,
) -> Section:
    rows = [(f["name"], f["text"], number(f["value"])) for f in factors]
    formula = tuple((f["name"], number(f["value"])) for f in factors)
    total = (name, is_product, number(value))
    heads = ("factor", "is", "value")
    return Section(title, words, heads, (*rows, total), 1, formula, (name, number(value)))


def _opinions(data: Facts) -> Section:
    """The product of the factors, with the engine's gradient and the finite difference."""
    found = data["difference"]
    rows = [
        ("the factors", precise(data["value"]), f"{data['apart']:.1e}"),
        ("the engine's gradient", precise(data["engine"]), ""),
    ]
    words: tuple[str, ...] = ()
    if found["step"]:
        name = f"finite difference, h = {found['step']:g}"
        rows.append((name, precise(found["value"]), f"{found['apart']:.1e}"))
        if found["crossings"]:
            crossed = counted(found["crossings"], "longer step")
            words = (f"{crossed} would have crossed a kink; each was made ten times shorter.",)
    else:
        words = (
            f"There is no finite difference: {counted(found['crossings'], 'step')} tried, all of "
            "them across a kink, where the slope jumps.",
        )
    heads = ("computed by", data["derivative"], "difference")
    return Section("Is it right?", words, heads, tuple(rows))


def update_sections(data: Facts) -> list[Section]:
    """How the optimizer uses the derivative, step by step."""
    title = f"The update of {data['name']}: {data['optimizer']}"
    if data["why_not"]:
        return [Section(title, (data["why_not"],))]
    if not data["steps"]:
        return [Section(title, ("The first step gives numbers that are not finite.",))]
    terms = list(data["steps"][0]["terms"])
    numbers = [[step["terms"][name] for name in terms] for step in data["steps"]]
    corrected = data["rule"] in _CORRECTED
    words = ["What the rule computes once in each step."]
    if corrected:
        words.append(
            "The corrected learning rate and ε contain the corrections for an empty memory."
        )
    names = {**_TERMS, **(_CORRECTED_TERMS if corrected else {})}
    same = Section(
        f"What is the same for every weight{' of this block' if data['factor'] != 1 else ''}",
        (" ".join(words),),
        ("step", *(names.get(term, term) for term in terms)),
        _by_step(data["steps"], numbers),
    )
    return [*_step_sections(title, data), same]


def _step_sections(title: str, data: Facts) -> list[Section]:
    """The gradient with the memory of the rule, and the weight before and after."""
    steps, memory, name = data["steps"], data["memory"], data["name"]
    clipped = any(step["clipped"] != 1 for step in steps)
    decayed = any(step["decayed"] != 1 for step in steps)
    loss = "loss with penalty" if data["has_penalty"] else "loss"
    heads = ["step", loss, "gradient", *(["clipped to"] if clipped else []), *memory]
    learned = [
        [step["loss"], step["gradient"]]
        + ([step["gradient"] * step["clipped"]] if clipped else [])
        + [step["after"][each] for each in memory]
        for step in steps
    ]
    words = (
        f"{data['formula']}. {_rate_words(data)} The rule learns from these rows alone. "
        f"{_memory_words(data)}",
    )
    moved = [
        [step["theta"]]
        + ([step["theta"] * step["decayed"]] if decayed else [])
        + [step["moved"], step["moved"] - step["theta"]]
        for step in steps
    ]
    columns = ("step", f"{name} before", *(["decayed to"] if decayed else []), "after", "change")
    return [
        Section(title, words, tuple(heads), _by_step(steps, learned)),
        Section(f"So {name} moves", (), columns, _by_step(steps, moved)),
    ]


def _rate_words(data: Facts) -> str:
    """The learning rate of the steps, and what it leaves out."""
    of_block = "" if data["factor"] == 1 else f" times the block's factor {number(data['factor'])}"
    unused = ": the schedule is not used here" if data["has_schedule"] else ""
    return f"The learning rate η is {number(data['rate'])}{of_block} in every step{unused}."


def _memory_words(data: Facts) -> str:
    if data["rule"] == "sgd" and not data["steps"][0]["terms"]["momentum"]:
        return "With μ = 0 it has no memory: v is the gradient."
    return "It starts from an empty memory, which is shown after each step."


def _by_step(
    steps: Sequence[Facts], numbers: Sequence[Sequence[float]]
) -> tuple[tuple[str, ...], ...]:
    """One table row for each step: its number, and numbers."""
    return tuple(
        (str(step["step"]), *map(number, row)) for step, row in zip(steps, numbers, strict=True)
    )


def _more(n: int, what: str, why: str = "") -> tuple[str, ...]:
    return (f"{counted(n, f'more {what}')} not shown{why}.",) if n > 0 else ()
