#!/usr/bin/env python3
"""Fits the behaviour process of src/data/simulate to frame labels, and prints its constants.

    python3 scripts/fit-simulator.py mice_train_annotations.csv > src/data/simulate/behaviour-statistics.ts

Input: the labels of CalMS21's 70 task 1 TRAIN sequences as bouts, one per row: group (the sequence), actor,
recipient, category (attack, investigation, mount, none), start, stop (frames from 0, both ends inclusive).
Python 3.10 or later, standard library only; no randomness, so the same file gives the same text. Output: statistics
only, never a sequence. How each one is defined stands in the comments of the output.
"""
import csv
import math
import sys
from collections import Counter, defaultdict

CLASSES = ["attack", "investigation", "mount", "other"]
TYPES = ["social", "mating", "fighting", "mixed"]
LEVELS = [0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1]


def read_sequences(path):
    """One list of (class, frames) per sequence, in time order; the resident's rows only."""
    rows = defaultdict(list)
    with open(path, newline="") as file:
        for row in csv.DictReader(file):
            if row["actor"] == "resident":
                name = "other" if row["category"] == "none" else row["category"]
                rows[int(row["group"])].append((int(row["start"]), int(row["stop"]) + 1, name))
    sequences = []
    for _, bouts in sorted(rows.items()):
        bouts.sort()
        merged = []
        for start, stop, name in bouts:
            if merged and merged[-1][0] == name:
                merged[-1][1] += stop - start
            else:
                merged.append([name, stop - start])
        sequences.append([(name, frames) for name, frames in merged])
    return sequences


def session_type(bouts):
    present = {name for name, _ in bouts}
    return TYPES[("mount" in present) + 2 * ("attack" in present)]


def quantiles(values):
    """Linear interpolation between order statistics (Hyndman and Fan's type 7)."""
    ordered = sorted(values)
    result = []
    for level in LEVELS:
        place = level * (len(ordered) - 1)
        below = int(place)
        above = min(below + 1, len(ordered) - 1)
        result.append(round(ordered[below] + (place - below) * (ordered[above] - ordered[below]), 1))
    return result


def intraclass_correlation(groups):
    """One-way random effects on log frames (Searle 1992): the share of variance between recordings."""
    groups = [group for group in groups if len(group) > 1]
    count = sum(map(len, groups))
    grand = sum(map(sum, groups)) / count
    means = [sum(group) / len(group) for group in groups]
    between = sum(len(g) * (m - grand) ** 2 for g, m in zip(groups, means)) / (len(groups) - 1)
    within = sum((x - m) ** 2 for g, m in zip(groups, means) for x in g) / (count - len(groups))
    size = (count - sum(len(g) ** 2 for g in groups) / count) / (len(groups) - 1)
    variance = max(0.0, (between - within) / size)
    return round(variance / (variance + within), 3)


def record(names, values):
    return "{ " + ", ".join(f"{name}: {value}" for name, value in zip(names, values)) + " }"


def main():
    sequences = read_sequences(sys.argv[1])
    by_type = {name: [s for s in sequences if session_type(s) == name] for name in TYPES}
    frames = {name: sum(n for s in by_type[name] for _, n in s) for name in TYPES}
    total = sum(frames.values())
    print("/**")
    print(" * Statistics of the frame labels of CalMS21's 70 task 1 train sequences (Sun et al. 2021, one annotator, 30 frames")
    print(" * a second), printed by scripts/fit-simulator.py. Not edited by hand; no sequence can be rebuilt from them.")
    print(" */")
    print("import type { SessionType, TaskOneClass } from './vocabulary.js';")
    print()
    print("/** Share of frames in recordings of each type: mating = some mount, fighting = some attack, mixed = both. */")
    print("export const SESSION_SHARES: Readonly<Record<SessionType, number>> = {")
    for name in TYPES:
        print(f"  {name}: {round(frames[name] / total, 4)}, // {len(by_type[name])} sequences, {frames[name]} frames")
    print("};")
    print()
    print("/** Share of all frames by class. */")
    share = Counter()
    for s in sequences:
        for name, n in s:
            share[name] += n
    print("export const CLASS_SHARES: Readonly<Record<TaskOneClass, number>> = "
          + record(CLASSES, [round(share[c] / total, 4) for c in CLASSES]) + ";")
    print()
    print("/** Probability of the next class after a bout, by session type: the maximum likelihood estimate. */")
    print("export const TRANSITIONS: Readonly<Record<SessionType, Readonly<Record<TaskOneClass, Readonly<Record<TaskOneClass, number>>>>>> = {")
    for name in TYPES:
        counts = Counter((a[0], b[0]) for s in by_type[name] for a, b in zip(s, s[1:]))
        print(f"  {name}: {{")
        for a in CLASSES:
            row = [counts[a, b] for b in CLASSES]
            print(f"    {a}: {record(CLASSES, [round(c / max(1, sum(row)), 3) for c in row])}, // {sum(row)} bouts")
        print("  },")
    print("};")
    print()
    print("/** Levels of `BOUT_FRAMES`. */")
    print(f"export const QUANTILE_LEVELS: readonly number[] = {LEVELS};")
    print()
    print("/** Quantiles of a bout's frames; `other` and `investigation` by session type, the rarer classes pooled. */")
    print("export const BOUT_FRAMES: Readonly<Record<SessionType, Readonly<Record<TaskOneClass, readonly number[]>>>> = {")
    for name in TYPES:
        print(f"  {name}: {{")
        for c in CLASSES:
            pool = by_type[name] if c in ("other", "investigation") else sequences
            print(f"    {c}: {quantiles([n for s in pool for k, n in s if k == c])},")
        print("  },")
    print("};")
    print()
    print("/** Pooled over all sequences: bouts, mean and median frames. What simulated labels are compared with. */")
    print("export const BOUT_SUMMARY: Readonly<Record<TaskOneClass, { readonly bouts: number; readonly mean: number; readonly median: number }>> = {")
    for c in CLASSES:
        values = [n for s in sequences for k, n in s if k == c]
        median = quantiles(values)[LEVELS.index(0.5)]
        print(f"  {c}: {{ bouts: {len(values)}, mean: {round(sum(values) / len(values), 1)}, median: {median} }},")
    print("};")
    print()
    print("/** Share of the variance of log bout frames that lies between recordings (one-way random effects, Searle 1992). */")
    print("export const RECORDING_CORRELATION: Readonly<Record<TaskOneClass, number>> = "
          + record(CLASSES, [intraclass_correlation([[math.log(n) for k, n in s if k == c] for s in sequences]) for c in CLASSES]) + ";")
    print()
    lengths = [math.log(sum(n for _, n in s)) for s in sequences]
    mean = sum(lengths) / len(lengths)
    spread = math.sqrt(sum((x - mean) ** 2 for x in lengths) / len(lengths))
    print("/** Standard deviation of the log of a sequence's frames. */")
    print(f"export const LENGTH_SPREAD = {round(spread, 3)};")


if __name__ == "__main__":
    main()
