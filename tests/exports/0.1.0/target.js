// Exported by thalweg 0.1.0 from the model with the seal none.
// SHA-256 of its training rows: f5117f0d5ed7ae27c5612a39b8238805a288cc8f0ea5ff35d4f1122982f05409.
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
//   the predicted number
//
// A number is a double; NaN is missing. Above 1e+300 in size, or infinite, it is no number of a table: the answers are NaN, and there is no label.
// Numbers are not read from text: units, decimal commas and bounds are for the caller.
// A text is compared sign by sign. No part of it are spaces and invisible signs around it: U+0009 to U+000D, U+001C to U+0020, U+0085, U+00A0, U+00AD, U+061C, U+1680, U+180E, U+2000 to U+200F, U+2028 to U+202F, U+205F to U+2064, U+2066 to U+2069, U+3000, U+FEFF. Python, JavaScript, C and SQL strip them; for ONNX, which cannot, they must be stripped before. In C a text ends at U+0000.
// A whole number that names a level is written "3", and for ONNX and SQL not "3.0".
// A text is missing if it is an empty text, "?", "n/a", "na", "nan", "null", in capitals or not.
// A level that the model does not know counts as some other, rare level.
// A bound is -1 for a cell such as <0.5, 1 for >0.5, and 0 for a plain number.
// Its answers are those of the model to 1e-12 of the size of the answer or of the spread of the target, because the weights are float64 numbers and sums have another order.

export const columns = ["size", "town", "crp", "asked", "name", "crp: bound"];
export const answers = ["value"];
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
const e0_0_median = floats("MzMzMzMzJEAAAAAAAAAjQAAAAAAAAAAAAAAAAAAAAAAzMzMzMzMkQDMzMzMzMyRAAAAAAAAAI0AAAAAAAAAjQA==", 8);
const e0_0_start = floats("MzMzMzMzJEAAAAAAAAAjQAAAAAAAAAAAAAAAAAAAAABmZmZmZmYUQDMzMzMzMyRAAAAAAAAAAAAAAAAAAAAjQA==", 8);
const e0_0_per_unit = floats("FUVRFEVRxD9oL6G9hPaiPwAAAAAAAAAAVVVVVVVV5T+amZmZmZnJP1RVVVVVVcU/KK+hvIbyuj+amZmZmZm5Pw==", 8);
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
const e0_1_table = floats("AAAAAAAAAAAAAAAAAAAAAJVtbBOdW+6/4NxZ8Ceg+j8AAAAAAAAAAJVtbBOdW+6/AAAAAAAAAADg3FnwJ6D6P5VtbBOdW+6/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAooXr9iZDfvyihev2JkN8/AAAAAAAAAAA=", 8);
const e0_2_column = [
    0, 1, 3, 4,
];
const w0_0 = floats("8dh+ieeekb/+PrkmUZjRPwW8bpuYQ9O/xEuePJ7M478q1J8cjr/Nv5lQjUi0YsQ/XX3O9TR1ub+kWJ1KAWDDvwN9+jYs7ce/ASlZsREHuj+TRXIdRdJ6P/bcTXHvqtI/UQiF1cPcsj9LVKuK90Gzv6qqIfM+hL+/EHbp2I702z9LkUQacIa6v6RB6vd0gMk/1R5OJRzqrz/Ws9oapEWrv1c9G0FKI9i/QKYyqTT/1z8YNbmHtzKtP1LhFv2W5Ne/W+8KTgZLuz9nBH9hRK7Ov3wfsFCETdW/qosMeX5xqD8TpoPCiQDgP9A6oCf7+t+/wFrFwC/FpD9mRo5Z/9erv+6XFFFcRtk/vrHb0/X14L91tYO7YPWxv/zBlETAV9m/hNh0tRzbxL+QE3zpoBrGP6iFjUDQorA/I8N+97Zh27+zqPuIzfSwP/D/FI0bM7W/kCKljIO2uL/R7ip1HLfTv0FFDMxZBdO/L91wVjdsx79IjXdmgQXIPzY6xZxkgsC/Eri3E5cEpD+aaKoif47cv5eQJOechL4/u5VCyfrrtr+uKWzOJCvVPy0lszQJ89s/+r6B72A6YT9RIxEno0vAvyv78Mk417M/g3LAXUgneL8HilDKeybQPxBDn3fiucm/sxsSySUErj+Ldn6iDZ7CP4mhFM+kS8A/KvJ09L6JwT8=", 8);
const b0_0 = floats("7vk+jDbVlb9Sj1M5EeGav739iv1ZSGg/VmU6c190nj8=", 8);
const w0_1 = floats("+GLrOMtg8T/s9kZzp0XtP+GjpJWpo/Q/s5HmlxYW9T9vg+HCjfPWv20A4i3C09U/74jSdle18b/mb7xhMC7ivzau0PT7ltY/Fb6CfamioL+ZU5rColLyP6q3+VcFA9M/", 8);
const b0_1 = floats("SM7s298DlL8HE4PNxgWgP/CFLJrc3Zq/", 8);
const w0_2 = floats("aQmDMiNxyb+dLDRVYRXIP/LTnIDszNC/", 8);
const b0_2 = floats("zWbHRDiHnz8=", 8);
const e1_0_column = [
    0, 2, 4, 5, 0, 0, 2, 2,
];
const e1_0_median = floats("mpmZmZkZI0AAAAAAAAAaQAAAAAAAAAAAAAAAAAAAAACamZmZmRkjQJqZmZmZGSNAAAAAAAAAGkAAAAAAAAAaQA==", 8);
const e1_0_start = floats("mpmZmZkZI0AAAAAAAAAaQAAAAAAAAAAAAAAAAAAAAABmZmZmZmb+P5qZmZmZGSNAAAAAAAAAAAAAAAAAAAAaQA==", 8);
const e1_0_per_unit = floats("F17hFV7htT8cx3Ecx3GcPwAAAAAAAAAAVVVVVVVV5T8RZrsQZrvAPxhUe06mr8I/FDuxEzuxwz8UO7ETO7GzPw==", 8);
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
const e1_1_table = floats("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAlW1sE51b7j8AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAADg3FnwJ6D6PwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAJVtbBOdW+4/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAooXr9iZDfvyihev2JkN8/AAAAAAAAAAA=", 8);
const e1_2_column = [
    0, 1, 3, 4,
];
const w1_0 = floats("tNKXO/F4sr9oKyp8O33Uv3Ed+Or3cMu/bmjdcGABuT9POulV58jWv49rbwygVdW/kha12zY5wj/WNk0dVS64P+f2SX4cedY/cQxjzRj+dT+4JwK72qfLP/NMvJwhr9U/PaW7sgcflT/6r+uirWvEv2aQYl9FALE/F8fVbD6koT+CMALoVWGkP1pwgAvbC9q/KVjUDVdi2L9UDwsEyCDBP4o3iPY7J9Q/9esMux1j57/ZKEs5ge/av0drdslx+6c/5x1Mvqywxz9DzpffWjq8v68Yi7dFa8E/PFgd+9NEyb/Wur5e6fy5P2JFIcCA+uK//AzayBkUvj+71XjW7dMKv0qfjsgRCLi/TdAdg/VYxL9vOPQma7rhP0PYqryDlqK/3zuc5SPB2z928rYhB4PBP2SEKrBzTuU/Gqp+8Bqwwj/59LcacIm9Pz2tZJShp+G/Ureak77Q1b/Ml3woaTJ/v7u3cfMeqMy/czHmX9pc4D/QiN7s6ASIv5/hkttDy+A/zsBRhh8m078gckA4AI7Iv6XxS90863e/xVkA7axTf7+Kn+pcqFeqP4iBY2+Wnde/I++/jlsjyD8SiMALT4TcvyOM395db+M/ETIuC2tcyD+Tf/0oJzuuP1W0C4H6/8A/tLW+tixzvT8VEVoc9Trav54vs0Btl8a/Zv33eCwyob8=", 8);
const b1_0 = floats("bbT5Vk9jnj96yuJUubGfv+XGKDjSPaC/WOXyEhYmn78=", 8);
const w1_1 = floats("B1RIMMN73r/vEmaN2dDpP9SkBt6lLMS/PzsWGr5X+T/cGx9BtzHVP2GX/vfb3dk/y7kC3H85478Ai5yIcb2JP+W4UJmUH+o/drCVMhn80j8hec/rPFPSP3dla5s2KIM/", 8);
const b1_1 = floats("3TdxSSinnb+WIHWO/ECQP522AgJwCaC/", 8);
const w1_2 = floats("sq42kg8S5T91H796krTEv4ROMWXEO+2/", 8);
const b1_2 = floats("MSuYDchUoD8=", 8);

function f_from_median(share, shift, scale) {
    return (share + shift) * scale;
}

function f_link(z) {
    return z;
}

function f_ramp(value, start, per_unit, least, most) {
    return Math.min(Math.max(((value - start) * per_unit), least), most);
}

function f_relu(z) {
    return Math.max(z, 0.0);
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
    const v = new Float64Array(6).fill(NaN);
    const p = new Array(1).fill(0);
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
    const z = new Float64Array(2);
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
    for (let k = 0; k < 4; k += 1) b[k] = b0_0[k];
    for (let i = 0; i < 16; i += 1) {
      const s = a[i];
      if (s !== 0) for (let k = 0; k < 4; k += 1)
        b[k] += w0_0[i * 4 + k] * s;
    }
    for (let k = 0; k < 4; k += 1) b[k] = f_tanh(b[k]);
    for (let k = 0; k < 3; k += 1) a[k] = b0_1[k];
    for (let i = 0; i < 4; i += 1) {
      const s = b[i];
      if (s !== 0) for (let k = 0; k < 3; k += 1)
        a[k] += w0_1[i * 3 + k] * s;
    }
    for (let k = 0; k < 3; k += 1) a[k] = f_relu(a[k]);
    for (let k = 0; k < 1; k += 1) b[k] = b0_2[k];
    for (let i = 0; i < 3; i += 1) {
      const s = a[i];
      if (s !== 0) for (let k = 0; k < 1; k += 1)
        b[k] += w0_2[i * 1 + k] * s;
    }
    z[0] = b[0];
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
    for (let k = 0; k < 4; k += 1) b[k] = b1_0[k];
    for (let i = 0; i < 16; i += 1) {
      const s = a[i];
      if (s !== 0) for (let k = 0; k < 4; k += 1)
        b[k] += w1_0[i * 4 + k] * s;
    }
    for (let k = 0; k < 4; k += 1) b[k] = f_tanh(b[k]);
    for (let k = 0; k < 3; k += 1) a[k] = b1_1[k];
    for (let i = 0; i < 4; i += 1) {
      const s = b[i];
      if (s !== 0) for (let k = 0; k < 3; k += 1)
        a[k] += w1_1[i * 3 + k] * s;
    }
    for (let k = 0; k < 3; k += 1) a[k] = f_relu(a[k]);
    for (let k = 0; k < 1; k += 1) b[k] = b1_2[k];
    for (let i = 0; i < 3; i += 1) {
      const s = a[i];
      if (s !== 0) for (let k = 0; k < 1; k += 1)
        b[k] += w1_2[i * 1 + k] * s;
    }
    z[1] = b[0];
    p[0] = Math.min(Math.max((5.401383462214477 + (1.5994968044510955 * f_link(z[0]))), 1.7320508075688772), 7.681145747868608);
    p[0] = p[0] + Math.min(Math.max((5.048921335874964 + (1.9429513660442521 * f_link(z[1]))), 1.0), 7.745966692414834);
    for (let k = 0; k < 1; k += 1) {
        p[k] = p[k] / 2.0;
    }
    if (odd > 0.0) {
        for (let k = 0; k < 1; k += 1) {
            p[k] = NaN;
        }
    }
    return p[0];
}
