"""The camera before a ground: its projection, its frame, its light."""

import numpy as np
import pytest

from relief_page import rough, teaching
from thalweg.reporting.relief.relief_camera import Margins, azimuth_of, make_camera
from thalweg.reporting.relief.relief_ground import make_ground
from thalweg.reporting.relief.relief_looks import ground_looks


@pytest.fixture(scope="module")
def hills():
    return make_ground(teaching(41), whole=True)


def textbook(ground, azimuth, elevation, width, height):
    """A camera by the 4 × 4 matrices of textbooks: look-at, perspective, view port."""
    looks = ground_looks()["camera"]
    middle = np.array([0, 0, looks["middle"] * ground.tall])
    a, e = np.radians([azimuth, elevation])
    eye = middle + looks["distance"] * np.array(
        [np.cos(e) * np.sin(a), -np.cos(e) * np.cos(a), np.sin(e)]
    )
    back = (eye - middle) / np.linalg.norm(eye - middle)
    right = np.cross([0, 0, 1], back)
    right /= np.linalg.norm(right)
    view = np.eye(4)
    view[:3, :3] = right, np.cross(back, right), back
    view[:3, 3] = -view[:3, :3] @ eye
    f, near, far = 1 / np.tan(np.radians(looks["field"]) / 2), 1.0, 10.0
    perspective = np.array(
        [
            [f * height / width, 0, 0, 0],
            [0, f, 0, 0],
            [0, 0, (far + near) / (near - far), 2 * far * near / (near - far)],
            [0, 0, -1, 0],
        ]
    )
    port = np.array(
        [[width / 2, 0, 0, width / 2], [0, -height / 2, 0, height / 2], [0, 0, 1, 0], [0, 0, 0, 1]]
    )
    return port @ perspective @ view, eye


@pytest.mark.parametrize(("azimuth", "elevation"), [(0, 40), (30, 40), (200, 25), (-75, 70)])
def test_pixels_are_those_of_a_textbook_but_for_the_frame(hills, azimuth, elevation):
    camera = make_camera(hills, 900, 500, azimuth=azimuth, elevation=elevation)
    matrix, eye = textbook(hills, azimuth, elevation, 900, 500)
    assert camera.eye == pytest.approx(eye)
    points = np.random.default_rng(0).uniform(-0.5, 0.5, (200, 3))
    seen = np.column_stack([points, np.ones(200)]) @ matrix.T
    there = seen[:, :2] / seen[:, 3:]
    here = camera.project(*points.T)
    # The picture is shifted and scaled, by one factor for both axes, to fill its frame.
    for k in range(2):
        factor, shift = np.polyfit(there[:, k], here[k], 1)
        assert here[k] == pytest.approx(factor * there[:, k] + shift, abs=1e-8)
        assert factor * 500 / 2 / np.tan(np.radians(10)) / camera.distance == pytest.approx(
            camera.scale
        )


def test_depth_is_the_distance_behind_the_middle(hills):
    camera = make_camera(hills, 900, 500, azimuth=20)
    points = np.random.default_rng(0).uniform(-0.5, 0.5, (200, 3))
    before = (camera.eye - points) @ camera.towards
    depth = camera.project(*points.T)[2]
    assert depth == pytest.approx(camera.distance * (1 - camera.distance / before))
    small = np.abs(before - camera.distance) < 0.05
    assert depth[small] == pytest.approx((before - camera.distance)[small], abs=1e-3)
    assert np.all(np.argsort(depth) == np.argsort(before))


def test_depth_is_linear_along_lines_in_the_picture(hills):
    camera = make_camera(hills, 900, 500, azimuth=20)
    ends = camera.project(*np.array([[-0.5, 0.4], [-0.3, 0.5], [0.0, 0.3]]))
    way = np.linspace(0, 1, 9)
    points = camera.project(-0.5 + 0.9 * way, -0.3 + 0.8 * way, 0.3 * way)
    share = (points[0] - ends[0, 0]) / (ends[0, 1] - ends[0, 0])
    assert points[2] == pytest.approx(ends[2, 0] + share * (ends[2, 1] - ends[2, 0]))


@pytest.mark.parametrize("azimuth", [0, 33, 145, 260])
@pytest.mark.parametrize("size", [(1200, 700), (360, 500)])
def test_the_ground_fills_its_frame(hills, azimuth, size):
    margins = Margins(40, 10, 30, 20)
    camera = make_camera(hills, *size, azimuth=azimuth, margins=margins)
    x, y, _ = camera.project(*hills.hull.T)
    free = [x.min() - 40, size[0] - 10 - x.max(), y.min() - 30, size[1] - 20 - y.max()]
    assert min(free) == pytest.approx(0, abs=1e-9)
    assert free[0] == pytest.approx(free[1])
    assert free[2] == pytest.approx(free[3])
    closer = make_camera(hills, *size, azimuth=azimuth, margins=margins, zoom=2)
    wider = closer.project(*hills.hull.T)
    assert np.ptp(wider[0]) == pytest.approx(2 * np.ptp(x))


def test_the_hull_is_that_of_the_ground_and_not_of_a_box(hills):
    assert hills.hull[:, 2].max() == pytest.approx(hills.tall, abs=0.02)
    assert hills.hull[:, 2].min() == -0.05
    low = hills.hull[(hills.hull[:, 2] > -0.05)]
    assert low[:, 2] == pytest.approx(hills.height_at(*low[:, :2].T), abs=1e-12)
    assert np.isfinite(rough().ground().hull).all()


@pytest.mark.parametrize("azimuth", [0, 60, 180, 300])
def test_the_light_comes_from_the_upper_left_of_the_reader(hills, azimuth):
    camera = make_camera(hills, 900, 500, azimuth=azimuth)
    assert np.linalg.norm(camera.light) == pytest.approx(1)
    assert np.degrees(np.arcsin(camera.light[2])) == pytest.approx(50, abs=1)
    middle = np.zeros(3)
    here, there = camera.project(*np.array([middle, 0.1 * camera.light]).T).T
    assert there[0] < here[0]
    assert there[1] < here[1]


def test_faces_that_the_eye_sees(hills):
    camera = make_camera(hills, 900, 500, azimuth=30)
    seen = [bool(camera.facing(0.5 * x, 0.5 * y, x, y)) for x, y in ((0, -1), (1, 0), (0, 1))]
    assert seen == [True, True, False]


def test_the_start_is_at_the_back_and_the_ends_in_front(hills):
    for angle in np.radians([0, 50, 130, 200, 275]):
        start, end = np.array([np.cos(angle), np.sin(angle)]) * 0.4, np.zeros(2)
        azimuth = azimuth_of(start, end[None])
        camera = make_camera(hills, 900, 500, azimuth=azimuth)
        near, far = camera.project(*np.array([[*end, 0.0], [*start, 0.0]]).T)[2]
        assert near < far
        # 24° off the straight line, on the side where the block shows a corner.
        straight = np.degrees(np.arctan2(-start[0], start[1]))
        off = (azimuth - straight + 180) % 360 - 180
        assert abs(off) == pytest.approx(24, abs=0.51)
        other = straight - off
        assert abs(azimuth % 90 - 45) <= abs(other % 90 - 45) + 1
    assert azimuth_of(np.zeros(2), np.zeros((2, 2))) in (24, -24)
