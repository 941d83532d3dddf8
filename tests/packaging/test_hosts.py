"""The programs of others that open a shell, as the how-to page has it: scrapy, konch and cmd2."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from awaitall.testing import Terminal

PINS = ("scrapy", "konch", "cmd2")

PAGE = (Path(__file__).parents[2] / "docs" / "how-to" / "embed.md").read_text()
SETTINGS, KONCHRC, APP = re.findall(r"(?ms)^```py$\n(.*?)^```$", PAGE)

SPIDER = """
import asyncio, scrapy
from scrapy.shell import inspect_response


class Spider(scrapy.Spider):
    name = "spider"
    start_urls = ["data:text/html,<p>hello</p>"]

    async def parse(self, response):
        self.queue = asyncio.Queue()
        self.queue.put_nowait("an item")
        inspect_response(response, self)
        print("after:", await asyncio.sleep(0, "the crawl goes on"))
"""


@pytest.fixture
def start(environment, tmp_path):
    """Start a program of the environment in a folder with these files, and wait for what it prompts with."""
    terminals = []

    def start(prompt, *argv, **files):
        for name, text in files.items():
            (tmp_path / name.replace("_py", ".py").replace("dot_", ".").replace("_cfg", ".cfg")).write_text(text)
        env = {"HOME": str(tmp_path), "PYTHONPATH": str(tmp_path)}
        terminal = Terminal(str(environment.bin / argv[0]), *argv[1:], env=env, cwd=str(tmp_path))
        terminals.append(terminal)
        terminal.wait_for(prompt)
        return terminal

    yield start
    for terminal in terminals:
        terminal.close()


SCRAPY = {"scrapy_cfg": "[settings]\ndefault = its_settings\n", "its_settings_py": f"{SETTINGS}LOG_LEVEL = 'ERROR'\n"}


def test_inspect_response_awaits_on_the_loop_of_the_crawl(start):
    terminal = start(r">>> *$", "scrapy", "runspider", "spider.py", spider_py=SPIDER, **SCRAPY)
    terminal.type("await spider.queue.get()\r")
    terminal.wait_for(r"(?s)\n'an item'\n.*>>> *$")
    terminal.key("c")
    terminal.wait_for(r"KeyboardInterrupt\n>>> *$")
    terminal.key("d")
    assert terminal.wait_for_end() == 0
    assert "after: the crawl goes on" in terminal.text()


def test_scrapy_shell_lets_tasks_go_on_at_the_prompt(start, tmp_path):
    (tmp_path / "page.html").write_text("<p>hello</p>")
    terminal = start(r">>> *$", "scrapy", "shell", f"file://{tmp_path}/page.html", **SCRAPY)
    terminal.type("import asyncio; await asyncio.sleep(0, response.css('p::text').get())\r")
    terminal.wait_for(r"(?m)^'hello'$")
    terminal.type("%bg asyncio.sleep(0.1, 7)\r")
    terminal.wait_for("→ 7")


def test_konch_awaits(start, environment, tmp_path):
    (tmp_path / ".konchrc").write_text(KONCHRC)
    Terminal(str(environment.bin / "konch"), "allow", env={"HOME": str(tmp_path)}, cwd=str(tmp_path)).wait_for_end()
    terminal = start(r">>> *$", "konch")
    terminal.type("import asyncio; await asyncio.sleep(0, answer + 1)\r")
    terminal.wait_for(r"(?m)^43$")


def test_cmd2_has_a_command_that_awaits(start):
    program = f"import awaitall, cmd2\n\n{APP}\n\nApp().cmdloop()\n"
    terminal = start(r"\(Cmd\) *$", "python", "app.py", app_py=program)
    terminal.type("python\r")
    terminal.wait_for(r">>> *$")
    terminal.type("import asyncio; await asyncio.sleep(0, type(self).__name__)\r")
    terminal.wait_for(r"(?ms)^'App'$.*^>>> *\Z")
    terminal.key("d")
    terminal.wait_for(r"\(Cmd\) *$")
