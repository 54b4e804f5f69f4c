// Which pills are drawn: all units of a small layer, those that matter most of a large one, and
// one pill for a column of the table that has several inputs.

const MOST = 18; // pills of a layer
const KEPT = 15; // of a larger one

/**
 * @typedef {object} Item one pill
 * @property {"unit"|"group"|"open"|"rest"} kind
 * @property {number[]} members the units or inputs behind it, from 0
 * @property {string} key
 * @property {string} name
 * @property {number} [own] the column of the table
 */

/** The pills of every layer: [0] the row, then each layer. */
export function planOf(model, pass, state) {
  const { net } = model;
  const layers = [inputItems(model, pass, state)];
  net.layers.forEach(({ W }, l) => {
    const weights = W.map((_, j) => unitWeight(net, pass, l, j));
    const items = W.map((_, j) => ({
      kind: "unit", members: [j], key: `u${l + 1}.${j + 1}`, weight: weights[j],
      name: l === net.layers.length - 1 ? model.outputs[j] : `unit ${j + 1}`,
    }));
    layers.push(fewer(items, l + 1, [state.units[l + 1]]));
  });
  return layers;
}

const sizeOf = (numbers) => numbers.reduce((sum, each) => sum + Math.abs(each), 0);

/** How much a unit says on, and how much of the error comes back to it. */
function unitWeight(net, pass, l, j) {
  const { A, dZ } = pass.layers[l];
  const next = net.layers[l + 1];
  const said = next ? sizeOf(next.W.map((row) => row[j] * A[j])) : Math.abs(A[j]);
  return said / (1e-300 + sizeOf(A)) + Math.abs(dZ[j]) / (1e-300 + sizeOf(dZ));
}

function inputItems(model, pass, state) {
  const { W } = model.net.layers[0];
  const weightOf = (i) => sizeOf(W.map((row) => row[i] * pass.X[i]));
  const input = (i, name) => ({
    kind: "unit", members: [i], key: `x.${i + 1}`, name, weight: weightOf(i),
  });
  const items = model.own.flatMap(({ name, inputs }, own) => {
    const members = inputs.map((each) => each - 1);
    if (members.length === 1) return [{ ...input(members[0], name), own }];
    const group = {
      kind: "group", members, key: `g.${own + 1}`, name, own,
      weight: members.reduce((sum, i) => sum + weightOf(i), 0),
    };
    if (state.open !== own + 1) return [group];
    const inside = members.map((i) => ({ ...input(i, model.inputs[i]), inside: true, own }));
    return [{ ...group, kind: "open" }, ...fewer(inside, `0.${own + 1}`, [state.input])];
  });
  const isInside = ({ inside }) => inside;
  const columns = fewer(items.filter((item) => !isInside(item)), 0, [state.input]);
  return columns.flatMap((item) => (item.kind === "open"
    ? [item, ...items.filter(isInside)] : [item]));
}

/** All of a few; of many those that matter most, the ones named, and the others as one. */
function fewer(items, layer, named) {
  if (items.length <= MOST) return items;
  const must = (item) => item.kind === "open" || named.some((each) => item.members.includes(each));
  const order = [...items].sort((a, b) => must(b) - must(a) || b.weight - a.weight);
  const kept = new Set(order.slice(0, KEPT));
  const rest = items.filter((item) => !kept.has(item));
  return [...items.filter((item) => kept.has(item)), {
    kind: "rest", key: `rest.${layer}`, members: rest.flatMap(({ members }) => members),
    count: rest.length, name: `${rest.length} more (sum)`, weight: 0,
    inside: items[0].inside,
  }];
}

/** The one input of a group that this row fills; −1 if there are none or several. */
export function onlyInput(item, X) {
  const there = item.members.filter((i) => X[i] !== 0);
  return there.length === 1 ? there[0] : -1;
}
