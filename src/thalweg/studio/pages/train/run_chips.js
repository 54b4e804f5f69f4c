// The runs as a row of switches: look, name, loss at the cursor, state; and a button for one more.

import { html, svg } from "/draw/dom.js";
import { swatch } from "/draw/series_marks.js";
import { lossOf } from "./curves.js";
import { lookOf } from "./run_looks.js";
import { DIGITS, measuredWords, runInFocus, runsHere, runsShown, stateOf } from "./runs_now.js";

/**
 * @param {HTMLElement} root
 * @param {{toggle: (run: object) => void, choose: (run: object) => void, putAway: (runs: object[]) => void,
 *   more: () => void}} acts
 */
export function makeRunChips(root, { toggle, choose, putAway, more }) {
  const list = html("ul", { class: "chips", "aria-label": "Runs" });
  const add = html("button", { type: "button", id: "more-runs" }, "+ run");
  add.addEventListener("click", more);
  root.replaceChildren(list, add);
  const known = new Map();

  function made(run) {
    const look = lookOf(run.look);
    const on = html("button", { type: "button", class: "on-off" });
    const name = html("button", { type: "button", class: "name", id: `run-${run.id.slice(0, 8)}` });
    const loss = html("span", { class: "loss" });
    const state = html("span", { class: "state" });
    const away = html("button", { type: "button", class: "away", "data-asks": true,
      "aria-label": `Put away: ${run.title}`, title: "Put away" },
    svg("svg", { viewBox: "0 0 12 12", width: 12, height: 12, "aria-hidden": "true" },
      svg("path", { d: "M2 2l8 8m0 -8l-8 8" })));
    const chip = html("li", { class: `chip of-run ${look.name}` }, on, name, loss, state, away);
    on.append(swatch(look));
    const found = { chip, on, name, loss, state, run };
    on.addEventListener("click", () => toggle(found.run));
    name.addEventListener("click", () => choose(found.run));
    away.addEventListener("click", () => putAway([found.run]));
    return found;
  }

  return {
    update(state) {
      const here = runsHere(state);
      const shown = new Set(runsShown(state).map(({ id }) => id));
      const focus = runInFocus(state)?.id;
      for (const [id, { chip }] of known) {
        if (here.some((run) => run.id === id)) continue;
        chip.remove();
        known.delete(id);
      }
      for (const run of here) {
        if (!known.has(run.id)) {
          known.set(run.id, made(run));
          list.append(known.get(run.id).chip);
        }
        const part = known.get(run.id);
        part.run = run;
        const isOn = shown.has(run.id);
        part.on.setAttribute("aria-pressed", String(isOn));
        part.on.setAttribute("aria-label", `Show ${run.title}`);
        write(part.name, run.title);
        part.name.setAttribute("aria-pressed", String(run.id === focus));
        part.chip.classList.toggle("off", !isOn);
        part.chip.classList.toggle("focus", run.id === focus);
        const step = Math.min(Math.max(state.t, run.first), run.step);
        write(part.loss, measuredWords(lossOf(run.curve), step, DIGITS) || "–");
        tellState(part.state, run);
      }
    },
    destroy: () => root.replaceChildren(),
  };
}

const SIGNS = { running: "▸", paused: "‖", done: "✓" };

/** The state as a sign, and in words for who does not see it. */
function tellState(node, run) {
  const words = stateOf(run);
  if (node.dataset.words === words) return;
  [node.dataset.state, node.dataset.words] = [run.state, words];
  node.title = run.why || words;
  const sign = SIGNS[words];
  node.replaceChildren(...(sign ? [html("span", { "aria-hidden": "true" }, sign),
    html("span", { class: "unseen" }, words)] : [words]));
}

/** Text that changes only if it does: screen readers and layout are left in peace. */
export function write(node, words) {
  if (node.textContent !== words) node.textContent = words;
}
