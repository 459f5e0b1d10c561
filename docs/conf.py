"""How the manual is built: `tox -e docs`."""

from __future__ import annotations

import convokit

project = "convokit"
author = "convokit contributors"
project_copyright = "convokit contributors"
version = release = convokit.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
myst_enable_extensions = ["colon_fence", "deflist", "fieldlist"]
myst_heading_anchors = 3
exclude_patterns = ["_build"]

html_theme = "furo"
html_title = "convokit"
html_copy_source = False

autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented_params"
autodoc_class_signature = "mixed"
add_module_names = False
python_use_unqualified_type_names = True

# Every promised name that a page mentions must lead somewhere. Left out: names of other libraries, the modules in
# which our own rules live, and type variables.
nitpicky = True
nitpick_ignore_regex = [
    (r"py:.*", r"(?!convokit\b).*"),
    (r"py:mod", r"convokit\..*"),
    (r"py:.*", r"convokit\..*\.[A-Z]"),  # type variables
]
