// The controls of the what-if panel: a slider for a number, a list of levels, a date, "missing".

import { html } from "./dom.js";
import { amount, whole } from "./numbers.js";
import { daysOf } from "./page_network.js";

const STEPS = 200; // of a slider that is no count
const FEW = 200; // whole numbers up to so many have a step each
const SKEWED = 0.1; // a median nearer to an end than this share of the range
const UNKNOWN = "\u0000"; // the value of no level
const MOST_NUMBER = 1e300; // the largest size of a number that a model takes

/** A cell in words. */
export function cellText({ as, unit, years, typical, text }, cell) {
  if (cell === null) return "missing";
  if (as === "filled") return "filled";
  if (as === "truth") return cell ? "true" : "false";
  if (as === "number") {
    const number = years ? String(cell) : amount(cell, 6);
    return unit ? `${number} ${unit}` : number;
  }
  if (as === "list") return cell === UNKNOWN ? "another level" : String(cell);
  return String(cell === typical ? text : cell).replace("T", " ");
}

/**
 * Whether a control could have been set to a cell.
 * @param {object} spec from thalweg.reporting.page.what_if_data
 * @param {string[]} levels all levels of a category
 * @param {*} cell from a link
 * @returns {boolean}
 */
export function isCellOf(spec, levels, cell) {
  if (spec.as === "none") return false;
  if (cell === null) return Boolean(spec.missing);
  if (spec.as === "number") return Number.isFinite(cell) && Math.abs(cell) <= MOST_NUMBER;
  if (spec.as === "list") return cell === UNKNOWN || levels.includes(cell);
  if (spec.as === "truth" || spec.as === "filled") return typeof cell === "boolean";
  return typeof cell === "string" && !Number.isNaN(daysOf(cell));
}

/** The cell of a control at the typical row. */
export function typicalCell({ typical }) {
  return typical;
}

/**
 * A control with its label.
 * @param {object} spec from thalweg.reporting.page.what_if_data
 * @param {string[]} levels all levels of a category
 * @param {number} place of the column
 * @param {(cell: *) => void} change called with the new cell
 * @returns {{node: HTMLElement, show: (cell: *) => void}} its element, and how to set it
 */
export function controlOf(spec, levels, place, change) {
  const id = `what-if-${place}`;
  const empty = spec.missing ? html("input", { type: "checkbox", id: `${id}-empty` }) : null;
  let filled = typicalCell(spec);
  const made = MAKERS[spec.as](spec, levels, id, (cell) => {
    filled = cell;
    change(cell);
  });
  const show = (cell) => {
    if (cell !== null) filled = cell;
    if (empty) empty.checked = cell === null;
    for (const input of made.inputs) input.disabled = cell === null;
    made.show(filled, cell === null);
  };
  empty?.addEventListener("change", () => {
    show(empty.checked ? null : filled);
    change(empty.checked ? null : filled);
  });
  const ends = made.ends ? html("span", { class: "soft" }, made.ends) : null;
  const head = made.inputs.length
    ? html("label", { for: made.inputs[0].id }, html("bdi", {}, spec.name))
    : html("span", {}, html("bdi", {}, spec.name));
  const without = empty && html("label", { class: "empty" }, empty, " missing",
    html("span", { class: "unseen" }, ` ${spec.name}`));
  return {
    node: html("div", { class: "control" }, html("div", { class: "control-head" }, head, ends),
      html("div", { class: "control-body" }, ...made.inputs, without), made.note ?? null),
    show,
  };
}

const MAKERS = {
  number({ points, whole: isWhole, years, unit, name }, levels, id, change) {
    const [low, high] = [points[0], points.at(-1)];
    const slide = slideOf(points, isWhole);
    const range = html("input", { type: "range", id, min: 0, max: slide.steps, step: 1 });
    const field = html("input", {
      type: "number", id: `${id}-number`, step: isWhole ? 1 : "any",
      "aria-label": unit ? `${name}, ${unit}` : name,
    });
    const text = (value) => cellText({ as: "number", unit, years }, value);
    const note = noteBelow();
    let shown = null;
    const show = (value, isEmpty) => {
      shown = value;
      range.value = slide.placeOf(value);
      range.setAttribute("aria-valuetext", isEmpty ? "missing" : text(value));
      if (document.activeElement !== field) field.value = isEmpty ? "" : plain(value);
      note.textContent = isEmpty ? "" : beyond(value, low, high, text);
    };
    range.addEventListener("input", () => {
      show(slide.valueAt(Number(range.value)), false);
      change(shown);
    });
    field.addEventListener("input", () => {
      if (!isTaken(field.value)) return;
      show(Number(field.value), false);
      change(shown);
    });
    field.addEventListener("change", () => {
      const kept = isTaken(field.value);
      if (kept) shown = Number(field.value);
      show(shown, false);
      if (!kept) field.value = plain(shown);
      change(shown);
    });
    return { inputs: [range, field], show, note, ends: `${text(low)} to ${text(high)}` };
  },
  list({ listed }, levels, id, change) {
    const options = listed.map((k) => html("option", { value: levels[k] }, levels[k]));
    const more = levels.length - listed.length;
    const select = html("select", { id }, ...options,
      html("option", { value: UNKNOWN }, "another level"));
    select.addEventListener("change", () => change(select.value));
    const count = `${whole(levels.length)} levels`;
    return {
      inputs: [select],
      show: (level) => { select.value = level ?? UNKNOWN; },
      ends: more > 0 ? `${whole(listed.length)} of ${count}` : count,
    };
  },
  truth(spec, levels, id, change) {
    const select = html("select", { id }, html("option", { value: "true" }, "true"),
      html("option", { value: "false" }, "false"));
    select.addEventListener("change", () => change(select.value === "true"));
    return { inputs: [select], show: (cell) => { select.value = String(Boolean(cell)); } };
  },
  filled() {
    return { inputs: [], show() {}, ends: "only whether it is filled counts" };
  },
  date: (spec, levels, id, change) => dateField("date", spec, id, change),
  moment: (spec, levels, id, change) => dateField("datetime-local", spec, id, change),
  time: (spec, levels, id, change) => dateField("time", spec, id, change),
};

function dateField(type, { low, high, typical, text }, id, change) {
  const field = html("input", { type, id });
  const [from, to] = [daysOf(low), daysOf(high)];
  const written = (value) => value.replace("T", " ");
  const note = noteBelow();
  let shown = text;
  const say = () => { note.textContent = beyond(daysOf(shown), from, to, () => written(shown)); };
  field.addEventListener("change", () => {
    if (Number.isNaN(daysOf(field.value))) {
      note.textContent = `No date: the answer is that for ${written(shown)}.`;
      return;
    }
    shown = field.value;
    say();
    change(shown);
  });
  // Not while somebody types: a field with half a date is empty.
  field.addEventListener("blur", () => {
    if (!field.disabled && Number.isNaN(daysOf(field.value))) {
      field.value = shown;
      say();
    }
  });
  return {
    inputs: [field],
    note,
    show: (cell, isEmpty) => {
      shown = cell === typical ? text : cell;
      field.value = isEmpty ? "" : shown;
      if (isEmpty) note.textContent = "";
      else say();
    },
    ends: `${written(low)} to ${written(high)}`,
  };
}

const noteBelow = () => html("p", { class: "beyond", role: "status" });

/** That a value is beyond those of the training rows, where the model extrapolates. */
function beyond(value, low, high, text) {
  if (value >= low && value <= high) return "";
  return `${text(value)} is ${value < low ? "below" : "above"} all training rows: the model `
    + "extrapolates.";
}

/** Whether a text is a number that the model takes. */
const isTaken = (words) => words.trim() !== "" && Math.abs(Number(words)) <= MOST_NUMBER;

/** A number in a field: no more digits than a person reads. */
function plain(value) {
  return String(Number.isInteger(value) ? value : Number(value.toPrecision(6)));
}

/**
 * Where numbers stand on a slider: equal steps, or steps with as many rows each where the median is
 * near an end.
 */
export function slideOf(points, isWhole) {
  const [low, high] = [points[0], points.at(-1)];
  const span = high - low || 1;
  if (isWhole && span <= FEW) {
    return { steps: high - low, valueAt: (k) => low + k, placeOf: (value) => value - low };
  }
  const rounded = (value) => Math.min(Math.max(
    isWhole ? Math.round(value) : Number(value.toPrecision(4)), low), high);
  const middle = (points[(points.length - 1) / 2] - low) / span;
  if (middle >= SKEWED && middle <= 1 - SKEWED) {
    return {
      steps: STEPS,
      valueAt: (k) => rounded(low + (span * k) / STEPS),
      placeOf: (value) => Math.round((STEPS * (value - low)) / span),
    };
  }
  const each = STEPS / (points.length - 1);
  return {
    steps: STEPS,
    valueAt(k) {
      const from = Math.min(Math.floor(k / each), points.length - 2);
      return rounded(points[from] + (points[from + 1] - points[from]) * (k / each - from));
    },
    placeOf(value) {
      const before = points.findLastIndex((point) => point < value);
      const after = points.findIndex((point) => point > value);
      if (before < 0 || after < 0 || after - before > 1) { // on equal points: in their middle
        const ends = [before < 0 ? 0 : before + 1, after < 0 ? points.length - 1 : after - 1];
        return Math.round((each * (ends[0] + ends[1])) / 2);
      }
      const share = (value - points[before]) / (points[after] - points[before]);
      return Math.round(each * (before + share));
    },
  };
}
