"""A page that draws grounds with the modules of ``draw/ground``, to look at and to compare.

``python tests/helpers/relief_page.py OUT.html`` writes one with the teaching function and a slice
of the loss on Wisconsin, in both modes; the arrow keys turn it.
"""

import json
import sys
from base64 import b64decode
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np

from thalweg import race_landscape
from thalweg.landscape.ground.teaching_function import RELIEF
from thalweg.reporting.inline import DRAW, joined, json_block
from thalweg.reporting.relief.relief_camera import ReliefCamera, azimuth_of, make_camera
from thalweg.reporting.relief.relief_ground import ReliefGround, make_ground
from thalweg.reporting.relief.relief_raster import Mode, PaintedGround, paint_ground

_ENTRY = """\
import { azimuthOf, makeCamera } from "./ground/camera.js";
import { levelOf, makeGround } from "./ground/grid.js";
import { GROUND_LOOKS } from "./ground/ground_looks.js";
import { makeBuffers, paintGround } from "./ground/raster.js";

const views = JSON.parse(document.getElementById("views").textContent).views;
const text = (array) => {
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  let found = "";
  for (let k = 0; k < bytes.length; k += 8192) {
    found += String.fromCharCode(...bytes.subarray(k, k + 8192));
  }
  return btoa(found);
};
const shown = views.map((view) => {
  const { rows, columns, width, height } = view;
  const values = view.losses.map((loss) => loss ?? NaN);
  const ground = makeGround(values, rows, columns, view.options);
  const canvas = document.createElement("canvas");
  const buffers = makeBuffers(width, height);
  const looks = GROUND_LOOKS[view.mode];
  const cameraAt = (more) => makeCamera({
    ground, width, height, ...view.camera, azimuth: view.camera.azimuth + more,
  });
  const draw = (more) => paintGround(ground, cameraAt(more), looks, width, height, buffers);
  const show = (more) => canvas.getContext("2d").putImageData(draw(more).image, 0, 0);
  Object.assign(canvas, { width, height });
  canvas.style.background = `rgb(${looks.page})`;
  document.body.append(canvas);
  show(0);
  return { ground, buffers, draw, show, cameraAt };
});
let turned = 0;
addEventListener("keydown", (event) => {
  turned += { ArrowLeft: -5, ArrowRight: 5 }[event.key] ?? 0;
  shown.forEach((each) => each.show(turned));
});
window.pixels = (k) => text(shown[k].draw(0).pixels);
window.depths = (k) => text(shown[k].draw(0).depth);
window.numbers = (k, name) => text(Float64Array.from(shown[k].ground[name]));
window.single = (k, name) => shown[k].ground[name];
window.ground = (k) => shown[k].ground;
window.camera = (k) => {
  const { matrix, light, eye, scale } = shown[k].cameraAt(0);
  return { matrix: [...matrix], light, eye, scale };
};
window.azimuth = azimuthOf;
window.made = makeGround;
window.level = (k, h) => levelOf(shown[k].ground.lines, h);
// Milliseconds of frames, and of a fixed piece of work beside each: how slow the machine is.
const known = new Float64Array(1 << 17).map((_, i) => i);
const work = () => {
  let sum = 0;
  for (let n = 0; n < 16; n += 1) for (const each of known) sum += Math.sqrt(each + n) % 1;
  return sum;
};
window.frames = (k, count) => Array.from({ length: count }, (_, i) => {
  const times = [performance.now()];
  shown[k].draw(7 * i);
  times.push(performance.now());
  window.sum = work();
  times.push(performance.now());
  return [times[1] - times[0], times[2] - times[1]];
});
document.documentElement.dataset.drawn = "yes";
"""


@dataclass(frozen=True, eq=False)
class View:
    """A ground, a camera and a mode: what both renderers are given."""

    losses: np.ndarray
    options: dict = field(default_factory=dict)
    azimuth: float = 30.0
    elevation: float = 40.0
    zoom: float = 1.0
    mode: Mode = "light"
    width: int = 600
    height: int = 380

    def ground(self) -> ReliefGround:
        return make_ground(self.losses, **self.options)

    def camera(self, ground: ReliefGround) -> ReliefCamera:
        return make_camera(
            ground, self.width, self.height,
            azimuth=self.azimuth, elevation=self.elevation, zoom=self.zoom,
        )  # fmt: skip

    def painted(self) -> PaintedGround:
        ground = self.ground()
        return paint_ground(ground, self.camera(ground), self.width, self.height, self.mode)

    def as_json(self) -> dict:
        options = {
            key: list(map(float, each)) if np.ndim(each) else each
            for key, each in self.options.items()
        }
        losses = [each if np.isfinite(each) else None for each in self.losses.ravel().tolist()]
        rows, columns = self.losses.shape
        camera = {"azimuth": self.azimuth, "elevation": self.elevation, "zoom": self.zoom}
        return {
            "losses": losses, "rows": rows, "columns": columns, "options": options,
            "camera": camera, "mode": self.mode, "width": self.width, "height": self.height,
        }  # fmt: skip


def write_page(views: list[View], path: Path) -> Path:
    program = joined(DRAW, "entry.js", {"entry.js": _ENTRY})
    data = json_block({"views": [each.as_json() for each in views]})
    path.write_text(
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Grounds</title>'
        f'<script type="application/json" id="views">{data}</script>'
        f'<script type="module">{program}</script>',
        encoding="utf-8",
    )
    return path


def page_pixels(browser, number: int, view: View) -> np.ndarray:
    """Red, green, blue and alpha as the page painted them."""
    flat = np.frombuffer(b64decode(browser.run(f"window.pixels({number})")), np.uint8)
    return flat.reshape(view.height, view.width, 4)


def page_depths(browser, number: int, view: View) -> np.ndarray:
    flat = np.frombuffer(b64decode(browser.run(f"window.depths({number})")), np.float32)
    return flat.reshape(view.height, view.width)


def page_numbers(browser, number: int, name: str) -> np.ndarray:
    asked = f"window.numbers({number}, {json.dumps(name)})"
    return np.frombuffer(b64decode(browser.run(asked)), np.float64)


def on_page(rgba: np.ndarray, page: tuple[int, int, int]) -> np.ndarray:
    alpha = rgba[..., 3:] / 255
    return rgba[..., :3] * alpha + np.array(page) * (1 - alpha)


@cache
def teaching(n: int = 81) -> np.ndarray:
    """The teaching function on its window."""
    x, y = np.meshgrid(np.linspace(*RELIEF.seen[:2], n), np.linspace(*RELIEF.seen[2:], n))
    return RELIEF.hills.losses(np.stack([x, y], axis=-1).reshape(-1, 2)).reshape(n, n)


@cache
def wisconsin_slice(grid: int = 41) -> View:
    """A slice of the loss of a network on Wisconsin, with the range and the way of its runs."""
    sheet = race_landscape("wisconsin", grid=grid, profiles=()).sheets[0]
    runs = [each for each in sheet.lines if not each.diverged]
    options = {
        "x": sheet.x, "y": sheet.y,
        "highest": max(float(each.true.max()) for each in runs),
        "lowest": min(float(each.true.min()) for each in runs),
    }  # fmt: skip
    ground = make_ground(sheet.losses, **options)
    start = np.array(ground.place(runs[0].x[0], runs[0].y[0]))
    ends = np.array([ground.place(each.x[-1], each.y[-1]) for each in runs])
    return View(sheet.losses, options, azimuth=azimuth_of(start, ends))


def rough() -> View:
    """Empty cells, cells far above the rest, and uneven steps."""
    x, y = np.cumsum(1 + 0.5 * np.sin(np.arange(41.0))), np.linspace(0, 9, 31)
    u, v = np.meshgrid(x / x[-1], y / 9)
    losses = 0.05 + (u - 0.4) ** 2 + 0.3 * np.sin(7 * v) ** 2 * u
    losses[8:13, 20:27] = np.nan
    losses[25:, :4] = np.inf
    losses[0, -3:] = 1e14
    return View(losses, {"x": x, "y": y, "sides": (1.0, 0.62)}, azimuth=200.0)


if __name__ == "__main__":
    hills = View(teaching(), {"whole": True}, width=1200, height=700)
    table = wisconsin_slice(81)
    both = [
        View(each.losses, each.options, each.azimuth, mode=mode, width=1200, height=700)
        for each in (hills, table)
        for mode in ("light", "dark")
    ]
    write_page(both, Path(sys.argv[1]))
