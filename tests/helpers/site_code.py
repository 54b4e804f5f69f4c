"""The code that makes the site, which is no package: docs/site is put on the path first."""

import sys

from places import ROOT

SITE = ROOT / "docs" / "site"
sys.path.append(str(SITE))

import api_pages  # noqa: E402
import command_pages  # noqa: E402
import error_pages  # noqa: E402
import llms_text  # noqa: E402
import schema_pages  # noqa: E402
import stage_pages  # noqa: E402
import version_files  # noqa: E402

__all__ = [
    "SITE",
    "api_pages",
    "command_pages",
    "error_pages",
    "llms_text",
    "schema_pages",
    "stage_pages",
    "version_files",
]
