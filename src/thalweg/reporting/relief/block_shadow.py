"""The soft shadow of a block on the page below it: it says that the block stands there."""

import numpy as np
from numpy.typing import NDArray

from thalweg.landscape.ground.scale import Floats
from thalweg.reporting.relief.relief_camera import ReliefCamera
from thalweg.reporting.relief.relief_looks import Looks, ground_looks


def with_shadow(
    rgba: NDArray[np.uint8], sides: tuple[float, float], camera: ReliefCamera, looks: Looks
) -> NDArray[np.uint8]:
    """Darken what the block leaves free around its base.

    The block moves a little away from the light, and the shadow falls off with the square of the
    distance from it, and towards the border of the picture. Four pixels have one shade, because it
    is so smooth.

    Parameters
    ----------
    rgba : ndarray of uint8, shape (height, width, 4)
    sides : (float, float)
        Of the block.
    camera : ReliefCamera
    looks : mapping
        "light" or "dark" of `ground_looks`.
    """
    height, width = rgba.shape[:2]
    alpha = rgba[..., 3:].astype(np.float64) / 255
    rest = _shade(width, height, sides, camera)[..., None] * looks["shadow_most"] * (1 - alpha)
    whole = alpha + rest
    with np.errstate(invalid="ignore"):
        colors = (alpha * rgba[..., :3] + rest * np.array(looks["shadow"])) / whole
    found = np.concatenate([np.where(whole > 0, colors, 0.0), 255 * whole], axis=2)
    return np.where(rest > 0, np.floor(found + 0.5), rgba).astype(np.uint8)


def _shade(width: int, height: int, sides: tuple[float, float], camera: ReliefCamera) -> Floats:
    """How much of the most shade each pixel has."""
    shadow, base = ground_looks()["shadow"], ground_looks()["heights"]["base"]
    m = camera.matrix[[0, 1, 3]]
    # From (x, y, 1) on the plane below the block to (pixel, pixel, 1) w, and back.
    back = np.linalg.inv(np.column_stack([m[:, 0], m[:, 1], m[:, 2] * base + m[:, 3]]))
    px = np.arange(0, width, 2)[None, :] + 1.0
    py = np.arange(0, height, 2)[:, None] + 1.0
    x, y, over = (back[k, 0] * px + back[k, 1] * py + back[k, 2] for k in range(3))
    with np.errstate(divide="ignore", invalid="ignore"):
        u = np.abs(x / over + shadow["shift"] * camera.light[0]) - sides[0] / 2
        v = np.abs(y / over + shadow["shift"] * camera.light[1]) - sides[1] / 2
    near = 1 - np.hypot(np.maximum(0, u), np.maximum(0, v)) / shadow["reach"]
    inside = np.minimum(np.minimum(px, width - px), np.minimum(py, height - py))
    edge = np.clip(inside / (shadow["border"] * height), 0.0, 1.0)
    shade = np.where(over > 0, np.maximum(0, near) ** 2 * edge, 0.0)
    return np.repeat(np.repeat(shade, 2, axis=0), 2, axis=1)[:height, :width]
