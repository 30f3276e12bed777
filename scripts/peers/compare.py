"""Runs Whisker and its peers in turn on the same work and prints one markdown table of ratios.

python compare.py GROUP [GROUP ...] [--rounds 3]
Each row: the median over rounds of Whisker's time, of each peer's, and the range of the ratio within a round
(below 1: Whisker is faster). Runs alternate, so that a busy machine disturbs both.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))

PLAIN = {
    "2 layers, d 128, 4 x 16": dict(width=128, heads=4, feed_forward=256, layers=2, batch=4, window=16, steps=200),
    "2 layers, d 128, 8 x 64": dict(width=128, heads=4, feed_forward=256, layers=2, batch=8, window=64, steps=60),
    "2 layers, d 128, 32 x 64": dict(width=128, heads=4, feed_forward=256, layers=2, batch=32, window=64, steps=30),
    "4 layers, d 256, 64 x 128": dict(width=256, heads=4, feed_forward=512, layers=4, batch=64, window=128, steps=6),
}


def whisker(*arguments):
    return ["node", os.path.join(ROOT, "dist", "main.js"), "bench", *arguments, "--json"]


def python(script, *arguments):
    return [sys.executable, os.path.join(HERE, script), *arguments]


def flags(options):
    return [word for name, value in options.items() for word in ("--" + name.replace("_", "-"), str(value))]


def torch_variants(work, *arguments):
    return {variant: python("torch_step.py", work, *arguments, "--variant", variant) for variant in ("eager", "sdpa", "compile")}


def rows_of(group):
    """Name of the work -> (our command, peers' commands)."""
    if group == "step":
        return {name: (whisker("step", *flags(shape)), torch_variants("plain", *flags(shape))) for name, shape in PLAIN.items()}
    if group == "pretrain":
        return {"masked + contrastive, 4 layers d 128": (whisker("pretrain", "--steps", "20"), torch_variants("pretrain", "--steps", "20"))}
    if group == "embed":
        return {"features, windows of 64": (whisker("embed", "--steps", "20"), torch_variants("embed", "--steps", "20"))}
    if group == "heads":
        return {"200,000 x 256, 4 classes": (whisker("heads"), {"scikit-learn": python("sklearn_heads.py")})}
    raise SystemExit(f"no group {group}: step, pretrain, embed, heads")


def run(command):
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("groups", nargs="+")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    print("| work | Whisker, ms | MB | fastest peer | ms | MB | ratio (range) |\n|---|---|---|---|---|---|---|")
    for group in options.groups:
        for name, (ours, peers) in rows_of(group).items():
            results = {"whisker": [], **{peer: [] for peer in peers}}
            for _ in range(options.rounds):
                results["whisker"].append(run(ours))
                for peer, command in peers.items():
                    results[peer].append(run(command))
            medians = {who: statistics.median(r["medianMilliseconds"] for r in rs) for who, rs in results.items()}
            fastest = min(peers, key=medians.get)
            ratios = [
                mine["medianMilliseconds"] / theirs["medianMilliseconds"]
                for mine, theirs in zip(results["whisker"], results[fastest])
            ]
            memory = {who: max(r["peakBytes"] for r in rs) / 1e6 for who, rs in results.items()}
            print(
                f"| {name} | {medians['whisker']:.2f} | {memory['whisker']:.0f} "
                f"| {results[fastest][0]['program']} | {medians[fastest]:.2f} | {memory[fastest]:.0f} "
                f"| {statistics.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f}) |",
                flush=True,
            )


if __name__ == "__main__":
    main()
