// What if: a cell of the row or a weight is changed, and all numbers move.

import { FORMULAS } from "../formulas.js";
import { byId, html } from "../dom.js";
import { short } from "../numbers.js";
import { encodedRow, unpackedForm, unpackedVector } from "../page_encoder.js";
import { lowered } from "./amounts.js";
import { passOf } from "./passes.js";

const SAME = 1e-12;
const FEW = 200; // whole numbers up to so many have a step each
const SLIDES = 200;

/** The inputs of the network for a row of cells as numbers; null without an encoder. */
export function encoderOf(changed, n) {
  const forms = changed.forms.map(unpackedForm);
  const order = unpackedVector(changed.order);
  const network = { forms, layers: [{ nIn: n }] };
  return (row) => {
    const out = encodedRow(network, row.map((each) => (each === null ? NaN : each)), FORMULAS);
    return Array.from(order, (place) => out[place]);
  };
}

/** Why cells cannot be changed here; "" if they can. */
function whyNoCells({ changed, passes, inputs }) {
  if (!changed) return "this trace was made without the model that encodes a row";
  if (changed.why_not) return changed.why_not;
  const encode = encoderOf(changed, inputs.length);
  const gap = Math.max(...passes.map(({ X }, r) => {
    const found = encode(changed.rows[r]);
    return Math.max(...X.map((x, i) => Math.abs(x - found[i]) / Math.max(1, Math.abs(x))));
  }));
  return gap <= SAME ? "" : "the page encodes this row in another way than Python, so it would "
    + "compute with other numbers";
}

/** The panel. Returns what the page asks it for. */
export function whatIf({ data, model, state, engineAgrees, changed, scene }) {
  const box = byId("what-if");
  const why = engineAgrees ? whyNoCells(data) : "";
  const kept = { cells: new Map(), weights: new Map(), net: null };
  const encode = engineAgrees && !why ? encoderOf(data.changed, data.inputs.length) : null;
  const self = {
    isChanged: () => kept.cells.size + kept.weights.size > 0,
    net: () => kept.net ?? model.net,
    passOf(r) {
      if (!kept.weights.size && !(kept.cells.size && self.place === r)) return null;
      const X = kept.cells.size && self.place === r ? encode(self.numbers(r)) : data.passes[r].X;
      return passOf(self.net(), X, data.rows[r].y, data.passes[r].share);
    },
    numbers(r) {
      const row = [...data.changed.rows[r]];
      for (const [own, value] of kept.cells) {
        const { place, places } = data.changed.controls[own];
        for (const each of places) row[each] = each === place ? value : value === null ? null : 0;
      }
      return row;
    },
    rowOf: (r, row) => (self.place !== r || !kept.cells.size ? row : {
      ...row, raw: row.raw.map((cell, own) => (kept.cells.has(column(own))
        ? cellOf(data.changed.controls[column(own)], kept.cells.get(column(own))) : cell)),
    }),
    place: 0,
  };
  const names = data.changed?.controls?.map(({ name }) => name) ?? [];
  const column = (own) => names.indexOf(data.own[own].name);
  const cellOf = ({ as, levels }, value) => (as === "list" && value !== null
    ? levels.find(([code]) => code === value)?.[1] ?? null : value);

  const made = { key: "", cell: null, weight: null };
  const said = html("p", { role: "status", id: "what-if-said" });
  const back = html("button", { type: "button", id: "what-if-back" }, "Back to the row as it is");
  back.addEventListener("click", () => {
    kept.cells.clear();
    kept.weights.clear();
    kept.net = null;
    made.key = "";
    changed();
  });
  const setCell = (own) => (value) => {
    kept.cells.set(own, value);
    changed();
  };
  const setWeight = (l, j, i) => (value) => {
    kept.weights.set(`${l},${j},${i}`, value);
    kept.net = { ...model.net, layers: model.net.layers.map((each, m) => ({
      ...each, W: each.W.map((row, b) => row.map((w, a) =>
        kept.weights.get(`${m + 1},${b},${a}`) ?? w)) })) };
    changed();
  };

  /** The control of a cell; of one that cannot be changed, that of the next strongest input. */
  const cellOrNext = (own, { pass, subject }) => {
    const { controls } = data.changed;
    const shown = (at) => cellControl(controls[at], self.numbers(self.place), setCell(at));
    if (controls[own].as !== "none") return shown(own);
    const weights = model.net.layers[0].W[subject.units[1] ?? 0];
    const next = pass.X.map((x, i) => [Math.abs(x * weights[i]), i]).sort((a, b) => b[0] - a[0])
      .map(([, i]) => column(data.own.findIndex(({ inputs }) => inputs.includes(i + 1))))
      .find((at) => controls[at] && controls[at].as !== "none");
    if (next === undefined) return shown(own);
    return html("div", {}, sentence(`The cell ${controls[own].name} cannot be changed here. The next `
      + "strongest one that can:"), shown(next));
  };

  /** Before the scene is made: cells belong to one row. */
  self.atRow = (place) => {
    if (place !== self.place) kept.cells.clear();
    self.place = place;
  };

  /** The controls for what is in focus; they stay while they are dragged. */
  self.draw = () => {
    if (!engineAgrees) {
      box.replaceChildren(html("p", {}, "Nothing can be changed here: the page's own computation of "
        + "this trace differs from Python's by more than rounding."));
      return;
    }
    const now = scene();
    const { input, units, layer } = now.subject;
    const own = column(data.own.findIndex(({ inputs }) => inputs.includes(input + 1)));
    const i = layer === 1 ? input : units[layer - 1];
    const key = [state.row, own, layer, units[layer], i].join();
    if (key !== made.key) {
      made.key = key;
      made.cell = state.row === 0 ? sentence("Choose one row to change its cells.")
        : why ? sentence(`Cells cannot be changed here: ${why}.`)
          : cellOrNext(own, now);
      made.weight = weightControl(now.model.net, model.net, [layer, units[layer], i],
        setWeight(layer, units[layer], i));
      box.replaceChildren(made.cell, made.weight, said, back);
    }
    const was = data.passes[self.place];
    const of = (name, a, b) => `${name} from ${short(a, 4)} to ${short(b, 4)}`;
    back.disabled = !self.isChanged();
    said.textContent = self.isChanged() && state.row > 0
      ? `${of("The loss goes", was.loss, now.pass.loss)}${was.Yh.length === 1
        ? of(", Ŷ", was.Yh[0], now.pass.Yh[0]) : ""}.`
      : self.isChanged() ? "Some numbers are changed." : "Nothing is changed.";
  };
  return self;
}

const sentence = (words) => html("p", {}, words);

/** A slider with its value beside it. */
function slider(id, label, { low, high, step, value, unit }, set) {
  const range = html("input", { type: "range", id, min: low, max: high, step, value });
  const words = (at) => `${short(at, 5)}${unit ? ` ${unit}` : ""}`;
  const shown = html("output", { for: id }, words(value));
  range.addEventListener("input", () => {
    shown.textContent = words(Number(range.value));
    set(Number(range.value));
  });
  return html("p", { class: "control" }, html("label", { for: id }, label), range, shown);
}

/** The step of a slider over the range of a column. */
export function slidesOf({ low, high, whole }) {
  return whole && high - low <= FEW ? 1 : (high - low) / SLIDES || 1;
}

/** A control for a cell: a slider, or a list. */
export function cellControl(control, numbers, set) {
  const value = numbers[control.place];
  const label = `The cell ${control.name}`;
  if (control.as === "number") {
    const { low, high, unit } = control;
    const step = slidesOf(control);
    const at = value === null ? (low + high) / 2 : value;
    return slider("what-if-cell", label, { low: Math.min(low, at), high: Math.max(high, at), step,
      value: at, unit }, set);
  }
  if (control.as === "list") {
    const select = html("select", { id: "what-if-cell" }, ...control.levels.map(([code, name]) =>
      html("option", { value: code }, name)));
    select.value = String(value);
    select.addEventListener("change", () => set(Number(select.value)));
    return html("p", { class: "control" }, html("label", { for: "what-if-cell" }, label), select);
  }
  return sentence(`${label} cannot be changed here.`);
}

function weightControl(net, before, [l, j, i], set) {
  const value = net.layers[l - 1].W[j][i];
  const was = before.layers[l - 1].W[j][i];
  const reach = Math.max(1, 3 * Math.abs(was));
  return slider("what-if-weight", `The weight W${lowered(l)}[${j + 1},${i + 1}]`,
    { low: -reach, high: reach, step: "any", value }, set);
}
