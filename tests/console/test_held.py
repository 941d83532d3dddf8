"""What is held back while a prompt waits, without a shell."""

from __future__ import annotations

import codecs
import io
import os
import pty
import queue
import subprocess
import sys
import threading
from contextlib import contextmanager

import pytest

from awaitall.prompts.held import HeldLines, HeldStreams


class TestHeldLines:
    @pytest.mark.parametrize(
        ("written", "lines", "rest"),
        [
            (["a\n", "b\n"], ["a\n", "b\n"], []),
            (["a", "b", "\n"], ["ab\n"], []),
            (["a\nb\nc"], ["a\nb\n"], ["c\n"]),
            (["a", "b"], [], ["ab\n"]),
            (["1%\r2%", "\r", "3%"], [], ["3%\n"]),
            (["\r1%", "\r2%", "\n"], ["2%\n"], []),
            (["1%", "\r", "2%", "\r", "\n"], ["2%\r\n"], []),
            (["a\r\nb\r\n"], ["a\r\nb\r\n"], []),
            ([""], [], []),
        ],
    )
    @pytest.mark.parametrize("kind", [str, bytes])
    def test_whole_lines_come_out_and_the_rest_later(self, written, lines, rest, kind):
        held = HeldLines()
        for text in written:
            held.add("place", text if kind is str else text.encode())
        assert bool(held) == bool(lines)
        assert [text if kind is str else text.decode() for _, text in held.take()] == lines
        assert [text if kind is str else text.decode() for _, text in held.take_all()] == rest
        assert held.take_all() == []

    def test_two_places_do_not_share_a_line(self):
        held = HeldLines()
        for place, text in (("out", "a"), ("err", "b\n"), ("out", "c\n")):
            held.add(place, text)
        assert held.take() == [("err", "b\n"), ("out", "ac\n")]

    def test_a_progress_bar_does_not_grow(self):
        held = HeldLines()
        for number in range(1000):
            held.add("place", f"{number}")
            held.add("place", "\r")
        assert held.take_all() == [("place", "999\r\n")]

    def test_a_line_in_a_million_pieces_takes_no_time(self):
        held = HeldLines()
        for _ in range(1_000_000):
            held.add("place", "x")
        held.add("place", "\n")
        assert len(held.take()[0][1]) == 1_000_001


@contextmanager
def terminal():
    """A stream that writes to a terminal, and what tells what has arrived there since the last time."""
    controller, fd = pty.openpty()
    mark = os.dup(fd)
    arrived = queue.SimpleQueue()

    def collect():
        while data := os.read(controller, 65536):
            arrived.put(data)
            if b"\1" in data:
                return

    def read():
        os.write(mark, b"\0")
        data = b""
        while not data.endswith(b"\0"):
            data += arrived.get(timeout=10)
        return data[:-1].decode().replace("\r\n", "\n")

    reader = threading.Thread(target=collect)
    reader.start()
    with open(fd, "w", buffering=1, encoding="utf-8") as stream:
        yield stream, read
    os.write(mark, b"\1")
    reader.join()
    os.close(mark)
    os.close(controller)


@pytest.fixture
def stream_and_read(monkeypatch):
    with terminal() as (stream, read):
        monkeypatch.setattr(sys, "__stdout__", stream)  # pytest has sys.stdout for itself
        yield stream, read


@contextmanager
def held(tell=lambda: None, passes=lambda: False):
    streams = HeldStreams(tell, passes)
    streams.begin()
    try:
        yield streams
    finally:
        streams.end()


class TestHeldStreams:
    @pytest.mark.parametrize(
        "write",
        [
            lambda stream, kept: print("line", file=stream),
            lambda stream, kept: stream.writelines(["li", "ne\n"]),
            lambda stream, kept: stream.buffer.write(b"line\n"),
            lambda stream, kept: stream.buffer.write(memoryview(bytearray(b"line\n"))),
            lambda stream, kept: kept("line\n"),
            lambda stream, kept: codecs.getwriter("utf-8")(stream.buffer).write("line\n"),
        ],
        ids=["print", "writelines", "bytes", "view", "kept", "wrapped"],
    )
    def test_it_is_held_back_however_it_is_written(self, stream_and_read, write):
        stream, read = stream_and_read
        kept = stream.write
        with held() as streams:
            write(stream, kept)
            assert (bool(streams), read()) == (True, "")
            streams.show()
            assert (bool(streams), read()) == (False, "line\n")
        assert read() == ""

    def test_what_is_left_is_shown_at_the_end(self, stream_and_read):
        stream, read = stream_and_read
        with held():
            print("whole", file=stream)
            print("half", end="", file=stream)
        assert read() == "whole\nhalf\n"
        print("after", file=stream)
        assert read() == "after\n"

    def test_nothing_is_left_on_the_streams(self, stream_and_read):
        stream, _ = stream_and_read
        with held():
            assert "write" in vars(stream)
        assert "write" not in vars(stream)
        assert "write" not in vars(stream.buffer)

    def test_a_write_of_the_users_own_stays(self, stream_and_read):
        stream, read = stream_and_read
        theirs = stream.write = lambda text: type(stream).write(stream, text.upper())
        with held() as streams:
            ours = stream.write
            on_top = stream.write = lambda text: ours(text)
            print("line", file=stream)
            streams.show()
        assert stream.write is on_top
        print("after", file=stream)
        stream.flush()
        assert read() == "line\nAFTER\n"
        del stream.write
        with held():
            stream.write = theirs
        assert stream.write is theirs

    def test_a_write_that_is_kept_longer_is_held_back_by_the_next_prompt(self, stream_and_read):
        stream, read = stream_and_read
        with held():
            kept = stream.write
        kept("between\n")
        assert read() == "between\n"
        with held():
            kept("line\n")
            assert read() == ""
        assert read() == "line\n"

    def test_what_cannot_be_written_is_an_error_of_the_writer(self, stream_and_read):
        stream, read = stream_and_read
        with held():
            with pytest.raises(TypeError):
                stream.write(b"bytes")
            with pytest.raises(TypeError):
                stream.buffer.write("text")
            with pytest.raises(UnicodeEncodeError):
                stream.write("\udc80")
        assert read() == ""

    def test_a_stream_that_a_task_closes_costs_only_its_text(self, stream_and_read, monkeypatch):
        stream, _ = stream_and_read
        with terminal() as (other, read):
            monkeypatch.setattr(sys, "__stderr__", other)
            with held():
                print("lost", file=stream)
                print("shown", file=other)
                stream.close()
            assert read() == "shown\n"

    @pytest.mark.parametrize("stdout", [None, io.StringIO(), io.TextIOWrapper(io.BytesIO())], ids=["none", "text", "file"])
    def test_what_is_no_terminal_is_left_alone(self, monkeypatch, stdout):
        monkeypatch.setattr(sys, "__stdout__", stdout)
        with held():
            assert stdout is None or "write" not in getattr(stdout, "__dict__", {})

    def test_what_passes_is_written_at_once(self, stream_and_read):
        stream, read = stream_and_read
        with held(passes=lambda: True):
            print("line", file=stream)
            assert read() == "line\n"

    def test_threads_lose_nothing_and_keep_their_order(self, stream_and_read):
        stream, read = stream_and_read

        def write(name):
            for number in range(500):
                stream.write(f"{name} {number}\n")

        text = ""
        threads = [threading.Thread(target=write, args=(name,)) for name in "abc"]
        with held() as streams:
            for thread in threads:
                thread.start()
            while any(thread.is_alive() for thread in threads):
                text += show(streams, read)
        text += read()
        for name in "abc":
            assert [line for line in text.splitlines() if line[0] == name] == [f"{name} {number}" for number in range(500)]

    def test_a_child_process_writes_for_itself(self, tmp_path):
        source = (
            "import os, sys, awaitall.prompts.held as held\n"
            "streams = held.HeldStreams(lambda: None, lambda: False)\n"
            "streams.begin()\n"
            "if not os.fork():\n"
            "    print('child')\n"
            "    os._exit(0)\n"
            "os.wait()\n"
            "streams.end()\n"
        )
        with terminal() as (stream, read):
            subprocess.run([sys.executable, "-W", "ignore", "-c", source], stdout=stream, check=True)
            assert read() == "child\n"


def show(streams, read):
    streams.show()
    return read()
