"""How columns enter a network: their inputs, in the words that traces and reports have for them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from thalweg.data.doctor.examined_table import Look
from thalweg.data.encoding.encoder import Encoder, fit_encoder
from thalweg.data.encoding.encoder_part import RowBlock
from thalweg.data.schema.schema import Schema, remark_of
from thalweg.estimators.parameters.resolved_parameters import cut_of
from thalweg.reporting.html_pieces import clipped
from thalweg.reporting.trace.encoded_columns import kinds_of_outputs
from thalweg.reporting.trace.tables.column_tables import BIN, KINDS, LEVEL, PAIR, SCALED
from thalweg.wording import counted

_NAMED, _LETTERS = 6, 60
_OF_LEVELS = {"level": LEVEL, "pair": PAIR}


@dataclass(frozen=True)
class NetworkInputs:
    """The inputs of a network that are made of some columns.

    Attributes
    ----------
    schema : Schema
    encoder : Encoder
        Fitted on all rows. That of a fit is fitted on its training rows only.
    scaled : dict of ndarray
        The scaled number of each row, by the place of its column.
    """

    schema: Schema
    encoder: Encoder
    scaled: dict[int, NDArray[np.float64]]

    @classmethod
    def of(cls, looks: Sequence[Look], n_rows: int, n_numbers: int) -> "NetworkInputs":
        """The inputs of the columns that can be read; ``n_numbers`` are those of the table."""
        schema = Schema(tuple(look.column for look in looks if look.column is not None))
        matrix = np.column_stack([look.values for look in looks if look.column is not None])
        cut = cut_of("auto", n_rows, n_numbers)
        encoder = fit_encoder(matrix, np.ones(len(matrix)), schema.n_levels, cut)
        scaled = np.empty((len(matrix), encoder.scaling.n_outputs))
        encoder.scaling.encode(RowBlock(matrix, np.isnan(matrix)), scaled)
        numbers = encoder.scaling.numbers.tolist()
        return cls(schema, encoder, dict(zip(numbers, scaled.T, strict=True)))

    def sentences(self) -> list[str]:
        """How each column enters: how many inputs it has, which, and what each is."""
        names = self.encoder.output_names(self.schema.names, self.schema.levels)
        forms = self.encoder.forms()
        owners = np.concatenate([form.column for form in forms]).astype(np.intp)
        kinds = kinds_of_outputs(self.encoder, self.schema.kinds)
        binned = range(*self.encoder.binned.indices(self.encoder.n_outputs))
        scaled = range(self.encoder.scaling.n_outputs)
        said = []
        for place, column in enumerate(self.schema.columns):
            own = np.flatnonzero(owners == place).tolist()
            if column.kind == "empty" or not own:
                said.append(f"{column.kind}{remark_of(column)}")
                continue
            ways = [SCALED] if any(each in scaled for each in own) else []
            ways += [BIN] if any(each in binned for each in own) else []
            of_kinds = dict.fromkeys(kinds[each] for each in own)
            ways += [text for kind in of_kinds if (text := _OF_LEVELS.get(kind) or KINDS.get(kind))]
            shown = [clipped(names[each], _LETTERS) for each in own[:_NAMED]]
            more = f" and {len(own) - _NAMED:,} more" if len(own) > _NAMED else ""
            inputs = f"{counted(len(own), 'input')}: {', '.join(shown)}{more}"
            said.append(" ".join([f"{inputs}.", *ways]))
        return said
