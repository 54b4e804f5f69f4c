// A curve with a point on it, a second one, their secant, the tangent, and a magnifying glass.

import { svg } from "../dom.js";
import { linear } from "../scale.js";
import { short, ticks } from "../numbers.js";

const HALO = { class: "halo" };
const STAIRS = 1e-9; // below this step the curve is drawn as the machine's own values
const MAGNIFIED = 1.5;

/**
 * @param {object} curve from derivative_functions.js
 * @param {{x: number, h: number, sides: number}} at
 * @param {number} width
 * @returns {{node: SVGElement, x: object, y: object}} the picture and its scales
 */
export function curvePlot(curve, at, width) {
  const height = Math.round(Math.min(440, Math.max(300, width * 0.86)));
  const x = linear(curve.across, [34, width - 12]);
  const y = linear(curve.up, [height - 26, 8]);
  const label = `${curve.text} with a point at ${short(at.x, 4)}, a second one, and the lines `
    + "through them";
  const node = svg("svg", {
    viewBox: `0 0 ${width} ${height}`, width, height, class: "plot", role: "group",
    "aria-label": label,
  });
  const frame = { left: 34, right: width - 12, top: 4, bottom: height - 22 };
  const box = { x: frame.left, y: frame.top, width: frame.right - frame.left,
    height: frame.bottom - frame.top };
  const inside = svg("g", { "clip-path": "url(#curve-clip)" });
  node.append(svg("clipPath", { id: "curve-clip" }, svg("rect", box)),
    curveGrid(curve, { x, y, frame, height }), inside);
  inside.append(svg("path", { class: "curve", d: curvePath(curve, x, y) }),
    ray(curve, at.x, curve.slope(at.x), { x, y }, "tangent"));
  const slope = curve.quotient(at.x, at.h, at.sides);
  if (Number.isFinite(slope)) {
    const from = at.sides === 2 ? at.x - at.h : at.x;
    inside.append(ray(curve, from, slope, { x, y }, "secant-under"),
      ray(curve, from, slope, { x, y }, "secant"));
  }
  node.append(rise(curve, at, slope, { x, y, frame }), ...handles(curve, at, { x, y, width, height }));
  node.append(glass(curve, at, slope, { x, y, width, height }));
  return { node, x, y };
}

function curveGrid(curve, { x, y, frame, height }) {
  const marks = svg("g", { class: "grid" });
  for (const value of ticks(...curve.up, 5)) {
    const zero = value === 0 ? "zero" : null;
    marks.append(svg("path", { class: zero, d: `M${frame.left} ${y.at(value)}H${frame.right}` }),
      svg("text", { x: frame.left - 7, y: y.at(value) + 4, "text-anchor": "end" }, short(value)));
  }
  for (const value of ticks(...curve.across, frame.right > 420 ? 8 : 6)) {
    marks.append(svg("text", { x: x.at(value), y: height - 6, "text-anchor": "middle" },
      short(value)));
  }
  return marks;
}

function curvePath(curve, x, y) {
  const [low, high] = curve.across;
  const points = Array.from({ length: 281 }, (_, i) => {
    const value = low + ((high - low) * i) / 280;
    return `${x.at(value).toFixed(1)} ${y.at(curve.value(value)).toFixed(1)}`;
  });
  return `M${points.join("L")}`;
}

/** A line through the point of the curve above `from`, across the whole picture. */
function ray(curve, from, slope, { x, y }, look) {
  const [low, high] = curve.across;
  const height = (value) => curve.value(from) + slope * (value - from);
  return svg("path", {
    class: look,
    d: `M${x.at(low)} ${y.at(height(low))}L${x.at(high)} ${y.at(height(high))}`,
  });
}

/** The step to the right, and what the curve rises on it. */
function rise(curve, { x: here, h, sides }, slope, { x, y, frame }) {
  const group = svg("g", { class: "rise" });
  const from = sides === 2 ? here - h : here;
  const [x1, x2] = [x.at(from), x.at(here + h)];
  const [y1, y2] = [y.at(curve.value(from)), y.at(curve.value(here + h))];
  if (x2 - x1 < 9 || x2 > frame.right + 60) return group;
  group.append(svg("path", { "clip-path": "url(#curve-clip)", d: `M${x1} ${y1}H${x2}V${y2}` }));
  const name = sides === 2 ? "2h" : "h";
  if (x2 - x1 > 24) {
    const below = y2 < y1 ? 16 : -8;
    const at = { x: (x1 + x2) / 2, y: y1 + below, "text-anchor": "middle" };
    group.append(svg("text", { ...HALO, ...at }, name));
  }
  if (Math.abs(y2 - y1) > 30) {
    const words = `${name} · ${short(slope, 4)}`;
    const room = frame.right - x2 > 8 + 7 * words.length;
    const at = { x: x2 + (room ? 9 : -9), y: (y1 + y2) / 2 + 4,
      "text-anchor": room ? "start" : "end" };
    group.append(svg("text", { ...HALO, ...at }, words));
  }
  return group;
}

const glassRadius = (width) => Math.round(Math.min(82, Math.max(46, width * 0.155)));

/** The points that can be moved. */
function handles(curve, { x: here, h, sides }, { x, y, width, height }) {
  const spot = (value) => ({ cx: x.at(value), cy: y.at(curve.value(value)) });
  const slider = (id, name, value, text, look, radius) => svg("g", {
    id, class: `handle ${look}`, tabindex: 0, role: "slider", "aria-label": name,
    "aria-valuenow": value.toFixed(6), "aria-valuetext": text,
  }, svg("circle", { class: "reach", r: 20, ...spot(value) }),
  svg("circle", { class: "dot", r: radius, ...spot(value) }));
  const parts = [];
  if (sides === 2) parts.push(svg("circle", { class: "left dot", r: 5.5, ...spot(here - h) }));
  parts.push(slider("second-point", "The second point, at x + h", here + h,
    `h is ${short(h)}`, "second", 6.5));
  const value = `x is ${short(here, 4)}, the slope of the rule ${short(curve.slope(here), 4)}`;
  parts.push(slider("first-point", "The point, at x", here, value, "first", 9));
  // Above a curve that rises to the right there is room on the left, and inside the bowl of x².
  const words = `(${short(here, 4)}, ${short(curve.value(here), 3)})`;
  const [left, top] = [x.at(here), y.at(curve.value(here)) - 12];
  const radius = glassRadius(width);
  const [middle, level] = curve.glass(radius, { x, y, width, height });
  // On a narrow page the glass may be there; below the curve on the right it is not.
  const taken = Math.abs(level - top) < radius + 14 && left > middle
    && left - 14 - 7.5 * words.length < middle + radius;
  const right = curve.slope(here) < 0 || taken;
  parts.push(svg("text", {
    class: "halo point-name", x: left + (right ? 14 : -14), y: taken && curve.slope(here) >= 0 ? top + 36 : top,
    "text-anchor": right ? "start" : "end",
  }, words));
  return parts;
}

/**
 * The surroundings of the point, as wide as the step: below 10⁻¹³ the machine's values are stairs.
 * Where they would not be magnified, there is no glass.
 */
function glass(curve, { x: here, h, sides }, slope, { x, y, width, height }) {
  const radius = glassRadius(width);
  const half = 1.45 * h; // in x, from the centre to the rim
  const scale = (radius * 0.96) / half / Math.abs(x.at(1) - x.at(0));
  if (scale < MAGNIFIED) return svg("g", { class: "glass" });
  const centre = curve.glass(radius, { x, y, width, height });
  const tall = half * Math.max(Math.abs(curve.slope(here)), Math.abs(slope) || 0, 0.15);
  const at = (dx, dy) => [centre[0] + (dx / half) * radius * 0.96,
    centre[1] - (dy / tall) * radius * 0.86];
  const view = svg("g", { "clip-path": "url(#glass-clip)" });
  view.append(svg("path", { class: "curve", d: magnified(curve, here, h, half, at) }));
  const through = (gradient, look, from = 0, lift = 0) => {
    const ends = [-2, 2].map((side) => at(from + side * half, lift + side * half * gradient));
    view.append(svg("path", { class: look, d: `M${ends[0]}L${ends[1]}` }));
  };
  const exact = (dx) => curve.value(here + dx) - curve.value(here);
  through(curve.slope(here), "tangent");
  if (Number.isFinite(slope)) {
    if (sides === 2) through(slope, "secant", -h, exact(-h));
    else through(slope, "secant");
  }
  const dot = (dx, look) => {
    const [cx, cy] = at(dx, dx === 0 ? 0 : exact(dx));
    view.append(svg("circle", { class: `dot ${look}`, cx, cy, r: 5 }));
  };
  if (sides === 2) dot(-h, "second");
  dot(h, "second");
  dot(0, "first");
  const target = [x.at(here), y.at(curve.value(here))];
  const far = Math.hypot(target[0] - centre[0], target[1] - centre[1]) || 1;
  const rim = target.map((value, i) => centre[i] + ((value - centre[i]) / far) * radius);
  return svg("g", { class: "glass" },
    svg("clipPath", { id: "glass-clip" },
      svg("circle", { cx: centre[0], cy: centre[1], r: radius - 1 })),
    svg("path", { class: "leader", d: `M${rim}L${target}` }),
    svg("circle", { class: "lens", cx: centre[0], cy: centre[1], r: radius }), view,
    // On the side that the leader does not cross.
    svg("text", { ...HALO, x: centre[0], "text-anchor": "middle",
      y: centre[1] + (target[1] > centre[1] ? -radius - 6 : radius + 16) },
      `magnified ${short(scale, 2)} ×`));
}

/** The curve in the glass: steps where two neighbours have one height. */
function magnified(curve, here, h, half, at) {
  const base = curve.value(here);
  const count = 240;
  const points = Array.from({ length: 2 * count + 1 }, (_, i) => {
    const dx = ((i - count) / count) * half * 1.05;
    return at(dx, curve.value(here + dx) - base).map((value) => value.toFixed(1));
  });
  if (h > STAIRS) return `M${points.join("L")}`;
  return points.reduce((path, [px, py], i) => `${path}${i ? `H${px}V${py}` : `M${px} ${py}`}`, "");
}
