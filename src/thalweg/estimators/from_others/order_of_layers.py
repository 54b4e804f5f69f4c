"""The order of the layers of a network that another program saved.

A file may have its keys sorted as texts, "10.weight" before "2.weight" (safetensors does this), so
that their order says nothing. Numbers in names do, and shapes: a layer takes what the layer before
it gives.
"""

import re
from collections.abc import Collection, Mapping

from thalweg.data.column_names import listed
from thalweg.errors import SettingsError

# Inputs and outputs of a layer.
Shape = tuple[int, int]

# More steps than any network with one order needs.
_MOST_STEPS = 20_000
_ORDERED = 'number the layers from the inputs on, as in {"0.weight": …, "0.bias": …, "1.weight": …}'


def in_order(
    shapes: Mapping[str, Shape], n_inputs: int | None, n_outputs: Collection[int]
) -> list[str]:
    """The names of layers, from the inputs on.

    Names that are alike but for their numbers are in the order of these. Among the orders that are
    left, that one is taken in which each layer takes as many numbers as the layer before it gives.

    Parameters
    ----------
    shapes : mapping of str to (int, int)
        Inputs and outputs of each layer.
    n_inputs : int or None
        The inputs of the network, if they are known.
    n_outputs : collection of int
        The outputs that the network can have.

    Returns
    -------
    list of str
        If no order fits the shapes, one that does not.

    Raises
    ------
    SettingsError
        If several orders fit.
    """
    runs = _runs(shapes)
    orders = _orders(runs, shapes)
    apt = [
        order
        for order in orders
        if n_inputs in (None, shapes[order[0]][0]) and shapes[order[-1]][1] in n_outputs
    ]
    found = apt or orders
    if len(found) > 1:
        raise SettingsError(
            "The order of the layers is not known",
            where=f"state_dict: {listed(list(shapes), 6)}",
            why="Their names have no numbers in common that would say it, several orders fit "
            "their shapes, and files may have the names sorted",
            fix=_ORDERED,
        )
    return found[0] if found else [name for run in runs for name in run]


def _runs(names: Collection[str]) -> list[list[str]]:
    """Names that differ only in numbers, by number; in the order of their first ones."""
    found: dict[tuple[str, ...], dict[tuple[tuple[int, str], ...], str]] = {}
    for name in names:
        parts = re.split("([0-9]+)", name)
        digits = (part.lstrip("0") for part in parts[1::2])
        # As texts of a length, because Python reads no number of thousands of digits.
        number = tuple((len(each), each) for each in digits)
        same = found.setdefault(tuple(parts[::2]), {})
        if number in same:
            raise SettingsError(
                f'The layers "{same[number]}" and "{name}" have the same number',
                where="state_dict",
                fix=_ORDERED,
            )
        same[number] = name
    return [[run[number] for number in sorted(run)] for run in found.values()]


def _orders(runs: list[list[str]], shapes: Mapping[str, Shape]) -> list[list[str]]:
    """Orders in which each layer takes what the one before it gives, and each run stays in order.

    Two orders with the same first inputs and last outputs are enough to know that there is no
    single one. So at most one more than the kinds of ends is looked for.
    """
    found: list[list[str]] = []
    ends: dict[Shape, int] = {}
    n_layers, steps = len(shapes), 0
    stack: list[tuple[list[str], tuple[int, ...]]] = [([], (0,) * len(runs))]
    while stack:
        order, places = stack.pop()
        steps += 1
        if len(order) == n_layers:
            end = shapes[order[0]][0], shapes[order[-1]][1]
            ends[end] = ends.get(end, 0) + 1
            if ends[end] <= 2:
                found.append(order)
        if steps > _MOST_STEPS:
            raise SettingsError(
                "The order of the layers is not known",
                where="state_dict",
                why="Their names have no numbers in common, and too many orders are possible",
                fix=_ORDERED,
            )
        for run, place in enumerate(places):
            if place == len(runs[run]):
                continue
            name = runs[run][place]
            if not order or shapes[order[-1]][1] == shapes[name][0]:
                after = (*places[:run], place + 1, *places[run + 1 :])
                stack.append(([*order, name], after))
    return found
