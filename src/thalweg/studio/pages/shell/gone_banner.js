// The banner while the server does not answer: what is kept, the next try, and how to start it.

import { html } from "/draw/dom.js";
import { copyText } from "/draw/learn/link_state.js";

const START = "thalweg studio";
const WORDS = {
  gone: "The studio does not answer. What you see is kept; nothing can be changed until it is back.",
  locked: "The studio was started anew, and this page has the key of the earlier start. Open the link "
    + "that its terminal printed.",
};

/**
 * @param {HTMLElement} root
 * @param {{retry: () => void}} page
 * @returns {{update: (state: object, changed: Set<string>) => void, destroy: () => void}}
 */
export function makeGoneBanner(root, { retry }) {
  let [timer, drawn] = [0, ""];
  const words = html("p", { role: "alert" });
  const next = html("span", { class: "next" });
  const now = html("button", { type: "button" }, "Try now");
  const copy = html("button", { type: "button" }, "Copy");
  const start = html("p", {}, "If its terminal is closed, start it again, with the options of before, such as --workspace: ",
    html("code", {}, START), " ", copy);
  now.addEventListener("click", retry);
  copy.addEventListener("click", () => copyText(copy, START));

  function count(seconds) {
    clearInterval(timer);
    let left = seconds;
    const tell = () => {
      next.textContent = left > 0 ? `Next try in ${left} s. ` : "Trying. ";
      left -= 1;
    };
    tell();
    timer = setInterval(tell, 1000);
  }

  function hide() {
    clearInterval(timer);
    drawn = "";
    root.replaceChildren();
  }

  return {
    update({ connection }, changed) {
      if (!changed.has("connection")) return;
      const said = WORDS[connection.state];
      if (!said) {
        hide();
        return;
      }
      if (drawn !== connection.state) {
        drawn = connection.state;
        root.replaceChildren(html("section", { class: "gone", "aria-label": "Connection" }, words, html("p", {}, next, now),
          drawn === "gone" ? start : null));
        const why = connection.why ? ` It said: ${connection.why}.` : "";
        words.textContent = said + why; // an alert is read out when its text comes
      }
      count(connection.seconds);
    },
    destroy: hide,
  };
}
