// The soft shadow of a block on the page below it: it says that the block stands there.
//
// Its Python twin is `block_shadow`.

import { GROUND_LOOKS } from "./ground_looks.js";
import { packed } from "./ink.js";

/**
 * Darken what the block leaves free around its base. The block moves a little away from the light,
 * and the shadow falls off with the square of the distance from it, and towards the border of the
 * picture.
 */
export function paintShadow(ground, camera, looks, { width, height, pixels }) {
  const { reach, shift, border } = GROUND_LOOKS.shadow;
  const [left, right, top, bottom] = frameOfShadow(ground, camera, width, height);
  const back = fromPixels(camera.matrix);
  const x0 = -shift * camera.light[0];
  const y0 = -shift * camera.light[1];
  const color = packed(...looks.shadow) & 0xffffff;
  // It is so smooth that four pixels may have one shade.
  for (let row = 2 * Math.floor(top / 2); row <= bottom; row += 2) {
    const py = row + 1;
    const inside = Math.min(py, height - py) / (border * height);
    for (let column = 2 * Math.floor(left / 2); column <= right; column += 2) {
      if (isOpaque(pixels, row * width + column, width)) continue;
      const px = column + 1;
      const over = 1 / (back[6] * px + back[7] * py + back[8]);
      if (!(over > 0)) continue;
      const x = (back[0] * px + back[1] * py + back[2]) * over - x0;
      const y = (back[3] * px + back[4] * py + back[5]) * over - y0;
      const u = Math.max(0, Math.abs(x) - ground.wide / 2);
      const v = Math.max(0, Math.abs(y) - ground.deep / 2);
      const near = 1 - Math.sqrt(u * u + v * v) / reach;
      if (near <= 0) continue;
      const edge = Math.max(0, Math.min(1, inside, Math.min(px, width - px) / (border * height)));
      const shade = looks.shadow_most * near * near * edge;
      const whole = ((Math.floor(255 * shade + 0.5) << 24) | color) >>> 0;
      for (let k = 0; k < 4; k += 1) {
        if (column + (k & 1) >= width || row + (k >> 1) >= height) continue;
        const at = (row + (k >> 1)) * width + column + (k & 1);
        const own = pixels[at] >>> 24;
        if (own === 0) pixels[at] = whole;
        else if (own < 255) pixels[at] = under(pixels[at], looks.shadow, shade);
      }
    }
  }
}

/** Whether a pixel and the three to its right and below have no place for a shadow. */
const isOpaque = (pixels, at, width) => pixels[at] >>> 24 === 255 && pixels[at + 1] >>> 24 === 255
  && pixels[at + width] >>> 24 === 255 && pixels[at + width + 1] >>> 24 === 255;

/** A pixel that is not opaque, over a colour of some opacity. */
function under(own, color, shade) {
  const alpha = (own >>> 24) / 255;
  const rest = shade * (1 - alpha);
  const whole = alpha + rest;
  const part = (n) => (alpha * ((own >>> (8 * n)) & 255) + rest * color[n]) / whole;
  const rgb = packed(part(0), part(1), part(2)) & 0xffffff;
  return ((Math.floor(255 * whole + 0.5) << 24) | rgb) >>> 0;
}

/** From (pixel, pixel, 1) to (x, y, 1) / w on the plane below the block: an inverse, 3 × 3. */
function fromPixels(m) {
  const { base } = GROUND_LOOKS.heights;
  const [a, b, c] = [m[0], m[1], m[2] * base + m[3]];
  const [d, e, f] = [m[4], m[5], m[6] * base + m[7]];
  const [g, h, i] = [m[12], m[13], m[14] * base + m[15]];
  const whole = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
  return [
    e * i - f * h, c * h - b * i, b * f - c * e,
    f * g - d * i, a * i - c * g, c * d - a * f,
    d * h - e * g, b * g - a * h, a * e - b * d,
  ].map((each) => each / whole);
}

/** The pixels that the shadow may touch. */
function frameOfShadow(ground, camera, width, height) {
  const { reach, shift } = GROUND_LOOKS.shadow;
  const more = reach + shift;
  const corners = [[-1, -1], [1, -1], [1, 1], [-1, 1]].map(([i, j]) => camera.project(
    i * (ground.wide / 2 + more), j * (ground.deep / 2 + more), GROUND_LOOKS.heights.base,
  ));
  const ends = (n, most) => {
    const each = corners.map((point) => point[n]);
    const first = Math.floor(Math.min(...each));
    return [Math.max(0, first), Math.min(most - 1, Math.ceil(Math.max(...each)))];
  };
  return [...ends(0, width), ...ends(1, height)];
}
