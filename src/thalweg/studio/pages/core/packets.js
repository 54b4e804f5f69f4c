// Packets of the server: a head of JSON and arrays, as `thalweg.studio.wire.packets` writes them.

const ARRAYS = new Map([
  ["f8", Float64Array], ["f4", Float32Array], ["i4", Int32Array], ["u1", Uint8Array],
]);
// The same bounds as those of the server.
const [MOST_HEAD, MOST_BYTES] = [1 << 20, 1 << 26];
const [MOST_ARRAYS, MOST_DIMENSIONS] = [256, 4];
const [LENGTH, STEP] = [4, 8];
// Where numbers are little-endian, which they are on all machines of today, arrays are views.
const IS_LITTLE = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/**
 * @typedef {object} PackedArray
 * @property {Float64Array|Float32Array|Int32Array|Uint8Array} values by rows
 * @property {number[]} shape
 */

/**
 * @typedef {object} Packet
 * @property {Record<string, any>} head
 * @property {Map<string, PackedArray>} arrays views of the bytes
 */

/** Bytes that are no packet; the message says why. */
export class PacketError extends Error {}

/**
 * The packet in these bytes.
 * @param {ArrayBuffer} bytes
 * @returns {Packet}
 * @throws {PacketError}
 */
export function packetFrom(bytes) {
  need(bytes.byteLength <= MOST_BYTES, "it is too long");
  need(bytes.byteLength >= LENGTH, "it ends before its head");
  const length = new DataView(bytes).getUint32(0, true);
  need(length <= MOST_HEAD, "its head is too long");
  const start = LENGTH + length;
  need(start <= bytes.byteLength, "it ends in its head");
  need(start % STEP === 0, "its head ends between two words");
  const { arrays: listed, ...head } = headFrom(new Uint8Array(bytes, LENGTH, length));
  need(Array.isArray(listed) && listed.length <= MOST_ARRAYS, "it lists no arrays");
  return { head, arrays: arraysFrom(bytes, start, listed) };
}

function need(holds, why) {
  if (!holds) throw new PacketError(`This is no packet: ${why}`);
}

function headFrom(bytes) {
  let head = null;
  try {
    head = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    need(false, "its head is no JSON");
  }
  need(typeof head === "object" && head !== null && !Array.isArray(head), "its head is no object");
  return head;
}

function arraysFrom(bytes, first, listed) {
  const arrays = new Map();
  let start = first;
  for (const each of listed) {
    need(Array.isArray(each) && each.length === 3, "an array is not described");
    const [name, kind, shape] = each;
    need(typeof name === "string" && !arrays.has(name), "an array has no name of its own");
    need(ARRAYS.has(kind), "an array has another type");
    const Kind = ARRAYS.get(kind);
    const count = numbersIn(shape);
    const end = start + count * Kind.BYTES_PER_ELEMENT;
    need(end <= bytes.byteLength, "it ends in an array");
    arrays.set(name, { values: valuesAt(bytes, start, count, Kind), shape });
    start = end + ((STEP - (end % STEP)) % STEP);
  }
  need(start === bytes.byteLength, "it has bytes after its last array");
  return arrays;
}

function numbersIn(shape) {
  need(Array.isArray(shape) && shape.length <= MOST_DIMENSIONS, "an array has no shape");
  let count = 1;
  for (const size of shape) {
    need(Number.isInteger(size) && size >= 0 && size <= MOST_BYTES, "an array has no size");
    count *= size;
    need(count <= MOST_BYTES, "an array is too large");
  }
  return count;
}

function valuesAt(bytes, start, count, Kind) {
  if (IS_LITTLE || Kind === Uint8Array) return new Kind(bytes, start, count);
  const view = new DataView(bytes);
  const read = { [Float64Array.name]: "getFloat64", [Float32Array.name]: "getFloat32",
    [Int32Array.name]: "getInt32" }[Kind.name];
  return Kind.from({ length: count }, (_, i) => view[read](start + i * Kind.BYTES_PER_ELEMENT, true));
}
