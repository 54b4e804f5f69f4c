"""The form of the header of a model file, with the parts that depend on the kind of the model."""

from thalweg.evaluation.several.targets_together import MOST_TARGETS
from thalweg.persistence.header_form import HEADER, KINDS, settings_form
from thalweg.persistence.judgement_form import REPORTS, VERDICTS
from thalweg.persistence.plain_data_checks import Either, Form, Maybe, Perhaps, Several
from thalweg.persistence.targets.target_forms import ONE_OF_SEVERAL

_EVALUATED: dict[str, Form] = {
    "judgement": Maybe(Either(tuple(VERDICTS.values()))),
    "report": Maybe(Either(tuple(REPORTS.values()))),
}
_TRAINING = HEADER["training"]
assert isinstance(_TRAINING, dict)
MODEL_HEADER: dict[str, Form] = {
    **HEADER,
    "training": {**_TRAINING, "settings": Either(tuple(map(settings_form, KINDS)))},
    **_EVALUATED,
    "targets": Perhaps(
        Several(
            ONE_OF_SEVERAL | {key: Perhaps(form) for key, form in _EVALUATED.items()}, MOST_TARGETS
        )
    ),
}
