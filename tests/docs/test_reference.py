"""The reference is complete."""

from __future__ import annotations

import asyncio
import contextvars
import re
import tomllib
from pathlib import Path

import pytest

import awaitall
from awaitall import FEATURES, Runner, errors, hookspecs, shells, testing
from awaitall.plugins import open_runner, resolve_runner
from awaitall.runners import builtin

DOCS = Path(__file__).parents[2] / "docs"
REFERENCE = DOCS / "reference"
RUNNERS = [spec.name for spec in builtin.awaitall_runners()]
HOOKS = [name for name in vars(hookspecs) if name.startswith("awaitall_")]


def page(name):
    return (REFERENCE / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", awaitall.__all__)
def test_every_public_name_is_in_the_api_page(name):
    assert re.search(rf"\bawaitall\.{name}\b", page("api.md"))


@pytest.mark.parametrize("name", testing.__all__)
def test_every_public_name_for_tests_is_in_the_api_page(name):
    assert f"autoclass:: awaitall.testing.{name}\n" in page("api.md")


@pytest.mark.parametrize("name", shells.__all__)
def test_every_name_of_the_adapter_kit_is_in_the_api_page(name):
    assert re.search(rf"::? awaitall\.shells\.{name}\b", page("api.md"))


@pytest.mark.parametrize("name", errors.__all__)
def test_every_error_is_in_the_errors_page(name):
    assert re.search(rf"autoexception:: awaitall\.(errors\.)?{name}\n", page("errors.md"))


@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize("fact", ["**When**", "**Thread**", "**None**", "**Raises**", "```pycon"])
def test_every_hook_is_described(hook, fact):
    section = page("hooks.md").partition(f"## {hook}\n")[2].partition("\n## ")[0]
    assert fact in section


def test_the_hooks_page_describes_no_hook_that_is_gone():
    assert sorted(re.findall(r"(?m)^## (awaitall_\w+)$", page("hooks.md"))) == sorted(HOOKS)


def features_in_the_table(name):
    """What the how-to page says that a runner can do."""
    text = (DOCS / "how-to" / "choose-a-runner.md").read_text(encoding="utf-8")
    table = text.partition("## What they can do\n")[2]
    header, row = (re.search(rf"(?m)^\| *{start} *\|(.*)\|$", table)[1].split("|") for start in ("", name))
    return {feature.strip(" `") for feature, answer in zip(header, row, strict=True) if answer.strip() == "yes"}


@pytest.mark.parametrize(("runner", "row"), [*((name, f"`{name}`") for name in RUNNERS), (asyncio.run, "a function")])
def test_the_table_of_features_is_what_the_runners_declare(runner, row):
    runner = open_runner(resolve_runner(runner), contextvars.copy_context())
    runner.close()
    assert features_in_the_table(row) == runner.features


def test_the_table_has_a_column_for_every_feature():
    assert features_in_the_table("`asyncio`") == set(FEATURES)


@pytest.mark.parametrize("name", FEATURES)
def test_every_feature_is_explained(name):
    assert f"\n`{name}`\n: " in (DOCS / "how-to" / "choose-a-runner.md").read_text(encoding="utf-8")


def test_every_member_of_a_runner_is_in_the_api_page():
    members = [name for name, member in vars(Runner).items() if callable(member) and not name.startswith("_")]
    assert re.search(r"autoclass:: awaitall\.Runner\n   :members: (.*)\n", page("api.md"))[1].split(", ") == members


def test_the_classifiers_name_the_systems_of_the_table():
    project = tomllib.loads((DOCS.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    systems = [name.split(" :: ")[-1].lower() for name in project["classifiers"] if name.startswith("Operating System")]
    header = re.search(r"(?m)^\| \| (.*) \|$", page("systems.md"))[1]
    assert sorted(systems) == sorted(header.lower().split(" | "))
