"""A last layer of few units, which several threads compute in turns.

Each output is a sum over all units below, which lie in the caches of the cores that computed them.
To bring a sum from core to core is faster than to bring all units to one.
"""

from typing import Any

from thalweg.network.compiled.code_types import Floats
from thalweg.network.compiled.kernel_arguments import Bench, Net, address, lying_at
from thalweg.network.compiled.team.barrier import by_threads, meet, own, place_of, size_of

# So few units.
FEW = 4


def _in_turns_of_team(
    net: Net, theta: Floats, bench: Bench, whole: int, before: int, team: Any
) -> Any:
    layer = net.values.size - 1
    size, n_in, n_out = theta.itemsize, net.sizes[layer], net.sizes[layer + 1]
    place = bench.A if net.in_place[layer] else bench.Z
    begun, ended = own(team, n_in, 1)
    for turn in range(size_of(team)):
        if turn == place_of(team):
            for unit in range(n_out):
                z = lying_at(address(place) + (bench.starts[layer] + unit * bench.step) * size,
                             theta, whole)  # fmt: skip
                if begun == 0:
                    for i in range(whole):
                        z[i] = 0
                for k in range(begun, ended):
                    a = lying_at(before + k * bench.step * size, theta, whole)
                    w = theta[net.weights[layer] + unit * n_in + k]
                    for i in range(whole):
                        z[i] += w * a[i]
        meet(team)
    return 0, n_out if place_of(team) == 0 else 0


def in_turns(net: Net, theta: Floats, bench: Bench, whole: int, before: int, team: Any) -> Any:
    """The product of a last layer of few units: each thread adds the part of what it has itself.

    Returns the units that this thread goes on with: the leader with all, the others with none. The
    order of a sum is that of ``products``.
    """


by_threads(in_turns, _in_turns_of_team, lambda net, theta, bench, whole, before, team: (0, 0))
