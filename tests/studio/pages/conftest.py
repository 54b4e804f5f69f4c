"""A browser for the tests of the page, and a studio with canned answers."""

import pytest

from browser import Browser
from studio.pages.fake_studio import FakeStudio


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    opened = Browser(tmp_path_factory.mktemp("profile"))
    yield opened
    opened.close()


@pytest.fixture
def studio():
    served = FakeStudio().start()
    yield served
    served.stop()
