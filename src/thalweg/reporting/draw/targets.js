// The overview of several targets: its commands can be copied.

import { byId } from "./dom.js";
import { copyButtons, copyText } from "./learn/link_state.js";

const overview = JSON.parse(byId("overview").textContent);

for (const button of document.querySelectorAll("[data-copies]")) {
  button.hidden = false;
  button.addEventListener("click", () =>
    copyText(button, byId(button.dataset.copies).textContent));
}
copyButtons(byId("copies"), overview.recipes);
document.documentElement.dataset.drawn = "yes";
