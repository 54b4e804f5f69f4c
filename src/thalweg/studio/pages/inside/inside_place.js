// The place Inside: one row through the network at the cursor's step, back, and the step after it.

import { takeLoss } from "/draw/formulas.js";
import { html, responsive } from "/draw/dom.js";
import { short, whole } from "/draw/numbers.js";
import { lowered } from "/draw/trace/amounts.js";
import { lensOf } from "/draw/trace/lens_of_stop.js";
import { networkView } from "/draw/trace/network_view.js";
import { agrees, passOf } from "/draw/trace/passes.js";
import { planOf } from "/draw/trace/plan.js";
import { wordsAt } from "/draw/trace/stop_words.js";
import { stopsOf } from "/draw/trace/stops.js";
import { firstSubject, modelOf, rowOfData } from "/draw/trace/traced_model.js";
import { errorBox } from "../table/error_box.js";
import { write } from "../train/run_chips.js";
import { runInFocus, runsShown } from "../train/runs_now.js";
import { stepOf } from "./inside_acts.js";
import { makePassNumbers } from "./pass_numbers.js";
import { makeRowPicker } from "./row_picker.js";
import { placeOf, stepUpdate } from "./step_update.js";
import { makeStopBar } from "./stop_bar.js";

const WIDEST_LENS = 460;

/**
 * @param {HTMLElement} root
 * @param {object} acts of `insideActs`
 * @returns {{update: (state: object, changed: Set<string>) => void, destroy: () => void}}
 */
export function makeInsidePlace(root, acts) {
  const title = html("h1", { tabindex: "-1" });
  const subtitle = html("p", { class: "subtitle" });
  const trouble = html("div", {});
  const [net, bar, lens] = [html("div", { class: "net-box" }), html("div", { class: "stop-bar" }),
    html("div", { class: "lens-box" })];
  const [said, formula, layers, update] = [html("section", { class: "stop-said", "aria-live": "polite" }),
    html("div", { class: "formula" }), html("p", { class: "acts" }), html("section", {})];
  const runs = html("select", { id: "inside-run" });
  const picker = html("section", {});
  const play = html("button", { type: "button", class: "main", id: "play-step", "data-asks": true });
  const ofPlay = html("small", {});
  const numbers = makePassNumbers();
  const doubt = html("p", { class: "trouble", hidden: true });
  const body = html("div", {}, net, bar, doubt, numbers.node);
  root.replaceChildren(html("div", { class: "desk inside" },
    html("aside", { class: "left", "aria-label": "What is set" },
      html("p", { class: "field" }, html("label", { for: "inside-run" }, "Run"), runs), picker,
      html("section", {}, html("h2", {}, "Step"), html("p", {}, play), ofPlay)),
    html("div", { class: "middle" }, title, subtitle, trouble, body),
    html("aside", { class: "right", "aria-label": "What it says" }, said, formula, layers, lens, update)));
  const rowPicker = makeRowPicker(picker, acts);
  const stopBar = makeStopBar(bar, goTo);
  let [shown, scene, error, now] = [null, null, undefined, null];
  const seen = { layer: 1, units: [0], open: 0, moved: false };
  const drawNet = responsive(net, (width) => (scene ? networkView(scene, width) : html("span")));
  const drawLens = responsive(lens, (width) => (scene ? lensOf(scene)(Math.min(width, WIDEST_LENS)) : html("span")));

  play.addEventListener("click", acts.playStep);
  runs.addEventListener("change", () => {
    const run = runsShown(now).find(({ id }) => id === runs.value);
    if (run) acts.chooseRun(run);
  });
  document.addEventListener("keydown", walk);
  for (const [kind, lights] of [["pointerover", true], ["focusin", true], ["pointerout", false], ["focusout", false]]) {
    root.addEventListener(kind, ({ target }) => lightTwins(lights ? target.closest?.("[data-k]")?.dataset.k : null));
  }

  /** All places of one number light up together. */
  function lightTwins(key) {
    for (const each of root.querySelectorAll("[data-k]")) each.classList.toggle("hot", each.dataset.k === key);
  }

  function walk(event) {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by || !scene || event.altKey || event.ctrlKey || event.metaKey
      || event.target.closest?.("input, select, textarea, nav, .scroll, summary, dialog, pre")) return;
    event.preventDefault();
    goTo(scene.at + 1 + by);
  }

  function goTo(stop) {
    const to = Math.min(scene.stops.length, Math.max(1, stop));
    seen.moved = to !== scene.at + 1;
    acts.look({ stop: to });
  }

  /** The network, and where a reader begins: made anew for another answer. */
  function take(inside) {
    const facts = inside.trace;
    takeLoss(facts.target.loss);
    const model = modelOf(facts);
    const before = shown?.model.net.layers.map(({ b }) => b.length).join();
    const isOther = before !== model.net.layers.map(({ b }) => b.length).join();
    const first = isOther ? firstSubject(model, facts.passes[0]) : shown.first;
    if (isOther) Object.assign(seen, { layer: first.layer, units: [...first.units], open: 0 });
    const [pass] = facts.passes;
    doubt.hidden = agrees(passOf(model.net, pass.X, facts.rows[0].y, pass.share), pass);
    doubt.textContent = doubt.hidden ? "" : "This browser computes this row with other numbers than Python, by "
      + "more than rounding. The numbers that are shown are those of Python.";
    shown = { inside, facts, model, pass, first, stops: stopsOf(model.net, model.hasLink),
      row: rowOfData(facts, 0) };
    numbers.update(facts);
  }

  function sceneOf(state) {
    const { model, pass, row, stops, first, inside } = shown;
    const { layers: all } = model.net;
    if (state.unit !== null) seen.units[seen.layer] = state.unit - 1;
    const units = seen.units.map((unit, l) => (l ? Math.min(unit, all[l - 1].b.length - 1) : 0));
    const input = state.input === null ? first.input : Math.min(state.input, model.inputs.length) - 1;
    const subject = { units, input, layer: seen.layer };
    const at = Math.min(stops.length, state.stop ?? 1) - 1;
    return { model, pass, row, stops, subject, at, place: 0, numbers: [inside.row], isChanged: false,
      masked: false, flows: seen.moved, plan: planOf(model, pass, { ...subject, open: seen.open }),
      label: `The network with the numbers of ${row.name}`, press, pressWeight };
  }

  function press(item, l, one) {
    if (l === 0 && (item.kind === "group" || item.kind === "open")) {
      seen.open = item.kind === "open" ? 0 : item.own + 1;
      if (one >= 0) acts.look({ input: one + 1 });
    } else if (item.kind === "unit" && l === 0) {
      seen.layer = 1;
      acts.look({ input: item.members[0] + 1 });
    } else if (item.kind === "unit") {
      seen.units[l] = item.members[0];
      if (l === seen.layer) acts.look({ unit: item.members[0] + 1 });
    }
    draw(now);
  }

  function pressWeight(unit, input) {
    if (seen.layer > 1) seen.units[seen.layer - 1] = input;
    acts.look({ unit: unit + 1, ...(seen.layer === 1 ? { input: input + 1 } : {}) });
    draw(now);
  }

  function draw(state) {
    scene = sceneOf(state);
    drawNet();
    drawLens();
    stopBar.update(scene.stops, scene.at);
    const words = wordsAt(scene);
    said.replaceChildren(html("h2", {}, `${scene.at + 1}. ${words.head}`), html("p", {}, words.say));
    formula.replaceChildren(...words.lines.map((line) => html("p", {}, ...line.map(partNode))));
    const { layer: l, units, input } = scene.subject;
    const from = l === 1 ? input : units[l - 1];
    update.replaceChildren(stepUpdate(shown.inside, `W${lowered(l)}[${units[l] + 1},${from + 1}]`,
      placeOf(shown.model.network.sizes, l, units[l], from)));
    const several = shown.model.net.layers.length > 1 && scene.stops[scene.at].kind === "dW";
    layers.replaceChildren(...(several ? layerButtons() : []));
    seen.moved = false;
  }

  function layerButtons() {
    return shown.model.net.layers.map((_, l) => {
      const button = html("button", { type: "button", "aria-pressed": String(seen.layer === l + 1) }, `∂W${lowered(l + 1)}`);
      button.addEventListener("click", () => {
        seen.layer = l + 1;
        acts.look({ unit: null });
        draw(now);
      });
      return button;
    });
  }

  function tellTitle(state, run) {
    const { inside, pass, facts, row } = shown;
    const step = stepOf(run, state.t);
    const isStale = inside.run !== run.id || inside.step !== step;
    const truth = facts.rows[0].target;
    const classes = facts.target.classes;
    const words = classes.length ? `Row ${whole(inside.row)} is ${truth}: ${facts.output} ${
      pass.Yh.map((each) => short(each)).join(", ")}, loss ${short(pass.loss)}`
      : `Row ${whole(inside.row)} is ${truth}: ${answerInWords(facts.target.scale, pass.Yh)}loss ${short(pass.loss)}`;
    write(title, words);
    write(subtitle, `${row.name}, ${run.title}, step ${whole(inside.step)}${isStale
      ? `; step ${whole(step)} is asked for` : ""}. Network ${facts.network.sizes.join("-")}.`);
  }

  return {
    update(state) {
      now = state;
      const run = runInFocus(state);
      if (state.insideError !== error) {
        error = state.insideError;
        trouble.replaceChildren(...(error ? [errorBox(error)] : []));
      }
      fillRuns(runs, runsShown(state), run);
      rowPicker.update(state);
      const step = run ? stepOf(run, state.t) : 0;
      write(play, `Play step ${whole(step + 1)}`);
      play.disabled = state.connection.state !== "open" || !run || (step >= run.step && run.state !== "paused");
      write(ofPlay, run?.state === "done" && step >= run.step ? "All steps of this run were made."
        : "It moves the cursor by one. A step that was not made yet is made.");
      body.hidden = !state.inside;
      if (!state.inside) {
        write(title, "Inside: a row there and back");
        write(subtitle, error ? "" : "The row with the largest loss is looked for.");
        return;
      }
      if (shown?.inside !== state.inside) take(state.inside);
      else if (shown.state && ["stop", "unit", "input"].every((key) => shown.state[key] === state[key])) {
        if (run) tellTitle(state, run);
        return;
      }
      shown.state = state;
      draw(state);
      if (run) tellTitle(state, run);
    },
    destroy() {
      document.removeEventListener("keydown", walk);
      root.replaceChildren();
    },
  };
}

/** What the network says of a number, in the unit of the target. */
function answerInWords(scale, [Yh]) {
  return scale ? `the network says ${short(scale.center + scale.scale * Yh)}, ` : "";
}

function fillRuns(select, runs, run) {
  const key = runs.map(({ id }) => id).join();
  if (select.dataset.key !== key) {
    select.dataset.key = key;
    select.replaceChildren(...runs.map(({ id, title }) => html("option", { value: id }, title)));
  }
  if (run && select.value !== run.id) select.value = run.id;
}

function partNode(part) {
  if (typeof part === "string") return part;
  if (part.text === undefined) return html("small", {}, ` ${part.note}`);
  const look = part.value > 0 ? "plus" : part.value < 0 ? "minus" : "";
  return html("span", {}, html("b", { tabindex: 0, class: look || null, "data-k": part.key ?? null,
    title: String(part.value) }, part.text), part.note ? html("small", {}, ` ${part.note}`) : "");
}
