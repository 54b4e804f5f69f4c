// A file on its way to the workspace of the studio: its progress, and its end.

import { whole } from "/draw/numbers.js";

const NETWORK = {
  code: "upload", what: "The file did not arrive", where: "",
  why: "The connection to the studio broke while it was sent.",
  fix: "open it again when the studio answers",
};

/** Bytes in words: "3.2 MB". */
export function bytesInWords(bytes) {
  if (bytes < 1e3) return `${whole(bytes)} bytes`;
  const [unit, size] = bytes < 1e6 ? ["KB", bytes / 1e3] : bytes < 1e9 ? ["MB", bytes / 1e6]
    : ["GB", bytes / 1e9];
  return `${size < 10 ? size.toFixed(1) : Math.round(size)} ${unit}`;
}

/**
 * What is wrong with a file that need not be sent for it; null if nothing is.
 * @param {File} file
 * @param {number} most bytes
 */
export function refusedFile(file, most) {
  if (!file.size) {
    return { code: "empty", what: "This file is empty", where: file.name,
      why: "It has 0 bytes, or it is a folder.", fix: "open a file with a table" };
  }
  if (file.size <= most) return null;
  return { code: "too_large", what: `This file has ${bytesInWords(file.size)}`, where: file.name,
    why: `The studio takes files of at most ${bytesInWords(most)}.`,
    fix: "leave out rows or columns, save it as Parquet, which is smaller, or use thalweg fit in a "
      + "terminal, which has no such limit" };
}

/**
 * Send a file.
 * @param {File} file
 * @param {(sent: number) => void} tell how many bytes are on their way
 * @returns {{table: Promise<string>, cancel: () => void}} the id of the table; it is refused with
 *   `{code, what, where, why, fix}`, or with null if it was cancelled
 */
export function upload(file, tell) {
  const request = new XMLHttpRequest();
  const table = new Promise((resolve, reject) => {
    request.open("POST", `/tables?name=${encodeURIComponent(file.name.toWellFormed?.() ?? file.name)}`);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.responseType = "text";
    request.upload.onprogress = ({ loaded }) => tell(loaded);
    request.onerror = () => reject(NETWORK);
    request.onabort = () => reject(null);
    request.onload = () => {
      const said = answerOf(request.responseText);
      if (typeof said.table === "string") resolve(said.table);
      else reject(said.error ?? plainError(request));
    };
    request.send(file);
  });
  return { table, cancel: () => request.abort() };
}

function answerOf(text) {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}

/** The door of the server refuses in plain text. */
function plainError({ status, responseText }) {
  return { ...NETWORK, code: String(status), what: "The studio did not take the file",
    why: responseText.slice(0, 300).trim(), fix: "open another file, or reload the page" };
}
