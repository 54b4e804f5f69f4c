"""The floor of a valley has its name on the picture."""

from matplotlib.figure import Figure

from landscapes import two
from thalweg.reporting.stage.stage_picture import draw_ground, draw_runs
from thalweg.reporting.stage.stage_scene import Scene


def labels_of(sheet):
    scene = Scene.of(sheet, 900, 620)
    axes = Figure().subplots()
    taken = draw_ground(axes, scene)
    numbers = len(axes.texts)
    draw_runs(axes, scene, taken)
    return scene, axes.texts[numbers:]


def test_a_valley_has_its_name_where_a_floor_is_drawn_and_seen():
    sheet = two().sheets[0]
    scene, texts = labels_of(sheet)
    (name,) = [each for each in texts if each.get_text() == "valley"]
    points = [scene.on_ground(each.a, each.b) for each in sheet.courses]
    near = min(
        float(((x - name.get_position()[0]) ** 2 + (y - name.get_position()[1]) ** 2) ** 0.5)
        for part in points
        for x, y, _ in part[~scene.hidden(part)]
    )
    assert near < 80
    _, texts = labels_of(sheet.__class__(**{**vars(sheet), "courses": ()}))
    assert "valley" not in [each.get_text() for each in texts]
