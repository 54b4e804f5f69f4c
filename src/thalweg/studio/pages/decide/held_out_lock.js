// The lock of the held-out rows: whoever has seen them chooses a threshold that looks too good on them.

import { keep, kept } from "../shell/kept.js";

/** Models of one table and seed have the same held-out rows, and one lock. */
const nameOf = ({ data_hash: hash, seed }) => `revealed-${hash.slice(0, 24)}-${seed}`;

/**
 * When the held-out rows of a model were revealed in this browser; "" if they were not.
 * @param {{data_hash: string, seed: number}} of
 */
export const revealedAt = (of) => kept(nameOf(of), "");

/** Reveal them, for good. */
export const reveal = (of) => keep(nameOf(of),
  new Date().toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" }));

/**
 * Whether they may be shown: only where there is a threshold to choose, rows can be spoilt.
 * @param {{data_hash: string, seed: number, locks: boolean}} of
 */
export const isRevealed = (of) => !of.locks || revealedAt(of) !== "";
