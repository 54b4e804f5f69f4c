// Exported by thalweg 0.1.0 from the model with the seal none.
// SHA-256 of its training rows: 5390aeb69ad14b818ff9902ae2349e9efd3f0d92cc041775b129f3228cb36acf.
// This text was generated from a model of yours, and it is yours: the authors of thalweg claim no right in it. Use, change and pass it on as you like; there is no warranty.
//
// It takes:
//   "size": number
//   "town": text, one of 3 levels: "Bern", "Oslo", "Z\u00fcrich"
//   "crp": number
//   "asked": text, one of 2 levels: "no", "yes"
//   "name": text, of which only counts whether it is missing
//   "crp: bound": -1, 0 or 1: whether the number is a bound
//
// It gives:
//   the probabilities of "high", "low", "mid", in this order, and a label: the class with the largest product of probability and cost
//
// A number is a double; NaN is missing. Above 1e+300 in size, or infinite, it is no number of a table: the answers are NaN, and there is no label.
// Numbers are not read from text: units, decimal commas and bounds are for the caller.
// A text is compared sign by sign. No part of it are spaces and invisible signs around it: U+0009 to U+000D, U+001C to U+0020, U+0085, U+00A0, U+00AD, U+061C, U+1680, U+180E, U+2000 to U+200F, U+2028 to U+202F, U+205F to U+2064, U+2066 to U+2069, U+3000, U+FEFF. Python, JavaScript, C and SQL strip them; for ONNX, which cannot, they must be stripped before. In C a text ends at U+0000.
// A whole number that names a level is written "3", and for ONNX and SQL not "3.0".
// A text is missing if it is an empty text, "?", "n/a", "na", "nan", "null", in capitals or not.
// A level that the model does not know counts as some other, rare level.
// A bound is -1 for a cell such as <0.5, 1 for >0.5, and 0 for a plain number.
// Its answers are those of the model to 2e-06, because the weights are float32 numbers and sums have another order.

export const columns = ["size", "town", "crp", "asked", "name", "crp: bound"];
export const answers = ["high", "low", "mid"];
export const labels = ["high", "low", "mid"];
const AROUND = "\t\n\u000b\f\r\u001c\u001d\u001e\u001f \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\u00ad\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\ufeff";
const MISSING = new Set(["", "?", "n/a", "na", "nan", "null"]);
const levels_1 = new Map([
    ["Bern", 1], ["Oslo", 2], ["Z\u00fcrich", 3],
]);
const levels_3 = new Map([
    ["NO", 1], ["No", 1], ["YES", 2], ["Yes", 2], ["no", 1], ["yes", 2],
]);

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
    0, 2, 4, 5, 0, 0, 2, 2,
];
const e0_0_median = floats("zczMzMzMI0AAAAAAAAAhQAAAAAAAAAAAAAAAAAAAAADNzMzMzMwjQM3MzMzMzCNAAAAAAAAAIUAAAAAAAAAhQA==", 8);
const e0_0_start = floats("zczMzMzMI0AAAAAAAAAhQAAAAAAAAAAAAAAAAAAAAABmZmZmZmb+P83MzMzMzCNAAAAAAAAAAAAAAAAAAAAhQA==", 8);
const e0_0_per_unit = floats("MG9nSMzbuT/wB/wBf8CfPwAAAAAAAAAAVVVVVVVV5T8AAAAAAADAPxU7sRM7scM/Hh4eHh4evj9GF1100UW3Pw==", 8);
const e0_0_least = floats("AAAAAITXl8EAAAAAhNeXwQAAAACE15fBAAAAAITXl8EAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==", 8);
const e0_0_most = floats("AAAAAITXl0EAAAAAhNeXQQAAAACE15dBAAAAAITXl0EAAAAAAADwPwAAAAAAAPA/AAAAAAAA8D8AAAAAAADwPw==", 8);
const e0_0_shift = floats("AAAAAAAA8L8AAAAAAAAAAAAAAAAAAPC/AAAAAAAAAAA=", 8);
const e0_0_scale = floats("AAAAAAAA0D8AAAAAAADQPwAAAAAAANA/AAAAAAAA0D8=", 8);
const e0_1_column = [
    1, 1, 1, 3,
];
const e0_1_of_missing = floats("AAAAAAAAEEAAAAAAAAAQQAAAAAAAABBAAAAAAAAACEA=", 8);
const e0_1_step = [
    3, 3, 3, 1,
];
const e0_1_first = [
    0, 1, 2, 15,
];
const e0_1_table = floats("AAAAAAAAAADp3HK/6dxyPwAAAADp3HK/AAAAAEAB1T/p3HK/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAFCE/L5QhPw+AAAAAA==", 4);
const e0_2_column = [
    0, 1, 3, 4,
];
const w0_0 = floats("UsEnv19Lmb64SGY/41ZGPPvCYDp4ctS9nYLmPGyYnz1xeN47tOE0vuvlIb75fMS9EGKZPQL/zL2Qi5A9SOZYvIHWIr7o04u9XgKIvSzU8D0vXUU9J6i0vaXgqj1Ntko8OOG9Pf2OPD0KJaM9IU12vW2+Jr4lPsM9nOkcvF0ySD2kWXO+48+aOzMBPr4WW508sc8Qvs2Xk72g6fa8XX7cPGNirzw08uA8xoLhvTreiT3WdoI+bXmKPfZVDb0QoT0+", 4);
const b0_0 = floats("NDkqPSqsb70b+eQ9", 4);
const w0_1 = floats("OGG3PgAAAACy+gs/AAAAAIEeZb4AAAAA", 4);
const b0_1 = floats("LiI1v9rDkD8=", 4);
const e1_0_column = [
    0, 2, 4, 5, 0, 0, 2, 2,
];
const e1_0_median = floats("zczMzMzMI0AAAAAAAAAhQAAAAAAAAAAAAAAAAAAAAADNzMzMzMwjQM3MzMzMzCNAAAAAAAAAIUAAAAAAAAAhQA==", 8);
const e1_0_start = floats("zczMzMzMI0AAAAAAAAAhQAAAAAAAAAAAAAAAAAAAAABmZmZmZmb+P83MzMzMzCNAAAAAAAAAAAAAAAAAAAAhQA==", 8);
const e1_0_per_unit = floats("MG9nSMzbuT/wB/wBf8CfPwAAAAAAAAAAVVVVVVVV5T8AAAAAAADAPxU7sRM7scM/Hh4eHh4evj9GF1100UW3Pw==", 8);
const e1_0_least = floats("AAAAAITXl8EAAAAAhNeXwQAAAACE15fBAAAAAITXl8EAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==", 8);
const e1_0_most = floats("AAAAAITXl0EAAAAAhNeXQQAAAACE15dBAAAAAITXl0EAAAAAAADwPwAAAAAAAPA/AAAAAAAA8D8AAAAAAADwPw==", 8);
const e1_0_shift = floats("AAAAAAAA8L8AAAAAAAAAAAAAAAAAAPC/AAAAAAAAAAA=", 8);
const e1_0_scale = floats("AAAAAAAA0D8AAAAAAADQPwAAAAAAANA/AAAAAAAA0D8=", 8);
const e1_1_column = [
    1, 1, 1, 3,
];
const e1_1_of_missing = floats("AAAAAAAAEEAAAAAAAAAQQAAAAAAAABBAAAAAAAAACEA=", 8);
const e1_1_step = [
    3, 3, 3, 1,
];
const e1_1_first = [
    0, 1, 2, 15,
];
const e1_1_table = floats("AAAAAAAAAADp3HK/6dxyPwAAAADp3HK/AAAAAEAB1T/p3HK/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAFCE/L5QhPw+AAAAAA==", 4);
const e1_2_column = [
    0, 1, 3, 4,
];
const w1_0 = floats("8HUrPfgp4bvQBEC86wIKPnZ9Jj3/g2g+k+62vZnOqL3VP+y9IRmbPVBznb7eQhw9uITwveZnJD5zISa+q1EuvnMfAb87+wm/b1GTvL2Z2j3eWFK9y0M7Pc9+Rj04ejs++V8DProxoz6Q7ES+09SHPV8Xmz0kKMa9gtplPXDuRr3pg7W+yrcUPWHxMT5+DV49o6EevWB6iL7TFbK9A+pjPeWY1zxX3gq+RXwVPZOv8j0ycay+H/1vvWTXEb0qJ0K8", 4);
const b1_0 = floats("ETKJPJCVR70NUbK8", 4);
const w1_1 = floats("4NLHvgAAAADuhTQ/AAAAAP5xlz8AAAAA", 4);
const b1_1 = floats("zM42v81Vhj8=", 4);
const costs = floats("AAAAAAAA8D8AAAAAAADwPwAAAAAAAPA/", 8);

function f_from_median(share, shift, scale) {
    return (share + shift) * scale;
}

function f_link(z) {
    let t3 = Math.exp((-Math.abs(z)));
    return ((z < 0.0) ? t3 : 1.0) / (1.0 + t3);
}

function f_ramp(value, start, per_unit, least, most) {
    return Math.min(Math.max(((value - start) * per_unit), least), most);
}

function f_risen(below, z) {
    return below + (Math.max(z, 0.0) + Math.log1p(Math.exp((-Math.abs(z)))));
}

function f_silu(z) {
    let t4 = -Math.min(Math.abs(z), 800.0);
    let t5 = Math.exp(t4);
    return ((z < 0.0) ? (t4 * t5) : z) / (1.0 + t5);
}

function f_smooth(third) {
    return (third / Math.sqrt((1.0 + (third * third)))) * 3.0;
}

/** The answers for a row, an object with a cell for each column; null is missing. */
export function predict(row) {
    const v = new Float64Array(6).fill(NaN);
    const p = new Array(3).fill(0);
    v[0] = numberOf(row, "size");
    v[1] = levelOf(row, "town", levels_1);
    v[2] = numberOf(row, "crp");
    v[3] = levelOf(row, "asked", levels_3);
    v[4] = filledOf(row, "name");
    v[5] = numberOf(row, "crp: bound");
    let odd = 0.0;
    if (Math.abs(v[0]) > 1e+300) {
        odd = 1.0;
    }
    if (Math.abs(v[2]) > 1e+300) {
        odd = 1.0;
    }
    if (Math.abs(v[5]) > 1e+300) {
        odd = 1.0;
    }
    const a = new Float64Array(16);
    const b = new Float64Array(16);
    const z = new Float64Array(4);
    for (let k = 0; k < 4; k += 1) {
        let value = (v[e0_0_column[k]] == v[e0_0_column[k]]) ? v[e0_0_column[k]] : e0_0_median[k];
        a[k] = f_smooth(f_ramp(value, e0_0_start[k], e0_0_per_unit[k], e0_0_least[k], e0_0_most[k]));
    }
    for (let k = 4; k < 8; k += 1) {
        let value = (v[e0_0_column[k]] == v[e0_0_column[k]]) ? v[e0_0_column[k]] : e0_0_median[k];
        a[k] = f_from_median(f_ramp(value, e0_0_start[k], e0_0_per_unit[k], e0_0_least[k], e0_0_most[k]), e0_0_shift[k - 4], e0_0_scale[k - 4]);
    }
    for (let k = 0; k < 4; k += 1) {
        a[8 + k] = e0_1_table[e0_1_first[k] + (e0_1_step[k] * (((v[e0_1_column[k]] == v[e0_1_column[k]]) ? v[e0_1_column[k]] : e0_1_of_missing[k])))];
    }
    for (let k = 0; k < 4; k += 1) {
        a[12 + k] = (v[e0_2_column[k]] == v[e0_2_column[k]]) ? 0.0 : 1.0;
    }
    for (let k = 0; k < 3; k += 1) b[k] = b0_0[k];
    for (let i = 0; i < 16; i += 1) {
      const s = a[i];
      if (s !== 0) for (let k = 0; k < 3; k += 1)
        b[k] += w0_0[i * 3 + k] * s;
    }
    for (let k = 0; k < 3; k += 1) b[k] = f_silu(b[k]);
    for (let k = 0; k < 2; k += 1) a[k] = b0_1[k];
    for (let i = 0; i < 3; i += 1) {
      const s = b[i];
      if (s !== 0) for (let k = 0; k < 2; k += 1)
        a[k] += w0_1[i * 2 + k] * s;
    }
    z[0] = a[0];
    z[1] = a[1];
    for (let k = 0; k < 4; k += 1) {
        let value = (v[e1_0_column[k]] == v[e1_0_column[k]]) ? v[e1_0_column[k]] : e1_0_median[k];
        a[k] = f_smooth(f_ramp(value, e1_0_start[k], e1_0_per_unit[k], e1_0_least[k], e1_0_most[k]));
    }
    for (let k = 4; k < 8; k += 1) {
        let value = (v[e1_0_column[k]] == v[e1_0_column[k]]) ? v[e1_0_column[k]] : e1_0_median[k];
        a[k] = f_from_median(f_ramp(value, e1_0_start[k], e1_0_per_unit[k], e1_0_least[k], e1_0_most[k]), e1_0_shift[k - 4], e1_0_scale[k - 4]);
    }
    for (let k = 0; k < 4; k += 1) {
        a[8 + k] = e1_1_table[e1_1_first[k] + (e1_1_step[k] * (((v[e1_1_column[k]] == v[e1_1_column[k]]) ? v[e1_1_column[k]] : e1_1_of_missing[k])))];
    }
    for (let k = 0; k < 4; k += 1) {
        a[12 + k] = (v[e1_2_column[k]] == v[e1_2_column[k]]) ? 0.0 : 1.0;
    }
    for (let k = 0; k < 3; k += 1) b[k] = b1_0[k];
    for (let i = 0; i < 16; i += 1) {
      const s = a[i];
      if (s !== 0) for (let k = 0; k < 3; k += 1)
        b[k] += w1_0[i * 3 + k] * s;
    }
    for (let k = 0; k < 3; k += 1) b[k] = f_silu(b[k]);
    for (let k = 0; k < 2; k += 1) a[k] = b1_1[k];
    for (let i = 0; i < 3; i += 1) {
      const s = b[i];
      if (s !== 0) for (let k = 0; k < 2; k += 1)
        a[k] += w1_1[i * 2 + k] * s;
    }
    z[2] = a[0];
    z[3] = a[1];
    let c0_0 = z[0];
    let c0_1 = f_risen(c0_0, z[1]);
    let c1_0 = z[2];
    let c1_1 = f_risen(c1_0, z[3]);
    p[0] = f_link(-c0_1);
    p[1] = f_link(c0_0);
    p[2] = (f_link(c0_1) * f_link(z[1])) * f_link(-c0_0);
    p[0] = p[0] + f_link(-c1_1);
    p[1] = p[1] + f_link(c1_0);
    p[2] = p[2] + ((f_link(c1_1) * f_link(z[3])) * f_link(-c1_0));
    for (let k = 0; k < 3; k += 1) {
        p[k] = p[k] / 2.0;
    }
    if (odd > 0.0) {
        for (let k = 0; k < 3; k += 1) {
            p[k] = NaN;
        }
    }
    return p;
}

function placeOf(p) {
    if ((p[0] == p[0]) == 0.0) {
        return -1;
    }
    let best = p[0] * costs[0];
    let place = 0.0;
    for (let k = 1; k < 3; k += 1) {
        if ((p[k] * costs[k]) > best) {
            best = p[k] * costs[k];
            place = k + 0.0;
        }
    }
    return place;
}

/** The label for what predict gave; null if that is NaN. */
export function label(answers) {
    return labels[placeOf(answers)] ?? null;
}
