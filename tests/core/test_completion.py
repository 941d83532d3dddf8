"""What may follow ``(await f()).``: the attributes of the type that is annotated."""

from __future__ import annotations

import pytest

from awaitall import Session

NAMES = """
from __future__ import annotations
import asyncio, dataclasses, typing
from collections.abc import Awaitable, Generator

@dataclasses.dataclass
class Response:
    status: int
    _hidden: int = 0
    def json(self): ...
    @property
    def text(self): raise AssertionError("this has been run")

class Request:
    def __await__(self) -> Generator[typing.Any, typing.Any, Response]: ...

class Client:
    async def get(self, url) -> Response: ...
    def post(self, url) -> Awaitable[Response]: ...
    def request(self) -> Request: ...
    def task(self) -> asyncio.Task[Response]: ...
    async def maybe(self) -> Response | None: ...
    async def optional(self) -> typing.Optional[Response]: ...
    async def text(self) -> "Response": ...
    async def many(self) -> list[Response]: ...
    async def nothing(self): ...
    async def unknown(self) -> Nope: ...
    @classmethod
    async def make(cls) -> Client: ...
    @property
    def client(self) -> Client: raise AssertionError("this has been run")
    def __getattr__(self, name): raise AssertionError("this has been run")

async def f() -> Response: ...
client = Client()
"""

RESPONSE = ["json", "status", "text"]

#: What is typed -> what may follow.
TYPED = {
    "(await f()).": RESPONSE,
    "(await f()).s": ["status"],
    "(await f())._h": ["_hidden"],
    "x = (await f()).": RESPONSE,
    "print(1, (await f()).": RESPONSE,
    "(await client.get(1)).": RESPONSE,
    "(await client.get((1, ')'))).": RESPONSE,
    "(await client.post(1)).": RESPONSE,
    "(await client.request()).": RESPONSE,
    "(await client.task()).": RESPONSE,
    "(await client.maybe()).": RESPONSE,
    "(await client.optional()).": RESPONSE,
    "(await client.text()).": RESPONSE,
    "(await client.many()).app": ["append"],
    "(await (await Client.make()).get(1)).": RESPONSE,
    "(await client.nothing()).": [],
    "(await client.unknown()).": [],
    "(await client.client.get(1)).": [],
    "(await nope()).": [],
    "(await f()": [],
    "(await f(.": [],
    "f().": [],
    "await f().": [],
    "": [],
}


@pytest.fixture(scope="module")
def session():
    with Session() as session:
        session.run(NAMES)
        yield session


@pytest.mark.parametrize("text", TYPED)
def test_attributes_of_what_is_awaited(session, text):
    assert list(session.complete(text)) == TYPED[text]


def test_each_is_told_whose_it_is(session):
    assert session.complete("(await f()).st") == {"status": "Response"}
