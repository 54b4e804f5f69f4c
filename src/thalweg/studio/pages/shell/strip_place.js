// The strip with the cursor, under every place: losses by step of all runs, and the step of the view.

import { html } from "/draw/dom.js";
import { whole } from "/draw/numbers.js";
import { makeStrip } from "/draw/stage/strip.js";

/**
 * @typedef {object} StripRun
 * @property {string} name, words its id, and what readers see
 * @property {number} look the number of its colour
 * @property {ArrayLike<number>} steps
 * @property {ArrayLike<number>} loss
 * @property {boolean} diverged
 * @property {number} [step] how many steps were made; default: that of the last point
 */

/**
 * @param {HTMLElement} root
 * @param {{moveTo: (step: number, ends: boolean) => void, colors: (look: number) => string,
 *   transport: {node: HTMLElement, update: (state: object) => void}}} page moveTo: `ends` where a
 *   reader lets go
 * @returns {{update: (state: object, changed: Set<string>) => void, destroy: () => void}}
 */
export function makeStripPlace(root, { moveTo, colors, transport }) {
  const none = html("p", { class: "no-runs" }, "No runs yet. Their losses by step will stand here.");
  const box = html("div", { class: "strip-box" });
  const slider = html("input", { type: "range", id: "step", min: "0", step: "1",
    "aria-label": "Step" });
  const words = html("output", { for: "step" });
  const bar = html("div", { class: "bar" }, transport.node, slider, words);
  const draw = makeStrip(box, (step) => moveTo(step, false));
  const low = matchMedia("(max-height: 1100px)");
  const small = matchMedia("(max-width: 700px), (max-height: 950px)");
  let shown = null;

  slider.addEventListener("input", () => moveTo(Number(slider.value), false));
  slider.addEventListener("change", () => moveTo(Number(slider.value), true));
  box.addEventListener("pointerup", () => shown && moveTo(shown.t, true));
  const watch = new ResizeObserver(() => shown && paint(shown));
  watch.observe(root);
  root.replaceChildren(none, box, bar);

  function lastOf(runs) {
    return Math.max(0, ...runs.map((run) => run.step ?? run.steps[run.steps.length - 1] ?? 0));
  }

  function paint(state) {
    const { runs } = state;
    const last = lastOf(runs);
    none.hidden = runs.length > 0;
    bar.hidden = !runs.length;
    const step = Math.min(state.t, last);
    const ink = { colors, dark: document.documentElement.dataset.theme ?? "" };
    // The stage of Train has the curves of the strip, with the same cursor; that of Ground needs the room.
    const isBare = (state.p === "train" && low.matches) || (state.p === "ground" && small.matches);
    const begun = isBare ? [] : runs.filter((run) => run.steps.length > 0);
    draw({ runs: begun, shown: new Set(begun.map((run) => run.look)), ink, step, last, focus: null,
      said: "at the steps that were measured", number: begun.map((run) => `${run.name} ${run.steps.length} ${run.diverged}`).join() });
    slider.max = String(last);
    slider.value = String(step);
    words.value = `step ${whole(step)} of ${whole(last)}`;
  }

  return {
    update(state) {
      shown = state;
      transport.update(state);
      paint(state);
    },
    destroy() {
      watch.disconnect();
      root.replaceChildren();
    },
  };
}
