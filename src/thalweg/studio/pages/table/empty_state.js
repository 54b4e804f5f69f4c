// No table is open: three ways to begin, the command that opens one, and four runs that play meanwhile.

import { html } from "/draw/dom.js";
import { copyText } from "/draw/learn/link_state.js";
import { whole } from "/draw/numbers.js";
import { bytesInWords } from "./upload.js";

const COMMAND = "thalweg studio my-table.csv";
const hillsLater = () => import("../lessons/playing_hills.js");
export const FILES = ".csv,.tsv,.txt,.tab,.dat,.gz,.zip,.xlsx,.parquet,.pq";

/**
 * @param {HTMLElement} root
 * @param {{openFile: (file: File) => void, openTable: (id: string) => void,
 *   removeTable: (id: string) => void, lesson: (name: string) => void}} acts
 * @returns {{update: (state: object) => void, destroy: () => void}}
 */
export function makeEmptyState(root, { openFile, openTable, removeTable, lesson }) {
  const file = html("input", { type: "file", class: "unseen", tabindex: "-1", "aria-label": "My table",
    accept: FILES });
  const mine = html("button", { type: "button", class: "main", "data-asks": true }, "My table");
  const limit = html("p", { class: "soft" });
  const samples = html("div", { class: "samples" });
  const hills = html("button", { type: "button", class: "sample" }, "Hills",
    html("small", {}, "a lesson on these four runs"));
  const playing = html("div", { class: "of-hills" });
  let [player, gone] = [null, false];
  const earlier = html("ul", { class: "earlier" });
  const before = html("section", { hidden: true }, html("h2", {}, "Opened before"), earlier);
  const copy = html("button", { type: "button" }, "Copy");
  mine.addEventListener("click", () => file.click());
  file.addEventListener("change", () => {
    const [chosen] = file.files;
    file.value = ""; // the same file can be chosen again
    if (chosen) openFile(chosen);
  });
  copy.addEventListener("click", () => copyText(copy, COMMAND));
  hills.addEventListener("click", () => lesson("descent"));
  root.replaceChildren(html("div", { class: "empty with-hills" }, html("div", {},
    html("h1", { tabindex: "-1" }, "Open a table, and see what a network would learn from it"),
    html("div", { class: "zone" }, html("p", {}, "Drop a CSV, Excel or Parquet file anywhere here, or"),
      html("p", {}, mine, file), limit),
    html("section", {}, html("h2", {}, "Or begin with what is here"), samples),
    before,
    html("section", {}, html("h2", {}, "Or from a terminal"),
      html("p", { class: "command" }, html("code", {}, COMMAND), copy))), playing));
  hillsLater().then(({ playHills }) => {
    if (!gone) player = playHills(playing);
  }, () => playing.remove()); // a picture, without which nothing is missing

  function tableButton(id, title, words) {
    const button = html("button", { type: "button", "data-asks": true, class: "sample" },
      html("bdi", {}, title), html("small", {}, words));
    button.addEventListener("click", () => openTable(id));
    return button;
  }

  return {
    update({ snapshot }) {
      limit.textContent = `At most ${bytesInWords(snapshot.limits.upload)}. It stays on this machine.`;
      samples.replaceChildren(...snapshot.samples.map(({ id, title, rows, columns }) =>
        tableButton(id, title, `${whole(rows)} rows, ${whole(columns)} columns`)), hills);
      before.hidden = !snapshot.tables.length;
      earlier.replaceChildren(...snapshot.tables.map(({ id, name, bytes }) => html("li", {},
        tableButton(id, name, bytesInWords(bytes)), removeButton(name, () => removeTable(id)))));
    },
    destroy() {
      gone = true;
      player?.destroy();
      root.replaceChildren();
    },
  };
}

/** A table is gone for good, so its button is pressed twice. */
function removeButton(name, remove) {
  const button = html("button", { type: "button", "data-asks": true });
  let isSure = false;
  const words = (text) => {
    button.textContent = text;
    button.setAttribute("aria-label", `${text}: ${name}`);
  };
  button.addEventListener("click", () => {
    if (isSure) remove();
    isSure = true;
    words("Remove for good");
  });
  button.addEventListener("blur", () => {
    isSure = false;
    words("Remove");
  });
  words("Remove");
  return button;
}
