// The top line: which table is open, a link to this view, light or dark, and help.

import { html } from "/draw/dom.js";
import { copyText } from "/draw/learn/link_state.js";
import { kept, keep } from "./kept.js";

const dark = matchMedia("(prefers-color-scheme: dark)");

/**
 * @param {HTMLElement} root
 * @param {{help: () => void, link: () => string, lessons: () => void}} page
 * @returns {{update: (state: object, changed: Set<string>) => void, destroy: () => void}}
 */
export function makeTopLine(root, { help, link, lessons }) {
  const name = html("p", { class: "open-table" });
  const share = button("Copy link", () => copyText(share, `${location.origin}/${link()}`));
  const learn = button("Lessons", lessons);
  const theme = button("", turn);
  const keys = button("Help", help);
  keys.setAttribute("aria-keyshortcuts", "?");

  const isDark = () => (kept("theme", "") || (dark.matches ? "dark" : "light")) === "dark";

  function paint() {
    const chosen = kept("theme", "");
    if (chosen) document.documentElement.dataset.theme = chosen;
    else delete document.documentElement.dataset.theme;
    theme.textContent = isDark() ? "Light" : "Dark";
  }

  function turn() {
    keep("theme", isDark() ? "light" : "dark");
    paint();
  }

  dark.addEventListener("change", paint);
  paint();
  root.replaceChildren(name, learn, share, theme, keys);
  return {
    update({ table, d, snapshot }) {
      const known = snapshot?.tables.find(({ id }) => id === d) ?? null;
      const words = table?.name ?? known?.name ?? "";
      name.replaceChildren(...(words ? [html("bdi", {}, words)] : []));
      document.title = words ? `${words} – thalweg studio` : "thalweg studio";
    },
    destroy() {
      dark.removeEventListener("change", paint);
      root.replaceChildren();
    },
  };
}

function button(words, act) {
  const made = html("button", { type: "button" }, words);
  made.addEventListener("click", act);
  return made;
}
