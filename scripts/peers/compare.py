"""Runs Whisker and its peers in turn on the same work and prints one markdown table of ratios.

python compare.py GROUP [GROUP ...] [--rounds 3] [--only TEXT] [--device cpu|cuda] [--precision float32,bfloat16]
                  [--variants eager,sdpa,compile]
Each row: the median over rounds of Whisker's median time, of the fastest peer's, the most memory of each, the median
and range of the ratio within a round (below 1: Whisker is faster), and the medians of all peers. Runs alternate, so
that a busy machine disturbs all of them; how busy it was stands below the table. A peer that fails is named and left
out. Precisions are those of both: tf32 needs a GPU. PYTORCH_LIBRARY_PATH, where it is set, is LD_LIBRARY_PATH for
PyTorch, which brings its own libraries.
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
# A GPU is done before the clock has ticked: more steps there.
GPU_STEPS = 100


class Failed(Exception):
    pass


def whisker_command(*arguments):
    return ["node", os.path.join(ROOT, "dist", "main.js"), *arguments]


def whisker(*arguments):
    return whisker_command("bench", *arguments, "--json", "--quiet")


def python(script, *arguments):
    return [sys.executable, os.path.join(HERE, script), *arguments]


def flags(options):
    return [word for name, value in options.items() for word in ("--" + name.replace("_", "-"), str(value))]


def on_engine(options, name, work, shape, peer_work=None):
    """A row for each precision: name -> (our command, PyTorch's)."""
    if options.device == "cuda":
        shape = {**shape, "steps": GPU_STEPS}
    rows = {}
    for precision in options.precision:
        words = [*flags(shape), "--precision", precision, "--device", options.device, "--threads", THREADS]
        peers = {
            variant: python("torch_step.py", peer_work or work, *words, "--variant", variant)
            for variant in options.variants
        }
        rows[name if precision == "float32" else f"{name}, {precision}"] = (whisker(work, *words), peers)
    return rows


def rows_of(group, folder, options):
    """Name of the work -> (our command, peers' commands)."""
    if group == "step":
        rows = {}
        for name, shape in PLAIN.items():
            rows.update(on_engine(options, name, "step", shape, "plain"))
        return rows
    if group == "pretrain":
        return on_engine(options, "masked + contrastive, 4 layers d 128", "pretrain", dict(steps=20))
    if group == "embed":
        return on_engine(options, "features, windows of 64", "embed", dict(steps=20))
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
    environment = dict(os.environ)
    if command[0] == sys.executable and "PYTORCH_LIBRARY_PATH" in environment:
        environment["LD_LIBRARY_PATH"] = environment["PYTORCH_LIBRARY_PATH"]
        environment.pop("XLA_FLAGS", None)
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    if done.returncode != 0:
        raise Failed(f"{' '.join(command)} failed:\n{done.stdout[-1000:]}{done.stderr[-1000:]}")
    return done.stdout


def measure(command):
    text = run(command)
    return json.loads(text[text.index("{") :])


def compare(name, ours, peers, rounds):
    results = {"whisker": [], **{peer: [] for peer in peers}}
    for _ in range(rounds):
        results["whisker"].append(measure(ours))
        for peer, command in peers.items():
            if peer not in results:
                continue
            try:
                results[peer].append(measure(command))
            except Failed as failure:
                print(failure, file=sys.stderr, flush=True)
                del results[peer]
    medians = {who: statistics.median(r["medianMilliseconds"] for r in rs) for who, rs in results.items()}
    mine = medians.pop("whisker")
    memory = {who: max(r["peakBytes"] for r in rs) / 1e6 for who, rs in results.items()}
    if not medians:
        return f"| {name} | {mine:.2f} | {memory['whisker']:.0f} | none ran | | | |  |"
    fastest = min(medians, key=medians.get)
    ratios = [
        one["medianMilliseconds"] / other["medianMilliseconds"]
        for one, other in zip(results["whisker"], results[fastest])
    ]
    all_peers = ", ".join(f"{peer} {median:.2f}" for peer, median in medians.items())
    return (
        f"| {name} | {mine:.2f} | {memory['whisker']:.0f} "
        f"| {results[fastest][0]['program']} | {medians[fastest]:.2f} | {memory[fastest]:.0f} "
        f"| {statistics.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f}) | {all_peers} |"
    )


def words(text):
    return text.split(",")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("groups", nargs="+")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default="", help="rows whose name holds this text")
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--precision", type=words, default=["float32"], help="float32, tf32, bfloat16; several: with commas")
    parser.add_argument("--variants", type=words, default=["eager", "sdpa", "compile"], help="of PyTorch")
    options = parser.parse_args()
    busy = [os.getloadavg()[0]]
    print("| work | Whisker, ms | MB | fastest peer | ms | MB | ratio (range) | all peers, ms |", flush=True)
    print("|---|---|---|---|---|---|---|---|", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        # A compiler that was killed leaves half a library in its usual place, where it fails ever after.
        os.environ.setdefault("TORCHINDUCTOR_CACHE_DIR", os.path.join(folder, "inductor"))
        for group in options.groups:
            for name, (ours, peers) in rows_of(group, folder, options).items():
                if options.only not in name:
                    continue
                try:
                    print(compare(name, ours, peers, options.rounds), flush=True)
                except Failed as failure:
                    print(failure, file=sys.stderr, flush=True)
                busy.append(os.getloadavg()[0])
    print(f"\n{THREADS} processors, load average {min(busy):.1f} to {max(busy):.1f}, {options.rounds} rounds")


if __name__ == "__main__":
    main()
