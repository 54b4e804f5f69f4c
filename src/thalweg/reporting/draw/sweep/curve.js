// The page of a sweep over one setting: training and held-out loss, with bands; keys read values.
import { byId, html, responsive, svg, textWidth } from "../dom.js";
import { copyButtons } from "../learn/link_state.js";
import { readable } from "../report_charts.js";
import { FONT, frame, linear, logarithmic } from "../scale.js";
import { LOOKS, legend, line, marker, swatch } from "../series_marks.js";

const told = JSON.parse(byId("of-curve").textContent);
const points = told.points;
const byPlace = told.scale !== "words" && points.every((each) => each.place !== null || each.is_default);
const SERIES = [
  { look: LOOKS.ink, loss: "train_loss", error: "train_error", text: "training rows" },
  { look: LOOKS.blue, loss: "loss", error: "error", text: "held-out rows" },
];
const ABOVE_GRID = 44;

/** The scale of the values; words, and values of several kinds, stand side by side. */
function valuesOn(range) {
  if (!byPlace) {
    const scale = linear([-0.5, points.length - 0.5], range);
    // The names stand below the picture by `categoryNames`, so that none is left out.
    return { ...scale, ticks: () => points.map((_, i) => i), texts: (values) => values.map(() => "") };
  }
  const places = points.map((each) => each.place).filter((each) => each !== null);
  const [low, high] = [Math.min(...places), Math.max(...places)];
  if (told.scale === "log") {
    const room = (high / low) ** 0.04;
    return withValues(logarithmic([low / room, high * room], range));
  }
  const room = 0.04 * (high - low);
  return withValues(linear([low - room, high + room], range));
}

/** The points whose names have room: the lowest first, then the default, then the others in order. */
function named(middle, half) {
  const others = points.map((_, i) => i).filter((i) => i !== told.lowest && !points[i].is_default);
  const order = [told.lowest, points.findIndex((each) => each.is_default), ...others];
  const found = new Set();
  for (const i of order) {
    if (i < 0 || !Number.isFinite(middle(i))) continue;
    if ([...found].every((j) => Math.abs(middle(i) - middle(j)) >= half(i) + half(j))) found.add(i);
  }
  return [...found].sort((i, j) => middle(i) - middle(j));
}

const halfWidth = (i) => textWidth(points[i].label, FONT) / 2 + 5;

/** Whether the names of categories have no room side by side, so that they are turned. */
function isTurned(width) {
  const room = (width - 76) / points.length;
  return !byPlace && points.some((_, i) => 2 * halfWidth(i) > room);
}

const longestName = () => Math.max(...points.map((_, i) => 2 * halfWidth(i)));

/** The names of categories below the picture. */
function categoryNames({ x, inner, svg: drawing }, turned) {
  const middle = (i) => x.at(i);
  for (const i of named(middle, turned ? () => 7 : () => 0)) {
    const at = turned ? { transform: `translate(${middle(i) + 4} ${inner.bottom + 8})rotate(-90)`, "text-anchor": "end" }
      : { x: middle(i), y: inner.bottom + 18, "text-anchor": "middle" };
    drawing.querySelector(".ticks").append(svg("text", at, points[i].label));
  }
}

/** Ticks at the values themselves, as many as have room. */
function withValues(scale) {
  const label = new Map(points.map((each) => [each.place, each.label]));
  const fit = () => {
    const middle = (i) => (points[i].place === null ? NaN : scale.at(points[i].place));
    return named(middle, halfWidth).map((i) => points[i].place);
  };
  return { ...scale, ticks: fit, texts: (values) => values.map((each) => label.get(each)) };
}

const at = (x, i) => (byPlace ? (points[i].place === null ? NaN : x.at(points[i].place)) : x.at(i));

/** The ends of the losses with their bands; by their logarithm if they differ much. */
function lossesOn(range) {
  const known = points.filter((each) => each.loss !== null);
  const middles = known.flatMap((each) => [each.loss, each.train_loss]);
  const ends = known.flatMap((each) => [each.loss + each.error, each.loss - each.error,
    each.train_loss + each.train_error, each.train_loss - each.train_error]);
  if (!known.length) return linear([0, 1], range);
  if (told.by_logarithm) {
    const low = Math.max(Math.min(...ends), Math.min(...middles) / 2);
    return logarithmic([low * 0.9, Math.max(...ends) * 1.1], range);
  }
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  const room = 0.06 * (high - low || Math.abs(high) || 1);
  return linear([low - room, high + room], range);
}

function band(look, xs, y, low, high) {
  const there = xs.map((px, i) => i).filter((i) => Number.isFinite(xs[i]) && low[i] !== null);
  const path = (values, order) => order.map((i) => `${xs[i].toFixed(1)} ${y.at(values[i]).toFixed(1)}`);
  if (there.length < 2) return null;
  const d = `M${[...path(high, there), ...path(low, [...there].reverse())].join("L")}Z`;
  return svg("path", { class: `band ${look.name}`, d });
}

const cross = (x, y) => svg("path", { class: "lost",
  d: `M${x - 5} ${y - 5}L${x + 5} ${y + 5}M${x + 5} ${y - 5}L${x - 5} ${y + 5}` });

/** One series: its band or its whiskers, its line, its marks. */
function seriesOf({ look, loss, error }, x, y, floor) {
  const xs = points.map((_, i) => at(x, i));
  const end = (sign) => points.map((each) => (each[loss] === null ? null
    : Math.max(floor, each[loss] + sign * (each[error] ?? 0))));
  const [low, high] = [end(-1), end(1)];
  const parts = [];
  if (byPlace) {
    const whole = band(look, xs, y, low, high);
    if (whole) parts.push(whole);
    const there = points.map((each, i) => [xs[i], each[loss] === null ? NaN : y.at(each[loss])]);
    parts.push(line(look, there.filter(([px]) => Number.isFinite(px))));
  }
  points.forEach((each, i) => {
    if (each[loss] === null || !Number.isFinite(xs[i])) return;
    const aside = byPlace ? 0 : (look === LOOKS.ink ? -6 : 6);
    if (!byPlace) {
      parts.push(svg("path", { class: `whisker ${look.name}`,
        d: `M${xs[i] + aside} ${y.at(low[i])}V${y.at(high[i])}` }));
    }
    const worse = loss === "loss" && each.standing === "shown to be worse" ? "worse" : "";
    if (loss === "loss" && each.standing === "diverged") {
      parts.push(cross(xs[i] + aside, y.at(each[loss])));
      return;
    }
    parts.push(marker(look, xs[i] + aside, y.at(each[loss]), loss === "loss" ? 5 : 3.5, worse));
  });
  return parts;
}

/** Words above the grid, moved inside it. */
function note(words, px, level, inner, kind = "") {
  const half = textWidth(words, FONT) / 2 + 3;
  const middle = Math.min(inner.right - half, Math.max(inner.left + half, px));
  return svg("text", { class: `note ${kind}`, x: middle, y: inner.top - 26 + 16 * level,
    "text-anchor": "middle" }, words);
}

/** The default as a dashed line: at its value, or at its loss if it has no place on the axis. */
function defaultMark({ x, y, inner, plot }) {
  const i = points.findIndex((each) => each.is_default);
  if (i < 0) return;
  const one = points[i];
  const px = at(x, i);
  if (Number.isFinite(px)) {
    plot.append(svg("path", { class: "default-line", d: `M${px} ${inner.top - 6}V${inner.bottom}` }));
    plot.append(note(one.label === "default" ? "default" : `default ${one.label}`, px, 1, inner, "of-default"));
  } else if (one.loss !== null) {
    plot.append(svg("path", { class: "default-line", d: `M${inner.left} ${y.at(one.loss)}H${inner.right}` }));
    plot.append(note(`default ${one.label}: ${one.loss_text}`, inner.right, 1, inner, "of-default"));
  }
}

function lowestMark({ x, y, inner, plot }) {
  const one = points[told.lowest];
  if (!one) return;
  const px = at(x, told.lowest);
  const aside = byPlace ? 0 : 6;
  if (!Number.isFinite(px)) return;
  plot.append(svg("circle", { class: "ring", cx: px + aside, cy: y.at(one.loss), r: 9 }));
  plot.append(note(`lowest: ${one.label}, loss ${one.loss_text}`, px, 0, inner));
}

/** The loss beside each held-out mark, where there is room for all. */
function lossTexts({ x, y, inner, plot }) {
  const there = points.map((_, i) => i).filter((i) => points[i].loss !== null && Number.isFinite(at(x, i)));
  const room = (inner.right - inner.left) / Math.max(1, there.length);
  if (room < 78) return;
  let free = -Infinity;
  for (const i of there) {
    const half = textWidth(points[i].loss_text, FONT) / 2 + 3;
    const px = Math.min(inner.right - half, Math.max(inner.left + half, at(x, i) + (byPlace ? 0 : 6)));
    if (px - half < free) continue;
    free = px + half;
    const middle = y.at(points[i].loss);
    const above = Math.max(middle - 14, inner.top + 12);
    const foot = above <= middle - 9 ? above : middle + 23; // below a mark that is close to the top
    plot.append(svg("text", { class: "note", x: px, y: foot, "text-anchor": "middle" }, points[i].loss_text));
  }
}

/** A cross at the top of the grid for a value that has no loss. */
function lostMarks({ x, inner, plot }) {
  let free = -Infinity;
  points.forEach((each, i) => {
    const px = at(x, i);
    if (each.loss !== null || !Number.isFinite(px)) return;
    const top = inner.top + 12;
    plot.append(cross(px, top));
    const half = textWidth("diverged", FONT) / 2 + 3;
    const middle = Math.min(inner.right - half, Math.max(inner.left + half, px));
    if (middle - half < free) return; // the legend says what the cross is
    free = middle + half;
    plot.append(svg("text", { class: "note", y: top + 20, "text-anchor": "middle", x: middle },
      "diverged"));
  });
}

/** The loss of a constant answer, if it is inside of the picture. */
function constantMark({ y, inner, plot }) {
  const at = told.constant === null ? NaN : y.at(told.constant);
  if (at < inner.top || at > inner.bottom || !Number.isFinite(at)) return;
  plot.append(svg("path", { class: "constant-line", d: `M${inner.left} ${at}H${inner.right}` }));
}

function key() {
  const entries = SERIES.map(({ look, text }) => [swatch(look, !byPlace), text]);
  if (points.some((each) => each.standing === "shown to be worse")) {
    entries.push([svg("svg", { viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true" },
      marker(LOOKS.blue, 8, 8, 5, "worse")), "hollow: shown to be worse than the lowest"]);
  }
  if (points.some((each) => each.standing === "diverged")) {
    entries.push([svg("svg", { viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true" },
      cross(8, 8)), "diverged"]);
  }
  if (told.constant !== null) {
    entries.push([svg("svg", { viewBox: "0 0 26 16", width: 26, height: 16, "aria-hidden": "true" },
      svg("path", { class: "constant-line", d: "M1 8H25" })), `a constant answer: ${told.constant_text}`]);
  }
  const what = byPlace ? "band" : "bar";
  return html("div", {}, legend(entries),
    html("p", { class: "sub" }, `The ${what} of each is ± 1 standard error over ${told.n_folds} folds.`));
}

/** The whole picture. */
function curveOf(width, onPaper) {
  const isLog = told.by_logarithm;
  const turned = isTurned(width);
  const names = turned ? longestName() - 10 : 0;
  const drawn = frame({
    width,
    foot: 46 + names,
    height: ABOVE_GRID + names + (onPaper ? 300 : Math.min(430, Math.max(290, width * 0.5))),
    headroom: ABOVE_GRID,
    label: told.label,
    x: valuesOn,
    y: lossesOn,
    xTitle: `${told.setting}${byPlace && told.scale === "log" ? " (logarithmic scale)" : ""}`,
    yTitle: `${told.loss_name}${isLog ? " (logarithmic scale)" : ""}`,
  });
  if (!byPlace) categoryNames(drawn, turned);
  const floor = drawn.y.back(drawn.inner.bottom);
  defaultMark(drawn);
  constantMark(drawn);
  for (const series of SERIES) drawn.plot.append(...seriesOf(series, drawn.x, drawn.y, floor));
  lowestMark(drawn);
  lossTexts(drawn);
  lostMarks(drawn);
  const cursor = svg("path", { class: "cursor" });
  drawn.plot.append(cursor);
  const reading = html("p", { class: "reading", "aria-live": "polite" }, told.hint);
  const places = points.map((_, i) => at(drawn.x, i));
  const shown = places.map((px, i) => i).filter((i) => Number.isFinite(places[i]));
  readable(drawn.svg, shown.map((i) => places[i]), Math.max(0, shown.indexOf(told.lowest)), (k) => {
    cursor.setAttribute("d", `M${places[shown[k]]} ${drawn.inner.top}V${drawn.inner.bottom}`);
    reading.textContent = points[shown[k]].words;
  });
  drawn.svg.id = "curve-chart";
  return html("div", {}, key(), drawn.svg, reading);
}

responsive(byId("curve"), curveOf);
copyButtons(byId("tools"), told.recipes);
document.documentElement.dataset.drawn = "yes";
