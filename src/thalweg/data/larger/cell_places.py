"""Where in its files a cell is that a column cannot have.

A kind is found from the different cells of a column, sorted, so an error knows the cell alone. The
files are read once more for it.
"""

import re
from collections.abc import Iterator

import numpy as np
import pandas as pd

from thalweg.data.fixes.column_errors import ColumnError
from thalweg.data.larger.table_files import Batch, TableFiles
from thalweg.data.schema.given_table import Cells
from thalweg.data.streams.text_batches import changed
from thalweg.errors import DataError

_ROW = re.compile(r"\b([Rr]ow) ([0-9,]+)")


class CellPlaces:
    """Names the rows of cells in errors of columns.

    Parameters
    ----------
    files : TableFiles
    rows : int
        Of a batch.
    """

    def __init__(self, files: TableFiles, rows: int) -> None:
        self._files, self._rows = files, rows

    def placed(self, name: str, error: DataError, cells: Cells) -> DataError:
        """The error of a column with the rows and files of its cells.

        Parameters
        ----------
        name : str
            The column.
        error : DataError
            Its rows are those of ``cells``.
        cells : Cells
            The different cells of the column.
        """

        def named(row: re.Match[str]) -> str:
            found = self._row(name, cells.values[int(row[2].replace(",", "")) - 1])
            return f"{row[1]} {found}"

        what, where, why, fix = error.unspelled
        own = f'column "{name}"' if where.startswith(f'column "{name}"') else ""
        where = own + _ROW.sub(named, where.removeprefix(own))
        if why.startswith("Row "):
            why = _ROW.sub(named, why, 1)
        if isinstance(error, ColumnError):
            # Its row is one of different cells: none that could be left out.
            return ColumnError(
                what, where=where, why=why, fix=fix, remedies=error.remedies, column=error.column
            )
        return type(error)(what, where=where, why=why, fix=fix)

    def _row(self, name: str, cell: object) -> str:
        """The first row that has a cell: its number, and its file."""
        for batch in self._batches(name):
            codes, different = pd.factorize(batch.frame[name].to_numpy(dtype=object))
            for code, each in enumerate(different.tolist()):
                if type(each) is type(cell) and each == cell:
                    return batch.row(int(np.argmax(codes == code))).removeprefix("row ")
        raise changed(self._files.paths[0])

    def _batches(self, name: str) -> Iterator[Batch]:
        return self._files.batches([name], self._rows)
