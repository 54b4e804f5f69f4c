"""``thalweg fit``: what it says of the table and of the rows that judge."""

import json

import numpy as np
import pandas as pd
import pytest

QUICK = ("--hidden", "4", "--epochs", "4", "--early-stopping", "off", "--bins", "0", "-q")


@pytest.fixture
def towns(tmp_path):
    """200 rows; each of the last 60 has a town of its own, which another row cannot have taught."""
    rng = np.random.default_rng(0)
    names = [f"town {row // 20}" if row < 140 else f"hamlet {row}" for row in range(200)]
    frame = pd.DataFrame({"town": names, "x": np.round(rng.normal(size=200), 3)})
    frame["y"] = np.where(frame["x"] + rng.normal(size=200) > 0, "ill", "well")
    frame.to_csv(tmp_path / "towns.csv", index=False)
    return frame


def test_levels_of_held_out_rows_are_told_by_the_rows_of_the_table(cli, towns):
    code, out, err = cli("fit", "towns.csv", "--target", "y", *QUICK, "--json")
    assert code == 0, err
    [told] = [each for each in json.loads(out)["warnings"] if each["code"] == "unseen_level"]
    first = int(told["text"].split("first in row ")[1].split(")")[0])
    assert f'"{towns["town"][first - 1]}"' in told["text"]
    assert first > 140
    assert "correct the cells" not in told["fix"]
    assert 'unknown="ignore"' not in err  # fit has no such option


def test_predict_says_its_own_option_against_the_warning(cli, towns):
    assert cli("fit", "towns.csv", "--target", "y", *QUICK, "-o", "m")[0] == 0
    towns.assign(town="nowhere").to_csv("new.csv", index=False)
    _, _, err = cli("predict", "m", "new.csv", "-q")
    assert "--unknown ignore" in err
    assert "not fitted on" not in cli("predict", "m", "new.csv", "-q", "--unknown", "ignore")[2]
