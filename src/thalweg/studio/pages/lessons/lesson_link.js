// The link of a lesson inside the link of the studio: `les` its name, `s` its step, `hide` what a
// teacher hides, and `lk` all other keys of the lesson, which places have other meanings for.

/** What the view has of a lesson when none is open. */
export const NO_LESSON = { les: null, s: 1, hide: [], lk: null };
/** The list of all lessons, in the place of a name. */
export const ALL = "all";

const PAIR = "[a-z]{1,12}=[\\w.+,-]{1,80}";
const REST = new RegExp(`^${PAIR}(&${PAIR}){0,11}$`);

/** @type {Record<string, import("/draw/learn/link_state.js").Key>} */
export const LESSON_KEYS = {
  les: { kind: "own", usual: null, read: (text) => (/^[a-z]{1,20}$/.test(text) ? text : undefined) },
  s: { kind: "whole", usual: 1, from: 1, to: 9 },
  hide: { kind: "words", usual: [] },
  lk: { kind: "own", usual: null, read: (text) => (REST.test(text) ? text : undefined) },
};

/** The link that a lesson reads, from the view of the page. */
export function linkOfLesson({ s, hide, lk }) {
  const parts = [s > 1 ? `step=${s}` : "", hide.length ? `hide=${hide}` : "", lk ?? ""].filter(Boolean);
  return parts.length ? `#${parts.join("&")}` : "";
}

/** The view of the page, from the link that a lesson writes. */
export function viewOfLink(link) {
  const keys = new URLSearchParams(link.replace(/^#/, ""));
  const take = (key) => {
    const value = keys.get(key);
    keys.delete(key);
    return value;
  };
  const [step, hide] = [take("step"), take("hide")];
  const rest = keys.toString().replaceAll("%2C", ",").replaceAll("%2B", "+");
  return { s: Number(step ?? 1), hide: hide ? hide.split(",") : [], lk: REST.test(rest) ? rest : null };
}
