"""Planes: what lies on them, how they are laid, and directions that mean the same everywhere."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grounds import network, walk
from thalweg.errors import SettingsError
from thalweg.landscape.ground.path_divergence import sound
from thalweg.landscape.planes import least_distorting_plane
from thalweg.landscape.planes.least_distorting_plane import Score, choose_plane
from thalweg.landscape.planes.plane import Plane, lengths, orthonormal, principal
from thalweg.landscape.planes.planes_through_runs import CANDIDATES, candidates
from thalweg.landscape.planes.random_directions import SCALINGS, random_direction, random_plane
from thalweg.landscape.runs.path import DescentPath


def test_candidates_of_one_path_and_of_three():
    start = np.arange(9.0)
    one = candidates([walk("a", start, 30, 1)])
    assert [plane.method for plane in one] == ["start-to-end", "through-start", "centred"]
    three = candidates([walk(name, start, 30, seed) for seed, name in enumerate("abc")])
    assert [plane.method for plane in three] == [
        "through-start", "scaled", "centred", "ends", "ends-scaled", *["three-points"] * 3
    ]  # fmt: skip
    assert [plane.words for plane in three[-3:]] == [
        f"through the start and the ends of {pair}" for pair in ("a and b", "a and c", "b and c")
    ]


@given(st.integers(2, 40), st.integers(2, 30), st.integers(1, 4), st.integers(0, 99))
def test_a_planes_own_points_project_to_themselves(n_parameters, n_points, n_paths, seed):
    rng = np.random.default_rng(seed)
    start = rng.standard_normal(n_parameters)
    paths = [walk(str(k), start, n_points, seed + k) for k in range(n_paths)]
    for plane in candidates(paths, seed):
        np.testing.assert_allclose(plane.basis @ plane.basis.T, np.eye(2), atol=1e-12)
        a, b = rng.uniform(-5, 5, (2, 7))
        there = plane.at(a, b)
        np.testing.assert_allclose(plane.coordinates(there), np.column_stack([a, b]), atol=1e-12)
        assert np.max(plane.off(there)) < 1e-12


def test_coordinates_are_least_squares_and_what_is_left_is_the_distance():
    start = np.arange(20.0) / 7
    path = walk("a", start, 25, 3)
    for plane in candidates([path]):
        wanted, _, _, _ = np.linalg.lstsq(plane.basis.T, (path.thetas - plane.origin).T, rcond=None)
        np.testing.assert_allclose(plane.coordinates(path.thetas), wanted.T, atol=1e-12)
        left = path.thetas - plane.origin - wanted.T @ plane.basis
        np.testing.assert_allclose(plane.off(path.thetas), np.linalg.norm(left, axis=1), atol=1e-12)


def test_what_each_way_of_laying_promises():
    start = np.linspace(-1, 1, 15)
    paths = [walk(name, start, 30, seed) for seed, name in enumerate("ab")]
    ends = np.stack([path.end for path in paths])
    of = {plane.method: plane for plane in candidates(paths)}
    for method, plane in of.items():
        if method != "centred":
            assert plane.off(start[None])[0] < 1e-12, method
    # Two ends and the start: three points are on these planes, whichever way they are laid.
    for method in ("three-points", "ends", "ends-scaled"):
        assert np.max(of[method].off(ends)) < 1e-12
    line = candidates(paths[:1])[0]
    assert np.max(line.off(np.stack([start, ends[0]]))) < 1e-12
    np.testing.assert_allclose(line.coordinates(ends[:1]), [[paths[0].distance, 0]], atol=1e-12)
    # The usual one against NumPy's own singular vectors.
    points = np.concatenate([path.thetas for path in paths])
    _, _, Vt = np.linalg.svd(points - points.mean(axis=0), full_matrices=False)
    np.testing.assert_allclose(np.abs(of["centred"].basis @ Vt[:2].T), np.eye(2), atol=1e-9)
    np.testing.assert_allclose(of["centred"].origin, points.mean(axis=0), atol=1e-12)
    _, _, Vt = np.linalg.svd(points - start, full_matrices=False)
    np.testing.assert_allclose(np.abs(of["through-start"].basis @ Vt[:2].T), np.eye(2), atol=1e-9)


def test_lengths_are_exact_and_do_not_overflow():
    rows = np.random.default_rng(0).standard_normal((50, 7))
    np.testing.assert_array_equal(lengths(rows), np.linalg.norm(rows, axis=1))
    np.testing.assert_allclose(lengths(np.array([[3e200, 4e200], [0, 0], [3e-200, 4e-200]])),
                               [5e200, 0, 5e-200])  # fmt: skip
    assert np.isinf(lengths(np.full((1, 2), 1.7e308))).all()


def test_no_path_outweighs_another_on_the_scaled_plane():
    start, far, near = np.zeros(6), np.zeros((20, 6)), np.zeros((20, 6))
    rng = np.random.default_rng(4)
    far[1:, :2] = 1000 * rng.standard_normal((19, 2))
    near[1:, 3] = np.linspace(0.1, 1, 19)
    near[1:, 0] = 0.01
    paths = [DescentPath.of("far", far), DescentPath.of("near", near)]
    assert np.array_equal(paths[0].start, start)
    of = {plane.method: plane for plane in candidates(paths)}
    shares = {name: plane.off(near[-1:])[0] for name, plane in of.items()}
    assert shares["through-start"] > 0.9  # the far one owns both directions
    assert shares["scaled"] < 0.1


@given(st.integers(1, 60), st.integers(3, 60), st.integers(0, 99))
def test_principal_directions_against_numpy(n_points, n, seed):
    points = np.random.default_rng(seed).standard_normal((n_points, n)) ** 3
    directions, shares = principal(points)
    _, S, Vt = np.linalg.svd(points, full_matrices=False)
    count = min(2, n_points)
    assert len(directions) == count
    np.testing.assert_allclose(shares, (S**2 / np.sum(S**2))[:count], rtol=1e-8)
    np.testing.assert_allclose(np.sum((directions @ Vt.T) ** 2, axis=1), 1, atol=1e-9)
    np.testing.assert_allclose(directions @ directions.T, np.eye(count), atol=1e-12)


def test_fewer_directions_where_points_span_less():
    line = np.outer(np.linspace(-2, 3, 9), np.arange(5.0))
    assert principal(line)[0].shape == (1, 5)
    assert principal(np.zeros((4, 5)))[0].shape == (0, 5)
    path = DescentPath.of("straight", 1 + line - line[0])
    plane = candidates([path], 5)[0]
    np.testing.assert_allclose(plane.basis @ plane.basis.T, np.eye(2), atol=1e-12)
    assert plane.axes[1] == "a random direction"
    assert plane.seed == 5
    assert "one line" in plane.notes[0]


# --- random directions ------------------------------------------------------------------------


@pytest.mark.parametrize("scaling", SCALINGS)
@pytest.mark.parametrize("sizes", [(2, 3, 1), (30, 60, 50, 1)])
def test_random_directions_stay_orthogonal(scaling, sizes):
    terrain, theta = network(sizes)
    plane = random_plane(terrain.architecture, theta, scaling, seed=2)
    np.testing.assert_allclose(plane.basis @ plane.basis.T, np.eye(2), atol=1e-12)
    one, two = (
        random_direction(terrain.architecture, theta, scaling, seed=2, number=k) for k in (0, 1)
    )
    cosine = one @ two / np.linalg.norm(one) / np.linalg.norm(two)
    assert plane.angle == pytest.approx(np.degrees(np.arccos(cosine)), abs=1e-9)
    assert abs(cosine) > 1e-6  # before, they were not
    # The first keeps its direction; the second lies in the plane of both.
    np.testing.assert_allclose(plane.basis[0], one / np.linalg.norm(one), atol=1e-12)
    assert plane.off(theta + two[None])[0] < 1e-12 * np.linalg.norm(two)


def test_each_scaling_by_hand():
    terrain, theta = network((2, 3, 1))
    architecture = terrain.architecture
    noise = random_direction(architecture, theta, "none", seed=1)
    element = random_direction(architecture, theta, "element", seed=1)
    np.testing.assert_array_equal(element, np.abs(theta) * noise)
    by_filter = random_direction(architecture, theta, "filter", seed=1)
    for (W, b), (dW, db), (nW, nb) in zip(
        *(architecture.layers(each) for each in (theta, by_filter, noise)), strict=True
    ):
        for j in range(len(W)):
            # The row of a neuron with its bias: as long as the weights, along the noise.
            n = np.append(nW[j], nb[j])
            wanted = n * np.linalg.norm(np.append(W[j], b[j])) / np.linalg.norm(n)
            np.testing.assert_allclose(np.append(dW[j], db[j]), wanted, rtol=1e-13)


def rescaled(architecture, theta, factors):
    """Each hidden ReLU unit's inputs times a factor, its outputs divided by it."""
    other = theta.copy()
    layers = architecture.layers(other)
    for (W, b), (behind, _), c in zip(layers[:-1], layers[1:], factors, strict=True):
        W *= c[:, None]
        b *= c[:, None]
        behind /= c
    return other


@given(st.integers(0, 30))
def test_element_wise_curves_do_not_notice_rescaled_units(seed):
    terrain, theta = network((3, 5, 4, 1), seed=seed)
    rng = np.random.default_rng(seed)
    factors = [np.exp(rng.uniform(-3, 3, n)) for n in (5, 4)]
    other = rescaled(terrain.architecture, theta, factors)
    assert terrain.losses(other[None])[0] == pytest.approx(terrain.losses(theta[None])[0], rel=1e-9)
    t = np.linspace(-1, 1, 9)[:, None]
    curves = {}
    for scaling in SCALINGS:
        curves[scaling] = [
            terrain.losses(
                each + t * random_direction(terrain.architecture, each, scaling, seed=seed)
            )
            for each in (theta, other)
        ]
    np.testing.assert_allclose(*curves["element"], rtol=1e-9)
    # The others do notice, which is why they are not the default.
    for scaling in ("filter", "none"):
        assert np.max(np.abs(np.subtract(*curves[scaling]))) > 1e-3


def test_weights_of_nothing_are_said_or_scaled_by_neurons():
    terrain, theta = network((3, 10, 1))
    some, many = theta.copy(), theta.copy()
    some[:3] = 0
    many[::2] = 0
    plane = random_plane(terrain.architecture, some)
    assert plane.notes == ("6% of the weights are 0 and stay 0",)
    assert not plane.basis[:, :3].any()
    plane = random_plane(terrain.architecture, many)
    assert "scaled by units" in plane.notes[0]
    assert plane.basis[:, ::2].any()
    with pytest.raises(SettingsError, match="without length"):
        random_plane(terrain.architecture, np.zeros(len(theta)))


@pytest.mark.parametrize(
    ("worth", "order"),
    [
        # (gap, share of the movement): the least gap first, and of equal ones the most movement.
        ({"start-to-end": (0.2, 0.9), "through-start": (0.1, 0.1)}, ["through-start", "centred"]),
        (
            {"start-to-end": (0.1, 0.5), "through-start": (0.1, 0.6), "centred": (0.1, 0.4)},
            ["through-start", "start-to-end", "centred"],
        ),
    ],
)
def test_the_plane_with_the_least_gap_wins_and_a_tie_goes_to_more_movement(
    monkeypatch, worth, order
):
    def score(terrain, plane, paths, threads):
        gap, moved = worth.get(plane.method, (0.1, 0.05))
        return Score(plane.method, plane.words, gap, 0.0, gap, moved, 30, 30)

    monkeypatch.setattr(least_distorting_plane, "score", score)
    terrain, theta = network()
    path = walk("a", theta, 30, 1)
    chosen = choose_plane(terrain, [sound(terrain, path)])
    assert [each.method for each in chosen.scores][: len(order)] == order
    assert chosen.plane.method == order[0]


def test_a_score_says_on_how_many_of_the_points_it_rests():
    """The badge of the drawn plane is of all points, so that its figures may differ."""
    terrain, theta = network()
    long = [walk(name, theta, 200, k, size=0.01) for k, name in enumerate("ab")]
    chosen = choose_plane(terrain, [sound(terrain, path) for path in long])
    assert {(each.points, each.of_points) for each in chosen.scores} == {(120, 400)}
    short = choose_plane(terrain, [sound(terrain, walk("a", theta, 30, 1))])
    assert {(each.points, each.of_points) for each in short.scores} == {(30, 30)}


def test_what_cannot_be_a_plane_is_refused():
    start = np.zeros(3)
    still = DescentPath.of("still", np.zeros((2, 3)))
    moved = walk("moved", start, 4, 1)
    other = walk("other", start + 1, 4, 1)
    with pytest.raises(SettingsError, match="do not move"):
        candidates([still])
    with pytest.raises(SettingsError, match=r"moved and other begin at different points.*order"):
        candidates([moved, other])
    with pytest.raises(SettingsError, match="without length"):
        orthonormal([np.ones(3), np.array([np.nan, 0, 0])])
    assert orthonormal([np.ones(3), -2 * np.ones(3)]).angle == 0
    with pytest.raises(SettingsError, match="no scaling of directions 'layer'"):
        random_plane(network()[0].architecture, np.ones(31), "layer")
    assert candidates([moved, still], only="start-to-end") == []
    assert all(isinstance(plane, Plane) for plane in candidates([moved, still]))
    assert set(CANDIDATES) >= {plane.method for plane in candidates([moved, still])} - {
        "ends-scaled"
    }


def test_a_path_on_one_line_strays_nowhere_and_is_one():
    """The words spoke of a direction that the path strays to, and of several paths."""
    one = DescentPath.of("p", np.array([[0.0, 0, 0], [1, 1, 0]]))
    two = DescentPath.of("q", np.array([[0.0, 0, 0], [2, 2, 0]]))
    for plane in candidates([one]):
        assert "strays" not in plane.words
        assert "all paths" not in plane.words
        assert plane.notes == ("the path lies on one line: the second direction is a random one",)
    for plane in candidates([one, two]):
        assert plane.notes == ("the paths lie on one line: the second direction is a random one",)
    bent = DescentPath.of("p", np.array([[0.0, 0, 0], [1, 1, 0], [2, 1, 0]]))
    (plane,) = candidates([bent], only="start-to-end")
    assert plane.words.endswith("and the direction that the path strays to most")
