"""A table of columns of every kind, with holes, rare levels and a target that depends on it."""

import numpy as np
import pandas as pd


def mixed(n=240, seed=3):
    """Features of ``n`` rows, and their labels.

    ``ward`` has more levels than each get an output, some of them in one row alone; ``code`` are
    names of groups that are numbers, ``name`` an identifier.
    """
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "town": rng.choice(["Bern", "Oslo", "Rome"], n).astype(object),
            "age": rng.integers(18, 90, n).astype(float),
            "sex": rng.choice(["f", "m"], n).astype(object),
            "smoker": rng.random(n) < 0.3,
            "ward": [f"W{k:02}" for k in rng.geometric(0.06, n)],
            "code": rng.choice([8001, 8002, 9100], n),
            "name": [f"Person {k}" for k in range(n)],
        }
    )
    high = (frame["town"] == "Bern") * 1.0 + frame["age"] / 90 + rng.normal(0, 0.5, n) > 0.9
    frame.loc[::9, "age"] = np.nan
    frame.loc[1::11, "town"] = None
    return frame, np.where(high, "ill", "well").astype(object)
