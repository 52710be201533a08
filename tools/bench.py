"""Time and memory beside hadolint and tally, as ratios in one run: python tools/bench.py [CORPUS] [--file FILE].

One small file, cold, and (with a folder of Dockerfiles) the first 500 of its files named `Dockerfile`. All run on the
same cores; repetitions alternate, and the median counts. Memory is the largest sum of proportional set sizes of a
command's processes, sampled (Linux only).
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path

BIN = Path(sys.executable).parent
BASELINE = "import argparse, json, re, pluggy, dockerfile_parse, importlib.metadata"
SMALL = Path(__file__).parent.parent / "examples" / "go" / "after" / "Dockerfile"
BATCH = 500


def commands(files: list[str]) -> dict[str, list[str]]:
    return {
        "lint-multistage": [str(BIN / "lint-multistage"), "--isolated", "--no-project", "--format", "concise", *files],
        "hadolint": [str(BIN / "hadolint"), *files],
        "tally": [str(BIN / "tally"), "lint", "--no-config", "--slow-checks", "off", *files],
    }


def memory(pid: int) -> int:
    """The proportional set sizes of a process and its descendants, in kB."""
    total = 0
    todo = [pid]
    while todo:
        process = todo.pop()
        try:
            for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1])
            for task in Path(f"/proc/{process}/task").iterdir():
                todo += map(int, (task / "children").read_text().split())
        except (OSError, ValueError):
            continue
    return total


def peak(command: list[str]) -> float:
    """The peak memory of a command in MB."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    most = 0
    done = threading.Event()

    def sample() -> None:
        nonlocal most
        while not done.is_set():
            most = max(most, memory(process.pid))
            time.sleep(0.01)

    sampler = threading.Thread(target=sample)
    sampler.start()
    process.wait()
    done.set()
    sampler.join()
    return most / 1024


def timed(command: list[str]) -> float:
    """Wall time in seconds."""
    start = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return time.perf_counter() - start


def compare(title: str, table: dict[str, list[str]], rounds: int, *, with_memory: bool) -> None:
    times: dict[str, list[float]] = {name: [] for name in table}
    for command in table.values():
        timed(command)
    for _ in range(rounds):
        for name, command in table.items():
            times[name].append(timed(command))
    medians = {name: statistics.median(values) for name, values in times.items()}
    ours = medians["lint-multistage"]
    print(f"\n{title} ({rounds} rounds)")
    print(f"{'':18}{'median':>10}{'ours is':>14}{'peak':>10}")
    for name, median in medians.items():
        ratio = f"{ours / median:.2f} x" if ours > median else f"1/{median / ours:.1f}"
        size = f"{peak(table[name]):.0f} MB" if with_memory else ""
        print(f"{name:18}{median * 1000:>7.0f} ms{ratio:>14}{size:>10}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", nargs="?", type=Path)
    parser.add_argument("--file", type=Path, default=SMALL)
    arguments = parser.parse_args()
    one = {"python + imports": [sys.executable, "-c", BASELINE], **commands([str(arguments.file)])}
    compare("one small file", one, 15, with_memory=True)
    if arguments.corpus and arguments.corpus.is_dir():
        files = sorted(str(path) for path in arguments.corpus.rglob("Dockerfile"))[:BATCH]
        compare(f"{len(files)} real files", commands(files), 3, with_memory=True)
    else:
        print("\nno folder of real Dockerfiles is given: the batch is left out")


if __name__ == "__main__":
    main()
