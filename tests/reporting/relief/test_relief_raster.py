"""The painted ground: what hides what, which colours, and where lines and hatching are."""

import numpy as np
import pytest

from relief_page import View, rough, teaching
from thalweg.reporting.relief.edge_smoothing import smooth_edges
from thalweg.reporting.relief.relief_camera import make_camera
from thalweg.reporting.relief.relief_ground import make_ground
from thalweg.reporting.relief.relief_looks import ground_looks
from thalweg.reporting.relief.relief_raster import eased, paint_ground

WIDTH, HEIGHT = 300, 200


def painted(losses, *, azimuth=30.0, elevation=40.0, mode="light", **options):
    ground = make_ground(losses, **options)
    camera = make_camera(ground, WIDTH, HEIGHT, azimuth=azimuth, elevation=elevation)
    return ground, camera, paint_ground(ground, camera, WIDTH, HEIGHT, mode)


def rays(camera, x, y):
    """The points at a distance of 0 and 1 along the rays through pixels."""
    matrix = np.linalg.inv(camera.matrix)
    ends = []
    for depth in (-1.0, 0.4):
        found = matrix @ np.array([x, y, np.full_like(x, depth), np.ones_like(x)])
        ends.append(found[:3] / found[3])
    return ends


def test_depth_is_that_of_the_first_point_on_each_ray():
    # Walk along rays through pixels until they are below the ground: brute force.
    ground, camera, picture = painted(teaching(41), whole=True)
    rng = np.random.default_rng(0)
    j, i = np.nonzero(np.isfinite(picture.depth))
    chosen = rng.choice(len(j), 300, replace=False)
    x, y = i[chosen] + 0.5, j[chosen] + 0.5
    near, far = rays(camera, x, y)
    way = np.linspace(0, 1, 4001)
    points = near[:, :, None] + (far - near)[:, :, None] * way
    tops = ground.height_at(points[0], points[1])
    below = (points[2] <= tops) & (points[2] >= -0.05)
    assert below.any(axis=1).all()
    first = np.argmax(below, axis=1)
    hit = points[:, np.arange(300), first]
    found = picture.depth[j[chosen], i[chosen]]
    assert found == pytest.approx(camera.project(*hit)[2], abs=2e-3)


def test_a_tube_behind_a_hill_is_hidden_and_one_before_it_is_not():
    axis = np.linspace(-1, 1, 61)
    hill = np.exp(-8 * (axis[None] ** 2 + axis[:, None] ** 2))
    ground, camera, picture = painted(hill, azimuth=0.0, elevation=20.0, whole=True)
    along = np.linspace(-0.1, 0.1, 21)
    behind = camera.project(along, np.full(21, 0.25), np.full(21, 0.01))
    before = camera.project(along, np.full(21, -0.45), np.full(21, 0.01))
    assert picture.is_hidden(behind).all()
    assert not picture.is_hidden(before).any()
    above = camera.project(along, np.full(21, 0.25), np.full(21, ground.tall))
    assert not picture.is_hidden(above).any()
    # A tube that lies on the ground is not hidden by the triangles under it.
    u, v = np.linspace(-0.45, 0.45, 50), np.full(50, -0.4)
    lying = camera.project(u, v, ground.height_at(u, v))
    assert not picture.is_hidden(lying).any()


def test_level_ground_has_the_tint_of_its_height_in_full_light():
    looks = ground_looks()
    _, camera, picture = painted(np.full((21, 21), 3.0), whole=True)
    x, y, _ = camera.project(0.0, 0.0, 0.0)
    shade = looks["shade"]
    lit = (1 - shade["from"]) / (shade["to"] - shade["from"])
    bright = shade["far_tone"] + (lit * lit * (3 - 2 * lit) - shade["far_tone"]) * 0.62
    light = looks["light"]
    for k in range(3):
        cool, warm = light["cool"][k], light["warm"][k]
        expected = light["tints"][0][k] * (cool + (warm - cool) * bright)
        assert picture.rgba[int(y), int(x), k] == pytest.approx(expected, abs=1)


def test_what_faces_the_light_is_brighter():
    axis = np.linspace(-1, 1, 61)
    ridge = np.tile(np.exp(-8 * axis**2), (61, 1))
    _, camera, picture = painted(ridge, azimuth=0.0, elevation=60.0, whole=True)
    left, right = (camera.project(x, 0.0, 0.2)[:2].astype(int) for x in (-0.15, 0.15))
    tone = picture.rgba[..., :3].astype(int).sum(axis=2)
    assert tone[left[1], left[0]] > tone[right[1], right[0]] + 60


def test_contours_are_one_pixel_wide_at_any_slope():
    x = np.linspace(0, 1, 41)
    _, camera, picture = painted(np.tile(x, (41, 1)), azimuth=0.0, elevation=89.0, whole=True)
    row = int(camera.project(0.0, 0.0, 0.2)[1])
    line = picture.rgba[row, :, :3].astype(float).sum(axis=1)
    inside = np.flatnonzero(np.isfinite(picture.depth[row]))
    bend = np.abs(np.diff(line[inside[5:-5]], 2))
    # Steps of 0.05: 19 lines inside, and each disturbs a few pixels.
    marked = np.flatnonzero(bend > 4)
    groups = np.split(marked, np.flatnonzero(np.diff(marked) > 2) + 1)
    assert len(groups) == 19
    assert max(map(len, groups)) <= 6


def test_contours_that_come_too_close_fade():
    contour = ground_looks()["contour_px"]
    assert 1 - eased(contour["crowd_from"], contour["crowd_to"], np.array([0.1, 0.5])) == (
        pytest.approx([1, 0])
    )


def test_strata_are_at_the_heights_of_the_contours():
    view = View(np.tile(np.linspace(0, 1, 41), (41, 1)), {"whole": True}, 0.0, 10.0)
    ground, picture = view.ground(), view.painted()
    camera = view.camera(ground)
    # On the face that is nearest, above one place: strata darken at whole levels.
    heights = np.linspace(0.005, ground.tall * 0.85, 2000)
    x, y, _ = camera.project(0.45, -0.5, heights)
    tone = picture.rgba[y.astype(int), x.astype(int), :3].sum(axis=1).astype(float)
    level = ground.lines.level(heights)
    on = np.abs(level - np.round(level)) < 0.05
    off = np.abs(level - np.round(level)) > 0.4
    assert tone[on].mean() < tone[off].mean() - 8


def test_cut_cells_are_hatched_and_empty_ones_show_a_floor():
    losses = np.ones((41, 41)) + np.linspace(0, 1, 41)
    losses[:, -1] = 1e9
    plain = painted(np.clip(losses, 0, 2), azimuth=0.0, elevation=60.0, highest=2.0)
    cut = painted(losses, azimuth=0.0, elevation=60.0)
    assert plain[0].heights.n_cut == 0
    assert cut[0].heights.n_cut == 41
    losses[15:25, 15:25] = np.nan
    ground, camera, picture = painted(losses, azimuth=0.0, elevation=60.0)
    assert ground.heights.n_blank == 100
    x, y, depth = camera.project(0.0, 0.02, 0.0)
    assert picture.depth[int(y), int(x)] == pytest.approx(depth, abs=5e-3)
    blank = np.array(ground_looks()["light"]["blank"])
    around = picture.rgba[int(y) - 6 : int(y) + 6, int(x) - 6 : int(x) + 6, :3].astype(int)
    assert (np.abs(around - blank).max(axis=2) <= 1).mean() > 0.05
    assert (around.sum(axis=2) < blank.sum() - 60).mean() > 0.1


def test_outside_the_block_there_is_only_its_shadow():
    _, camera, picture = painted(teaching(41), whole=True)
    assert np.array_equal(picture.rgba[0, 0], [0, 0, 0, 0])
    assert np.array_equal(picture.picture[0, 0], ground_looks()["light"]["page"])
    alone = np.isinf(picture.depth) & (picture.rgba[..., 3] > 0)
    assert alone.any()
    assert picture.rgba[alone, 3].max() <= 255 * 0.75
    # It falls to the right, away from the light.
    _, camera, picture = painted(teaching(41), azimuth=0.0, whole=True)
    beside = camera.project(np.array([-0.6, 0.6]), np.full(2, -0.35), np.full(2, -0.05))
    left, right = picture.rgba[beside[1].astype(int), beside[0].astype(int), 3].astype(int)
    assert right > left + 10


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_a_rough_ground_is_painted_in_both_modes(mode):
    view = rough()
    picture = View(view.losses, view.options, view.azimuth, mode=mode).painted()
    covered = np.isfinite(picture.depth)
    assert covered.mean() > 0.25
    assert (picture.rgba[covered, 3] == 255).mean() > 0.98
    assert picture.picture.shape == (380, 600, 3)
    assert picture.picture.dtype == np.uint8
    assert picture.depth.dtype == np.float32


def test_the_picture_has_no_cracks():
    for azimuth in (0.0, 30.0, 45.0, 123.0):
        full = np.isfinite(painted(teaching(81), azimuth=azimuth, whole=True)[2].depth)
        beside = full[:-2, 1:-1] & full[2:, 1:-1] & full[1:-1, :-2] & full[1:-1, 2:]
        assert beside.sum() > 10000
        assert full[1:-1, 1:-1][beside].all()


def test_a_smooth_edge_takes_half_of_itself_and_an_eighth_of_each_neighbour():
    pixels = np.zeros((5, 6, 4))
    pixels[:, :3] = [100, 50, 20, 255]
    pixels[:, 3:] = [20, 90, 180, 255]
    depth = np.zeros((5, 6))
    depth[:, 3:] = 1.0
    found = smooth_edges(pixels, depth, 0.01)
    assert found[2, 2].tolist() == [90, 55, 40, 255]
    assert found[2, 3].tolist() == [30, 85, 160, 255]
    assert found[2, 1].tolist() == [100, 50, 20, 255]
    # The border of the picture stays.
    assert found[0, 2].tolist() == [100, 50, 20, 255]


def test_a_smooth_edge_beside_nothing_is_partly_transparent():
    pixels = np.zeros((5, 6, 4))
    pixels[:, 3:] = [80, 90, 100, 255]
    depth = np.full((5, 6), np.inf)
    depth[:, 3:] = 0.2
    found = smooth_edges(pixels, depth, 0.01)
    assert found[2, 3].tolist() == [80, 90, 100, 223]
    assert found[2, 2].tolist() == [80, 90, 100, 32]
    assert found[2, 1].tolist() == [0, 0, 0, 0]


def test_a_plane_has_no_edges():
    i, j = np.meshgrid(np.arange(6.0), np.arange(5.0))
    pixels = np.random.default_rng(0).integers(0, 255, (5, 6, 4)).astype(float)
    pixels[..., 3] = 255
    assert np.array_equal(smooth_edges(pixels, 0.3 * i - 0.2 * j, 1e-9), pixels)
