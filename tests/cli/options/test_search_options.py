import pytest

from thalweg.cli.options.search_options import SearchOptions
from thalweg.errors import SettingsError


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90.0), ("10m", 600.0), ("2h", 7200.0), ("45", 45.0)]
)
def test_a_time_is_read_with_its_unit(text, seconds):
    assert SearchOptions(time_limit=text).asked().time_limit == seconds


@pytest.mark.parametrize(
    ("text", "n_bytes"), [("200kB", 200_000.0), ("3MB", 3e6), ("1MiB", 2.0**20), ("500", 500.0)]
)
def test_a_size_is_read_with_its_unit(text, n_bytes):
    assert SearchOptions(max_size=text).asked().max_size == n_bytes


def test_what_is_not_given_is_at_the_default_of_tune():
    import inspect

    from thalweg import tune

    asked, usual = vars(SearchOptions().asked()), inspect.signature(tune).parameters
    assert {name: usual[name].default for name in asked} == asked


@pytest.mark.parametrize(
    ("given", "flag"), [({"time_limit": "1h30"}, "--time-limit"), ({"max_size": "0"}, "--max-size")]
)
def test_a_text_that_is_neither_is_refused_with_its_option(given, flag):
    with pytest.raises(SettingsError) as refused:
        SearchOptions(**given).asked()
    assert refused.value.where == flag
