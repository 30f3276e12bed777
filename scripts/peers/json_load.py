"""Times Python's json.load on a file, poses as float32 included: python json_load.py FILE [--runs 3]. Prints one JSON object."""
import argparse
import json
import resource
import statistics
import sys
import time

import numpy


def load(path):
    with open(path, "rb") as file:
        content = json.load(file)
    frames = 0
    for group in content.values():
        for sequence in group.values():
            frames += len(numpy.asarray(sequence["keypoints"], numpy.float32))
    return frames


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("file")
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    seconds = []
    for _ in range(options.runs):
        start = time.perf_counter()
        frames = load(options.file)
        seconds.append(time.perf_counter() - start)
    median = statistics.median(seconds)
    print(
        json.dumps(
            dict(
                program=f"Python {sys.version.split()[0]} json.load",
                medianMilliseconds=1000 * median,
                minimumMilliseconds=1000 * min(seconds),
                framesPerSecond=frames / median,
                peakBytes=1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
            )
        )
    )


if __name__ == "__main__":
    main()
