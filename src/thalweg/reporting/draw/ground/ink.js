// Small formulas of the painted ground: mixed colours, soft steps, thin lines.

import { GROUND_LOOKS } from "./ground_looks.js";

/** From one number to another. */
export const mixed = (from, to, share) => from + (to - from) * share;

/** Of a vector; much faster than Math.hypot. */
export const lengthOf = (u, v) => Math.sqrt(u * u + v * v);

/** 0 up to `from`, 1 from `to` on, and 3 t² - 2 t³ between. */
export function eased(from, to, value) {
  const share = Math.min(1, Math.max(0, (value - from) / (to - from)));
  return share * share * (3 - 2 * share);
}

/** A colour as an opaque pixel. */
export function packed(red, green, blue) {
  const r = red > 255 ? 255 : red + 0.5;
  const g = green > 255 ? 255 : green + 0.5;
  const b = blue > 255 ? 255 : blue + 0.5;
  return (0xff000000 | (b << 16) | (g << 8) | r) >>> 0;
}

/** 1 on whole numbers, 0 a pixel away from them; `rate` is the change of a value per pixel. */
export function thinLine(value, rate) {
  const { core, edge } = GROUND_LOOKS.contour_px;
  return 1 - eased(core, edge, Math.abs(value - Math.round(value)) / Math.max(rate, 1e-9));
}
