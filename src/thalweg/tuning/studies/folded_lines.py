"""The checked lines of a journal with one line for each trial, as Optuna reads them at a start.

A search writes a dozen lines of a trial. Optuna copies the whole trial at each of them, which takes
half a minute for a journal of the largest size. It also knows a line that makes a trial with all
that there is of it. The journal itself stays as it is.
"""

from typing import Any

Log = dict[str, Any]
# The operations that say something of a trial.
TRIAL_MADE, PARAMETER, STATE, TRIAL_TOLD, TRIAL_KEEPS = 4, 5, 6, 8, 9
_RUNNING = 0


class FoldedLines:
    """What checked lines have said so far.

    Attributes
    ----------
    n_lines : int
        How many lines there were.
    """

    def __init__(self) -> None:
        self.n_lines = 0
        self._of_study: list[Log] = []
        self._trials: list[Log] = []

    def take(self, said: Log) -> None:
        """Take the next line."""
        code = said["op_code"]
        if code == PARAMETER:
            of = said["trial_id"], said["param_name"], said["distribution"]
            self.parameter(*of, said["param_value_internal"])
            return
        self.n_lines += 1
        if code == TRIAL_MADE:
            parts: Log = {"params": {}, "distributions": {}, "user_attrs": {}, "system_attrs": {}}
            self._trials.append({**said, "state": _RUNNING, **parts})
        elif code not in (STATE, TRIAL_TOLD, TRIAL_KEEPS):
            self._of_study.append(said)
        elif (trial := self._trials[said["trial_id"]])["state"] == _RUNNING:
            if code == STATE:
                trial |= {key: said[key] for key in ("state", "values", "datetime_complete")}
            elif code == TRIAL_TOLD:
                trial["user_attrs"].update(said["user_attr"])
            else:
                trial["system_attrs"].update(said["system_attr"])

    def parameter(self, number: int, name: str, distribution: str, value: float) -> None:
        """Take the next line: it gives a parameter of a trial that has not ended."""
        self.n_lines += 1
        trial = self._trials[number]
        trial["params"][name], trial["distributions"][name] = value, distribution

    def logs(self) -> list[Log]:
        """The lines for Optuna."""
        return [*self._of_study, *self._trials]
