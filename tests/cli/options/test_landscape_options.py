"""How the values of the options of ``thalweg landscape`` are read."""

import pytest

from thalweg.cli.options.landscape_options import RaceOptions, read_rules
from thalweg.errors import SettingsError


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("sgd", ("sgd",)),
        ("sgd, momentum,", ("sgd", "momentum")),
        ("sgd,adam:lr=0.01,beta_2=0.9", ("sgd", "adam:lr=0.01,beta_2=0.9")),
        ("adam:lr=0.01, beta_2=0.9,sgd", ("adam:lr=0.01,beta_2=0.9", "sgd")),
    ],
)
def test_rules_are_parted_by_commas_and_so_are_their_constants(text, rules):
    assert read_rules(text) == rules


def test_nobody_is_no_rule():
    with pytest.raises(SettingsError, match="--rules names no optimizer"):
        read_rules(" , ")


def test_the_network_is_what_was_said_of_it():
    assert RaceOptions().network() == {}
    assert RaceOptions(steps=9, hidden=()).network() == {"hidden": (), "steps": 9}
    assert RaceOptions(batch_size="auto").network() == {}
    assert RaceOptions(batch_size=32, alpha=0.0).network() == {"alpha": 0.0, "batch_size": 32}
