"""Numbers beside a block and around a map."""

import numpy as np
import pytest

from landscapes import bowl, line, sheet
from thalweg.reporting.stage.sheet_ground import ground_of
from thalweg.reporting.stage.stage_frame import level_numbers, loss_ticks
from thalweg.reporting.stage.stage_scene import Scene, View


@pytest.mark.parametrize("logarithmic", [False, True])
@pytest.mark.parametrize("spread", [1e-3, 0.5, 3.0, 1e5])
def test_ticks_are_round_losses_inside(spread, logarithmic):
    ground = ground_of(sheet(lambda x, y: 0.2 * (1 + spread * (x + y))), logarithmic=logarithmic)
    ticks = loss_ticks(ground, 5, logarithmic=logarithmic)
    assert 2 <= len(ticks) <= 24
    assert ticks == sorted(set(ticks))
    assert min(ticks) >= ground.heights.low
    assert max(ticks) <= ground.heights.high


def test_every_fifth_contour_has_its_loss_on_the_map_where_it_is():
    runs = [line([1, 3], [1, 1], [1, 1])]
    scene = Scene.of(sheet(bowl, n=(41, 41), lines=runs), 600, 360, view=View(flat=True))
    avoid = scene.project(scene.courses[0].x, scene.courses[0].y, scene.courses[0].g).T[:, :2]
    found = level_numbers(scene, avoid)
    assert len(found) >= 3
    for spot, loss in found:
        a = (spot[0] - scene.frame.middle[0]) / scene.frame.side
        b = (scene.frame.middle[1] - spot[1]) / scene.frame.side
        x, y = 2 + 4 * a, 1 + 4 * b
        assert loss == pytest.approx(bowl(x, y), rel=0.03)
        level = np.log(loss) / np.log(scene.ground.lines.ratio)
        assert abs(level - 5 * round(level / 5)) < 0.02
        assert np.hypot(*(avoid - spot).T).min() > 20


def test_a_map_looks_straight_down():
    scene = Scene.of(sheet(bowl, n=(21, 21)), 500, 300, view=View(flat=True))
    low, high = (scene.camera.project(0.1, 0.05, np.array(h)) for h in (0.0, 0.3))
    assert low[:2] == pytest.approx(high[:2])
    assert high[2] < low[2]
    outside = scene.picture[0, 0]
    assert tuple(outside) == scene.painted.page
