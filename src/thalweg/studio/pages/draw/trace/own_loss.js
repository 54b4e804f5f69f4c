// The words on the loss of the network that is shown. Other pages get the module of their one loss.

import { FORMULAS } from "../formulas.js";
import { OWN_LOSS as NUMBER } from "./number_words.js";
import { OWN_LOSS as SEVERAL } from "./softmax_words.js";
import { OWN_LOSS as TWO } from "./two_class_words.js";

const WORDS = { sigmoid_cross_entropy: TWO, softmax_cross_entropy: SEVERAL, squared_error: NUMBER };

export const OWN_LOSS = new Proxy({}, { get: (_, name) => WORDS[FORMULAS.own_loss]?.[name] });
