// Reads packed numbers, and encodes a row of cells into the inputs of a network, as Python does.
//
// It walks the forms of thalweg.export.packed_stages. All formulas come from Python (FORMULAS).

const KINDS = {
  "<f8": Float64Array, "<f4": Float32Array, "<u1": Uint8Array, "<u2": Uint16Array,
  "<u4": Uint32Array,
};

/** The bytes of base64. */
export function bytesOf(text) {
  const letters = atob(text);
  const bytes = new Uint8Array(letters.length);
  for (let i = 0; i < letters.length; i += 1) bytes[i] = letters.charCodeAt(i);
  return bytes.buffer;
}

/** A vector from what thalweg.export.packed_stages.packed wrote. */
export function unpackedVector(packed) {
  const Kind = KINDS[packed.is];
  if (packed.all !== undefined) return new Kind(bytesOf(packed.all));
  const different = new Kind(bytesOf(packed.different));
  const [at, runs] = [unpackedVector(packed.at), unpackedVector(packed.runs)];
  const found = new Kind(runs.reduce((sum, each) => sum + each, 0));
  let end = 0;
  runs.forEach((length, k) => {
    found.fill(different[at[k]], end, end + length);
    end += length;
  });
  return found;
}

/** A form of an encoder with its vectors. */
export function unpackedForm(form) {
  const found = {};
  for (const [key, value] of Object.entries(form)) {
    found[key] = value && value.is ? unpackedVector(value) : value;
  }
  if (form.form === "lookups") {
    let next = 0;
    found.first = Array.from(found.size, (size) => (next += size) - size);
  }
  return found;
}

const ENCODERS = {
  ramps(form, row, F, into, at) {
    for (let i = 0; i < form.column.length; i += 1) {
      const given = row[form.column[i]];
      const value = Number.isNaN(given) ? form.median[i] : given;
      const part = F.ramp(value, form.start[i], form.per_unit[i], form.least[i], form.most[i]);
      const bin = i - form.n_clipped;
      into[at + i] = bin < 0 ? F.smooth(part)
        : F.from_median(part, form.shift[bin], form.scale[bin]);
    }
  },
  lookups(form, row, F, into, at) {
    for (let i = 0; i < form.column.length; i += 1) {
      const level = row[form.column[i]];
      into[at + i] = form.table[form.first[i] + (Number.isNaN(level) ? form.size[i] - 1 : level)];
    }
  },
  marks(form, row, F, into, at) {
    form.column.forEach((column, i) => {
      into[at + i] = Number.isNaN(row[column]) ? 1 : 0;
    });
  },
  dates(form, row, F, into, at) {
    form.column.forEach((column, i) => {
      const days = row[column];
      into[at + i] = Number.isNaN(days) ? 0
        : F[form.formula[i]](F.within_years(days), form.weekday[i]);
    });
  },
};

/** The inputs of a network for a row. */
export function encodedRow(network, row, formulas) {
  const inputs = new Float64Array(network.layers[0].nIn);
  let at = 0;
  for (const form of network.forms) {
    ENCODERS[form.form](form, row, formulas, inputs, at);
    at += form.column.length;
  }
  return inputs;
}
