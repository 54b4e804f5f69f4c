"""The network of a fit as a run: ``train`` gives the weights of the fitted estimator."""

from dataclasses import replace

import numpy as np
import pandas as pd

from thalweg.data.notation.said_columns import SaidColumns
from thalweg.data.read import load_table
from thalweg.estimators.classifier import ThalwegClassifier
from thalweg.estimators.regressor import ThalwegRegressor
from thalweg.studio.runs.own_settings import own_member
from thalweg.training.train import train

OF_RUN = {"early_stopping": "hold-out", "n_ensemble": 1, "hidden_layer_sizes": (5,)}


def weights_of(member):
    return train(
        member.architecture, member.theta, member.data, member.loss, member.alpha,
        member.settings, rows=member.rows, held_out=member.held_out,
    ).theta  # fmt: skip


def table_of(path):
    x = np.random.default_rng(0).standard_normal((150, 3))
    frame = pd.DataFrame(x, columns=["a", "b", "c"]).assign(k=np.arange(150) % 3)
    frame["y"] = x[:, 0] * x[:, 1] + x[:, 2] + frame["k"]
    frame.to_csv(path, index=False)
    return load_table(path, target="y", labels=True)


def test_a_target_of_numbers(tmp_path):
    table = table_of(tmp_path / "t.csv")
    model = ThalwegRegressor(**OF_RUN, alpha=0.5, random_state=3)
    model.fit(table.frame, table.target.astype(float))
    member = own_member(table, hidden=(5,), alpha=0.5, seed=3)
    assert weights_of(member).tobytes() == model.members_[0].theta.tobytes()


def test_what_is_said_of_columns(tmp_path):
    table = table_of(tmp_path / "t.csv")
    table = replace(table, said=SaidColumns.of(category=["k"]))
    labels = table.target.astype(float) > 0
    table = replace(table, target=labels.map({True: "yes", False: "no"}))
    model = ThalwegClassifier(**OF_RUN, validation_fraction=0.3, random_state=1)
    model.set_params(**table.said.as_settings()).fit(table.frame, table.target)
    member = own_member(table, hidden=(5,), held_out=0.3, task="classification", seed=1)
    assert weights_of(member).tobytes() == model.members_[0].theta.tobytes()
