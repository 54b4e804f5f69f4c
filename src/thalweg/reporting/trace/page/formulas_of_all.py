"""The module ``formulas.js`` for a page whose network is not known yet, such as the studio's.

It has the formulas of all activations, those of the losses of a table without a model, of which
the page takes one, and for lessons the curves of that on derivatives, and what encodes numbers.
"""

from thalweg.export.javascript import module_text
from thalweg.export.stages import encoder_formulas
from thalweg.network.formulas.activations import ACTIVATIONS
from thalweg.reporting.trace.page.traced_page_data import formulas_of
from thalweg.tracing.curves_of_lesson import curve_formulas

LOSSES = ("sigmoid_cross_entropy", "softmax_cross_entropy", "squared_error")
_HEAD = "export const FORMULAS = {"
_TAKE = """
/** Take the formulas of a loss, by its name. */
export function takeLoss(name) {
  const keys = Object.values(LOSSES).flatMap((each) => Object.keys(each));
  for (const key of keys) delete FORMULAS[key];
  Object.assign(FORMULAS, LOSSES[name], { own_loss: name });
}
"""


def formulas_module() -> str:
    """The text of the module."""
    found = formulas_of(sorted(ACTIVATIONS), LOSSES[0])
    of_loss = {name: formulas_of([], name) for name in LOSSES}
    shared = {name: each for name, each in found.items() if name not in of_loss[LOSSES[0]]}
    # An activation that is a curve, too, has one formula for both.
    shared = {**encoder_formulas([]), **curve_formulas("z"), **shared}
    losses = [
        module_text(each).partition(_HEAD)[2].removesuffix("};\n") for each in of_loss.values()
    ]
    parts = "".join(f"  {name}: {{{text}  }},\n" for name, text in zip(LOSSES, losses, strict=True))
    return f"{module_text(shared)}\nconst LOSSES = {{\n{parts}}};\n{_TAKE}"
