// Models that are being trained, with what is left of it; and those that are kept.

import { html } from "/draw/dom.js";
import { bytesInWords } from "../table/upload.js";
import { progressWords } from "./decide_acts.js";

/** A button with what it does; `more` are attributes. */
export function button(words, act, more = {}) {
  const made = html("button", { type: "button", ...more }, words);
  made.addEventListener("click", act);
  return made;
}

/** Select what a field has when somebody clicks into it: what is written next takes its place. */
export function selecting(field) {
  let isNew = false;
  field.addEventListener("focus", () => { isNew = true; });
  field.addEventListener("click", () => {
    if (isNew) field.select();
    isNew = false;
  });
  return field;
}

/**
 * @param {HTMLElement} root
 * @param {{cancel: (id: string) => void, finish: (id: string) => void}} acts
 * @returns {{update: (state: object) => void}}
 */
export function makeFitList(root, { cancel, finish }) {
  const shown = new Map();

  function make({ model_run: id }) {
    const words = html("p", { class: "soft" });
    const bar = html("progress", { "aria-label": "Training" });
    const stop = button("Cancel", () => cancel(id), { "data-asks": true });
    const end = button("End the search now", () => finish(id), { "data-asks": true, hidden: true,
      title: "The model is made of the trials so far, and evaluated as ever" });
    const node = html("li", {}, words, bar, html("p", { class: "acts" }, end, stop));
    return { node, words, bar, stop, end };
  }

  return {
    update({ fits, busy }) {
      for (const [id, { node }] of shown) {
        if (fits.some((each) => each.model_run === id)) continue;
        node.remove();
        shown.delete(id);
      }
      for (const fit of fits) {
        const one = shown.get(fit.model_run) ?? make(fit);
        if (!shown.has(fit.model_run)) {
          shown.set(fit.model_run, one);
          root.append(one.node);
        }
        one.words.textContent = `${progressWords(fit)}.`;
        if (fit.total) {
          one.bar.setAttribute("max", fit.total);
          one.bar.setAttribute("value", Math.min(fit.done, fit.total));
        } else {
          one.bar.removeAttribute("value"); // the browser shows that it goes on
        }
        // Without a trial there is nothing to end with.
        one.end.hidden = !fit.is_search || !fit.course;
        one.end.disabled = Boolean(fit.finishing);
        one.end.textContent = fit.finishing ? "It ends with the trials so far" : "End the search now";
        one.stop.textContent = busy.cancel ?? "Cancel";
      }
      root.hidden = !fits.length;
    },
  };
}

/**
 * @param {HTMLElement} root
 * @param {{open: (id: string) => void, remove: (id: string) => void}} acts
 * @returns {{update: (state: object) => void}}
 */
export function makeModelList(root, { open, remove }) {
  let [listed, now] = [null, null];

  function item({ id, name, file, bytes, table }) {
    const away = button("Remove", () => {
      if (away.dataset.sure) remove(id);
      away.dataset.sure = "yes";
      away.replaceChildren("Remove for good", html("span", { class: "unseen" }, ` ${file}`));
    }, { "data-asks": true });
    away.append(html("span", { class: "unseen" }, ` ${file}`));
    const opens = button("", () => open(id), { class: "sample", "aria-current": id === now ? "true" : null });
    opens.append(html("bdi", {}, file), html("small", {}, ...(table ? ["of ", html("bdi", {}, name), ", "] : []),
      bytesInWords(bytes)));
    return html("li", {}, opens, away);
  }

  return {
    update({ models, m }) {
      if (models === listed && m === now) return;
      [listed, now] = [models, m];
      root.replaceChildren(...(models ?? []).map(item));
    },
  };
}
