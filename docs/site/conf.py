"""Sphinx's settings of the site: nothing is fetched, nothing has the date of the build."""

import os
import re
import sys
from datetime import UTC, datetime
from pathlib import Path

SITE = Path(__file__).resolve().parent
sys.path.insert(0, str(SITE))

from version_files import SCRIPT, shown  # noqa: E402

import thalweg  # noqa: E402

DATE = datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), UTC)

project = "thalweg"
author = "The thalweg authors"
copyright = f"{DATE:%Y}, {author}"
version = release = thalweg.__version__
html_last_updated_fmt = "%Y-%m-%d"

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "numpydoc",
    "sphinx_gallery.gen_gallery",
    "sphinx_copybutton",
    "sphinx_design",
]
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}
root_doc = "index"
nitpicky = True
# What scikit-learn's own docstrings refer to is not part of this site.
nitpick_ignore_regex = [("py:.*", r"sklearn\..*")]
# A fence without a language is no program.
highlight_language = "none"
# Quotes and dashes stay as they are typed: many of them are code.
smartquotes = False

myst_heading_anchors = 4
myst_enable_extensions = ["colon_fence", "deflist"]

autodoc_typehints = "none"
autodoc_member_order = "alphabetical"
# Each page lists its members itself.
numpydoc_show_class_members = False
numpydoc_xref_param_type = False

html_theme = "pydata_sphinx_theme"
html_title = "thalweg"
html_static_path = [str(SITE / "static")]
html_css_files = ["site.css"]
# The list of versions is beside the pages, where a later build can write it anew.
html_js_files = [(f"../{SCRIPT}", {"defer": "defer"}), ("site.js", {"defer": "defer"})]
templates_path = [str(SITE / "templates")]
html_context = {"site_version": shown(release)}
toc_object_entries_show_parents = "hide"
html_favicon = str(SITE / "static" / "favicon.svg")
html_search_scorer = str(SITE / "search_order.js")
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "logo": {"text": "thalweg"},
    "header_links_before_dropdown": 6,
    "navbar_align": "left",
    "navbar_end": ["versions", "theme-switcher"],
    "show_prev_next": False,
    "show_toc_level": 2,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright", "of-version"],
    "footer_end": [],
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
html_sidebars = {"index": [], "README": [], "CHANGELOG": [], "CONTRIBUTING": []}

copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True

sphinx_gallery_conf = {
    "examples_dirs": str(SITE / "gallery"),
    "gallery_dirs": "gallery",
    "backreferences_dir": "gallery/backreferences",
    "doc_module": ("thalweg",),
    "filename_pattern": r"/plot_",
    "download_all_examples": False,
    "show_memory": False,
    "show_signature": False,
    "min_reported_time": 1e9,
    "remove_config_comments": True,
    "abort_on_example_error": True,
    "capture_repr": (),  # what Matplotlib's last call returns is no output
}

# A name with an underscore at its end, or a norm: reStructuredText has other uses of such signs.
SIGN = re.compile(r"(?<![`*\w])(\w+)_(?=[,.;)])|\|(W)\|")
# A name that a docstring gives to a page of the documentation becomes a link to it.
PAGE = re.compile(r"(?<![\w/`])(?:``)?docs/([\w/-]+)\.md(?:#[\w-]+)?(?:``)?")


def linked(app, what, name, obj, options, lines):
    """Make pages that a docstring names into links."""
    del app, what, name, obj, options
    for place, line in enumerate(lines):
        line = SIGN.sub(lambda sign: rf"{sign[1]}\_" if sign[1] else r"\|W\|", line)
        lines[place] = PAGE.sub(r":doc:`docs/\1.md </docs/\1>`", line)


def setup(app):
    """What Sphinx calls before it reads the pages."""
    app.connect("autodoc-process-docstring", linked)
