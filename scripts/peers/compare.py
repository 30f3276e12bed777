"""Runs Whisker and its peers in turn on the same work and prints one markdown table of ratios.

python compare.py GROUP [GROUP ...] [--rounds 3] [--only TEXT]
Each row: the median over rounds of Whisker's median time, of the fastest peer's, the most memory of each, and the
median and range of the ratio within a round (below 1: Whisker is faster). Runs alternate, so that a busy machine
disturbs all of them; how busy it was stands below the table.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
THREADS = str(len(os.sched_getaffinity(0)))

PLAIN = {
    "2 layers, d 128, 4 x 16": dict(width=128, heads=4, feed_forward=256, layers=2, batch=4, window=16, steps=200),
    "2 layers, d 128, 8 x 64": dict(width=128, heads=4, feed_forward=256, layers=2, batch=8, window=64, steps=60),
    "2 layers, d 128, 32 x 64": dict(width=128, heads=4, feed_forward=256, layers=2, batch=32, window=64, steps=30),
    "4 layers, d 256, 64 x 128": dict(width=256, heads=4, feed_forward=512, layers=4, batch=64, window=128, steps=6),
}


def whisker_command(*arguments):
    return ["node", os.path.join(ROOT, "dist", "main.js"), *arguments]


def whisker(*arguments):
    return whisker_command("bench", *arguments, "--json", "--quiet")


def python(script, *arguments):
    return [sys.executable, os.path.join(HERE, script), *arguments]


def flags(options):
    return [word for name, value in options.items() for word in ("--" + name.replace("_", "-"), str(value))]


def torch_variants(work, *arguments):
    common = (work, *arguments, "--threads", THREADS)
    return {variant: python("torch_step.py", *common, "--variant", variant) for variant in ("eager", "sdpa", "compile")}


def rows_of(group, folder):
    """Name of the work -> (our command, peers' commands)."""
    if group == "step":
        return {name: (whisker("step", *flags(shape)), torch_variants("plain", *flags(shape))) for name, shape in PLAIN.items()}
    if group == "pretrain":
        steps = ("--steps", "20")
        return {"masked + contrastive, 4 layers d 128": (whisker("pretrain", *steps), torch_variants("pretrain", *steps))}
    if group == "embed":
        steps = ("--steps", "20")
        return {"features, windows of 64": (whisker("embed", *steps), torch_variants("embed", *steps))}
    if group == "heads":
        peers = {kind: python("sklearn_heads.py", "--type", kind) for kind in ("float32", "float64")}
        return {"a head on 200,000 x 256, 4 classes": (whisker("heads"), peers)}
    if group == "data":
        run(whisker_command("data", "simulate", "--preset", "quickstart", "--out", folder, "--quiet"))
        file = os.path.join(folder, "calms21_unlabeled_videos_part1.json")
        paths = run(python("calms21_layouts.py", file, os.path.join(folder, "layouts"))).split()
        once = ("--runs", "1")
        return {
            f"reading {os.path.getsize(path) / 1e6:.0f} MB of JSON, {os.path.basename(os.path.dirname(path))}": (
                whisker("data", path, *once),
                {"json.load": python("json_load.py", path, *once)},
            )
            for path in paths
        }
    raise SystemExit(f"no group {group}: step, pretrain, embed, heads, data")


def run(command):
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


def measure(command):
    text = run(command)
    return json.loads(text[text.index("{") :])


def compare(name, ours, peers, rounds):
    results = {"whisker": [], **{peer: [] for peer in peers}}
    for _ in range(rounds):
        results["whisker"].append(measure(ours))
        for peer, command in peers.items():
            results[peer].append(measure(command))
    medians = {who: statistics.median(r["medianMilliseconds"] for r in rs) for who, rs in results.items()}
    fastest = min(peers, key=medians.get)
    ratios = [
        mine["medianMilliseconds"] / theirs["medianMilliseconds"]
        for mine, theirs in zip(results["whisker"], results[fastest])
    ]
    memory = {who: max(r["peakBytes"] for r in rs) / 1e6 for who, rs in results.items()}
    return (
        f"| {name} | {medians['whisker']:.2f} | {memory['whisker']:.0f} "
        f"| {results[fastest][0]['program']} | {medians[fastest]:.2f} | {memory[fastest]:.0f} "
        f"| {statistics.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f}) |"
    )


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("groups", nargs="+")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default="", help="rows whose name holds this text")
    options = parser.parse_args()
    busy = [os.getloadavg()[0]]
    print("| work | Whisker, ms | MB | fastest peer | ms | MB | ratio (range) |\n|---|---|---|---|---|---|---|", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        for group in options.groups:
            for name, (ours, peers) in rows_of(group, folder).items():
                if options.only in name:
                    print(compare(name, ours, peers, options.rounds), flush=True)
                    busy.append(os.getloadavg()[0])
    print(f"\n{THREADS} processors, load average {min(busy):.1f} to {max(busy):.1f}, {options.rounds} rounds")


if __name__ == "__main__":
    main()
