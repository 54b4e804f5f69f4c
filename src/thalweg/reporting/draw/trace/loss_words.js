// What is said of the loss, and of the first derivative on the way back.
//
// The module own_loss.js is one of two_class_words.js, softmax_words.js and number_words.js: a page
// has the words of its own loss.

import { FORMULAS } from "../formulas.js";
import { plainNumber } from "./amounts.js";
import { agreeing, nameOf, numberPart, productOf } from "./formula_parts.js";
import { OWN_LOSS } from "./own_loss.js";

const sharePart = ({ pass }) => (pass.share === 1 ? [] : [numberPart(pass.share, "share"), " · "]);

/** The words of the stop Loss. */
export function lossSaid(scene) {
  const { model, pass, row } = scene;
  const said = OWN_LOSS.Loss(scene);
  const numbers = [numberPart(pass.loss, "loss"), " = ", ...said.numbers];
  const lines = [[`Loss = ${said.symbols}`], said.compute ? agreeing(numbers, said.compute) : numbers];
  if (pass.share !== 1) {
    lines.push(agreeing([`its part in the loss of all rows: `, numberPart(pass.part, "part"), " = ",
      ...sharePart(scene), numberPart(pass.loss, "loss")], productOf));
  }
  const scale = model.target.scale;
  const own = scale && row.target !== undefined
    ? ` Y and Ŷ are in the network's scale: Y = ${plainNumber(row.y[0])} stands for ${row.target}.` : "";
  return { head: "The loss: the price of being wrong", say: said.say + own, lines };
}

/** That derivative in numbers: the share of the row, and the derivative of its own loss. */
function firstNumbers(scene, said, result, key) {
  const share = sharePart(scene);
  const numbers = said.numbers(key);
  const line = [result, " = ", ...share, ...(share.length ? ["("] : []), ...numbers,
    ...(share.length ? [")"] : [])];
  if (!said.compute) return line;
  return agreeing(line, (...all) => (share.length ? all[0] * said.compute(...all.slice(1))
    : said.compute(...all)));
}

/** The derivative of the loss at the output, in one step. */
export function outputSlopeWords(scene, l) {
  const { model, pass, subject, row } = scene;
  const unit = subject.units[l];
  const { dA, dZ } = pass.layers[l - 1];
  const isA = model.net.layers[l - 1].f !== "identity";
  const d = isA ? dA[unit] : dZ[unit];
  const z = nameOf(scene, isA ? "A" : "Z", l, unit);
  const key = `u${l}.${unit + 1}`;
  const alone = pass.Yh.length === 1;
  const Yh = alone ? "Ŷ" : `Ŷ[${unit + 1}]`;
  const Y = alone ? "Y" : `Y[${unit + 1}]`;
  const said = OWN_LOSS.first(scene, unit, { Yh, Y });
  const share = pass.share === 1 ? "" : "share · ";
  const lines = [[`∂Loss/∂${z} = ${share}${share ? `(${said.symbols})` : said.symbols}`],
    firstNumbers(scene, said, numberPart(d, key), alone ? "yh.1" : key)];
  const isOne = alone && model.hasLink && !isA && pass.dYh?.[0] !== null;
  if (isOne) {
    const [name, , ...factors] = agreeing([numberPart(d, key), " = ", numberPart(pass.dYh[0], "yh.1"), " · ",
      numberPart(FORMULAS.link_slope(pass.layers[l - 1].A[0]), "yh.1")], productOf);
    lines.push([`∂Loss/∂Ŷ · ∂Ŷ/∂${z} = `, ...factors, " = ", name]);
  }
  const down = d > 0 ? `positive: lowering ${z} lowers the loss` : d < 0
    ? `negative: raising ${z} lowers the loss` : "0: this row asks for nothing";
  const two = isOne ? "The chain rule multiplies two derivatives: of the loss, and of the prediction. What is left is "
    : "What comes back first is ";
  return {
    head: `The derivative of the loss with respect to ${z}`,
    say: `The backward pass begins. ${two}${said.name}. It is ${down}.${model.target.link === "share" && row.y[unit] > 0 && d < 0
      ? " This is the output of the right class." : ""}`,
    lines,
  };
}
