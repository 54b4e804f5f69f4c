// The place Ground: the loss as a landscape, the runs on it, and one point that is looked at.

import { html } from "/draw/dom.js";
import { short, whole } from "/draw/numbers.js";
import { errorBox } from "../table/error_box.js";
import { makeRunChips, write } from "../train/run_chips.js";
import { runInFocus, runsShown, stepsMade } from "../train/runs_now.js";
import { makeGroundCanvas } from "./ground_canvas.js";
import { makeGroundNumbers } from "./ground_numbers.js";
import { PLANES, drawnRuns, networkOf, placeWords, planeWords, planesFor, reachOf } from "./ground_sheet.js";
import { makeHerePanel } from "./here_panel.js";
import { makeHonesty } from "./honesty.js";
import { makeTakeAlong } from "./take_along.js";

const LATE_AFTER = 2000; // milliseconds: a picture that comes at once is not called late
const PALE_FROM = 5; // of so many runs, one is in focus, as in Train
const KEYS = ["← → ↑ ↓: turn the view; on the map, move a point", "p: the arrow keys move a point in 3-D, too",
  "Enter: look at the point; Esc: leave it", "+ −: zoom; 0: the view of before", "v: 3-D or map; l: logarithmic height",
  "Space, [ and ], Home, End: the runs, as everywhere"];

/**
 * @param {HTMLElement} root
 * @param {ReturnType<import("./ground_acts.js").groundActs>} acts
 * @returns {{update: (state: object, changed: Set<string>) => void, destroy: () => void}}
 */
export function makeGroundPlace(root, acts) {
  const { train } = acts;
  const button = (id, words, act) => {
    const made = html("button", { type: "button", id, "data-asks": true }, words);
    made.addEventListener("click", act);
    return made;
  };
  const measured = html("span", {});
  const [title, subtitle] = [html("h1", { tabindex: "-1" }), html("p", { class: "subtitle" })];
  const [trouble, chips] = [html("div", {}), html("div", { class: "run-row" })];
  const [block, map] = ["block", "map"].map((look) =>
    html("input", { type: "radio", name: "ground-look", id: `look-${look}`, value: look }));
  const log = html("input", { type: "checkbox", id: "ground-log" });
  const planes = html("select", { id: "ground-plane", "data-asks": true });
  const home = html("button", { type: "button", id: "ground-home" }, "Reset view");
  const switches = html("div", { class: "switches" },
    html("fieldset", { "aria-label": "View" }, html("label", {}, block, "3-D"), html("label", {}, map, "Map")),
    html("label", {}, log, "Logarithmic height"), home);
  const box = html("div", { class: "ground-box" });
  const said = html("p", { class: "said", role: "status" });
  const marks = html("p", { class: "marks" });
  const [left, coarse] = [html("p", {}), html("p", {})];
  const leftNote = html("div", { class: "note", hidden: true }, left, button("plane-now", "New plane", acts.anew));
  const finer = button("finer", "Compute it", acts.finer);
  const coarseNote = html("div", { class: "note", hidden: true }, coarse, finer);
  const numbers = makeGroundNumbers();
  const take = makeTakeAlong(acts);
  const play = html("button", { type: "button", class: "main", id: "ground-play", "data-asks": true }, "Play the runs");
  const wait = html("div", { class: "no-runs-yet" },
    html("p", {}, "All runs stand at their start. A ground is laid through the ways that they go, so they have to make a step first."), play);
  const reach = html("p", { class: "reach soft" });
  const picture = html("div", { class: "pictures" }, switches, reach, box, said, leftNote, coarseNote, marks, numbers.node, take.node);
  const [here, honest] = [html("section", { "aria-label": "What is here" }), html("section", {})];
  root.replaceChildren(html("div", { class: "desk ground" },
    html("aside", { class: "left", "aria-label": "What is set" },
      html("p", { class: "field" }, html("label", { for: "ground-plane" }, "Plane"), planes),
      html("p", {}, button("new-plane", "New plane", acts.anew)),
      html("p", {}, html("small", {}, measured, "A new one is laid through the runs as they are now. Until then it stays, and the runs grow on it.")),
      html("section", {}, html("h2", {}, "Keys of the picture"),
        html("ul", { class: "keys", id: "ground-keys" }, ...KEYS.map((each) => html("li", {}, each))))),
    html("div", { class: "middle" }, title, subtitle, trouble, chips, wait, picture),
    html("aside", { class: "right", "aria-label": "What it says" }, here, honest)));

  const runChips = makeRunChips(chips, { ...train, more: () => acts.set({ p: "train" }) });
  const canvas = makeGroundCanvas(box, { look: acts.look, turned: (cam) => acts.turn({ cam }), set: acts.set,
    say: (words) => write(said, words), keys: { " ": () => train.turn(), Home: () => train.moveTo(0), End: () => train.toEnd() } });
  const panel = makeHerePanel(here, { ...acts, point: canvas.point, clear: () => acts.look(null) });
  const honesty = makeHonesty(honest);
  let [error, told, planesKey, answered] = [undefined, "", "", null];
  let [late, lateTimer, shown] = [null, 0, null];

  for (const each of [block, map]) each.addEventListener("change", () => acts.set({ look: each.value }));
  log.addEventListener("change", () => acts.set({ h: log.checked ? "log" : "linear" }));
  planes.addEventListener("change", () => acts.choosePlane(planes.value));
  home.addEventListener("click", canvas.goHome);
  play.addEventListener("click", () => train.play());

  function tellErrors(state) {
    const found = state.groundError ?? state.runError;
    if (found === error) return;
    error = found;
    trouble.replaceChildren(...(error ? [errorBox(error)] : []));
  }

  function tellPlanes(state, n, head) {
    const key = `${n} ${head?.method} ${head?.planes[0]?.method}`;
    if (key !== planesKey) {
      planesKey = key;
      planes.replaceChildren(...planesFor(n).map((each) => html("option", { value: each }, PLANES[each])));
      const chosen = head?.method === "auto" && head.planes[0] ? planeWords(head.planes[0].method) : null;
      write(measured, chosen ? `Of the measured ones it is that ${chosen}. ` : "");
    }
    if (planes.value !== state.pl) planes.value = state.pl;
  }

  /** The step of the picture; and that of the runs, if they have been ahead of it for a while. */
  function tellReach({ ground }, runs) {
    const { at, late: words } = reachOf(ground.sheet, runs);
    clearTimeout(lateTimer);
    late = words ? late ?? performance.now() : null;
    const wait = late === null ? 0 : late + LATE_AFTER - performance.now();
    if (wait > 0) lateTimer = setTimeout(() => shown && tellReach(...shown), wait);
    write(reach, `The picture has the steps up to ${whole(at)}${words && wait <= 0 ? `; ${words}.` : "."}`);
  }

  function tellTitle(state, runs, others, isStill) {
    const { ground } = state;
    write(title, isStill ? "Ground: the runs have not begun" : ground ? ground.sheet.finding : "Ground: the loss under the runs");
    const busy = state.groundBusy ? ` ${state.groundBusy}.` : "";
    const left = others ? ` ${others === 1 ? "One run" : `${whole(others)} runs`} with other settings, or more than twelve, left out.` : "";
    if (!ground || isStill) write(subtitle, `${isStill ? "" : busy.trim() || "It is computed in a process of its own."}${left}`);
    else {
      const { points, rows, of_rows: all, height } = ground.head;
      write(subtitle, `${height} over ${rows < all ? `${whole(rows)} of ${whole(all)}` : whole(rows)} different training rows, ${
        points} × ${points} points.${busy}${left}`);
    }
  }

  /** What the server has found at the point, for those who do not see the panel. */
  function tellHere({ here: found }) {
    if (found === answered) return;
    answered = found;
    if (!found) return;
    const side = ({ name, loss, accuracy }) => `${name}: loss ${loss === null ? "not finite" : short(loss)}${
      accuracy === undefined ? "" : `, ${short(100 * accuracy)} % right`}`;
    write(said, `At ${placeWords([found.a, found.b])}. ${found.sides.map(side).join("; ")}.`);
  }

  function tellNotes({ ground, groundBusy, connection }) {
    const { head, sign, laid } = ground;
    const isOld = sign !== laid && head.verdict === "misleading";
    const words = head.left || (isOld ? "The runs have gone on since this plane was laid, and it is misleading "
      + "for them now. A new plane may fit them better." : "");
    leftNote.hidden = !words;
    write(left, words);
    coarseNote.hidden = !head.refused;
    if (head.refused) write(coarse, head.refused.words);
    finer.hidden = !head.refused?.can;
    finer.disabled = Boolean(groundBusy) || connection.state !== "open";
  }

  function draw(state, shown) {
    const { ground, t, look, h, point, cam } = state;
    const looks = new Map(state.known.map((run) => [run.id, run.look]));
    for (const run of ground.sheet.runs) run.look = looks.get(run.id) ?? 0;
    const on = new Set(shown.map((run) => run.look));
    const focus = shown.length >= PALE_FROM ? runInFocus(state)?.look ?? null : null;
    canvas.update({ sheet: ground.sheet, flat: look === "map", logarithmic: h === "log", step: t, shown: on, focus,
      cursor: point, cam });
    numbers.update(ground, on);
    honesty.update(ground.head);
    const isMap = look === "map";
    const key = `${isMap} ${ground.sheet.exact}`;
    if (key === told) return;
    told = key;
    write(marks, `○ start · ball: where a run is, with its marker · ${isMap
      ? "thin and dashed: more than half of its distance off the plane" : "thin and dashed: hidden behind the ground · runs "
      + "fly at their true loss; a curtain joins them to the drawn ground"} · hatched: cut, or without a finite loss`);
  }

  return {
    update(now) {
      const on = runsShown(now);
      const { runs, others } = drawnRuns(on, runInFocus(now));
      const isStill = !stepsMade(runs);
      // That of another network is not shown until its own one comes.
      const ground = runs.length && now.ground?.key.startsWith(networkOf(runs[0])) ? now.ground : null;
      const state = { ...now, ground };
      tellErrors(state);
      tellTitle(state, runs, others, isStill);
      tellPlanes(state, runs.length, ground?.head);
      runChips.update(state);
      wait.hidden = !isStill;
      picture.hidden = honest.hidden = here.hidden = isStill || !ground;
      picture.setAttribute("aria-busy", String(Boolean(state.groundBusy)));
      block.checked = state.look === "block";
      map.checked = !block.checked;
      log.checked = state.h === "log";
      panel.update(state, runInFocus(state));
      tellHere(state);
      if (!ground || isStill) return;
      shown = [state, runs];
      tellReach(state, runs);
      tellNotes(state);
      take.update(state, runInFocus(state));
      draw(state, runs);
    },
    destroy() {
      clearTimeout(lateTimer);
      runChips.destroy();
      canvas.destroy();
      root.replaceChildren();
    },
  };
}
