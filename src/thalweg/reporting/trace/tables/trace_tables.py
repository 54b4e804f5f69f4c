"""The tables of a trace as text, shared by the terminal and the page.

Each function takes plain data from `thalweg.reporting.trace.trace_data.trace_data`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from thalweg.network.gradcheck import FORMULA
from thalweg.reporting.trace.tables.digits import SumLine, moved_words, number, precise, sum_lines
from thalweg.reporting.trace.tables.trace_notes import has_penalty
from thalweg.wording import counted

Facts = Mapping[str, Any]

# The largest numbers of units of a layer, terms of a sum and rows of a batch.
UNITS, TERMS, ROWS = 6, 8, 2

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


def shown_rows(data: Facts) -> list[int]:
    """Which rows of a batch are shown with all of their numbers: also that of the chain."""
    chain = data["chain"]["rows"]
    shown = list(range(min(len(data["rows"]), ROWS)))
    followed = chain.index(followed_row(chain))
    return shown if followed in shown else [*shown[:-1], followed]


def followed_row(rows: Sequence[Facts]) -> Facts:
    """The row that the chain rule follows: the one with the largest part."""
    return max(rows, key=lambda row: abs(row["value"]))


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
    several = len(data["rows"]) > 1
    lines += _loss_lines(data["network"], data["rows"][r] if several else None)
    of_all = " Their derivatives are those of all rows together." if several else ""
    words = (
        "Read the values downwards, in the order of the forward pass, and the derivatives upwards, "
        f"in the order of the backward pass. For W and b the table shows the norm, ‖·‖.{of_all}",
        *((f"Not shown: {'; '.join(hidden)}.",) if hidden else ()),
    )
    title = "Forward and backward"
    if several:
        title += f", row {data['rows'][r]['row']}"
        if r:
            words = words[1:]
    return Section(title, words, ("", "value", "", "derivative"), tuple(lines))


def _loss_lines(network: Facts, row: Facts | None) -> list[tuple[str, ...]]:
    """The part of this row of several, the loss, and the loss with penalty."""
    lines: list[tuple[str, ...]] = [("Loss", number(network["data_height"]), "", "")]
    if row is not None:
        product = f"{number(row['share'])} · {number(row['loss'])}"
        lines.insert(0, (f"Loss[{row['row']}] = {product}", number(row["part"]), "", ""))
    if has_penalty(network):
        lines.append(("Loss with penalty", number(network["height"]), "", ""))
    return lines


def _units(named: Facts, name: str, r: int, chain_rows: Sequence[Facts]) -> list[int]:
    """Which units of a layer are shown: those of the chain, and those with the largest gradient."""
    layer = name[1:] if name[0] in "ZA" else ""
    if name == "Yh" and named[name]["gradient"] is None:  # of a softmax: as in the last layer
        layer = max(other[1:] for other in named if other[0] == "Z")
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
    if name == "Yh" and layer:
        passed = {row["paths"][0]["units"][0]}
    chosen = [unit - 1 for unit in passed]
    chosen += [i for i in order if i not in chosen][: max(0, UNITS - len(chosen))]
    return sorted(chosen)


def _unit_line(node: Facts, unit: int, r: int) -> tuple[str, ...]:
    at = f"[{unit + 1}]" if len(node["value"]) > 1 else ""
    gradient = node["gradient"]
    derivative = f"{node['derivative']}{at}" if gradient else ""
    slope = number(gradient[unit][r]) if gradient else ""
    return (
        f"{node['name']}{at} = {_formula_of(node, unit)}",
        number(node["value"][unit][r]),
        derivative,
        slope,
    )


def _formula_of(node: Facts, unit: int) -> str:
    """The formula of a quantity, or of one unit of it, where units have different ones."""
    k, last = unit + 1, len(node["value"]) - 1
    if node["name"] == "C":
        own = f"{node['formula'].partition('[1] = ')[2].partition('[')[0]}[{k}]"
        return f"C[{k - 1}] + softplus({own})" if unit else own
    if node["name"] == "P":
        return f"{f'Yh[{k}]' if unit < last else '1'}{f' - Yh[{k - 1}]' if unit else ''}"
    return f"{node['formula'].replace('(C)', f'(C[{k}])')}"


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
    lasts = (data["name"], "", "", total)
    return Section(title, moved_words(lines), heads, (*rows, lasts), 1)


def chain_sections(data: Facts, *, chosen: bool = False) -> list[Section]:
    """The derivative of one weight: its factors, the sum over rows, and two comparisons."""
    shown = followed_row(data["rows"])
    column = f", from the column {data['column']}" if data["column"] else ""
    words = [f"{data['name']} = {number(data['weight'])}{column}."]
    if chosen:
        words.append(_chosen_words(data))
    if len(data["rows"]) > 1 and not shown["value"]:
        words.append(
            f"The part of every row is 0, as {_zeros(shown)} 0: these rows do not change the "
            f"weight. The factors are those of row {shown['row']}; --json has the chain of every "
            "row."
        )
    elif len(data["rows"]) > 1:
        words.append(
            f"For row {shown['row']}, where it is largest; --json has the chain of every row."
        )
    if len(data["rows"]) == 1 and not shown["value"]:
        words.append(f"{_zeros(shown).capitalize()} 0: this row does not change the weight.")
    if _has_parts(data):
        words.append(_part_words(data, shown))
    found = _row_sections(data, shown, tuple(words))
    terms = [
        {"name": row["derivative"], "text": f"row {row['row']}", "value": row["value"]}
        for row in data["rows"]
    ]
    terms += data["penalties"]
    if len(terms) > 1:
        n_penalties = len(data["penalties"])
        ordered = sorted(terms[: len(terms) - n_penalties], key=lambda t: -abs(t["value"]))
        ordered = [*terms[len(terms) - n_penalties :], *ordered]
        lines, total = sum_lines(ordered, data["value"], TERMS)
        rows = (*_written(lines), (data["derivative"], "", total))
        heads, said = ("part", "", "value"), moved_words(lines)
        found.append(Section("Sum over rows and penalties", said, heads, rows, 1))
    return [*found, _opinions(data)]


def _chosen_words(data: Facts) -> str:
    """Why this weight, if none was named."""
    # It is the one with the largest gradient: if that is 0, all are.
    if sum(row["value"] for row in data["rows"]):
        without = ", without the penalty" if data["penalties"] else ""
        return (
            f"No weight was named: this one has the largest gradient in the first layer{without}."
        )
    rows = "this row" if len(data["rows"]) == 1 else "these rows together"
    without = " (without the penalty)" if data["penalties"] else ""
    return (
        f"No weight was named: for {rows}, all gradients of the first layer are 0{without}, and "
        "its first weight was taken."
    )


def _zeros(row: Facts) -> str:
    """How many factors of a row are 0: "one of the factors is", "3 of the factors are"."""
    factors = [factor for path in row["paths"] for factor in path["factors"]] + [*row["local"]]
    # Paths share factors: each counts once.
    zeros = len({factor["name"] for factor in factors if not factor["value"]})
    if zeros == 1:
        return "one of the factors is"
    # A product of tiny factors can be 0, too.
    return f"{zeros} of the factors are" if zeros else "the product of its factors is"


def _has_parts(data: Facts) -> bool:
    """Whether a row is only a part of the loss, besides other rows and penalties."""
    return len(data["rows"]) > 1 or bool(data["penalties"])


def _part_words(data: Facts, row: Facts) -> str:
    """What the part of a row is, and why the first factor has no name of its own for it."""
    part, first = f"Loss[{row['row']}]", row["paths"][0]["factors"][0]["name"]
    others = ["the other rows"] if len(data["rows"]) > 1 else []
    others += ["the penalty"] if data["penalties"] else []
    return (
        f"{part} is the part of row {row['row']} in the loss, without {' and '.join(others)}. No "
        f"other part depends on this row, so that {first} is also the derivative of {part}."
    )


def _row_sections(data: Facts, row: Facts, words: tuple[str, ...]) -> list[Section]:
    """The paths of one row, if there are several, and the product."""
    title = f"The chain rule: {data['derivative']}"
    is_part = _has_parts(data)
    name = row["derivative"] if is_part else data["derivative"]
    is_product = f"product, the part of row {row['row']}" if is_part else "product"
    if len(row["paths"]) == 1 and not row["n_more"]:
        factors = [*row["paths"][0]["factors"], *row["local"]]
        return [_product(title, words, name, factors, row["value"], is_product)]
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
    rows = (*_written(lines), (row["to"], "", total))
    along = (
        *words,
        *moved_words(lines),
        f"The loss depends on {row['to'].removeprefix('dLoss_')} along {n_paths:,} paths, with "
        f"one product each: {any_path(row['paths'][0], layer)}. The largest come first.",
    )
    summed = {"name": row["to"], "text": "the sum over all paths", "value": row["outer"]}
    product = _product(
        "and from there to the weight",
        (),
        name,
        [summed, *row["local"]],
        row["value"],
        is_product,
    )
    return [Section(title, along, ("path through", "factors", "product"), rows, 1), product]


def _written(lines: Sequence[SumLine]) -> list[tuple[str, ...]]:
    """The cells of the lines of a sum."""
    return [(line.name, line.text, line.written) for line in lines]


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
        words = (
            f"The finite difference is {FORMULA}, with the loss L. It is of fourth order: its "
            "error shrinks with h⁴.",
        )
        name = f"finite difference, h = {found['step']:g}"
        rows.append((name, precise(found["value"]), f"{found['apart']:.1e}"))
        if found["crossings"]:
            crossed = counted(found["crossings"], "longer step")
            words += (f"{crossed} would have crossed a kink; each was made ten times shorter.",)
    elif not found["crossings"]:
        words = ("There is no finite difference: this weight is held at 0, and so is its slope.",)
    else:
        words = (
            f"There is no finite difference: {counted(found['crossings'], 'step')} tried, all of "
            "them across a kink, where the slope jumps.",
        )
    heads = ("computed by", data["derivative"], "difference")
    return Section("Is it right?", words, heads, tuple(rows))
