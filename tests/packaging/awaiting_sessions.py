"""A plugin for the pytest that runs xonsh's own tests: it loads awaitall into every xonsh session that they make."""

from __future__ import annotations

from functools import wraps

import pytest
from xonsh.built_ins import XSH, XonshSession

from awaitall_xonsh import _load_xontrib_

load_session = XonshSession.load


@wraps(load_session)
def load_with_awaitall(xsh, *args, **options):
    load_session(xsh, *args, **options)
    _load_xontrib_(xsh)


XonshSession.load = load_with_awaitall


def pytest_itemcollected(item):
    """Note by which name a test is run."""
    item.user_properties.append(("nodeid", item.nodeid))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_call(item):
    """Note the class of the execer that a test with a session finds."""
    if XSH.builtins_loaded:
        item.user_properties.append(("execer", type(XSH.execer).__name__))
