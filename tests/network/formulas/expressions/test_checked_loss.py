"""What is refused before the first step, and the size by which a loss is divided."""

import numpy as np
import pytest

from own_losses import FORMULAS
from thalweg.errors import SettingsError
from thalweg.network.formulas.expressions.checked_loss import require_trainable, units_of
from thalweg.network.formulas.expressions.derivative import slope_of
from thalweg.network.formulas.expressions.formula_text import formula_of
from thalweg.network.formulas.expressions.written_loss import WrittenLoss, written_loss

Y = np.random.default_rng(0).gamma(2.0, 50.0, 500)


@pytest.mark.parametrize("text", [each for each in FORMULAS if "sin" not in each and "9" not in each
                                  and "(3 + z * z)" not in each])  # fmt: skip
def test_usual_losses_can_be_trained(text):
    require_trainable(written_loss(text), Y)
    require_trainable(written_loss(text), np.array([3.0, 3.0]))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("log1p(z)", "not finite at z="),
        ("abs(z - y) / (z - z)", "not finite at z="),
        ("sqrt(abs(z - y))", "slope is not finite at z="),
        ("exp(exp(z - y))", "not finite at z="),
        ("y + 0 * z", "slope is 0 at all"),
        ("sign(z - y)", "slope is 0 at all"),
        ("z - y", "falls without end"),
        ("y - z", "falls without end"),
        ("-(z - y)**2", "falls without end"),
        ("exp(z / 50) - 1 + 0 * y", "falls without end"),
        ("1 - abs(z - y)", "falls without end"),
        ("(z + 1e17) - 1e17 - z + (z - y)**2", "difference quotient"),
    ],
)
def test_losses_without_a_way_down_are_refused(text, says):
    with pytest.raises(SettingsError) as error:
        require_trainable(written_loss(text), Y)
    assert says in str(error.value)


def test_a_wrong_slope_is_found():
    formula = formula_of("(z - y)**2")
    wrong = WrittenLoss("(z - y)**2", formula, slope_of(formula_of("1.001 * (z - y)**2")))
    with pytest.raises(SettingsError, match="difference quotient"):
        require_trainable(wrong, Y)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0.5 * (z - y)**2", "scale²"),
        ("30 * (z - y)**2", "scale² · 60"),
        ("max(0.9 * (y - z), -0.1 * (y - z))", "scale"),
        ("where(z > y, z - y, 3 * (y - z))", "scale · 4"),
        ("5000 * abs(z - y)", "scale · 10000"),
    ],
)
def test_the_size_makes_losses_alike(text, expected):
    scale = float(Y.std())
    square, factor = "²" in expected, float((expected.partition("·")[2] or "1").strip())
    units = units_of(written_loss(text), Y, np.full(len(Y), 1 / len(Y)), float(Y.mean()), scale)
    assert units.size == pytest.approx(factor * scale ** (2 if square else 1), rel=1e-9)


def test_a_loss_without_slopes_far_away_has_the_size_of_its_largest_slope():
    scale = float(Y.std())
    units = units_of(written_loss("min(abs(z - y), 1)"), Y, np.full(len(Y), 1 / len(Y)), 0.0, scale)
    assert units.size == pytest.approx(scale)
