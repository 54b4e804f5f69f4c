"""One-line methods that open doors to higher floors; the only file that may import upward."""

from os import PathLike


class Doors:
    """Methods that every estimator has and that live elsewhere."""

    def save(self, path: str | PathLike[str], *, overwrite: bool = False) -> None:
        """Write the fitted model to one file; see `thalweg.persistence.model_file.save_model`."""
        from thalweg.persistence.model_file import save_model

        save_model(self, path, overwrite=overwrite)
