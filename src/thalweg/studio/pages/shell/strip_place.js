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
 */

/**
 * @param {HTMLElement} root
 * @param {{view: ReturnType<import("../core/hash.js").followLink>, colors: (look: number) => string}}
 *   page
 * @returns {{update: (state: object, changed: Set<string>) => void, destroy: () => void,
 *   move: (by: number) => void}}
 */
export function makeStripPlace(root, { view, colors }) {
  const none = html("p", { class: "no-runs" }, "No runs yet. Their losses by step will stand here.");
  const box = html("div", { class: "strip-box" });
  const slider = html("input", { type: "range", id: "step", min: "0", step: "1",
    "aria-label": "Step" });
  const words = html("output", { for: "step" });
  const bar = html("div", { class: "bar" }, slider, words);
  const draw = makeStrip(box, (step) => view.drag({ t: step }));
  let shown = null;

  slider.addEventListener("input", () => view.drag({ t: Number(slider.value) }));
  slider.addEventListener("change", () => view.go({ t: Number(slider.value) }));
  box.addEventListener("pointerup", () => shown && view.go({ t: shown.t }));
  const watch = new ResizeObserver(() => shown && paint(shown));
  watch.observe(root);
  root.replaceChildren(none, box, bar);

  function lastOf(runs) {
    return Math.max(0, ...runs.map((run) => run.steps[run.steps.length - 1] ?? 0));
  }

  function paint(state) {
    const { runs } = state;
    const last = lastOf(runs);
    none.hidden = runs.length > 0;
    bar.hidden = !runs.length;
    const step = Math.min(state.t, last);
    const ink = { colors, dark: document.documentElement.dataset.theme ?? "" };
    draw({ runs, shown: new Set(runs.map((run) => run.look)), ink, step, last, focus: null,
      number: runs.map((run) => `${run.name} ${run.steps.length}`).join() });
    slider.max = String(last);
    slider.value = String(step);
    words.value = `step ${whole(step)} of ${whole(last)}`;
  }

  return {
    update(state) {
      shown = state;
      paint(state);
    },
    move(by) {
      if (shown?.runs.length) {
        view.drag({ t: Math.min(lastOf(shown.runs), Math.max(0, shown.t + by)) });
      }
    },
    destroy() {
      watch.disconnect();
      root.replaceChildren();
    },
  };
}
