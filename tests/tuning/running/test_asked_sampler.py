"""Which samplers a search takes."""

import pytest

from thalweg.errors import SettingsError
from thalweg.tuning.running import asked_sampler
from thalweg.tuning.running.asked_sampler import require_sampler
from thalweg.tuning.tune_estimator import require_search

ASKED = {
    "n_trials": 3, "time_limit": None, "keep": 8, "max_row_microseconds": None, "max_size": None,
    "if_unclear": "default", "space": "small",
}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "package"), [("CmaEsSampler", "cmaes"), ("GPSampler", "torch"), ("Own", "cmaes")]
)
def test_a_sampler_whose_package_is_not_installed_is_refused_before_a_fit(
    monkeypatch, kind, package
):
    ready_made = type("CmaEsSampler", (), {"sample_independent": None})
    bases = (ready_made,) if kind == "Own" else ()
    sampler = type(kind, bases, {"sample_independent": None})()
    monkeypatch.setattr(asked_sampler, "find_spec", lambda _: None)
    said = rf"needs the package {package}, which is not installed.*pip install {package}; or take"
    with pytest.raises(SettingsError, match=said):
        require_search(**ASKED, sampler=sampler)
    monkeypatch.setattr(asked_sampler, "find_spec", lambda _: "there")
    require_search(**ASKED, sampler=sampler)


def test_a_sampler_of_a_person_needs_no_package(monkeypatch):
    monkeypatch.setattr(asked_sampler, "find_spec", lambda _: None)
    require_sampler(type("Mine", (), {"sample_independent": None})())
