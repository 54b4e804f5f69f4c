// The picture of the lessons on one row: the network with the row's numbers, and lenses below it.

import { html, responsive, svg } from "../../dom.js";
import { lensOf } from "../../trace/lens_of_stop.js";
import { networkView } from "../../trace/network_view.js";
import { agrees, passOf } from "../../trace/passes.js";
import { planOf } from "../../trace/plan.js";
import { wordsAt } from "../../trace/stop_words.js";
import { stopsOf } from "../../trace/stops.js";
import { modelOf, rowOfData } from "../../trace/traced_model.js";

/**
 * @typedef {object} Shown what the stage shows
 * @property {number} at the stop, from 0
 * @property {number} unit the hidden unit that is meant, from 0; −1 for none
 * @property {number} input
 * @property {number} [drawn] the input that is drawn in any case, of a row with many; else `input`
 * @property {string[]} covered keys of pills whose number is not shown yet
 * @property {Record<string, string>} rings a word beside a pill, by its key: "" for a ring alone
 * @property {number[]} open the layers whose pills can be pressed
 * @property {(place: number) => void} [press]
 * @property {((scene: object) => ((width: number) => Node))[]} lenses
 * @property {{at: number, how: "symbols"|"asked"|"full"}} [formula] of a stop; asked: its result is
 *   not shown
 * @property {(share: number) => void} [drag] up and down in the first lens, as a share of its height
 * @property {object} pass
 * @property {object} cells raw cells that are changed, by the place of the input
 */

/** The picture, and what it is made of. @param {object} facts of `traced_row` in Python */
export function rowStage(root, facts) {
  const model = modelOf(facts);
  const stops = stopsOf(model.net, model.hasLink);
  const row = rowOfData(facts, 0);
  const usual = {
    at: 0, unit: 0, input: facts.chain.input ? facts.chain.input - 1 : 0, covered: [], rings: {},
    open: [], press: null, pressWeight: null, lenses: [], drag: null, pass: facts.passes[0],
    cells: {}, formula: null, drawn: null,
  };
  const state = { ...usual, unit: facts.chain.unit - 1, moved: false };
  const boxes = [html("div", { class: "row-lens" }), html("div", { class: "row-lens" })];
  const net = html("div", { class: "row-net" });
  const under = html("div", { class: "row-under" }, ...boxes);
  const formula = html("div", { class: "formula" });
  const more = html("div", { class: "row-more" });
  under.append(formula);
  root.append(net, more, under);

  const sceneNow = (at = state.at) => ({
    model, pass: state.pass, stops, place: 0, numbers: [row.row], at, flows: state.moved, masked: false,
    row: { ...row, raw: row.raw.map((cell, k) => (k in state.cells ? state.cells[k] : cell)) },
    subject: { units: [0, state.unit, 0], input: state.input, layer: 1 }, isChanged: false,
    plan: planOf(model, facts.passes[0], { units: [0, state.unit, 0], input: state.drawn ?? state.input,
      open: 0 }),
    label: `The network with the numbers of ${row.name}`,
    press: (item) => (item.kind === "unit" ? state.press?.(item.members[0], item) : null),
    pressWeight: (unit, input) => state.pressWeight?.(unit, input),
  });
  const drawNet = responsive(net, (width) => marked(networkView(sceneNow(), width), state));
  const drawLenses = boxes.map((box, k) => responsive(box, (width) => {
    const made = state.lenses[k];
    return made ? made(sceneNow())(Math.min(width, 460)) : html("span");
  }));
  for (const kind of ["pointerdown", "pointermove"]) {
    boxes[0].addEventListener(kind, (event) => {
      const picture = boxes[0].querySelector("svg");
      if (!state.drag || !picture || (kind === "pointermove" && !event.buttons)) return;
      event.preventDefault();
      const frame = picture.getBoundingClientRect();
      state.drag((event.clientY - frame.top) / frame.height);
    });
  }
  const set = (patch) => {
    state.moved = patch.at !== undefined && patch.at !== state.at;
    Object.assign(state, patch);
    boxes[0].classList.toggle("draggable", state.drag !== null);
    boxes.forEach((box, k) => {
      box.hidden = !state.lenses[k];
      if (box.hidden) box.replaceChildren(); // what is not seen is not drawn again
    });
    formula.hidden = state.formula === null;
    formula.replaceChildren(...formulaLines(state.formula && sceneNow(state.formula.at), state.formula));
    drawNet();
    drawLenses.forEach((draw) => draw());
  };
  return {
    facts, model, row, state, set, more,
    /** As a step begins: everything as usual, but for what the step says. */
    begin: (patch) => {
      more.replaceChildren();
      set({ ...usual, ...patch });
    },
    agrees: () => agrees(passOf(model.net, facts.passes[0].X, facts.rows[0].y, facts.passes[0].share),
      facts.passes[0]),
  };
}

/** The formula of a stop: its symbols, and its numbers. */
function formulaLines(scene, formula) {
  if (!formula) return [];
  const [symbols, ...numbers] = wordsAt(scene).lines;
  const lines = formula.how === "full" ? [symbols, ...numbers] : formula.how === "asked"
    ? [symbols, [{ text: "?", value: 0 }, ...numbers[0].slice(1)]] : [symbols];
  return lines.map((line) => html("p", {}, ...line.map((part) => (typeof part === "string" ? part
    : part.text === undefined ? html("small", {}, ` ${part.note}`)
      : html("span", {}, html("b", { class: part.value > 0 ? "plus" : part.value < 0 ? "minus" : null },
        part.text), part.note ? html("small", {}, ` ${part.note}`) : "")))));
}

/** The lens of a stop of the trace, for a stage. */
export function lensAt(at) {
  return (scene) => lensOf({ ...scene, at: at ?? scene.at });
}

/** The network with covered pills and rings; only pills that may be pressed are buttons. */
function marked(root, { covered, rings, open }) {
  for (const pill of root.querySelectorAll(".pill[id]")) {
    const key = pill.id.slice("pill-".length);
    const isOpen = open.includes(key.startsWith("x.") ? 0 : Number(/^u(\d)/.exec(key)?.[1] ?? -1));
    if (!isOpen) for (const name of ["tabindex", "role", "aria-label"]) pill.removeAttribute(name);
    if (covered.includes(key)) cover(pill, isOpen);
    if (key in rings) ring(pill, rings[key], isOpen);
    else if (isOpen) pill.setAttribute("aria-pressed", "false");
  }
  return root;
}

function cover(pill, isOpen) {
  pill.classList.remove("off");
  pill.classList.add("wait");
  pill.querySelector("rect").removeAttribute("class");
  pill.querySelector("text").textContent = "?";
  if (isOpen) pill.setAttribute("aria-label", pill.getAttribute("aria-label").split(",")[0]);
}

function ring(pill, word, isOpen) {
  const box = pill.querySelector("rect");
  const at = (name) => Number(box.getAttribute(name));
  const around = svg("rect", { class: `ring${word ? " noted" : ""}`, x: at("x") - 4, y: at("y") - 2,
    width: at("width") + 8, height: at("height") + 4, rx: at("rx") + 2 });
  pill.append(around);
  if (word) pill.append(svg("text", { class: "ring-word", x: at("width") / 2 + 9, y: 4 }, word));
  if (!isOpen) return;
  pill.setAttribute("aria-pressed", "true");
  if (word) pill.setAttribute("aria-label", `${pill.getAttribute("aria-label")}, ${word}`);
}

/** What a page says whose engine computes something else. */
export function otherNumbers(notice) {
  notice.hidden = false;
  notice.textContent = "This browser computes this row with other numbers than Python, by more than "
    + "rounding. So the lesson does not start: its answers could be wrong.";
}
