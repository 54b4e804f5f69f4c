// Smooth edges of a painted ground.

import { GROUND_LOOKS } from "./ground_looks.js";
import { packed } from "./ink.js";

/**
 * Where depth bends sharply is an edge: its pixels get an eighth of each neighbour. On a plane
 * depth is linear in the picture, so its second difference is 0.
 */
export function smoothEdges(camera, ground, buffers) {
  const { width, height, pixels, depth } = buffers;
  const bend = GROUND_LOOKS.edges.bend_px / camera.scale;
  const [left, right, top, bottom] = frameOfGround(camera, ground, width, height);
  const size = width * height;
  buffers.edges ??= { places: new Uint32Array(size), colors: new Uint32Array(size) };
  const { places, colors } = buffers.edges;
  let count = 0;
  for (let row = top; row <= bottom; row += 1) {
    let before = depth[row * width + left - 1];
    let own = depth[row * width + left];
    for (let at = row * width + left; at <= row * width + right; at += 1) {
      const after = depth[at + 1];
      const above = depth[at - width];
      const below = depth[at + width];
      const here = own;
      const across = before + after;
      const along = above + below;
      before = own;
      own = after;
      if (Math.abs(across - 2 * here) <= bend && Math.abs(along - 2 * here) <= bend) continue;
      // Nothing is here, and nothing is beside it.
      if (here === Infinity && across === Infinity && above === Infinity && below === Infinity
        && depth[at - 1] === after) continue;
      places[count] = at;
      colors[count] = blended(pixels, at, width);
      count += 1;
    }
  }
  for (let k = 0; k < count; k += 1) pixels[places[k]] = colors[k];
}

/** The pixels that the block may touch, without those at the border of the picture. */
function frameOfGround(camera, ground, width, height) {
  const seen = ground.hull.map((point) => camera.project(...point));
  const ends = (i, most) => {
    const each = seen.map((point) => point[i]);
    // The hull has few points of the ground: between them it may reach farther.
    const more = 4 + 0.05 * camera.scale;
    const first = Math.floor(Math.min(...each) - more);
    return [Math.max(1, first), Math.min(most - 2, Math.ceil(Math.max(...each) + more))];
  };
  return [...ends(0, width), ...ends(1, height)];
}

/** Half of a pixel and an eighth of each neighbour; a transparent one has no colour to give. */
function blended(pixels, at, width) {
  let alpha = 0;
  let red = 0;
  let green = 0;
  let blue = 0;
  for (let k = 0; k < 5; k += 1) {
    const beside = k < 3 ? at + k - 1 : at + (2 * k - 7) * width;
    const color = pixels[beside];
    if (color >>> 24 === 0) continue;
    const weight = k === 1 ? 4 : 1;
    alpha += weight;
    red += weight * (color & 255);
    green += weight * ((color >>> 8) & 255);
    blue += weight * ((color >>> 16) & 255);
  }
  const opaque = Math.floor((alpha * 255) / 8 + 0.5);
  const rgb = packed(red / alpha, green / alpha, blue / alpha) & 0xffffff;
  return ((opaque << 24) | rgb) >>> 0;
}
