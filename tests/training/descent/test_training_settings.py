import math
import re
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from places import ROOT
from plans import plans
from thalweg.errors import SettingsError
from thalweg.network.architecture import Architecture
from thalweg.network.engine import Data, Method, Objective, Order, State, choose
from thalweg.network.formulas.rules import RULES
from thalweg.training.descent.optimizer_settings import GROUPS, Lbfgs, Optimizer
from thalweg.training.descent.schedules import SCHEDULES, STEADY, Plan
from thalweg.training.descent.training_settings import RANGES, Settings, parse_optimizer


def test_text_becomes_values():
    assert parse_optimizer("sgd: momentum=0.9 , lr=1e-2,schedule=cosine") == Optimizer(
        "sgd", 0.01, (0.9,), Plan("cosine", (0.0,))
    )


def test_everything_at_once():
    parsed = parse_optimizer(
        " adam :b2=3,schedule = step( every=0.1 , factor=0.3 ),first=0.5,clip=2,W10=4, last=1,"
        "W2=7,biases=0.1,decay=0.02,lr=0.5,epsilon=1e-6,warmup=0.05"
    )
    assert parsed == Optimizer(
        "adam", 0.5, (0.9, 0.999, 1e-6), Plan("step", (0.3, 0.1), 0.05), 0.02, 2.0,
        (("biases", 0.1), ("first", 0.5), ("W2", 7.0), ("b2", 3.0), ("W10", 4.0)),
    )  # fmt: skip
    assert str(parsed) == (
        "adam:lr=0.5,epsilon=1e-06,schedule=step(factor=0.3,every=0.1),warmup=0.05,decay=0.02,"
        "clip=2,biases=0.1,first=0.5,W2=7,b2=3,W10=4"
    )


@pytest.mark.parametrize("name", RULES)
def test_a_bare_name_means_the_defaults(name):
    parsed = parse_optimizer(name)
    assert parsed.rate == RULES[name].rate
    assert parsed.constants == tuple(RULES[name].constants.values())
    assert parsed.decay == RULES[name].decay
    assert (parsed.schedule, parsed.clip, parsed.factors) == (STEADY, math.inf, ())
    assert (parsed.average, parsed.scales) == (0, 0)
    assert str(parsed) == name
    assert str(parse_optimizer(f"{name}:lr={parsed.rate!r},schedule=constant,biases=1")) == name


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_bare_schedule_means_its_defaults(name):
    text = f"sgd:schedule={name}"
    assert parse_optimizer(text).schedule == Plan.of(name)
    assert str(parse_optimizer(text)) == (text if name != "constant" else "sgd")
    assert parse_optimizer(f"{text}()") == parse_optimizer(text)


@pytest.mark.parametrize(
    "text",
    [
        "sgd:lr=0.3,momentum=0.9,schedule=warm_restarts(cycles=4,growth=1.5)",
        "adam:schedule=plateau(factor=0.1,patience=8,end=0)",
        "adam:lr=0.005,beta_2=0.95,schedule=cosine",
        "adam:warmup=0.1",
        "sgd:lr=1,decay=0.5,clip=1e+22,biases=0,b1=1000000",
        "adam:lr=0.004,beta_2=0.95,schedule=cosine,average=1",
        "sgd:warmup=0.1,decay=0.5,clip=3,average=0.25,biases=0",
        "adam:average=2,scales=6",
        "sgd:scales=0.5,biases=0",
        "lbfgs",
        "lbfgs:history=3",
    ],
)
def test_what_is_canonical_is_printed_as_it_was_read(text):
    assert str(parse_optimizer(text)) == text


def test_a_decay_that_is_not_the_rules_own_is_printed():
    for name, rule in RULES.items():
        assert str(parse_optimizer(f"{name}:decay={rule.decay}")) == name
        assert str(parse_optimizer(f"{name}:decay=0.25")) == f"{name}:decay=0.25"
    assert parse_optimizer("adamw").decay == 0.01
    assert str(parse_optimizer("adamw:decay=0")) == "adamw:decay=0"


@st.composite
def optimizers(draw):
    rule = RULES[draw(st.sampled_from(sorted(RULES)))]
    low = {"epsilon": 1e-17}
    factor = st.floats(0, 1e6).filter(lambda value: value != 1)
    layers = sorted(draw(st.sets(st.tuples(st.integers(1, 30), st.sampled_from("Wb")), max_size=4)))
    names = [name for name in GROUPS if draw(st.booleans())]
    names += [f"{kind}{layer}" for layer, kind in layers]
    return Optimizer(
        rule.name,
        draw(st.just(rule.rate) | st.floats(1e-300, 1e300)),
        tuple(
            draw(st.just(usual) | st.floats(low.get(key, 0.0), 1, exclude_max=True))
            for key, usual in rule.constants.items()
        ),
        draw(plans()),
        draw(st.just(rule.decay) | st.floats(0, 1e300)),
        draw(st.just(math.inf) | st.floats(1e-300, 1e300)),
        tuple((name, draw(factor)) for name in names),
        draw(st.just(0.0) | st.floats(0, 1000)),
    )


@given(optimizers() | st.integers(1, 1000).map(Lbfgs))
def test_values_become_text_and_come_back(optimizer):
    assert parse_optimizer(str(optimizer)) == optimizer
    assert str(parse_optimizer(str(optimizer))) == str(optimizer)


@given(optimizers(), st.randoms(use_true_random=False))
def test_the_order_of_the_settings_and_spaces_do_not_matter(optimizer, random):
    rule, _, rest = str(optimizer).partition(":")
    whole = rest.replace("(", "( ").replace("=", " = ")
    parts, depth = [""], 0
    for sign in whole:
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if sign == "," and not depth:
            parts.append("")
        else:
            parts[-1] += sign
    random.shuffle(parts)
    assert parse_optimizer(f" {rule} :{' , '.join(parts)}") == optimizer


@given(
    optimizers(), st.integers(0, 99), st.integers(0, 3), st.text("=,():.e-10×\x00 sW", max_size=3)
)
def test_whatever_is_typed_is_read_or_refused(optimizer, place, left_out, typed):
    whole = str(optimizer)
    text = whole[:place] + typed + whole[place + left_out :]
    try:
        parsed = parse_optimizer(text)
    except SettingsError:
        return  # anything else would be a fault
    assert parse_optimizer(str(parsed)) == parsed


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("adma", "no optimizer 'adma'.*sgd,.*adam,.*lbfgs"),
        ("", "no optimizer"),
        ("adam:lr", "'lr' is not name=value"),
        ("adam:lr=", "is not name=value"),
        ("adam:=3", "is not name=value"),
        ("adam:lr=1,", "'' is not name=value"),
        ("adam:lr=fast", "lr=fast has no meaning.*a number above 0"),
        ("adam:lr=-1", "lr=-1 has no meaning"),
        ("adam:lr=nan", "lr=nan has no meaning"),
        ("adam:lr=inf", "lr=inf has no meaning"),
        ("adam:lr=0", "lr=0 has no meaning"),
        (
            "adam:momentum=0.9",
            "no setting of adam 'momentum'.*lr, beta_1, beta_2, epsilon, schedule, warmup, decay, "
            "clip, average, scales, biases, first, last, or a block of θ such as W2",
        ),
        ("sgd:momentum=1", "momentum=1 has no meaning.*from 0 to below 1"),
        ("sgd:lr=1,lr=2", "lr is given twice"),
        ("sgd:W2=1,W2=2", "W2 is given twice"),
        ("sgd:schedule=up", f"no schedule 'up'.*{', '.join(SCHEDULES)}"),
        ("sgd:schedule=step(every=0.5,every=0.1)", "every is given twice"),
        ("sgd:schedule=step(0.5)", "'0.5' is not name=value"),
        ("sgd:schedule=step(drop=0.5)", "no constant of the schedule step 'drop'.*factor, every"),
        ("sgd:schedule=coslog4(k=4)", "coslog4 has no constants.*coslog4 alone"),
        ("sgd:schedule=step(every=0)", "every=0 has no meaning.*a number from 0.001 to 1"),
        ("sgd:schedule=plateau(patience=2.5)", "patience=2.5 has no.*a whole number from 1 to"),
        ("sgd:schedule=step(every=0.5", "brackets do not match"),
        ("sgd:schedule=step)every=0.5(", "brackets do not match"),
        ("sgd:schedule=step(factor=(1))", "brackets do not match"),
        ("sgd:schedule=step(factor=0.1)x", "brackets do not match"),
        ("sgd:lr=3),clip=1", r"lr=3\) has no meaning"),
        ("sgd:schedule=step,every=0.5", r"constant of the schedule.*schedule=step\(every=0.5\)"),
        ("sgd:every=0.5", "no setting of sgd 'every'"),
        ("sgd:warmup=1", "warmup=1 has no meaning.*from 0 to below 1"),
        ("sgd:decay=-0.1", "decay=-0.1 has no meaning.*from 0 on"),
        ("sgd:clip=0", "clip=0 has no meaning.*above 0"),
        ("sgd:clip=inf", "clip=inf has no meaning"),
        ("sgd:biases=-1", "biases=-1 has no meaning.*from 0 to 1e\\+06"),
        ("sgd:W0=2", "no setting of sgd 'W0'"),
        ("sgd:W01=2", "no setting of sgd 'W01'"),
        (f"sgd:W{'1' * 5000}=2", "no setting of sgd"),
        ("lbfgs:history=0", "history=0 has no meaning.*a whole number from 1 to 1000"),
        ("lbfgs:history=2.5", "history=2.5 has no meaning"),
        ("lbfgs:lr=0.1", "no setting of lbfgs 'lr'.*line search.*no learning rate.*history"),
        ("lbfgs:schedule=cosine", "no setting of lbfgs 'schedule'"),
        ("lbfgs:history=3,clip=1", "no setting of lbfgs 'clip'"),
        ("lbfgs:average=1", "no setting of lbfgs 'average'.*average its steps"),
        ("adam:average=-1", "average=-1 has no meaning.*from 0 to 1000"),
        ("adam:average=1001", "average=1001 has no meaning.*from 0 to 1000"),
        ("adam:scales=-1", "scales=-1 has no meaning.*from 0 to 1e\\+06"),
        ("lbfgs:scales=6", "no setting of lbfgs 'scales'"),
        ("adam:average=inf", "average=inf has no meaning"),
    ],
    ids=lambda value: value[:40],
)
def test_nonsense_is_refused_with_the_fix(text, says):
    with pytest.raises(SettingsError, match=says):
        parse_optimizer(text)


def test_a_long_text_is_refused_in_a_moment():
    # What is quadratic in its length would take minutes.
    for sign in (",", "(", "(,", "),", "=", "W1=1,"):
        with pytest.raises(SettingsError):
            parse_optimizer("sgd:" + sign * 40_000)


# Values


def test_another_rate():
    parsed = parse_optimizer("adam:lr=0.1,clip=1")
    assert parsed.at_rate(np.float64(0.25)) == parse_optimizer("adam:lr=0.25,clip=1")
    for wrong in (0.0, -1.0, math.nan, math.inf):
        with pytest.raises(SettingsError, match=r"lr=.* has no meaning"):
            parsed.at_rate(wrong)
    with pytest.raises(SettingsError, match=r"no setting of lbfgs 'lr'.*rate of 0.25"):
        Lbfgs().at_rate(0.25)


def test_the_rates_are_the_rate_times_its_shares():
    parsed = parse_optimizer("sgd:lr=0.4,schedule=cosine(end=0.5),warmup=0.2")
    expected = [0.4 * 1 / 3, 0.4 * 2 / 3 * (0.5 + 0.25 * (1 + math.cos(0.1 * math.pi)))]
    np.testing.assert_allclose(parsed.rates(0, 2, 10), expected)
    waiting = parse_optimizer("sgd:lr=0.4,schedule=plateau(factor=0.5,patience=1)")
    assert waiting.rates(6, 2, 10, [1.0, 1.0, 2.0]).tolist() == [0.1, 0.1]


THREE_LAYERS = Architecture((4, 3, 2, 1), ("tanh", "tanh", "identity"))


@pytest.mark.parametrize(
    ("text", "factors"),
    [
        ("sgd", ()),
        ("sgd:biases=0.1", (1, 0.1, 1, 0.1, 1, 0.1)),
        ("sgd:first=2", (2, 2, 1, 1, 1, 1)),
        ("sgd:last=2", (1, 1, 1, 1, 2, 2)),
        ("sgd:W2=3", (1, 1, 3, 1, 1, 1)),
        ("sgd:b3=0", (1, 1, 1, 1, 1, 0)),
        ("sgd:biases=0.5,first=3,b1=4,last=7", (3, 6, 1, 0.5, 7, 3.5)),
    ],
)
def test_factors_of_blocks_multiply(text, factors):
    assert parse_optimizer(text).method(THREE_LAYERS).factors == factors


def test_one_layer_is_the_first_and_the_last():
    one = Architecture((4, 1), ("identity",))
    assert parse_optimizer("sgd:first=2,last=5").method(one).factors == (10, 10)


def test_the_tenth_layer_is_not_the_first():
    deep = Architecture((2,) * 11, ("tanh",) * 10)
    factors = parse_optimizer("sgd:first=2").method(deep).factors
    assert factors == (2, 2) + (1,) * 18


def test_a_method_is_all_that_an_engine_wants_to_know():
    parsed = parse_optimizer("adam:beta_2=0.95,decay=0.02,clip=3,biases=0.5")
    assert parsed.method(THREE_LAYERS) == Method(
        RULES["adam"], (0.9, 0.95, 1e-8), 0.02, (1, 0.5, 1, 0.5, 1, 0.5), 3.0
    )


def test_a_block_that_is_not_there_is_refused_where_the_network_is_known():
    parsed = parse_optimizer("sgd:W4=2")
    with pytest.raises(SettingsError, match=r"no block W4.*biases, first, last, W1, b1, W2, b2"):
        parsed.method(THREE_LAYERS)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"batch_size": 32}, "batches of 32 rows.*line search.*all rows"),
        ({"batch_size": None, "dropout": 0.1}, "dropout of 0.1.*dropout to 0"),
    ],
)
def test_lbfgs_wants_one_and_the_same_loss(given, says):
    with pytest.raises(SettingsError, match=says):
        Settings(Lbfgs(), max_epochs=5, **given)
    assert Settings(Lbfgs(), None, 5).optimizer == Lbfgs()
    assert Settings(parse_optimizer("sgd"), **given, max_epochs=5).max_epochs == 5


EPSILONS = [name for name in RULES if "epsilon" in RULES[name].constants]


@pytest.mark.parametrize("name", EPSILONS)
@pytest.mark.parametrize("epsilon", ["0", "1e-46", "9e-18"])
def test_what_divides_is_above_0(name, epsilon):
    with pytest.raises(SettingsError, match=f"epsilon={epsilon} .*from 1e-17 to below 1"):
        parse_optimizer(f"{name}:epsilon={epsilon}")


@pytest.mark.quick_each(5)
@pytest.mark.parametrize("name", EPSILONS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("size", [0.0, 1e-30, 1e-23, 1e-19, 3e-18, 1e-17, 1e-10])
@pytest.mark.parametrize("engine", ["compiled", "reference"])
def test_the_smallest_epsilon_makes_no_leap_of_a_small_gradient(name, dtype, size, engine):
    """Whatever a rule divides by, a step stays within a hundred rates."""
    architecture = Architecture.dense(1, (), 1, "identity")
    method = parse_optimizer(f"{name}:epsilon=1e-17").method(architecture)
    # The slope of |z - y| is -1, times one over the mean weight.
    objective = Objective("absolute_error", mean_weight=1 / size if size else 1.0)
    data = Data.of(np.full((1, 1), float(size > 0), dtype), np.full((1, 1), 1e9, dtype))
    state = State.at(np.zeros(architecture.n_parameters, dtype), method.rule)
    _, gradient = choose(engine).loss_and_gradient(architecture, objective, state.theta, data)
    assert gradient[0] == pytest.approx(-size, rel=1e-6, abs=0)
    for _ in range(30):
        before, order = state.theta.copy(), Order(np.arange(1), 1)
        choose(engine).steps(
            architecture, objective, method, state, data, order, np.array([0.001]), 0
        )
        assert abs(state.theta - before)[0] <= 0.1


@pytest.mark.parametrize(
    ("name", "values", "mend"),
    [
        ("batch_size", [0, -5, 2.5, 32.0, "32", True], "a whole number from 1 on, or None"),
        ("max_epochs", [0, -1, 1.5, None, 10**9 + 1], "a whole number from 1 to 1000000000"),
        ("stop_after", [0, -1, 1.5, 2**63], "a whole number from 1 to 1000000000, or None"),
        ("patience", [0, -1, 1.5, math.nan], "a whole number from 1 on, or None"),
        ("tol", [-1e-9, math.nan, math.inf, None], "a number from 0 on"),
        ("seed", [-1, 2**64, 0.5, None], "a whole number from 0 to below 18446744073709551616"),
        ("l1", [-0.1, math.nan, math.inf], "a number from 0 on"),
        ("dropout", [1, 1.0, -0.2, math.nan], "a number from 0 to below 1"),
        ("label_smoothing", [1.0, -0.1, math.nan], "a number from 0 to below 1"),
        ("time_limit", [-1.0, math.nan, math.inf, "1"], "a number from 0 on, or None"),
    ],
)
@pytest.mark.parametrize("optimizer", ["sgd", "lbfgs"])
def test_settings_without_meaning_are_refused(name, values, mend, optimizer):
    for value in values:
        given = {"batch_size": None, "max_epochs": 5, name: value}
        told = re.escape(f"{name}={value!r} has no meaning. Fix: give {mend}.")
        with pytest.raises(SettingsError, match=f"^{told}$"):
            Settings(parse_optimizer(optimizer), **given)


@pytest.mark.parametrize(
    ("text", "may", "may_not"),
    [
        ("sgd:lr={}", [1e-300, 1e300], [0, -1, math.inf]),
        ("sgd:decay={}", [0, 1e300], [-1e-300]),
        ("sgd:clip={}", [1e-300, 1e300], [0, -1]),
        ("sgd:W1={}", [0, 1e6], [1.01e6, -1e-9]),
        ("sgd:momentum={}", [0, 0.999999999], [1, -1e-9]),
        ("adam:epsilon={}", [1e-17, 0.999999999], [1, 0.99e-17]),
        ("lbfgs:history={}", [1, 1000], [0, 1001, 2.5]),
    ],
)
def test_what_numbers_a_text_may_hold(text, may, may_not):
    for number in may:
        parse_optimizer(text.format(number))
    for number in may_not:
        with pytest.raises(SettingsError, match=r"has no meaning|not a number"):
            parse_optimizer(text.format(number))


def test_lbfgs_remembers_ten_pairs_as_usual():
    assert parse_optimizer("lbfgs") == Lbfgs(10)
    assert str(Lbfgs(10)) == "lbfgs"
    assert str(Lbfgs(9)) == "lbfgs:history=9"


def test_every_number_among_the_settings_has_its_range():
    assert {"optimizer", *RANGES} == {field.name for field in fields(Settings)}


def test_settings_may_stand_at_their_ends():
    lowest = Settings(
        parse_optimizer("sgd"), np.int64(1), 1, 1, 1, 0, 0, 0, 0, 0, np.float64(0)
    )  # fmt: skip
    assert (lowest.batch_size, lowest.stop_after, lowest.time_limit) == (1, 1, 0)
    below = math.nextafter(1, 0)
    highest = Settings(
        parse_optimizer("sgd"), 8, 5, seed=2**64 - 1, dropout=below, label_smoothing=below
    )
    assert highest.seed == 2**64 - 1


def test_no_end_lies_beyond_the_schedule():
    with pytest.raises(SettingsError, match=r"stop_after=6 .* 5 epochs .*raise max_epochs"):
        Settings(parse_optimizer("sgd"), 8, 5, stop_after=6)
    assert Settings(parse_optimizer("sgd"), 8, 5, stop_after=5).stop_after == 5


# The page


def rows_of(table):
    """The rows of the table on docs/optimizers.md whose head begins so."""
    page = (ROOT / "docs" / "optimizers.md").read_text(encoding="utf-8")
    lines = page[page.index(f"\n| {table} |") + 1 :].split("\n\n")[0].splitlines()[2:]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {row[0].strip("`"): row[1:] for row in cells}


def said_constants(text):
    found = re.findall(r"`(\w+)`[^=`,]* = ([\d.e-]+)", text)
    return {name: float(value) for name, value in found}


def test_the_page_has_every_rule_with_its_usual_numbers_and_its_formula():
    rows = rows_of("rule")
    assert list(rows) == [*RULES, "lbfgs"]
    assert said_constants(rows.pop("lbfgs")[1]) == {"history": Lbfgs().history}
    for name, (rate, constants, formula, source) in rows.items():
        rule = RULES[name]
        assert float(rate) == rule.rate
        usual = said_constants(constants)
        if constants.startswith("as `adam`"):
            usual = {**RULES["adam"].constants, **usual}
        assert usual == dict(rule.constants), name
        if formula.startswith("as `adam`"):
            assert RULES["adam"].formula in rule.formula
            assert said_constants(formula) == ({"decay": rule.decay} if rule.decay else {})
        else:
            assert formula.startswith(rule.formula)
        assert re.search(r"\d{4}$", source)


def test_the_page_has_every_schedule_with_its_usual_numbers():
    rows = rows_of("schedule")
    assert list(rows) == list(SCHEDULES)
    for name, (constants, share, source) in rows.items():
        formula = SCHEDULES[name]
        usual = {key: each.default for key, each in formula.constants.items()}
        assert said_constants(constants) == usual
        if not name.startswith(("warm", "one", "flat")):  # said in words there
            assert share.split(":")[0].split(",")[0] in formula.formula
        assert source.split(" ")[0] in formula.source
        assert source[-4:] in formula.source
