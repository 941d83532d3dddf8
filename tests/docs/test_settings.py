"""The page of settings has the table that the code has."""

from __future__ import annotations

import json
from pathlib import Path

from awaitall.settings import SETTINGS

DOCS = Path(__file__).parents[2] / "docs"


PAGE = (DOCS / "reference" / "settings.md").read_text(encoding="utf-8")


def rows(heading):
    """Return the rows of the table that has a heading."""
    return PAGE.partition(f"{heading}\n")[2].partition("\n\n")[0].splitlines()[1:]


def test_the_table_is_that_of_the_code():
    assert rows("| setting | default | meaning | variable |") == [
        f"| `{setting.name}` | `{json.dumps(setting.default)}` | {setting.meaning} | `{setting.variable}` |"
        for setting in SETTINGS.values()
    ]


def test_the_table_of_names_in_ipython_is_that_of_the_code():
    assert rows("| setting | in IPython |") == [
        f"| `{setting.name}` | `{setting.ipython}` |" for setting in SETTINGS.values() if setting.ipython
    ]


def test_the_page_of_xonsh_has_a_variable_for_each_setting_of_a_session():
    page = (DOCS / "how-to" / "xonsh.md").read_text(encoding="utf-8")
    names = [setting.name for setting in SETTINGS.values() if setting.is_attribute]
    assert [name for name in names if f"\n| `$XONTRIB_AWAITALL_{name.upper()}` | " not in page] == []
