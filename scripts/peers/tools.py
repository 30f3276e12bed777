"""Runs Whisker and other tools for poses in turn and prints one markdown table: python tools.py [lisbet] [cebra] [--rounds 3] [--work pretrain]

The tools do other work than Whisker, each by its own method; the table says what was timed. Ratios above 1: Whisker is
faster; median and range over rounds. A tool that isn't there or fails is named and left out.
"""
import argparse
import os
import statistics
import sys
from importlib.metadata import PackageNotFoundError, version

from compare import THREADS, Failed, measure, python, whisker

# Whisker's step encodes 64 windows in two views; features overlap by half by default.
PRETRAIN = (["pretrain", "--steps", "20"], 2, "masked + contrastive, 4 layers d 128, windows of 64")
EMBED = (["embed", "--steps", "20"], 0.5, "features of each frame, two windows of 64 a frame")
WORK = {
    "lisbet": {
        "pretrain": (PRETRAIN, "its four tasks, 4 layers d 128, windows of 64"),
        "embed": (EMBED, "a window of 64 for each frame"),
    },
    "cebra": {
        "pretrain": (PRETRAIN, "offset10-model of 32 channels, by time"),
        "embed": (EMBED, "offset10-model of 32 channels"),
    },
}


def compare(tool, work, rounds):
    (arguments, factor, ours), theirs = WORK[tool][work]
    command = whisker(*arguments, "--threads", THREADS)
    pairs = []
    for _ in range(rounds):
        one, other = measure(command), measure(python(f"{tool}_step.py", work, "--threads", THREADS))
        pairs.append((one["framesPerSecond"] * factor, other["framesPerSecond"], one["peakBytes"], other["peakBytes"]))
    mine, other, memory, other_memory = zip(*pairs)
    ratios = [one / two for one, two in zip(mine, other)]
    return (
        f"| {ours} | {statistics.median(mine):,.0f} | {max(memory) / 1e6:.0f} "
        f"| {tool} {version(tool)}: {theirs} | {statistics.median(other):,.0f} | {max(other_memory) / 1e6:.0f} "
        f"| {statistics.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f}) |"
    )


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tools", nargs="*", choices=[*WORK, []], default=[])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--work", choices=["pretrain", "embed"], help="one of the two alone")
    options = parser.parse_args()
    busy = [os.getloadavg()[0]]
    print("| Whisker | frames/s | MB | other tool | frames/s | MB | ratio (range) |")
    print("|---|---|---|---|---|---|---|", flush=True)
    for tool in options.tools or WORK:
        for work in [options.work] if options.work else WORK[tool]:
            try:
                print(compare(tool, work, options.rounds), flush=True)
            except (Failed, PackageNotFoundError) as failure:
                print(f"{tool}, {work}: {failure}", file=sys.stderr, flush=True)
            busy.append(os.getloadavg()[0])
    print(f"\n{THREADS} processors, load average {min(busy):.1f} to {max(busy):.1f}, {options.rounds} rounds")


if __name__ == "__main__":
    main()
