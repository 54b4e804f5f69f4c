"""The options for training are those of the table of parameters."""

import inspect
import re

import pytest
import typer
from typer.testing import CliRunner

from thalweg.cli.options.option_groups import with_groups
from thalweg.cli.options.training_options import (
    TRAINING,
    NetworkOptions,
    TrainingOptions,
)
from thalweg.estimators.parameters.option_spelling import as_option
from thalweg.estimators.parameters.parameter_table import flag_of
from thalweg.wording import parameter, spelled

LEFT_OUT = {"interval_kind", "class_weight", "threshold", "n_ensemble", "preset"}


def trained_with(group, *line):
    """The settings that a verb with this group of options gets from a command line."""
    got = []

    @with_groups
    def train(*, how: group) -> None:
        """Train."""
        got.append(how.settings())

    app = typer.Typer()
    app.command()(train)
    said = CliRunner().invoke(app, line)
    return said.exit_code, got, train


@pytest.mark.parametrize(
    ("group", "left_out"), [(TrainingOptions, set()), (NetworkOptions, LEFT_OUT)]
)
def test_a_group_has_an_option_for_each_parameter(group, left_out):
    code, got, train = trained_with(group)
    assert (code, got) == (0, [{}])
    flags = [
        each.annotation.__metadata__[0] for each in inspect.signature(train).parameters.values()
    ]
    assert [each.default for each in flags] == [
        *(flag_of(each.name) for each in TRAINING if each.name not in left_out), "--loss-formula"
    ]  # fmt: skip


def test_what_was_said_is_a_setting_by_the_name_of_the_parameter():
    line = ("--hidden", "none", "--early-stopping", "off", "--learning-rate-init", "0.01")
    code, got, _ = trained_with(TrainingOptions, *line)
    assert code == 0
    assert got == [{"hidden_layer_sizes": (), "early_stopping": False, "learning_rate_init": 0.01}]


def test_a_group_lacks_what_its_verbs_have_no_use_for():
    for flag, value in (("--preset", "best"), ("--class-weight", "balanced"), ("--ensemble", "2")):
        assert trained_with(NetworkOptions, flag, value)[0] == 2
        assert trained_with(TrainingOptions, flag, value)[0] == 0


def test_the_command_line_spells_parameters_as_options():
    told = {
        parameter("class_weight", "balanced"): "--class-weight balanced",
        parameter("max_iter", 9): "--epochs 9",
        parameter("max_memory"): "--max-memory",
        parameter("hidden_layer_sizes", (64, 32)): "--hidden 64,32",
        parameter("hidden_layer_sizes", ()): "--hidden none",
        parameter("early_stopping", False): "--early-stopping off",
        parameter("early_stopping", "cross-validation"): "--early-stopping cv",
    }
    for text, said in told.items():
        assert spelled(text, as_option) == said


def test_the_passes_of_lbfgs_are_iterations_wherever_they_are_counted(cli, tmp_path):
    """L-BFGS goes over all rows several times in an iteration: that is no epoch."""
    flags = ("--hidden", "3", "--optimizer", "lbfgs", "--epochs", "4", "--bins", "0", "-v")
    files = ("-o", "m.safetensors", "--report", "r.html")
    code, out, err = cli("fit", "wisconsin", *flags, *files)
    assert code == 0, err
    said = " ".join((out + err).split())
    assert re.search(r"Training +iteration \d of \d was the best", out)
    assert re.search(r"Training: \d+ iterations", said)
    assert "all iterations were run" in said
    assert not re.search(r"\bepochs?\b(?! 4)", said)  # that is the option
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    shown = re.sub(r"<script.*?</script>|<style.*?</style>", "", page, flags=re.DOTALL)
    assert "Table: iterations" in shown
    assert not re.search(r"\bepochs?\b(?! 4)", shown)
    assert '"pass":"iteration"' in page.replace(" ", "")
