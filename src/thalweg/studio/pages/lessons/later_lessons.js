// The lessons: the list of them, what is asked for one, and its modules, which come when it opens.

import { html } from "/draw/dom.js";
import { errorBox } from "../table/error_box.js";
import { laterModules } from "../shell/later_modules.js";
import { ALL, NO_LESSON } from "./lesson_link.js";

/** What the state of the page has of a lesson. */
export const NO_LESSON_YET = { lesson: null, lessonError: null };

const place = () => import("./lesson_place.js");
const SCRIPTS = {
  derivative: () => import("/draw/learn/derivative_lesson.js"),
  forward: () => import("/draw/learn/row/forward_lesson.js"),
  backward: () => import("/draw/learn/row/backward_lesson.js"),
  fault: () => import("/draw/learn/fault_lesson.js"),
  threshold: () => import("/draw/learn/threshold_lesson.js"),
  features: () => import("/draw/learn/feature_lesson.js"),
  article: () => import("/draw/learn/article_lesson.js"),
  descent: () => import("/draw/learn/descent_lesson.js"),
  plane: () => import("/draw/learn/plane_lesson.js"),
};
const NOT_THERE = { code: "lesson", where: "", why: "", what: "There is no lesson of this name",
  fix: "choose one of the list" };

/**
 * @param {object} page
 * @param {import("../core/state.js").Store} page.store
 * @param {ReturnType<import("../core/hash.js").followLink>} page.view
 * @param {ReturnType<import("../core/socket.js").makeSocket>} page.socket
 * @param {() => void} ready is called when modules are there, or could not be loaded
 */
export function laterLessons({ store, view, socket }, ready) {
  const modules = new Map();
  let [asked, failed] = [null, null];
  const acts = {
    open: (les) => view.go({ ...NO_LESSON, les }),
    close: () => view.go(NO_LESSON),
    keep: (patch) => view.drag(patch),
    view: () => store.get(),
  };

  function modulesOf(name) {
    if (!modules.has(name)) {
      modules.set(name, laterModules("The lesson", async () => {
        const [{ startLesson }, { makeLessonPlace }] = await Promise.all([SCRIPTS[name](), place()]);
        return { startLesson, makeLessonPlace };
      }, ready));
    }
    return modules.get(name);
  }

  const isKnown = (name) => Object.hasOwn(SCRIPTS, name);

  /** Ask for the lesson of the view, unless it is there. */
  async function ask() {
    const { les, lesson, connection } = store.get();
    if (failed !== les) failed = null; // it is tried again when it is opened again
    if (!les || !isKnown(les) || [lesson?.name, asked, failed].includes(les) || connection.state !== "open") return;
    asked = les;
    store.set({ lesson: null, lessonError: null });
    try {
      const { head } = await socket.ask("lesson", { lesson: les }, { again: true }).answer;
      if (store.get().les === les && head.type === "lesson") store.set({ lesson: { ...head, name: les } });
    } catch (why) {
      if (!why.said) throw why;
      failed = les;
      if (store.get().les === les) store.set({ lessonError: why.said });
    } finally {
      if (asked === les) asked = null;
    }
  }

  return {
    ...acts, ask,
    /** What stands in the stage: the list, a lesson, or that one is prepared. */
    kindOf(state) {
      if (state.les === ALL || !isKnown(state.les)) return "lessons";
      modulesOf(state.les).load(state);
      return modulesOf(state.les).there() && state.lesson?.name === state.les ? `lesson ${state.les}`
        : `wait for ${state.les}`;
    },
    make(root, kind) {
      const { les, lesson } = store.get();
      if (kind === "lessons") return makeList(root, acts);
      if (kind.startsWith("wait")) return makeWait(root, modulesOf(les), acts);
      const { startLesson, makeLessonPlace } = modulesOf(les).there();
      return makeLessonPlace(root, { ...acts, lesson, startLesson });
    },
  };
}

function button(words, act, more = {}) {
  const made = html("button", { type: "button", ...more }, words);
  made.addEventListener("click", act);
  return made;
}

function makeList(root, { open, close }) {
  const list = html("ul", { class: "lessons" });
  const wrong = html("div", {});
  root.replaceChildren(html("div", { class: "empty" },
    html("h1", { tabindex: "-1" }, "Lessons: look, guess, try, and have it checked"),
    html("p", { class: "subtitle" }, "A lesson has four to seven steps. Nothing is counted, timed or sent. "
      + "A lesson about a table is about the bundled one."),
    wrong, list, html("p", {}, button("Back to the place", close))));
  let drawn = null;
  return {
    update({ snapshot, les }) {
      wrong.replaceChildren(...(les === ALL ? [] : [errorBox(NOT_THERE)]));
      if (drawn === snapshot) return;
      drawn = snapshot;
      list.replaceChildren(...(snapshot?.lessons ?? []).map(({ name, about }) => {
        const made = button(`${name} `, () => open(name), { class: "sample", "data-lesson": name });
        made.append(html("small", {}, about));
        return html("li", {}, made);
      }));
    },
    destroy: () => root.replaceChildren(),
  };
}

function makeWait(root, modules, { close }) {
  const words = html("p", { class: "soft loading" }, "The lesson is prepared. Some lessons train a network "
    + "first, which takes some seconds.");
  const box = html("div", {});
  const scripts = html("div", {});
  const wait = modules.makeWait(scripts);
  root.replaceChildren(html("div", { class: "empty" }, html("h1", { tabindex: "-1" }, "A lesson"), words, box,
    scripts, html("p", {}, button("Close the lesson", close))));
  return {
    update(state) {
      words.hidden = Boolean(state.lessonError);
      words.classList.toggle("loading", !state.lessonError);
      box.replaceChildren(...(state.lessonError ? [errorBox(state.lessonError)] : []));
      scripts.hidden = modules.there() !== null;
      if (!scripts.hidden) wait.update(state);
      else wait.destroy();
    },
    destroy: () => root.replaceChildren(),
  };
}
