// Play, pause, one step, one epoch, stop; and where the runs are. It stands in the strip's bar.

import { html, svg } from "/draw/dom.js";
import { whole } from "/draw/numbers.js";
import { write } from "./run_chips.js";
import { runsShown, stepsMade } from "./runs_now.js";

const SIGNS = {
  play: "M3 1.5v11l9 -5.5z", pause: "M3 2h3v10h-3zM8 2h3v10h-3z", step: "M2 2v10l6 -5zM9 2h2.5v10h-2.5z",
  epoch: "M1 2v10l5 -5zM6 2v10l5 -5zM11 2h2v10h-2z", stop: "M2.5 2.5h9v9h-9z",
};

/**
 * @param {object} acts
 * @returns {{node: HTMLElement, update: (state: object) => void}}
 */
export function makeTransport({ turn, step, epoch, stop }) {
  const button = (id, words, key, act) => {
    const sign = svg("path", { d: SIGNS[id] });
    const name = html("span", { class: "words" }, words);
    const made = html("button", { type: "button", id: `runs-${id}`, "data-asks": true, title: words,
      "aria-keyshortcuts": key, "aria-label": words },
    svg("svg", { viewBox: "0 0 14 14", width: 14, height: 14, "aria-hidden": "true" }, sign), name);
    made.addEventListener("click", () => act());
    return { made, sign, name };
  };
  const play = button("play", "Play", "Space", turn);
  const one = button("step", "One step", ".", step);
  const more = button("epoch", "One epoch", null, epoch);
  const end = button("stop", "Stop", null, stop);
  const words = html("span", { class: "pace" });
  const node = html("div", { class: "transport", role: "group", "aria-label": "Runs" },
    play.made, one.made, more.made, end.made, words);

  return {
    node,
    update(state) {
      const runs = runsShown(state);
      const running = runs.filter((run) => run.state === "running");
      const open = runs.filter((run) => ["running", "paused"].includes(run.state));
      const now = running.length ? "pause" : "play";
      play.sign.setAttribute("d", SIGNS[now]);
      const name = running.length ? "Pause" : "Play";
      write(play.name, name);
      play.made.setAttribute("aria-label", name);
      play.made.title = name;
      const isOff = state.connection.state !== "open";
      play.made.disabled = isOff || !open.length;
      for (const { made } of [one, more]) made.disabled = isOff || !open.length || running.length > 0;
      end.made.disabled = isOff || !runs.length;
      write(words, paceWords(runs, running, state));
    },
  };
}

function paceWords(runs, running, { speed }) {
  // A run may end before its last epoch: where its loss has stopped falling.
  const total = Math.max(0, ...runs.map((run) => (run.state === "ended" ? run.step : run.total)));
  const parts = [`${whole(stepsMade(runs))} of ${whole(total)} made`];
  if (running.length && speed) parts.push(`${whole(Math.round(speed))} steps a second`);
  const left = running.map((run) => run.left).filter((each) => each !== null && each !== undefined);
  if (left.length) parts.push(`${inWords(Math.max(...left))} left`);
  return parts.join(" · ");
}

/** Seconds in words. */
export function inWords(seconds) {
  if (seconds < 1) return "under 1 s";
  if (seconds < 90) return `${Math.round(seconds)} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
