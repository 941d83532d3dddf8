"""The scripts of the documentation, each run by the real xonsh."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples" / "xonsh-scripts"


class Answers(BaseHTTPRequestHandler):
    """Answers 200, and 503 where the path has a 7 in it."""

    def do_GET(self):
        self.send_response(503 if "7" in self.path else 200)
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def start(script):
    """Starts an example, which is terminated at the end of the test, and with it the programs that it has started."""
    started = []

    def start(name, *arguments):
        started.append(script.start(str(EXAMPLES / name), *arguments))
        return started[-1]

    yield start
    for process in started:
        process.terminate()
        process.communicate()


def run(script, name, *arguments, input=""):
    return script.run(str(EXAMPLES / name), *arguments, input=input)


class TestHealthCheck:
    def test_fifty_that_are_well(self, script, server):
        done = run(script, "health_check.xsh", input="\n".join([f"{server}/ok"] * 50))
        assert (done.returncode, done.stdout, done.stderr) == (0, "50 of 50 are well\n", "")

    def test_those_that_are_not_are_named_in_order(self, script, server):
        done = run(script, "health_check.xsh", input="\n".join(f"{server}/{number}" for number in range(50)))
        sick = "".join(f"{server}/{number} 503\n" for number in (7, 17, 27, 37, 47))
        assert (done.returncode, done.stdout, done.stderr) == (1, f"{sick}45 of 50 are well\n", "")

    def test_one_that_does_not_answer(self, script):
        done = run(script, "health_check.xsh", input="http://127.0.0.1:1/")
        assert (done.returncode, done.stdout) == (1, "http://127.0.0.1:1/ curl: 7\n0 of 1 are well\n")


class TestRunAll:
    def test_the_output_is_in_order(self, script):
        commands = script.write("commands.txt", "".join(f"echo {number}\n" for number in range(20)))
        done = run(script, "run_all.xsh", commands)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.splitlines()[20:] == [str(number) for number in range(20)]

    def test_all_stop_at_the_first_failure(self, script):
        commands = script.write("commands.txt", "sleep 1000\n" * 4 + "exit 3\n" + "sleep 1000\n" * 15)
        done = run(script, "run_all.xsh", commands)
        assert (done.returncode, done.stdout, done.stderr) == (1, "", "failed: exit 3 (3)\n")


class TestFollowLogs:
    def test_the_lines_of_three_logs(self, script, start):
        logs = [script.write(f"{name}.log", "old\n") for name in "abc"]
        process = start("follow_logs.xsh", *logs)
        assert {process.stdout.readline() for _ in logs} == {f"{log}: old\n" for log in logs}
        for log in reversed(logs):
            with open(log, "a") as file:
                file.write("new\n")
            assert process.stdout.readline() == f"{log}: new\n"


class TestRebuild:
    def test_many_changes_are_built_once(self, script, start):
        script.write("src/a.c", "1")
        process = start("rebuild.xsh", "src", "sh", "-c", "echo $(cat src/a.c)")
        assert process.stdout.readline() == "watching src\n"
        for text in "2", "3", "4":
            script.write("src/a.c", text)
        assert [process.stdout.readline(), process.stdout.readline()] == ["4\n", "built\n"]

    def test_a_failure_is_told_and_it_goes_on(self, script, start):
        script.write("src/a.c", "exit 3")
        process = start("rebuild.xsh", "src", "sh", "src/b.c")
        assert process.stdout.readline() == "watching src\n"
        script.write("src/b.c", "exit 3")
        assert process.stdout.readline() == "failed: 3\n"
        script.write("src/b.c", "exit 0")
        assert process.stdout.readline() == "built\n"


class TestCountErrors:
    def test_the_hosts_with_the_most_errors_come_first(self, script):
        lines = [f"{host} ERROR it broke\n{host} INFO fine\n" for host in ("b", "a", "b", "c", "b", "a")]
        done = run(script, "count_errors.xsh", script.write("app.log", "".join(lines)))
        assert (done.returncode, done.stdout, done.stderr) == (0, "b: 3\na: 2\nc: 1\n", "")
