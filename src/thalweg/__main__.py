"""``python -m thalweg``: the program ``thalweg``, where it is not on the path."""

from thalweg.cli.main import run

if __name__ == "__main__":
    run()
