// The derivative page: explore freely, with one guess.

import { byId, html } from "../dom.js";
import { compared } from "./check.js";
import { DERIVATIVE_KEYS, derivativeView } from "./derivative.js";
import { copyButtons, copyText, keepLink, linkOf, partsNotThere, readLink } from "./link_state.js";

const KEYS = { ...DERIVATIVE_KEYS, hide: { kind: "words", usual: [] } };
const read = readLink(KEYS, location.hash);
let linked = read.state;

const view = derivativeView(byId("view"), read.state, (state) => {
  linked = { ...linked, ...state };
  keepLink(linkOf(KEYS, linked, read.others));
});

function guessFirst() {
  const field = html("input", { id: "guess", inputmode: "decimal", autocomplete: "off", size: 10 });
  const button = html("button", { type: "submit" }, "Check");
  const said = html("p", { role: "status", "aria-live": "polite" });
  const form = html("form", {}, html("label", { for: "guess" },
    "Guess first: two points on x² at −2, with h = 0.001, give the slope … "), field, " ", button);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const found = compared(field.value, -3.999, { within: 0.0005 });
    if (found.kind === "empty" || found.kind === "unreadable") {
      said.textContent = "Write a number, such as 6.001.";
      return;
    }
    const start = found.kind === "right" ? "Right: −3.999. The rule says −4."
      : found.value === -4 ? "−4 is what the rule says. Two points give −3.999:"
        : "Two points give −3.999, and the rule says −4:";
    said.textContent = `${start} (3.996001 − 4) / 0.001. What is missing is h · f″/2 = 0.001. `
      + "Now shrink h, and watch the right picture.";
    view.set({ fn: "square", x: -2, h: 0.001, sides: 1 });
  });
  byId("ask").append(form, said);
}

guessFirst();
for (const part of read.state.hide) {
  for (const each of document.querySelectorAll(`[data-part="${part}"]`)) each.hidden = true;
}
const missing = partsNotThere(read.state.hide);
if (missing) byId("view").before(html("p", { class: "sub", role: "alert" }, missing));
copyButtons(byId("copy-link").parentNode, JSON.parse(byId("recipes").textContent));
byId("copy-link").addEventListener("click", (event) =>
  copyText(event.currentTarget, location.href));
addEventListener("hashchange", () => view.set(readLink(KEYS, location.hash).state));
document.documentElement.dataset.drawn = "yes";
