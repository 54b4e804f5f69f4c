// What a reader takes along of the ground: its picture, the profile along a run, its Python.

import { html } from "/draw/dom.js";
import { copyText } from "/draw/learn/link_state.js";
import { write } from "../train/run_chips.js";

const FORMS = ["png", "svg"];

/**
 * @param {{savePicture: (form: string, run: object|null) => void, askRecipe: () => void}} acts
 * @returns {{node: HTMLElement, update: (state: object, run: object|null) => void}}
 */
export function makeTakeAlong({ savePicture, askRecipe }) {
  let shown = null;
  const buttons = (id, run) => FORMS.map((form) => {
    const made = html("button", { type: "button", id: `${id}-${form}`, "data-asks": true }, form.toUpperCase());
    made.addEventListener("click", () => savePicture(form, run()));
    return made;
  });
  const own = buttons("ground-picture", () => null);
  const along = buttons("ground-profile", () => shown);
  const words = html("bdi", {});
  const told = html("p", { class: "soft", role: "status" });
  const code = html("pre", { tabindex: "0", role: "group", "aria-label": "Python of this ground" });
  const copy = html("button", { type: "button", id: "copy-ground" }, "Copy as Python");
  const python = html("details", { class: "recipe", id: "ground-recipe" },
    html("summary", {}, "The same in Python"), code, copy);
  const node = html("section", { class: "take", "aria-label": "Take it along" },
    html("p", { class: "acts" }, html("span", {}, "Download the picture: "), ...own),
    html("p", { class: "acts" }, html("span", {}, "The loss along ", words, ", exact at its points: "), ...along),
    told, python);
  copy.addEventListener("click", () => copyText(copy, code.textContent));
  python.addEventListener("toggle", () => python.open && askRecipe());

  return {
    node,
    update({ ground, groundTakes, groundRecipe, connection }, run) {
      shown = run;
      write(words, run?.title ?? "the run");
      write(told, groundTakes.words);
      const isOff = connection.state !== "open" || groundTakes.busy;
      for (const each of own) each.disabled = isOff;
      for (const each of along) each.disabled = isOff || !run || !run.step;
      const isHere = groundRecipe?.ground === ground;
      write(code, isHere ? groundRecipe.words : "It is asked for.");
      copy.hidden = !isHere || !groundRecipe.works;
      if (python.open && !isHere) askRecipe();
    },
  };
}
