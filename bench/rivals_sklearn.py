"""scikit-learn's MLPClassifier with its own loop; nothing ends it but the number of epochs."""

import sys
import warnings

import sklearn
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

from bench.contenders import Pass
from bench.workloads import Work, table


class Sklearn:
    """It draws its own starting points, from Glorot's uniform distribution."""

    def __init__(self, threads: int) -> None:
        del threads
        # The networks are told to stop after so many epochs, and say every time that they did.
        warnings.simplefilter("ignore", ConvergenceWarning)

    def versions(self) -> dict[str, str]:
        return {"scikit-learn": sklearn.__version__}

    def prepare(self, work: Work) -> Pass:
        data = table(work)
        target = data.y.ravel().astype(int)
        chosen = {
            "sgd": {"solver": "sgd", "momentum": 0.0, "nesterovs_momentum": False},
            "adam": {"solver": "adam"},
        }[work.rule]
        model = MLPClassifier(
            work.sizes[1:-1],
            activation=work.activation,
            batch_size=work.batch or work.rows,
            alpha=0.0,
            learning_rate_init=work.rate,
            max_iter=work.epochs,
            tol=0.0,
            n_iter_no_change=sys.maxsize,
            random_state=0,
            **chosen,
        )
        if work.kind == "predict":
            model.fit(data.X, target)  # one epoch: only the shapes matter

            def predict() -> float:
                for _ in range(work.calls):
                    probability = model.predict_proba(data.X)
                return float(probability[0, 1])

            return predict
        return lambda: float(model.fit(data.X, target).loss_)
