// Exported by thalweg 0.1.0 from the model with the seal none.
// SHA-256 of its training rows: 6770cc07609be08f0eba87724aeb679f39fd4ddde5654045be165cd342d4f438.
// This text was generated from a model of yours, and it is yours: the authors of thalweg claim no right in it. Use, change and pass it on as you like; there is no warranty.
//
// It takes:
//   "size": number
//   "kept": 1, 0 or NaN
//   "years": number, the offset or exposure of the row
//
// It gives:
//   the predicted number
//
// A number is a double; NaN is missing. Above 1e+300 in size, or infinite, it is no number of a table: the answers are NaN, and there is no label.
// Numbers are not read from text: units, decimal commas and bounds are for the caller.
// A boolean is 1 or 0; NaN is missing; with another number the answers are NaN.
// Its answers are those of the model to 2e-06 of the size of the answer or of the spread of the target, because the weights are float32 numbers and sums have another order.

export const columns = ["size", "kept", "years"];
export const answers = ["value"];
const AROUND = "\t\n\u000b\f\r\u001c\u001d\u001e\u001f \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\u00ad\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\ufeff";
const MISSING = new Set(["", "?", "n/a", "na", "nan", "null"]);

function floats(text, size) {
  const bytes = Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  const found = size === 4
    ? new Float32Array(bytes.length / 4) : new Float64Array(bytes.length / 8);
  for (let k = 0; k < found.length; k += 1)
    found[k] = size === 4 ? view.getFloat32(4 * k, true) : view.getFloat64(8 * k, true);
  return found;
}

function cellOf(row, column) {
  if (!Object.prototype.hasOwnProperty.call(row, column))
    throw new Error(`the row has no column ${JSON.stringify(column)}`);
  return row[column];
}

function numberOf(row, column) {
  const cell = cellOf(row, column);
  if (cell === null || cell === undefined || cell === "") return NaN;
  if (typeof cell === "number" || typeof cell === "boolean") return Number(cell);
  throw new TypeError(`column ${JSON.stringify(column)}: give a number`);
}

function textOf(row, column) {
  const cell = cellOf(row, column);
  if (cell === null || cell === undefined || Number.isNaN(cell)) return "";
  if (typeof cell === "number" && !Number.isSafeInteger(cell))
    throw new TypeError(`column ${JSON.stringify(column)}: write the number as text`);
  const signs = String(cell);
  let begin = 0;
  let end = signs.length;
  while (begin < end && AROUND.includes(signs[begin])) begin += 1;
  while (begin < end && AROUND.includes(signs[end - 1])) end -= 1;
  const text = signs.slice(begin, end);
  return MISSING.has(text.toLowerCase()) ? "" : text;
}

function levelOf(row, column, levels) {
  const text = textOf(row, column);
  if (!text) return NaN;
  const whole = /^(-?(?:0|[1-9][0-9]*))\.0+$/.exec(text);
  return levels.get(text) ?? (whole ? levels.get(whole[1]) : undefined) ?? 0;
}

function filledOf(row, column) {
  return textOf(row, column) ? 0 : NaN;
}

const e0_0_column = [
    0, 1, 0, 0,
];
const e0_0_median = floats("ZmZmZmZmI0AAAAAAAAAAAGZmZmZmZiNAZmZmZmZmI0A=", 8);
const e0_0_start = floats("ZmZmZmZmI0AAAAAAAAAAAGZmZmZmZv4/ZmZmZmZmI0A=", 8);
const e0_0_per_unit = floats("q6qqqqqquj9VVVVVVVXVP5EGaZAGacA/oXJ2C78awz8=", 8);
const e0_0_least = floats("AAAAAITXl8EAAAAAhNeXwQAAAAAAAAAAAAAAAAAAAAA=", 8);
const e0_0_most = floats("AAAAAITXl0EAAAAAhNeXQQAAAAAAAPA/AAAAAAAA8D8=", 8);
const e0_0_shift = floats("AAAAAAAA8L8AAAAAAAAAAA==", 8);
const e0_0_scale = floats("AAAAAAAA0D8AAAAAAADQPw==", 8);
const e0_1_column = [
    0,
];
const w0_0 = floats("82q1vWNqnbvE20A8tDuhvMdE5L2CB0Q8QC6pPXLIBb6DnVi+vQl8vlIB+T1vgAm8rAb8PcEI8b3J9AO+", 4);
const b0_0 = floats("j2ZHvZA+qjzATV09", 4);
const w0_1 = floats("6YZ6PVXcwLwj7iE9", 4);
const b0_1 = floats("Biq0vA==", 4);

function f_from_median(share, shift, scale) {
    return (share + shift) * scale;
}

function f_link(z) {
    return Math.exp(z);
}

function f_ramp(value, start, per_unit, least, most) {
    return Math.min(Math.max(((value - start) * per_unit), least), most);
}

function f_smooth(third) {
    return (third / Math.sqrt((1.0 + (third * third)))) * 3.0;
}

function f_tanh(z) {
    let t6 = Math.expm1(((-2.0) * Math.min(Math.abs(z), 50.0)));
    let t9 = t6 / (t6 + 2.0);
    return (z < 0.0) ? t9 : (-t9);
}

/** The answers for a row, an object with a cell for each column; null is missing. */
export function predict(row) {
    const v = new Float64Array(3).fill(NaN);
    const p = new Array(1).fill(0);
    v[0] = numberOf(row, "size");
    v[1] = numberOf(row, "kept");
    v[2] = numberOf(row, "years");
    let odd = 0.0;
    if (Math.abs(v[0]) > 1e+300) {
        odd = 1.0;
    }
    if (Math.abs((v[1] * (v[1] - 1.0))) > 0.0) {
        odd = 1.0;
    }
    const a = new Float64Array(5);
    const b = new Float64Array(5);
    const z = new Float64Array(1);
    for (let k = 0; k < 2; k += 1) {
        let value = (v[e0_0_column[k]] == v[e0_0_column[k]]) ? v[e0_0_column[k]] : e0_0_median[k];
        a[k] = f_smooth(f_ramp(value, e0_0_start[k], e0_0_per_unit[k], e0_0_least[k], e0_0_most[k]));
    }
    for (let k = 2; k < 4; k += 1) {
        let value = (v[e0_0_column[k]] == v[e0_0_column[k]]) ? v[e0_0_column[k]] : e0_0_median[k];
        a[k] = f_from_median(f_ramp(value, e0_0_start[k], e0_0_per_unit[k], e0_0_least[k], e0_0_most[k]), e0_0_shift[k - 2], e0_0_scale[k - 2]);
    }
    for (let k = 0; k < 1; k += 1) {
        a[4 + k] = (v[e0_1_column[k]] == v[e0_1_column[k]]) ? 0.0 : 1.0;
    }
    for (let k = 0; k < 3; k += 1) b[k] = b0_0[k];
    for (let i = 0; i < 5; i += 1) {
      const s = a[i];
      if (s !== 0) for (let k = 0; k < 3; k += 1)
        b[k] += w0_0[i * 3 + k] * s;
    }
    for (let k = 0; k < 3; k += 1) b[k] = f_tanh(b[k]);
    for (let k = 0; k < 1; k += 1) a[k] = b0_1[k];
    for (let i = 0; i < 3; i += 1) {
      const s = b[i];
      if (s !== 0) for (let k = 0; k < 1; k += 1)
        a[k] += w0_1[i * 1 + k] * s;
    }
    z[0] = a[0];
    p[0] = Math.min(Math.max((0.0 + (2.0800000000172156 * f_link(z[0]))), 0.0), 9.51612903552543);
    if (((v[2] >= 1.3838965267367376e-87) * (v[2] <= 7.225973768125749e+86)) == 0.0) {
        odd = 1.0;
    }
    for (let k = 0; k < 1; k += 1) {
        p[k] = p[k] * v[2];
    }
    if (odd > 0.0) {
        for (let k = 0; k < 1; k += 1) {
            p[k] = NaN;
        }
    }
    return p[0];
}
