"""Paints a ground into an array by triangles and a depth buffer, so that others can draw over it.

The twin of the page's ``draw/ground/raster.js``: each formula is there again, and tests compare the
two pictures. What a browser does for one triangle after the other, NumPy does for all at once.
"""

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from thalweg.landscape.ground.scale import Floats
from thalweg.reporting.relief.block_shadow import with_shadow
from thalweg.reporting.relief.block_sides import block_sides
from thalweg.reporting.relief.edge_smoothing import smooth_edges
from thalweg.reporting.relief.relief_camera import ReliefCamera
from thalweg.reporting.relief.relief_ground import ReliefGround
from thalweg.reporting.relief.relief_looks import Looks, ground_looks

Indices = NDArray[np.intp]
Mode = Literal["light", "dark"]


@dataclass(frozen=True, eq=False)
class PaintedGround:
    """The picture of a ground.

    Attributes
    ----------
    rgba : ndarray of uint8, shape (height, width, 4)
        Transparent where nothing is.
    depth : ndarray of float32, shape (height, width)
        Of what is in front, as ``ReliefCamera.project`` gives it; infinite where nothing is.
    page : (int, int, int)
        The colour behind it.
    """

    rgba: NDArray[np.uint8]
    depth: NDArray[np.float32]
    page: tuple[int, int, int]

    @property
    def picture(self) -> NDArray[np.uint8]:
        """The picture on its page, of shape (height, width, 3)."""
        alpha = self.rgba[..., 3:].astype(np.float64) / 255
        mixed = self.rgba[..., :3] * alpha + np.array(self.page) * (1 - alpha)
        return np.floor(mixed + 0.5).astype(np.uint8)

    def is_hidden(self, points: Floats) -> NDArray[np.bool_]:
        """Whether the ground is before points (pixels and depth), of shape (3, …)."""
        height, width = self.depth.shape
        x = np.clip(np.floor(points[0]).astype(np.intp), 0, width - 1)
        y = np.clip(np.floor(points[1]).astype(np.intp), 0, height - 1)
        # What lies on the ground is not hidden by the triangle under it.
        return np.asarray(self.depth[y, x] < points[2] - ground_looks()["depth"]["lift"])


def paint_ground(
    ground: ReliefGround, camera: ReliefCamera, width: int, height: int, mode: Mode = "light"
) -> PaintedGround:
    """Shade, tint, open sky, contours, the block with its strata; cut cells hatched.

    Parameters
    ----------
    ground : ReliefGround
    camera : ReliefCamera
    width, height : int
        In pixels, as for the camera.
    mode : {"light", "dark"}
    """
    looks: Looks = ground_looks()[mode]
    canvas = _Canvas(np.zeros((width * height, 4)), np.full(width * height, np.inf), width, height)
    _paint_mesh(canvas, ground, camera, looks)
    _paint_walls(canvas, ground, camera, looks)
    if ground.heights.n_blank:
        _paint_floors(canvas, ground, camera, looks)
    pixels = np.minimum(255, np.floor(canvas.pixels + 0.5)).reshape(height, width, 4)
    depth = canvas.depth.reshape(height, width)
    red, green, blue = looks["page"]
    rgba = smooth_edges(pixels, depth, ground_looks()["edges"]["bend_px"] / camera.scale)
    rgba = with_shadow(rgba, ground.sides, camera, looks)
    return PaintedGround(rgba, depth.astype(np.float32), (red, green, blue))


def eased(low: float | Floats, high: float | Floats, values: Floats) -> Floats:
    """0 up to ``low``, 1 from ``high`` on, and 3 t² - 2 t³ between."""
    t = np.clip((values - low) / (np.asarray(high) - low), 0.0, 1.0)
    return np.asarray(t * t * (3 - 2 * t))


class _Canvas(NamedTuple):
    """Colours (red, green, blue, alpha) and depths of all pixels in one row."""

    pixels: Floats
    depth: Floats
    width: int
    height: int


class _Pixels(NamedTuple):
    """Pixels that are in front, each with its triangle: shares of its second and third corner.

    ``slopes`` are the changes of p to the right and down, and of q, of shape (4, n_triangles).
    """

    at: Indices
    triangle: Indices
    p: Floats
    q: Floats
    slopes: Floats

    def between(self, corners: Floats) -> Floats:
        """Values between those of the corners, which are of shape (n_triangles, 3)."""
        a, b, c = corners[self.triangle].T
        return np.asarray(a + self.p * (b - a) + self.q * (c - a))

    def rate(self, values: Floats) -> Floats:
        """The change per pixel of values at the corners, which are of shape (n_pixels, 3)."""
        px, py, qx, qy = self.slopes[:, self.triangle]
        b, c = values[:, 1] - values[:, 0], values[:, 2] - values[:, 0]
        return np.asarray(np.hypot(b * px + c * qx, b * py + c * qy))


def _in_front(canvas: _Canvas, corners: Floats) -> _Pixels:
    """The pixels of triangles (n, 3 corners, x y depth) that nothing hides; sets their depths."""
    x, y, z = (corners[..., k] for k in range(3))
    ux, uy = x[:, 1] - x[:, 0], y[:, 1] - y[:, 0]
    vx, vy = x[:, 2] - x[:, 0], y[:, 2] - y[:, 0]
    area = ux * vy - uy * vx
    with np.errstate(invalid="ignore"):
        left, top = (np.ceil(each.min(axis=1) - 0.5) for each in (x, y))
        last, bottom = (np.floor(each.max(axis=1) - 0.5) for each in (x, y))
    left, top = np.maximum(0, left), np.maximum(0, top)
    last = np.minimum(canvas.width - 1, last)
    bottom = np.minimum(canvas.height - 1, bottom)
    # In pixels y goes down, so what is seen from above has a negative area.
    (own,) = np.nonzero((area < 0) & (left <= last) & (top <= bottom))
    wide, high = (last - left + 1)[own].astype(np.intp), (bottom - top + 1)[own].astype(np.intp)
    counts = wide * high
    of = np.repeat(np.arange(len(own)), counts)
    number = np.arange(len(of)) - np.repeat(np.cumsum(counts) - counts, counts)
    row, column = np.divmod(number, wide[of])
    row, column = row + top[own].astype(np.intp)[of], column + left[own].astype(np.intp)[of]
    with np.errstate(divide="ignore"):
        px, py, qx, qy = vy / area, -vx / area, -uy / area, ux / area
    # p is linear in the picture: its value at pixel (0, 0) and its changes to the right and down.
    p0 = px * (0.5 - x[:, 0]) + py * (0.5 - y[:, 0])
    q0 = qx * (0.5 - x[:, 0]) + qy * (0.5 - y[:, 0])
    p = p0[own][of] + px[own][of] * column + py[own][of] * row
    q = q0[own][of] + qx[own][of] * column + qy[own][of] * row
    inside = (p >= -1e-6) & (q >= -1e-6) & (p + q <= 1.000001)
    triangle, p, q = own[of[inside]], p[inside], q[inside]
    at = row[inside] * canvas.width + column[inside]
    z0, z1, z2 = z[triangle].T
    deep = z0 + p * (z1 - z0) + q * (z2 - z0)
    before = canvas.depth[at]
    np.minimum.at(canvas.depth, at, deep)
    seen = (deep < before) & (deep == canvas.depth[at])

    slopes = np.array([px, py, qx, qy])
    return _Pixels(at[seen], triangle[seen], p[seen], q[seen], slopes)


def _paint_mesh(canvas: _Canvas, ground: ReliefGround, camera: ReliefCamera, looks: Looks) -> None:
    x, y = np.meshgrid(ground.X, ground.Y)
    points = camera.project(x, y, ground.h).reshape(3, -1).T
    colors, tones = _lit(ground, camera, looks)
    corners = _triangles(ground)
    pixels = _in_front(canvas, points[corners])
    found = np.stack([pixels.between(each[corners]) for each in colors], axis=1)
    contour, lines = ground_looks()["contour_px"], ground_looks()["lines"]
    levels = ground.level.ravel()[corners]
    rate = pixels.rate(levels[pixels.triangle])
    level = pixels.between(levels)
    whole = np.floor(level + 0.5)
    with np.errstate(divide="ignore", invalid="ignore"):
        away = np.abs(level - whole) / rate
    near = (away < contour["edge"] + contour["more_edge"]) & (rate > 1e-9)
    more = (whole % lines["major"] == 0)[near].astype(np.float64)
    alpha = (1 - eased(contour["crowd_from"], contour["crowd_to"], rate[near])) * (
        contour["strength"] + more * contour["more_strength"]
    )
    alpha *= 1 - eased(
        contour["core"] + more * contour["more_core"],
        contour["edge"] + more * contour["more_edge"],
        away[near],
    )
    tone = pixels.between(tones[corners])[near]
    line = _mixed(np.array(looks["dark_line"]), np.array(looks["pale_line"]), tone[:, None])
    found[near] = _mixed(found[near], line, alpha[:, None])
    if ground.heights.n_cut:
        cut = pixels.between(ground.cut.ravel()[corners].astype(np.float64)) >= 0.5
        alpha = np.where(cut, _hatching(pixels, (x + y).ravel()[corners]), 0.0)
        found = _mixed(found, np.array(looks["hatch_cut"]), alpha[:, None])
    canvas.pixels[pixels.at, :3] = found
    canvas.pixels[pixels.at, 3] = 255


def _mixed(one: float | Floats, other: float | Floats, share: Floats) -> Floats:
    return np.asarray(one + (other - one) * share)


def _lit(
    ground: ReliefGround, camera: ReliefCamera, looks: Looks
) -> tuple[tuple[Floats, Floats, Floats], Floats]:
    """The colours of the points of the mesh, and the tones of contours through them."""
    shade, contour = ground_looks()["shade"], ground_looks()["contour_px"]
    lx, ly, lz = camera.light
    sx, sy = ground.slope_x, ground.slope_y
    # The share of the light, in units of that of level ground.
    lit = (lz - sx * lx - sy * ly) / np.sqrt(1 + sx**2 + sy**2) / lz
    share = np.nan_to_num(ground.h) / ground.tall
    contrast = shade["low_contrast"] + shade["high_contrast"] * eased(
        0, shade["contrast_height"], share
    )
    bright = _mixed(shade["far_tone"], eased(shade["from"], shade["to"], lit), contrast)
    sky = eased(shade["sky_from"], shade["sky_to"], ground.sky)
    open_ = _mixed(shade["sky_dark"], 1.0, sky)
    tints = np.array(looks["tints"], np.float64)
    along = np.clip(3 * share, 0, 2.999999)
    step = np.floor(along).astype(np.intp)
    part = along - step
    red, green, blue = (
        (
            _mixed(tints[step, k], tints[step + 1, k], part)
            * _mixed(looks["cool"][k], looks["warm"][k], bright)
            * open_
        ).ravel()
        for k in range(3)
    )
    return (red, green, blue), eased(contour["tone_from"], contour["tone_to"], lit).ravel()


def _triangles(ground: ReliefGround) -> Indices:
    """The corners of all triangles of the mesh, two a cell, of shape (n_triangles, 3)."""
    n_columns = len(ground.X)
    h = ground.h.ravel()
    j, i = np.nonzero(ground.cells)
    k = j * n_columns + i
    a, b, c, d = k, k + 1, k + n_columns, k + n_columns + 1
    # The flatter diagonal is an edge.
    first = np.abs(h[a] - h[d]) < np.abs(h[b] - h[c])
    one = np.stack([a, b, np.where(first, d, c)], axis=1)
    two = np.stack([np.where(first, a, b), d, c], axis=1)
    return np.concatenate([one, two])


def _thin_line(values: Floats, rate: Floats) -> Floats:
    """1 on whole numbers, 0 a pixel away from them; ``rate`` is the change per pixel."""
    contour = ground_looks()["contour_px"]
    away = np.abs(values - np.floor(values + 0.5)) / np.maximum(rate, 1e-9)
    return 1 - eased(contour["core"], contour["edge"], away)


def _hatching(pixels: _Pixels, along: Floats) -> Floats:
    """How dark the hatching is in pixels; ``along`` is x + y of the corners of triangles."""
    hatching = ground_looks()["hatching"]
    stripes = along / hatching["period"]
    lines = _thin_line(pixels.between(stripes), pixels.rate(stripes[pixels.triangle]))
    return np.asarray(hatching["strength"] * lines)


def _paint_walls(canvas: _Canvas, ground: ReliefGround, camera: ReliefCamera, looks: Looks) -> None:
    """The sides of the block that face the reader, with the levels of the contours as strata."""
    strata, contour = ground_looks()["strata"], ground_looks()["contour_px"]
    sides = block_sides(ground)
    sides = sides[camera.facing(sides[:, 0], sides[:, 1], sides[:, 7], sides[:, 8])]
    x0, y0, top0, x1, y1, top1, bottom, out_x, out_y = sides.T
    glow = strata["plain"] + strata["lit"] * np.maximum(
        strata["least_lit"], out_x * camera.light[0] + out_y * camera.light[1]
    )
    four = np.array([[x0, y0, bottom], [x1, y1, bottom], [x1, y1, top1], [x0, y0, top0]])
    corners = np.concatenate([four[[0, 1, 2]], four[[0, 2, 3]]], axis=2).transpose(2, 0, 1)
    x, y, h = (corners[..., k] for k in range(3))
    over = 1 / (camera.matrix[3, :3] @ corners[..., None] + camera.matrix[3, 3])[..., 0]
    pixels = _in_front(canvas, np.moveaxis(camera.project(x, y, h), 0, -1))
    # Height over the divisor and 1 over the divisor are linear in the picture, height is not.
    tops, overs = h * over, over
    share = pixels.between(overs)
    top = pixels.between(tops) / share
    rises = tops[pixels.triangle] - top[:, None] * overs[pixels.triangle]
    rate = pixels.rate(rises) / share * ground.lines.per_height(top)
    level = ground.lines.level(top)
    more = np.floor(level + 0.5) % ground_looks()["lines"]["major"] == 0
    alpha = _thin_line(level, rate) * (strata["strength"] + more * strata["more_strength"])
    alpha *= 1 - eased(contour["crowd_from"], contour["crowd_to"], rate)
    alpha = np.where(top < 0, 0.0, alpha)
    wall = np.array(looks["wall"]) * np.tile(glow, 2)[pixels.triangle][:, None]
    canvas.pixels[pixels.at, :3] = _mixed(wall, np.array(looks["wall_line"]), alpha[:, None])
    canvas.pixels[pixels.at, 3] = 255


def _paint_floors(
    canvas: _Canvas, ground: ReliefGround, camera: ReliefCamera, looks: Looks
) -> None:
    """Cells without a finite loss: at the bottom of the block, blank and hatched."""
    x, y = np.meshgrid(ground.X, ground.Y)
    j, i = np.nonzero(~ground.cells)
    k = j * len(ground.X) + i
    b, c, d = k + 1, k + len(ground.X), k + len(ground.X) + 1
    corners = np.concatenate([np.stack([k, b, d], axis=1), np.stack([k, d, c], axis=1)])
    points = camera.project(x, y, np.zeros_like(x)).reshape(3, -1).T
    pixels = _in_front(canvas, points[corners])
    alpha = _hatching(pixels, (x + y).ravel()[corners])
    blank, hatch = np.array(looks["blank"]), np.array(looks["hatch_blank"])
    canvas.pixels[pixels.at, :3] = _mixed(blank, hatch, alpha[:, None])
    canvas.pixels[pixels.at, 3] = 255
