// The network with the row's own numbers: pills, and lines that are contributions.
//
// It knows no page: what is drawn stands in a scene, and what is pressed is called back. Lessons
// use it as their stage.

import { fitted, svg, textWidth } from "../dom.js";
import { short } from "../numbers.js";
import { decimalsFor, lowered, written } from "./amounts.js";
import { onlyInput } from "./plan.js";
import { isReached, shownOf, weightSlope } from "./stops.js";

/**
 * @typedef {object} Scene
 * @property {object} model of `modelOf`
 * @property {import("./plan.js").Item[][]} plan
 * @property {object} pass
 * @property {object} row target and cells
 * @property {import("./stops.js").Stop[]} stops
 * @property {number} at the stop, from 0
 * @property {{units: number[], input: number, layer: number}} subject from 0; units[0] is not used
 * @property {boolean} masked whether the derivative of the output is still covered
 * @property {boolean} flows whether the lines of this stop run
 * @property {(item: object, layer: number) => void} [press]
 */

const WIDEST = 9;

/** The picture. @param {Scene} scene @param {number} width */
export function networkView(scene, width) {
  const frame = frameOf(scene, width);
  const root = svg("svg", {
    class: `net${frame.small ? " small" : ""}`, viewBox: `0 0 ${frame.W} ${frame.H}`, width: frame.W,
    height: frame.H, role: "group", "aria-label": scene.label,
  });
  const lines = svg("g", { class: "lines" });
  const found = scene.plan.slice(1).map((_, l) => linesOf(scene, l + 1));
  const tops = found.map((each) => Math.max(...each.map(({ sum }) => Math.abs(sum)), 1e-300));
  // Derivatives of all layers have one scale, as one step of the update moves all weights.
  const isOneScale = scene.stops[scene.at].kind === "dW";
  found.forEach((each, l) =>
    drawLines(lines, scene, frame, l + 1, each, isOneScale ? Math.max(...tops) : tops[l]));
  root.append(lines, ...heads(scene, frame), ...endPills(scene, frame));
  scene.plan.forEach((items, l) => {
    const shown = shownOf(scene.stops, scene.at, l);
    const last = l === scene.plan.length - 1;
    const covered = last && scene.masked;
    const values = !shown || covered ? null : valuesOf(scene, l, shown);
    const digits = decimalsFor(values ?? [], frame.small ? 3 : 4);
    items.forEach((item, place) => root.append(
      pillOf(scene, frame, { l, item, place, values, digits })));
  });
  return root;
}

/** The numbers of a layer that its pills show. */
function valuesOf({ pass, stops, at, plan }, l, shown) {
  if (l === 0) return pass.X;
  const layer = pass.layers[l - 1];
  const several = l === plan.length - 1 && plan[l].length > 1;
  if (several && !shown.startsWith("d") && isReached(stops, at, "Yh")) return pass.Yh;
  return layer[shown];
}

function frameOf({ plan, model }, width) {
  const small = width < 600;
  const hidden = plan.length - 2;
  const [pw, ph] = small ? [46, 19] : [hidden > 3 ? 54 : 62, 22];
  const several = plan.at(-1).length > 1;
  const names = several ? Math.min(small ? 56 : 110, 10 + Math.max(
    ...plan.at(-1).map(({ name }) => textWidth(name, small ? 10.5 : 12.5)))) : 0;
  const left = (small ? 98 : 206) + pw / 2;
  const needed = left + names + (hidden + 1) * (pw + (small ? 22 : 30)) + pw / 2 + 4;
  const W = Math.max(width, Math.ceil(needed));
  const most = Math.max(...plan.slice(0, -1).map((items) => items.length),
    several ? plan.at(-1).length + 3 : 9);
  const H = Math.max(small ? 400 : 430, 40 + most * (small ? 27 : 29));
  const right = W - pw / 2 - 4 - names;
  const x = (l) => (l === 0 ? left : l > hidden ? right
    : left + (right - left) * (hidden === 1 ? 0.56 : l / (hidden + 1)));
  const spread = (n, place, bottom = H - 8) => 34 + (bottom - 34) * (place + 0.5) / n;
  const y = (l, place) => {
    if (l <= hidden) return spread(plan[l].length, place);
    return several ? spread(plan[l].length, place, H - 70) : H * 0.3;
  };
  const ends = several ? { Loss: H - 34 } : { Yh: H * 0.52, Loss: H * (model.hasLink ? 0.74 : 0.58) };
  // Lines end before the number of a unit, where there is room for one.
  const numbers = plan.map((items, l) => (l === 0 || l > hidden || x(l) - x(l - 1) < pw + 48 ? 0
    : 9 + textWidth(String(1 + Math.max(...items.flatMap(({ members }) => members))), 12)));
  return { W, H, small, pw, ph, x, y, ends, hidden, several, right, names, numbers };
}

/** The way of a line between two pills. */
function way(frame, from, to, number) {
  const [a, b] = [from[0] + frame.pw / 2, to[0] - frame.pw / 2 - number];
  const bend = (b - a) / 2;
  return `M${a} ${from[1]}C${a + bend} ${from[1]} ${b - bend} ${to[1]} ${b} ${to[1]}`;
}

/** The contribution of each line into a layer at this stop, and which of them are meant. */
function contributions(scene, l) {
  const { model: { net }, pass, stops, at, subject, plan } = scene;
  const { W } = net.layers[l - 1];
  const stop = stops[at];
  const before = l === 1 ? pass.X : pass.layers[l - 2].A;
  const forward = (i, k) => W[k][i] * before[i];
  const isOf = (item, one) => item.members.includes(one);
  if (stop.kind === "dW") {
    return {
      value: (i, k) => weightSlope(pass, l, k, i), largest: true, on: true, back: true,
      meant: (from, to) => l >= subject.layer && isOf(to, subject.units[l])
        && isOf(from, l === 1 ? subject.input : subject.units[l - 1]),
      near: (from, to) => l === subject.layer && isOf(to, subject.units[l]),
    };
  }
  if (stop.kind === "dA" && stop.layer === l - 1) {
    const alone = plan[l].length === 1;
    return {
      value: (i, k) => W[k][i] * pass.layers[l - 1].dZ[k], on: true, back: true,
      meant: (from) => alone || isOf(from, subject.units[l - 1]),
    };
  }
  const on = stop.kind === "Z" && stop.layer === l;
  return {
    value: forward, on, back: false,
    meant: (from, to) => on && isOf(to, subject.units[l]),
    done: stops.findIndex(({ kind, layer }) => kind === "Z" && layer === l) < at,
  };
}

/** The lines into a layer that are not 0. */
function linesOf(scene, l) {
  const { value, largest } = contributions(scene, l);
  const found = [];
  scene.plan[l - 1].forEach((from, a) => {
    if (from.kind === "open") return;
    scene.plan[l].forEach((to, b) => {
      const all = from.members.flatMap((i) => to.members.map((k) => value(i, k)));
      const sum = largest ? all.reduce((m, v) => (Math.abs(v) > Math.abs(m) ? v : m), 0)
        : all.reduce((total, v) => total + v, 0);
      if (sum && Number.isFinite(sum)) found.push({ from, to, a, b, sum });
    });
  });
  return found;
}

function drawLines(group, scene, frame, l, found, top) {
  const { on, back, meant, near, done } = contributions(scene, l);
  const alone = (item) => (item.members.length === 1 ? item.members[0]
    : item.kind === "group" ? onlyInput(item, scene.pass.X) : -1);
  const order = found.map((line) => ({ ...line, strong: meant(line.from, line.to) }))
    .sort((p, q) => p.strong - q.strong);
  for (const { from, to, a, b, sum, strong } of order) {
    const look = !on ? (done ? "done" : "far") : strong ? "strong" : near?.(from, to) ? "near" : "other";
    group.append(svg("path", {
      class: `line ${sum > 0 ? "plus" : "minus"} ${look}${on && scene.flows
        ? back ? " flows back" : " flows" : ""}`,
      d: way(frame, [frame.x(l - 1), frame.y(l - 1, a)], [frame.x(l), frame.y(l, b)],
        frame.numbers[l]),
      "stroke-width": Math.max(0.6, (WIDEST * Math.abs(sum)) / top).toFixed(2), pathLength: 100,
      "data-k": to.members.length === 1 && alone(from) >= 0
        ? `w${l}.${to.members[0] + 1}.${alone(from) + 1}` : null,
    }));
  }
}

/** A number with as many digits as its pill has room for. */
function inPill(value, digits, { pw, small }) {
  const forms = [written(value, digits), short(value, 2), short(value, 1)];
  return forms.find((each) => textWidth(each, small ? 10.5 : 12) * 1.08 <= pw - 6) ?? forms[2];
}

/** One pill with its name. */
function pillOf(scene, frame, { l, item, place, values, digits }) {
  const { pass, subject, row } = scene;
  const [x, y] = [frame.x(l), frame.y(l, place)];
  const only = l === 0 && item.kind === "group" ? onlyInput(item, pass.X) : -1;
  const one = item.members.length === 1 ? item.members[0] : only;
  const { kind } = scene.stops[scene.at];
  const isMeant = l === 0 ? item.members.includes(subject.input)
    && (kind === "X" || (kind === "dW" && subject.layer === 1))
    : item.members.includes(subject.units[l]) && scene.plan[l].length > 1;
  const value = values && one >= 0 ? values[one] : null;
  const count = item.members.length;
  const isNone = one < 0 && item.kind === "group" && item.members.every((i) => pass.X[i] === 0);
  const text = item.kind === "open" ? "close ▴" : item.kind === "rest" ? `+${item.count}`
    : isNone ? "0" : one < 0 ? `${count} ▾` : value === null ? "·" : inPill(value, digits, frame);
  const key = one >= 0 && l === 0 ? `x.${one + 1}` : item.key;
  const size = Math.max(...(values ?? []).map((each) => Math.abs(each ?? 0)), 1e-300);
  const label = [item.name, row.raw?.[item.own], value === null ? null : text,
    count > 1 && l === 0 ? `${count} inputs` : null]
    .filter((each) => each !== null && each !== undefined).join(", ");
  const pill = svg("g", {
    class: ["pill", value === 0 || isNone ? "off" : "", values ? "" : "wait", isMeant ? "meant" : ""].join(" "),
    transform: `translate(${x} ${y})`, "data-k": key, id: `pill-${item.key}`,
    ...(scene.press ? { tabindex: 0, role: "button", "aria-label": label } : {}),
  },
  svg("rect", {
    x: -frame.pw / 2, y: -frame.ph / 2, width: frame.pw, height: frame.ph, rx: frame.ph / 2,
    class: value ? (value > 0 ? "plus" : "minus") : null,
    "fill-opacity": value ? (0.06 + 0.38 * Math.sqrt(Math.abs(value) / size)).toFixed(3) : null,
  }), svg("text", { y: 4 }, text));
  if (scene.press) {
    const press = () => scene.press(item, l, one);
    pill.addEventListener("click", press);
    pill.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      press();
    });
  }
  return svg("g", {}, pill, ...namesOf(scene, frame, { l, item, x, y }));
}

/** The name of an output; of grades that of its sum, until the pills show probabilities. */
function outputName(scene, l, item) {
  const shown = shownOf(scene.stops, scene.at, l);
  const isSum = scene.model.target?.link === "at_most" && item.members.length === 1
    && (!isReached(scene.stops, scene.at, "Yh") || shown?.startsWith("d"));
  return isSum ? `${shown?.startsWith("d") ? "∂" : ""}Z${lowered(l)}[${item.members[0] + 1}]` : item.name;
}

function namesOf(scene, frame, { l, item, x, y }) {
  const { row } = scene;
  const size = frame.small ? 10.5 : 12.5;
  if (l === 0) {
    const indent = item.inside ? 10 : 0;
    const raw = item.inside || item.kind === "rest" ? null : cellWords(row.raw?.[item.own]);
    const end = frame.small ? 94 : 168;
    const width = raw === null ? 0 : textWidth(raw, size) + 8;
    const [one, two] = frame.small ? inTwo(item.name, end - indent, width, size) : [item.name, null];
    const lift = two === null ? 4 : -2;
    const write = (words, more, room) => svg("text", { x: indent, y: y + lift + more, class: "name" },
      fitted(words, room, size), svg("title", {}, item.name));
    const found = [write(one, 0, end - indent - (two === null ? width : 0))];
    if (two) found.push(write(two, 12, end - indent - width));
    if (raw !== null) found.push(svg("text", { x: end, y: y + lift + (two === null ? 0 : 12),
      class: "raw" }, raw));
    return found;
  }
  if (l <= frame.hidden) {
    return !frame.numbers[l] || item.kind !== "unit" ? []
      : [svg("text", { x: x - frame.pw / 2 - 5, y: y + 4, class: "number" }, item.members[0] + 1)];
  }
  return frame.several ? [svg("text", { x: x + frame.pw / 2 + 6, y: y + 4, class: "name" },
    fitted(outputName(scene, l, item), frame.names - 4, size), svg("title", {}, item.name))] : [];
}

/** A name in two lines, if it does not fit into one beside its cell: the first ends at _ or a space. */
function inTwo(name, room, cell, size) {
  if (textWidth(name, size) <= room - cell) return [name, null];
  if (textWidth(name, size) <= room) return [name, ""];
  let at = [...name].findLastIndex((letter, i) => (letter === "_" || letter === " ")
    && textWidth(name.slice(0, i + 1), size) <= room);
  if (at < 2) at = [...name].findLastIndex((_, i) => textWidth(name.slice(0, i + 1), size) <= room);
  return [name.slice(0, at + 1).trim(), name.slice(at + 1)];
}

/** A cell of the table in a few letters. */
export function cellWords(cell) {
  if (cell === undefined) return null;
  if (cell === null) return "–";
  const words = typeof cell === "number" ? short(cell, 6) : String(cell);
  return words.length > 12 ? `${words.slice(0, 11)}…` : words;
}

/** What stands above each column. */
function heads(scene, frame) {
  const { stops, at, plan } = scene;
  const say = (x, text, y = 16) => svg("text", { x, y, class: "head" }, text);
  const names = { Z: "Z", A: "A", dA: "∂A", dZ: "∂Z" };
  const found = [say(frame.x(0), "X")];
  if (scene.row.raw) found.push(svg("text", { x: frame.small ? 94 : 168, y: 16, class: "raw" }, "raw"));
  for (let l = 1; l < plan.length; l += 1) {
    const shown = shownOf(stops, at, l);
    const isEnd = l === plan.length - 1;
    const softened = isEnd && frame.several && isReached(stops, at, "Yh") && !shown?.startsWith("d");
    const name = softened ? "Ŷ" : `${names[shown ?? "Z"]}${lowered(l)}`;
    found.push(say(frame.x(l), name, isEnd && !frame.several ? frame.y(l, 0) - frame.ph / 2 - 8 : 16));
    const from = frame.x(l - 1);
    const gap = frame.x(l) - from;
    const back = stops[at].kind === "dW" || (stops[at].back && stops[at].layer < l);
    if (gap > frame.pw + 56) {
      const word = stops[at].kind === "dW" ? `← ∂W${lowered(l)}`
        : back ? `← W${lowered(l)}` : `W${lowered(l)} →`;
      found.push(say(from + gap / 2, word));
    }
  }
  return found;
}

/** Prediction and loss, below each other. */
function endPills(scene, frame) {
  const { stops, at, pass, model, row } = scene;
  const x = frame.right;
  const isBack = stops[at].back;
  const found = [];
  const pill = (y, key, head, value, top) => {
    found.push(svg("text", { x, y: y - frame.ph / 2 - 7, class: "head" }, head),
      svg("g", { class: `pill ${value === null ? "wait" : ""}`, transform: `translate(${x} ${y})`,
        "data-k": key },
      svg("rect", { x: -frame.pw / 2, y: -frame.ph / 2, width: frame.pw, height: frame.ph,
        rx: frame.ph / 2, class: value ? (value > 0 ? "plus" : "minus") : null,
        "fill-opacity": value ? (0.06 + 0.38 * Math.sqrt(Math.min(1, Math.abs(value) / top)))
          .toFixed(3) : null }),
      svg("text", { y: 4 }, value === null ? "·" : inPill(value, decimalsFor([value],
        frame.small ? 3 : 4), frame))));
  };
  const lossAt = frame.ends.Loss;
  const rule = (y0, y1) => svg("path", { class: "link", d: `M${x} ${y0}V${y1}` });
  let from = frame.y(scene.plan.length - 1, scene.plan.at(-1).length - 1) + frame.ph / 2 + 2;
  if (!frame.several && model.hasLink) {
    const y = frame.ends.Yh;
    found.push(rule(from, y - frame.ph / 2 - 20));
    const value = isBack ? pass.dYh?.[0] ?? null : pass.Yh[0];
    const there = isReached(stops, at, "Yh") && !scene.masked;
    pill(y, "yh.1", isBack ? "∂Ŷ" : "Ŷ", there ? value : null, isBack ? Math.abs(value) : 1);
    from = y + frame.ph / 2 + 2;
  }
  found.push(rule(from, lossAt - frame.ph / 2 - 20));
  pill(lossAt, "loss", "Loss", isReached(stops, at, "Loss") ? pass.loss : null, 3);
  return [...found, ...truthOf(row.truth ?? "", frame, lossAt + frame.ph / 2 + 16)];
}

/** The true class or number below the loss; in two lines where the last hidden layer is too near. */
function truthOf(truth, frame, y) {
  const size = frame.small ? 10.5 : 12;
  const room = Math.min(140, frame.W - 2 - frame.x(frame.hidden) - frame.pw / 2 - 6);
  const cut = truth.indexOf(": ") + 1;
  const words = textWidth(truth, size) <= room || !cut ? [truth] : [truth.slice(0, cut), truth.slice(cut + 1)];
  return words.map((each, k) =>
    svg("text", { x: frame.W - 2, y: y + 13 * k, class: "raw truth" }, fitted(each, room, size)));
}
