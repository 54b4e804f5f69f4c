import pytest
from hypothesis import given
from hypothesis import strategies as st

from thalweg.errors import SettingsError
from thalweg.network.rules import RULES
from thalweg.training.schedules import SCHEDULES
from thalweg.training.settings import Optimizer, parse_optimizer


def test_text_becomes_values():
    assert parse_optimizer("sgd: momentum=0.9 , lr=1e-2,schedule=cosine") == Optimizer(
        "sgd", 0.01, (0.9,), "cosine"
    )


@pytest.mark.parametrize("name", RULES)
def test_a_bare_name_means_the_defaults(name):
    parsed = parse_optimizer(name)
    assert parsed.rate == RULES[name].rate
    assert parsed.constants == tuple(RULES[name].constants.values())
    assert str(parsed) == name


@st.composite
def optimizers(draw):
    rule = RULES[draw(st.sampled_from(sorted(RULES)))]
    constant = st.floats(0, 1, exclude_max=True)
    return Optimizer(
        rule.name,
        draw(st.floats(1e-300, 1e300)),
        tuple(draw(constant) for _ in rule.constants),
        draw(st.sampled_from(sorted(SCHEDULES))),
    )


@given(optimizers())
def test_values_become_text_and_come_back(optimizer):
    assert parse_optimizer(str(optimizer)) == optimizer


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("adma", "no rule of descent 'adma'.*sgd, adam"),
        ("", "no rule of descent"),
        ("adam:lr", "'lr' is not name=value"),
        ("adam:lr=", "is not name=value"),
        ("adam:=3", "is not name=value"),
        ("adam:lr=fast", "lr=fast has no meaning"),
        ("adam:lr=-1", "lr=-1 has no meaning"),
        ("adam:lr=nan", "lr=nan has no meaning"),
        ("adam:lr=inf", "lr=inf has no meaning"),
        ("adam:lr=0", "learning rate of 0.0 leads nowhere"),
        ("adam:momentum=0.9", "no setting of adam 'momentum'.*lr, schedule, beta_1"),
        ("sgd:momentum=1", "momentum=1 has no meaning.*from 0 to below 1"),
        ("sgd:schedule=up", "no schedule 'up'.*constant, cosine"),
        ("sgd:lr=1,lr=2", "lr is given twice"),
    ],
)
def test_nonsense_is_refused_with_the_mend(text, says):
    with pytest.raises(SettingsError, match=says):
        parse_optimizer(text)
