import numpy as np
import pytest

from thalweg.counter_based_random import generator
from thalweg.errors import SettingsError, Status
from thalweg.network.architecture import Architecture, initial_theta
from thalweg.network.engine import Data, Objective, choose
from thalweg.training.descent.training_settings import Settings, parse_optimizer
from thalweg.training.descent_inputs import Member
from thalweg.training.lr_find import lr_find
from thalweg.training.train import train

ENGINE = choose()
LOSS = "sigmoid_cross_entropy"


def member(text="sgd", batch_size=None, n_samples=60, rows=None, alpha=0.5, seed=0, **more):
    """Two noisy classes and a small network."""
    random = generator(0, "weights", 1)
    X = random.standard_normal((n_samples, 3))
    Y = (X[:, :1] + 0.5 * random.standard_normal((n_samples, 1)) > 0).astype(float)
    architecture = Architecture.dense(3, (5,), 1, "tanh")
    theta = initial_theta(architecture, "glorot", generator(0, "weights"))
    settings = Settings(parse_optimizer(text), batch_size, 10, seed=seed, **more)
    data = Data.of(X, Y, random.uniform(0.5, 2, n_samples))
    return Member(architecture, theta, data, LOSS, alpha, settings, rows)


def parabola(height=4.0):
    """L = ½ θ² over the weight alone: one row, a target of 0, and no bias that moves."""
    architecture = Architecture.dense(1, (), 1, "identity")
    theta = np.array([np.sqrt(2 * height), 0.0])
    data = Data.of(np.ones((1, 1)), np.zeros((1, 1)))
    settings = Settings(parse_optimizer("sgd:biases=0"), None, 10)
    return Member(architecture, theta, data, "squared_error", 0.0, settings)


def test_a_parabola_in_closed_form():
    # Squared error is ½ (f - y)², so that a step at rate r multiplies θ by 1 - r.
    found = lr_find(parabola(height=4.0), low=0.01, high=100, n_steps=9)
    rates = 0.01 * 10 ** (np.arange(9) / 2)
    left = np.cumprod(1 - rates) ** 2
    # At r = 1 it is at the bottom, and stays there.
    np.testing.assert_allclose(found.rates, rates)
    np.testing.assert_allclose(found.losses, 4 * left, rtol=1e-9, atol=1e-25)
    assert found.start == pytest.approx(4)


def test_it_ends_with_the_first_loss_four_times_as_high_as_the_lowest():
    found = lr_find(parabola(), low=0.3, high=300, n_steps=61)
    rates = np.geomspace(0.3, 300, 61)
    heights = 4 * np.cumprod(1 - rates) ** 2
    lowest = np.minimum.accumulate([4, *heights])[:-1]
    end = int(np.argmax(heights > 4 * lowest))
    assert found.exploded
    assert 10 < end < 60, "an explosion is wanted, or this test shows nothing"
    np.testing.assert_allclose(found.losses, heights[: end + 1], rtol=1e-9)
    np.testing.assert_array_equal(found.rates, rates[: end + 1])


def test_it_says_whether_the_loss_still_falls_at_the_largest_rate():
    short = lr_find(parabola(), low=0.001, high=0.1, n_steps=20)
    assert (short.still_falling, short.exploded, short.lowest) == (True, False, 19)
    assert short.suggestion == pytest.approx(0.1 / 3)
    for low, high, suggests in ((0.3, 300, True), (2.01, 2.5, False)):
        found = lr_find(parabola(), low=low, high=high, n_steps=30)
        assert not found.still_falling
        assert (found.suggestion is not None) == suggests


def test_four_times_is_not_five_times():
    # From 2 on a step multiplies the loss by a little more than 1.
    found = lr_find(parabola(), low=2.01, high=2.5, n_steps=100)
    assert found.exploded
    assert found.losses[-2] < 4 * 4 < found.losses[-1] < 5 * 4


def test_losses_below_0_are_no_explosion():
    # Poisson's leaves out what the prediction does not change: e^z - y z is -2.6 at z = 2, y = 5.
    data = Data.of(np.ones((1, 1)), np.full((1, 1), 5.0))
    architecture = Architecture.dense(1, (), 1, "identity")
    settings = Settings(parse_optimizer("sgd"), None, 10)
    given = Member(architecture, np.array([1.0, 1.0]), data, "poisson", 0.0, settings)
    found = lr_find(given, low=1e-6, high=1e-3, n_steps=9)
    assert found.start == pytest.approx(np.exp(2) - 10)
    assert not found.exploded
    assert np.all(np.diff(found.losses) < 0)


def test_a_batch_beyond_all_numbers_is_an_explosion_whoever_judges():
    given = member(n_samples=2001)
    given.data.X[1] = 1e300  # no judge: that is every other row
    given.theta[:] = np.abs(given.theta)
    given.data.Y[1] = np.inf
    found = lr_find(given)
    assert np.isfinite(found.start)
    assert found.exploded
    assert len(found.losses) == 0
    assert found.suggestion is None


def test_the_suggestion_is_a_third_of_the_rate_with_the_lowest_smoothed_loss():
    found = lr_find(member(), low=1e-3, high=1e3, n_steps=40)
    losses = found.losses.tolist()
    smoothed = [sum(losses[:2]) / 2]
    smoothed += [sorted(losses[i - 1 : i + 2])[1] for i in range(1, len(losses) - 1)]
    smoothed += [sum(losses[-2:]) / 2]
    np.testing.assert_allclose(found.smoothed, smoothed, rtol=1e-15)
    place = smoothed.index(min(smoothed))
    assert 5 < place < len(losses) - 1
    assert found.suggestion == pytest.approx(found.rates[place] / 3, rel=1e-15)


def test_rates_that_are_all_harmless_are_all_tried():
    found = lr_find(member(), low=1e-6, high=1e-2, n_steps=25)
    assert not found.exploded
    assert len(found.rates) == len(found.losses) == len(found.smoothed) == 25
    assert found.rates[0] == pytest.approx(1e-6)
    assert found.rates[-1] == pytest.approx(1e-2)
    assert found.suggestion == pytest.approx(1e-2 / 3)


def test_where_nothing_can_fall_nothing_is_suggested():
    found = lr_find(parabola(height=0.0), n_steps=20)
    assert found.losses.tolist() == [0] * 20
    assert found.suggestion is None
    assert not found.exploded


@pytest.mark.parametrize("text", ["sgd", "adam", "sgd:momentum=0.9"])
def test_rates_beyond_all_numbers_are_an_explosion(text):
    found = lr_find(member(text), low=1e280, high=1e300, n_steps=3)
    assert found.exploded
    assert np.all(np.isfinite(found.losses))
    assert found.suggestion is None


@pytest.mark.parametrize("batch_size", [None, 16])
def test_its_steps_are_those_of_a_descent(batch_size):
    rows = np.arange(5, 55)
    given = member("sgd:momentum=0.5", batch_size, rows=rows, seed=3)
    found = lr_find(given, low=1e-2, high=1, n_steps=11)
    objective = Objective.over(LOSS, 0.5, given.data.weights[rows])
    theta, velocity, expected = given.theta.copy(), 0.0, []
    for step, rate in enumerate(np.geomspace(1e-2, 1, 11)):
        batch = rows
        if batch_size:
            order = generator(3, "order", step // 4).permutation(rows)
            batch = order[16 * (step % 4) : 16 * (step % 4) + 16]
        _, gradient = ENGINE.loss_and_gradient(
            given.architecture, objective, theta, given.data, batch
        )
        velocity = 0.5 * velocity + gradient
        theta = theta - rate * velocity
        # The whole of the rows judges, whatever the batch.
        expected += [ENGINE.losses(given.architecture, objective, theta[None], given.data, rows)[0]]
    np.testing.assert_allclose(found.losses, expected, rtol=1e-10)
    start = ENGINE.losses(given.architecture, objective, given.theta[None], given.data, rows)[0]
    assert found.start == pytest.approx(start)


def test_what_is_searched_is_the_objective_without_dropout():
    given = member(n_samples=40, l1=0.3, dropout=0.5, label_smoothing=0.2)
    found = lr_find(given, n_steps=5)
    objective = Objective.over(LOSS, 0.5, given.data.weights, 0.3)
    softer = Data(given.data.X, 0.8 * given.data.Y + 0.1, given.data.weights)
    expected = ENGINE.losses(given.architecture, objective, given.theta[None], softer)[0]
    assert found.start == pytest.approx(expected, rel=1e-12)
    # Steps of 1e-7 leave it there, and masks would not.
    assert found.losses[0] == pytest.approx(expected, rel=1e-4)


def test_the_start_is_left_alone_and_one_seed_gives_one_result():
    given = member("adam", 8)
    before = given.theta.copy()
    first, again = lr_find(given), lr_find(given)
    np.testing.assert_array_equal(given.theta, before)
    np.testing.assert_array_equal(first.losses, again.losses)
    assert first.suggestion == again.suggestion
    other = lr_find(member("adam", 8, seed=1))
    n = min(len(first.losses), len(other.losses))
    assert not np.array_equal(first.losses[:n], other.losses[:n])


def test_neither_the_schedule_nor_the_rate_of_the_text_has_a_say():
    plain = lr_find(member("adam", 8))
    planned = lr_find(member("adam:lr=7,schedule=cosine,warmup=0.5", 8, stop_after=1, patience=1))
    np.testing.assert_array_equal(plain.losses, planned.losses)


def test_what_stands_around_the_rule_has_a_say():
    plain = lr_find(member("sgd")).losses
    for text in ("sgd:clip=0.001", "sgd:decay=0.9", "sgd:first=0"):
        found = lr_find(member(text)).losses
        n = min(len(plain), len(found))
        assert not np.array_equal(plain[:n], found[:n]), text


class Watching:
    """The engine, and which rows it was asked the height of."""

    def __init__(self):
        self.seen = []

    def __getattr__(self, name):
        return getattr(ENGINE, name)

    def losses(self, architecture, objective, thetas, data, rows=None, noise=None, threads=1):
        self.seen.append(rows.copy())
        assert noise is None
        return ENGINE.losses(architecture, objective, thetas, data, rows, noise)


@pytest.mark.parametrize(("n_samples", "apart"), [(2000, 1), (2001, 2), (4001, 3)])
def test_two_thousand_rows_at_most_judge(n_samples, apart):
    engine = Watching()
    lr_find(member(n_samples=n_samples), engine=engine, n_steps=3)
    assert len(engine.seen) == 4
    for rows in engine.seen:
        np.testing.assert_array_equal(rows, np.arange(0, n_samples, apart))


@pytest.mark.parametrize(("text", "batch_size"), [("adam", 16), ("sgd", None), ("rmsprop", 16)])
def test_its_suggestion_is_a_rate_to_train_with(text, batch_size):
    given = member(text, batch_size, n_samples=300)
    suggestion = lr_find(given).suggestion
    ends = {}
    for share in (1e-3, 1, 1e3):
        optimizer = parse_optimizer(text).at_rate(suggestion * share)
        settings = Settings(optimizer, batch_size, 10)
        descent = train(
            given.architecture, given.theta, given.data, LOSS, 0.5, settings
        )  # fmt: skip
        ends[share] = (descent.history[-1]["train_loss"], descent.status)
    assert ends[1][1] is Status.MAX_EPOCHS
    assert ends[1][0] < ends[1e-3][0]
    assert ends[1][0] < ends[1e3][0] or ends[1e3][1] is Status.DIVERGED


def test_float32_stays_float32():
    given = member()
    small = Data.of(given.data.X.astype("f"), given.data.Y, given.data.weights)
    found = lr_find(
        Member(given.architecture, given.theta.astype("f"), small, LOSS, 0.5, given.settings)
    )
    np.testing.assert_allclose(found.losses[:40], lr_find(given).losses[:40], rtol=1e-4)
    assert found.losses.dtype == np.float64


@pytest.mark.parametrize(
    ("given", "arguments", "says"),
    [
        (member("lbfgs"), {}, "L-BFGS has no learning rate.*sgd or adam"),
        (member(), {"low": 1.0, "high": 1.0}, "cannot grow from 1.0 to 1.0 in 100 steps"),
        (member(), {"low": 0.0}, "cannot grow from 0.0"),
        (member(), {"high": np.inf}, "cannot grow from 1e-07 to inf"),
        (member(), {"low": np.nan}, "cannot grow from nan"),
        (member(), {"n_steps": 2}, "in 2 steps.*3 steps or more"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_searched_is_refused(given, arguments, says):
    with pytest.raises(SettingsError, match=says):
        lr_find(given, **arguments)


def test_a_start_without_a_finite_loss_is_refused():
    given = member()
    given.theta[0] = np.nan
    with pytest.raises(SettingsError, match="not finite at the start"):
        lr_find(given)
