"""Where things lie: the one module that knows how deep a test file is."""

from pathlib import Path

HELPERS = Path(__file__).resolve().parent
TESTS = HELPERS.parent
ROOT = TESTS.parent
SOURCE = ROOT / "src" / "thalweg"
# Model files that earlier versions wrote.
MODELS = TESTS / "models"
