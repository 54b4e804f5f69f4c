"""The options of a checkpoint: times in words, and what they are about."""

import pytest

from thalweg.cli.options.running.checkpoint_options import CheckpointOptions, seconds
from thalweg.errors import SettingsError


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("30", 30),
        ("60s", 60),
        ("5m", 300),
        ("5 min", 300),
        ("1.5h", 5400),
        ("200ms", 0.2),
        ("0", 0),
    ],
)
def test_a_time_is_a_number_with_a_unit(text, number):
    assert seconds(text) == pytest.approx(number)


@pytest.mark.parametrize("text", ["", "s", "-1s", "1d", "1e9", "nan", "٣s", "1 2", "9" * 30])
def test_what_is_no_time_is_refused(text):
    with pytest.raises(SettingsError, match="is not a time"):
        seconds(text)


def test_what_is_asked_becomes_a_checkpoint():
    assert CheckpointOptions().asked() is None
    asked = CheckpointOptions("f", "2m", True).asked()
    assert (asked.path, asked.every_seconds, asked.keep) == ("f", 120, True)
    assert CheckpointOptions("f").asked().every_seconds == 30


@pytest.mark.parametrize("more", [{"checkpoint_every": "1s"}, {"keep_checkpoint": True}])
def test_how_without_where_is_refused(more):
    with pytest.raises(SettingsError, match="no file for one is given"):
        CheckpointOptions(**more).asked()


def test_an_empty_name_is_no_file():
    with pytest.raises(SettingsError, match=r'names no file \(--checkpoint ""\)'):
        CheckpointOptions("").asked()


def test_standard_output_is_no_file():
    with pytest.raises(SettingsError, match="Standard output"):
        CheckpointOptions("-").asked()
