"""What people do at a prompt with the libraries they have; each adapter's tests run it in their shell on a real terminal."""

from __future__ import annotations

import asyncio
import os
import re
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import pytest
from aiohttp import WSMsgType, web

if TYPE_CHECKING:
    from shells import Shell

#: What is typed to have a server that answers with the path that was asked for, and prints its port.
SERVER = [
    "from aiohttp import web",
    "async def answer(request):\n    return web.Response(text=request.path)",
    "app = web.Application()",
    "app.add_routes([web.get('/{name}', answer)])",
    "async def serve():\n"
    "    runner = web.AppRunner(app)\n"
    "    await runner.setup()\n"
    "    await web.TCPSite(runner, '127.0.0.1', 0).start()\n"
    "    print('serving on port', runner.addresses[0][1])\n"
    "    await asyncio.Event().wait()",
]

#: What it prints.
SERVING = r"(?m)^serving on port (\d+)$"

#: A program that prints the page at a URL.
CLIENT = """
import sys
from urllib.request import ProxyHandler, build_opener
print(build_opener(ProxyHandler({})).open(sys.argv[1], timeout=20).read().decode(), end="")
"""

#: What is typed to have the output of a program followed, line by line.
FOLLOW = (
    "async def follow(*command):\n"
    "    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)\n"
    "    async for line in process.stdout:\n"
    "        print('followed', line.decode().strip())"
)

#: A module that sets Django up as a script does, for a database with one table.
ORM = """
import django
from asgiref.sync import async_to_sync
from django.conf import settings

settings.configure(DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "people.db"}})
django.setup()

from django.db import models


class Person(models.Model):
    name = models.TextField()

    class Meta:
        app_label = "orm"
        db_table = "person"


@async_to_sync
async def counted():
    return await Person.objects.acount()
"""


class Echo:
    """A websocket server that sends back what it gets, and answers pings.

    Attributes:
        pings: How many have come.
    """

    def __init__(self) -> None:
        self.pings = 0
        self.application = web.Application()
        self.application.router.add_get("/", self.answer)

    async def answer(self, request):
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        async for message in socket:
            if message.type is WSMsgType.PING:
                self.pings += 1
                await socket.pong(message.data)
            elif message.type is WSMsgType.TEXT:
                await socket.send_str(message.data)
        return socket


class RealSuite:
    """Subclass it with the class of a shell."""

    shell_class: type[Shell]

    @pytest.fixture
    def echo(self):
        """A running server; its address is its ``url``."""
        server = Echo()
        with served(server.application) as port:
            server.url = f"ws://127.0.0.1:{port}/"
            yield server

    @pytest.fixture
    def pipe(self, tmp_path):
        """A named pipe, open for writing; gives its path and the file descriptor."""
        path = tmp_path / "pipe"
        os.mkfifo(path)
        fd = os.open(path, os.O_RDWR)  # else it would wait for a reader
        yield path, fd
        os.close(fd)

    def test_a_server_in_the_background_answers_another_process_while_the_prompt_idles(self, fresh):
        for source in SERVER:
            fresh.run(source)
        fresh.run("%bg serve()")
        port = re.search(SERVING, fresh.terminal.wait_for(SERVING))[1]
        assert [fetched(f"http://127.0.0.1:{port}/{name}") for name in ("a", "b", "c")] == ["/a", "/b", "/c"]

    def test_a_websocket_stays_alive_through_idle_seconds_at_the_prompt(self, echo, fresh):
        fresh.run(f"import websockets; url = {echo.url!r}")
        fresh.run("socket = await websockets.connect(url, ping_interval=0.3, ping_timeout=2)")
        fresh.terminal.wait_for(lambda _: echo.pings >= 10)
        fresh.run("await socket.send('still here')")
        assert fresh.run("await socket.recv()") == "'still here'"

    def test_the_output_of_a_subprocess_leaves_half_a_line_intact(self, pipe, fresh):
        path, fd = pipe
        fresh.run(FOLLOW)
        fresh.run(f"%bg follow('cat', {str(path)!r})")
        typed = fresh.prompt
        for half, line in (("6 ", b"one\n"), ("* ", b"two\n")):
            fresh.terminal.type(half)
            fresh.wait_for_echo(half)
            typed += half
            os.write(fd, line)
            below = f"\nfollowed {line.decode()}{typed.rstrip()}\n"
            fresh.terminal.wait_for(lambda text, below=below: below in f"{text}\n")
        assert fresh.run("7") == "42"

    @pytest.fixture
    def orm(self, tmp_path):
        """The name of a module with a model of Django's, ``Person``; its table is empty."""
        pytest.importorskip("django")
        with closing(sqlite3.connect(tmp_path / "people.db")) as database:
            database.execute("CREATE TABLE person (id INTEGER PRIMARY KEY, name TEXT NOT NULL)")
        (tmp_path / "orm.py").write_text(ORM)
        return "orm"

    def test_a_model_of_django_needs_no_switch(self, orm, start):
        shell = start()
        shell.run(f"from {orm} import Person, counted; from django.db import transaction")
        assert shell.run("Person.objects.create(name='Ada').name") == "'Ada'"  # nothing has been awaited by now
        assert shell.run("await Person.objects.acount()") == "1"
        assert shell.run("with transaction.atomic():\n    p = Person.objects.create(name='Bob')\n    print(p.name)") == "Bob"
        assert shell.run("counted()") == "2"
        assert shell.run("[person.name for person in Person.objects.order_by('name')]") == "['Ada', 'Bob']"

    def test_a_model_of_django_works_on_uvloop(self, orm, start):
        shell = start()
        shell.command("autoawait uvloop")
        shell.run(f"from {orm} import Person, counted")
        assert shell.run("Person.objects.create(name='Ada').name") == "'Ada'"
        assert shell.run("await Person.objects.acount()") == "1"
        assert shell.run("counted()") == "1"


@contextmanager
def served(application):
    """Serve an application in a thread of its own; gives the port."""

    async def start():
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()

    loop = asyncio.new_event_loop()
    runner = web.AppRunner(application, shutdown_timeout=1.0)
    loop.run_until_complete(start())
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield runner.addresses[0][1]
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def fetched(url):
    """Get a page in another process."""
    done = subprocess.run([sys.executable, "-c", CLIENT, url], capture_output=True, text=True, timeout=30, check=True)
    return done.stdout
