"""How long an editor waits: python tools/bench_editor.py [--lines N] [--files N] [--rounds N].

A Dockerfile of 200 lines in a project with 200 build files is opened over the protocol, on standard input and output,
and changed again and again, a character at a time; each time the diagnostics are waited for. The pause that the server
leaves for more typing is part of the time.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any


def dockerfile(lines: int) -> str:
    """A multi-stage Dockerfile of about so many lines."""
    parts: list[str] = []
    stages = max(lines // 20, 1)
    for number in range(stages):
        parts.append(f"FROM golang:1.26 AS build{number}\nWORKDIR /src\nCOPY go.mod go.sum ./\nRUN go mod download\n")
        for part in "abcdef":
            parts.append(f"COPY pkg{number}{part} pkg{part}\nRUN apt-get update && apt-get install -y gcc make\n")
        parts.append(f"RUN go build -o /out/app{number} ./cmd/app{number}\n")
    parts.append("FROM alpine:3\n" + "".join(f"COPY --from=build{n} /out/app{n} /app{n}\n" for n in range(stages)))
    return "".join(parts) + 'CMD ["/app0"]\n'


class Server:
    """The server behind its pipes."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "lint_multistage", "lsp"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self.process.stdin
        assert self.process.stdout
        self.stdin, self.stdout = self.process.stdin, self.process.stdout

    def send(self, method: str, params: Any, number: int | None = None) -> None:
        message = {"jsonrpc": "2.0", "method": method, "params": params}
        body = json.dumps(message if number is None else {**message, "id": number}).encode()
        self.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.stdin.flush()

    def read(self) -> dict[str, Any]:
        length = 0
        while line := self.stdout.readline().strip():
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        message: dict[str, Any] = json.loads(self.stdout.read(length))
        return message

    def until(self, method: str) -> None:
        while self.read().get("method") != method:
            pass


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=200)
    parser.add_argument("--files", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=50)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / ".git").mkdir()
        for number in range(arguments.files):
            place = root / f"service{number}"
            place.mkdir()
            service = f"services:\n  s{number}:\n    build: {{context: .., target: build0}}\n"
            (place / "compose.yaml").write_text(service)
        text = dockerfile(arguments.lines)
        uri = (root / "Dockerfile").as_uri()
        server = Server()
        server.send("initialize", {"capabilities": {}, "rootUri": root.as_uri()}, 1)
        server.read()
        server.send("initialized", {})
        start = time.perf_counter()
        document = {"uri": uri, "languageId": "dockerfile", "version": 1, "text": text}
        server.send("textDocument/didOpen", {"textDocument": document})
        server.until("textDocument/publishDiagnostics")
        first = time.perf_counter() - start
        times: list[float] = []
        for version in range(2, arguments.rounds + 2):
            text += "#" if version % 10 else "\nRUN true\n"
            start = time.perf_counter()
            changed = {"textDocument": {"uri": uri, "version": version}, "contentChanges": [{"text": text}]}
            server.send("textDocument/didChange", changed)
            server.until("textDocument/publishDiagnostics")
            times.append(time.perf_counter() - start)
        server.process.kill()
    times.sort()
    slow = times[int(len(times) * 0.95)]
    print(f"{text.count(chr(10))} lines, {arguments.files} build files")
    print(f"opened to diagnostics: {first * 1000:.0f} ms (settings and build files are read)")
    print(f"keystroke to diagnostics: median {statistics.median(times) * 1000:.0f} ms, 95 % {slow * 1000:.0f} ms")
    return 0


if __name__ == "__main__":
    sys.exit(main())
