// What is set at the left: the network, the rows of a step, the runs, the seed.

import { html } from "/draw/dom.js";

const ACTIVATIONS = ["identity", "relu", "leaky_relu", "elu", "selu", "sigmoid", "softplus", "tanh", "silu",
  "gelu", "mish"];
/** The runs that have names, by what readers call them. */
export const NAMED_RUNS = [["sgd", "small steps"], ["anneal", "shrinking steps"], ["large", "large steps"],
  ["momentum", "momentum"], ["nesterov", "Nesterov"], ["rmsprop", "RMSProp"], ["adam", "Adam"]];
const FOUR = NAMED_RUNS.slice(0, 4).map(([name]) => name);
const ARTICLE = { hidden: "15", activation: "relu", batch: "", alpha: "0", steps: "400", heldOut: "0.2", seed: "0" };

/** What a form says before somebody writes in it. */
export const USUAL_SETUP = { preset: "article", ...ARTICLE, named: FOUR, own: "" };
// A fit decides by the table what is left empty.
const OF_FIT = { hidden: "", activation: "", batch: "", alpha: "", steps: "", heldOut: "", seed: "0" };
const PRESETS = { article: { ...ARTICLE, named: FOUR }, default: { ...OF_FIT, named: [] } };
const FIELDS = [
  ["hidden", "Hidden units", "Of each hidden layer, such as 64,32; or none."],
  ["activation", "Activation", ""],
  ["batch", "Rows in a step", "Empty: 32. Small steps, momentum and Nesterov always take all rows, 20,000 at most."],
  ["steps", "Steps", "At least so many, in whole epochs; runs that take all rows, 2,000 at most."],
  ["alpha", "L2 penalty", "A part of the loss of training rows, and not of that of rows held out."],
  ["heldOut", "Share of rows held out", "They train nothing; their loss is the thin line."],
  ["seed", "Seed", "Of the start, the order of rows, and those held out."],
];

// What the server takes: more would be no message, and would cost the connection.
const MOST = { runs: 8, layers: 8, rule: 400 };
const fault = (what, where, why, fix) => ({ said: { code: "settings", what, where, why, fix } });

/** A whole number of a field, or a fault in words. */
function wholeOf(text, where, [low, high]) {
  const value = Number(text.trim());
  if (!/^\d+$/.test(text.trim()) || value < low || value > high) {
    throw fault(`${where}: ${text.trim() || "nothing"} cannot be used`, where,
      "It has to be a whole number.", `write one from ${low} to ${high}`);
  }
  return value;
}

function numberOf(text, where, [low, high]) {
  const value = Number(text);
  if (!text.trim() || !(value >= low && value <= high)) {
    throw fault(`${where}: ${text.trim() || "nothing"} cannot be used`, where,
      "It has to be a number.", `write one from ${low} to ${high}, such as ${low || high / 10}`);
  }
  return value;
}

/**
 * What a setup asks the server for.
 * @param {typeof USUAL_SETUP} setup
 * @returns {{settings: Record<string, any>, rules: string[]}}
 * @throws {{said: object}} what cannot be, in words
 */
export function askedFor(setup) {
  const words = setup.hidden.trim();
  const hidden = words === "" || words === "none" ? []
    : words.split(",").map((each) => wholeOf(each, "Hidden units", [1, 4096]));
  const own = setup.own.split("\n").map(ruleOf).filter(Boolean);
  const long = own.find((rule) => rule.length > MOST.rule);
  if (long) {
    throw fault(`The rule ${long.slice(0, 40)}… cannot be used`, "Own rules", `It has more than ${MOST.rule} characters.`,
      "write one rule a line, such as adam:lr=0.01");
  }
  const ofFit = setup.preset === "default";
  const rules = [...(ofFit ? ["default"] : []), ...NAMED_RUNS.map(([name]) => name).filter((name) => setup.named.includes(name)), ...own];
  if (!rules.length) {
    throw fault("No run is chosen", "Runs", "A run needs a rule for its steps.",
      "tick one of them, or write a rule such as adam:lr=0.01");
  }
  if (rules.length > MOST.runs) {
    throw fault(`${rules.length} runs cannot start at once`, "Runs", `At most ${MOST.runs} begin together.`,
      `start ${MOST.runs} of them, and then the others`);
  }
  if (hidden.length > MOST.layers) {
    throw fault(`Hidden units: ${hidden.length} layers cannot be used`, "Hidden units",
      `There are at most ${MOST.layers} hidden layers.`, "write fewer of them, such as 64,32");
  }
  if (ofFit) return { rules, settings: { preset: "default", seed: wholeOf(setup.seed, "Seed", [0, 2 ** 32 - 1]) } };
  return { rules, settings: {
    preset: "article", hidden, activation: setup.activation,
    batch_size: setup.batch.trim() ? wholeOf(setup.batch, "Rows in a step", [1, 2 ** 31]) : null,
    steps: wholeOf(setup.steps, "Steps", [1, 20000]), alpha: numberOf(setup.alpha, "L2 penalty", [0, 1e6]),
    held_out: numberOf(setup.heldOut, "Share of rows held out", [0, 0.9]),
    seed: wholeOf(setup.seed, "Seed", [0, 2 ** 32 - 1]),
  } };
}

/** A rule of a line; "name: rule" with a space says its name too, which is for the reader alone. */
const ruleOf = (line) => line.trim().replace(/^[^:=]*:\s+/, "");

/**
 * @param {HTMLElement} root
 * @param {{set: (patch: Record<string, any>) => void, start: () => void, cancel: () => void}} acts
 */
export function makeSetupForm(root, { set, start, cancel }) {
  const wide = matchMedia("(min-width: 701px)");
  const preset = html("select", { id: "preset" },
    ...[["article", "the article's network"], ["default", "the network of a fit"], ["own", "own"]]
      .map(([value, words]) => html("option", { value }, words)));
  const controls = Object.fromEntries(FIELDS.map(([name]) => [name, control(name)]));
  const boxes = NAMED_RUNS.map(([name, words]) => {
    const box = html("input", { type: "checkbox", id: `descent-${name}` });
    return { name, box, label: html("label", { class: "tick" }, box, words) };
  });
  const own = html("textarea", { id: "own-rules", rows: "2", spellcheck: "false", maxlength: "3000",
    "aria-describedby": "own-rules-hint", placeholder: "adam:lr=0.01" });
  const go = html("button", { type: "submit", class: "main", id: "start-runs", "data-asks": true });
  const stop = html("button", { type: "button", id: "cancel-start", "data-asks": true, hidden: true });
  stop.addEventListener("click", cancel);
  const form = html("form", { "aria-label": "What is set" },
    html("fieldset", {}, html("legend", {}, "Runs, from one start"), ...boxes.map(({ label }) => label),
      html("p", { class: "field" }, html("label", { for: "own-rules" }, "Own rules"), own,
        html("small", { id: "own-rules-hint" }, "One a line: adam:lr=0.01, or sgd:lr=0.5,momentum=0.9"))),
    html("p", { class: "acts" }, go, stop),
    html("h2", {}, "Network"),
    field("preset", "Begin with", "", preset),
    ...FIELDS.map(([name, words, hint]) => field(name, words, hint, controls[name])));
  const drawer = html("details", { class: "drawer", id: "setup" },
    html("summary", {}, "Rules and network"), form);
  drawer.open = wide.matches;
  const unfold = () => {
    if (wide.matches) drawer.open = true;
  };
  wide.addEventListener("change", unfold);
  root.replaceChildren(drawer);

  function field(id, words, hint, node) {
    if (hint) node.setAttribute("aria-describedby", `${id}-hint`);
    return html("p", { class: "field" }, html("label", { for: id }, words), node,
      hint ? html("small", { id: `${id}-hint` }, hint) : null);
  }

  function control(name) {
    if (name === "activation") {
      return html("select", { id: name }, ...ACTIVATIONS.map((each) => html("option", { value: each }, each)));
    }
    return html("input", { id: name, autocomplete: "off", spellcheck: "false", maxlength: "60",
      inputmode: name === "hidden" ? "text" : "decimal" });
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    start();
  });
  preset.addEventListener("change", () => set({ preset: preset.value, ...PRESETS[preset.value],
    ...(preset.value === "own" && !latest.hidden ? ARTICLE : {}) }));
  for (const [name, node] of Object.entries(controls)) {
    node.addEventListener("input", () => set({ [name]: node.value,
      ...(preset.value === "article" && name !== "seed" ? { preset: "own" } : {}) }));
  }
  own.addEventListener("input", () => set({ own: own.value }));
  for (const { name, box } of boxes) {
    box.addEventListener("change", () => set({
      named: boxes.filter((each) => each.box.checked).map((each) => each.name), changed: name }));
  }

  let [latest, hadFocus] = [USUAL_SETUP, false];
  const wrote = (node, value) => {
    if (node.value !== value) node.value = value;
  };
  return {
    update({ setup, starting, cancels, connection }) {
      latest = setup;
      wrote(preset, setup.preset);
      for (const [name, node] of Object.entries(controls)) wrote(node, setup[name]);
      for (const { name, box } of boxes) box.checked = setup.named.includes(name);
      wrote(own, setup.own);
      const ofFit = setup.preset === "default";
      for (const [name, node] of Object.entries(controls)) node.disabled = ofFit && name !== "seed";
      const n = ofFit + setup.named.length + setup.own.split("\n").filter((each) => each.trim()).length;
      go.textContent = starting ? "Starting" : n === 1 ? "Start 1 run" : `Start ${n} runs`;
      hadFocus ||= [go, stop].includes(document.activeElement);
      stop.hidden = !cancels;
      if (cancels) stop.textContent = cancels;
      go.disabled = starting || connection.state !== "open";
      // A button that is off or gone loses the focus: the keyboard goes on at the one that is there.
      const there = [stop, go].find((each) => !each.hidden && !each.disabled);
      const lost = [document.body, ...[go, stop].filter((each) => each !== there)].includes(document.activeElement);
      if (hadFocus && there && lost) there.focus({ preventScroll: true });
      hadFocus = starting && hadFocus;
    },
    /** To the place where one more run is written. */
    more() {
      drawer.open = true;
      own.focus();
    },
    destroy() {
      wide.removeEventListener("change", unfold);
      root.replaceChildren();
    },
  };
}
