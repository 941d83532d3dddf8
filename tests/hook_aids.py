"""Plugins that the tests register in the shells."""

from __future__ import annotations

import ast

from awaitall import hookimpl
from awaitall.plugins import plugins

__all__ = ["Everything", "log", "plug"]

log: list[str] = []


class PlusOne(ast.NodeTransformer):
    """Adds one to 41."""

    def visit_Constant(self, node):
        return ast.copy_location(ast.Constant(42), node) if node.value == 41 else node


class Everything:
    """Implements each hook along the way of an input."""

    @hookimpl
    def awaitall_source_transformers(self):
        yield lambda source: source.replace("fortyone", "41")

    @hookimpl
    def awaitall_ast_transformers(self):
        yield PlusOne()

    @hookimpl
    def awaitall_before_run(self, input):
        log.append(f"before {input.source}")

    @hookimpl
    def awaitall_after_run(self, outcome):
        log.append(f"after {type(outcome.error).__name__} {outcome.seconds > 0}")

    @hookimpl
    def awaitall_display(self, value):
        return "shown otherwise" if value == "value" else None

    @hookimpl
    def awaitall_background_error(self, name, error):
        log.append(f"failed {name} {error!r}")

    @hookimpl
    def awaitall_runner_changed(self, old, new):
        log.append(f"runner {old} {new}")


def plug():
    """Register the plugin."""
    plugins().manager.register(Everything(), "everything")
