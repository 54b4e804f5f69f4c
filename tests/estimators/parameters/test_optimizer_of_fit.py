import pytest

from thalweg import ThalwegClassifier
from thalweg.estimators.parameters.optimizer_of_fit import fitted_optimizer_text


@pytest.mark.parametrize(
    ("how", "text"),
    [
        ({}, "adam:lr=0.10"),
        ({"learning_rate_init": 0.5}, "adam:lr=0.5"),
        ({"weight_decay": 0.25}, "adam:lr=0.1,decay=0.25"),
    ],
)
def test_the_text_is_as_given_unless_another_setting_replaced_part_of_it(how, text):
    settings = ThalwegClassifier(optimizer="adam:lr=0.10", **how).get_params()
    assert fitted_optimizer_text(settings) == text
