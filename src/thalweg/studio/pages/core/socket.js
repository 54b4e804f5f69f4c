// The socket to the server: questions and answers, events in their order, pictures, and coming back.

import { PacketError, packetFrom } from "./packets.js";

/**
 * @typedef {object} Heard what the page is told
 * @property {(head: Record<string, any>, arrays: Map) => void} event once each, in their order
 * @property {(head: Record<string, any>, arrays: Map) => void} picture the latest of its kind
 * @property {() => void} anew events were missed for good: all has to be asked for again
 * @property {(connection: Connection) => void} connection
 */

/**
 * @typedef {object} Connection
 * @property {"opening"|"open"|"gone"|"locked"} state locked: a server that wants a new link
 * @property {number} [seconds] until the next try
 * @property {string} [why] what the server said when it closed the socket
 */

/** An answer that is an error: `{code, what, where, why, fix}`. */
export class AskedError extends Error {
  constructor(said) {
    super(said.what);
    this.said = said;
  }
}

const WAITS = [1, 2, 4, 8]; // seconds before a try
// The server closes a socket that says more than 100 messages a second, or 200 at once. A page that
// gets 2,000 missed events says as often that it took one.
const [A_SECOND, AT_ONCE] = [80, 100];
const LOST = {
  code: "lost", what: "The connection to the server broke before it answered", where: "",
  why: "So it is not known whether this was done.", fix: "look, and do it again if it was not",
};

const REFUSED = 1008; // RFC 6455, 7.4.1
const NOT_TAKEN = {
  code: "refused", what: "The server refused what this page asked", where: "", why: "",
  fix: "take the last choice back, or reload the page",
};

/**
 * Open a socket, and keep it open.
 * @param {string} address of the socket
 * @param {Heard} heard
 * @param {() => Promise<boolean>} isLocked whether the server is there and refuses this page
 */
export function makeSocket(address, heard, isLocked) {
  let [socket, session, last, number, failed] = [null, null, 0, 0, 0];
  let [timer, ended, gap, ready] = [0, false, false, false];
  const asked = new Map();
  const pace = makePace((text) => socket?.readyState === WebSocket.OPEN && socket.send(text));
  const say = (op, args = {}) => pace.say(JSON.stringify({ ...args, op, id: (number += 1) }));

  function connect() {
    clearTimeout(timer);
    ready = false;
    const mine = new WebSocket(address);
    mine.binaryType = "arraybuffer";
    mine.onmessage = ({ data }) => mine === socket && take(data);
    mine.onclose = ({ code, reason }) => mine === socket && broke(code, reason);
    socket = mine;
  }

  function take(data) {
    try {
      told(packetFrom(data));
    } catch (why) {
      if (!(why instanceof PacketError)) throw why;
      socket.close(); // what was meant is asked for again
    } finally {
      say("taken");
    }
  }

  function told({ head, arrays }) {
    if (head.type === "hello") greeted(head);
    else if (head.type === "anew") startAnew(head.seq);
    else if (head.seq !== undefined) happened(head, arrays);
    else if (head.re !== undefined && head.type !== "progress") answered(head, arrays);
    else heard.picture(head, arrays);
  }

  function greeted(head) {
    const isOther = session !== null && session !== head.session;
    const isFirst = session === null;
    session = head.session;
    // Numbers of another session say nothing in this one. A new page asks for all there is, and
    // needs no events of before.
    if (isFirst || isOther) last = head.seq;
    gap = false;
    say("resume", { seq: last });
    [failed, ready] = [0, true];
    const before = [...asked]; // what is asked from now on is sent at once
    heard.connection({ state: "open" });
    for (const [id, each] of before) {
      if (each.again || !each.sent) send(each);
      else settle(id, "reject", new AskedError(LOST));
    }
    if (isOther) heard.anew();
  }

  function startAnew(seq) {
    [last, gap] = [seq, false];
    heard.anew();
  }

  function happened(head, arrays) {
    if (head.seq <= last || gap) return;
    if (head.seq !== last + 1) {
      gap = true;
      socket.close(); // the missed ones come after the next hello
      return;
    }
    last = head.seq;
    heard.event(head, arrays);
  }

  function answered(head, arrays) {
    const each = asked.get(head.re);
    if (head.type === "error") settle(head.re, "reject", new AskedError(head.error));
    else if (each?.partly?.(head, arrays)) return;
    else settle(head.re, "resolve", { head, arrays });
  }

  function settle(id, how, what) {
    const each = asked.get(id);
    asked.delete(id);
    each?.[how](what);
  }

  /** What the server closes the socket for is not asked again. */
  function refuse(why) {
    for (const [id, { sent }] of [...asked]) {
      if (sent) settle(id, "reject", new AskedError({ ...NOT_TAKEN, why: why && `It says: ${why}.` }));
    }
  }

  function send(each) {
    each.sent = true;
    pace.say(each.text);
  }

  async function broke(code, reason) {
    [socket, ready] = [null, false];
    pace.clear();
    if (code === REFUSED) refuse(reason);
    const mine = (failed += 1);
    const locked = await isLocked();
    if (ended || mine !== failed || socket) return;
    const seconds = WAITS[Math.min(mine, WAITS.length) - 1];
    heard.connection({ state: locked ? "locked" : "gone", seconds, why: reason });
    timer = setTimeout(connect, 1000 * seconds);
  }

  connect();
  return {
    /**
     * Ask the server.
     * @param {string} op
     * @param {Record<string, any>} [args]
     * @param {{again?: boolean, partly?: (head: Record<string, any>) => boolean}} [how] again: it
     *   may be asked twice, so it is after a break; partly: takes what comes before the answer, and
     *   says whether that was it
     * @returns {{id: number, answer: Promise<{head: Record<string, any>, arrays: Map}>,
     *   drop: () => void, cancel: () => void}} drop: nobody waits for the answer any more; cancel:
     *   the server ends what it does for it, and answers that it was dropped
     */
    ask(op, args = {}, { again = false, partly = null } = {}) {
      const id = (number += 1);
      const each = { text: JSON.stringify({ ...args, op, id }), again, partly, sent: false };
      const answer = new Promise((resolve, reject) => Object.assign(each, { resolve, reject }));
      asked.set(id, each);
      if (ready) send(each);
      return { id, answer, drop: () => asked.delete(id), cancel: () => ready && say("drop", { of: id }) };
    },
    /** Try at once. */
    retry() {
      if (!socket) connect();
    },
    destroy() {
      ended = true;
      clearTimeout(timer);
      pace.clear();
      const mine = socket;
      socket = null;
      mine?.close();
    },
  };
}

/** Say texts in their order, no faster than the server allows. */
function makePace(send) {
  let [tokens, seen, timer] = [AT_ONCE, performance.now(), 0];
  let waiting = [];
  function flow() {
    const now = performance.now();
    tokens = Math.min(AT_ONCE, tokens + ((now - seen) / 1000) * A_SECOND);
    seen = now;
    clearTimeout(timer);
    while (waiting.length && tokens >= 1) {
      tokens -= 1;
      send(waiting.shift());
    }
    if (waiting.length) timer = setTimeout(flow, 1000 / A_SECOND);
  }
  return {
    say(text) {
      waiting.push(text);
      flow();
    },
    clear() {
      clearTimeout(timer);
      waiting = [];
    },
  };
}
