"""The peer of `whisker bench heads`: the same frames, scikit-learn's logistic regression.

python sklearn_heads.py [--type float32|float64] [--tolerance 1e-4] [--frames 200000] [--width 256] [--strength 0.01] [--runs 3]

Prints one JSON object: the milliseconds of `fit` alone, and the objective that it reached.
"""
import argparse
import json
import resource
import statistics
import time

import numpy
import sklearn
from scipy.signal import lfilter
from sklearn.linear_model import LogisticRegression

FACTORS, CLASSES = 32, 4


def noise(stream, count):
    bits = numpy.uint32((stream * 0x9E3779B9) & 0xFFFFFFFF) ^ numpy.arange(count, dtype=numpy.uint32)
    bits = (bits ^ (bits >> 16)) * numpy.uint32(0x21F0AAAD)
    bits = (bits ^ (bits >> 15)) * numpy.uint32(0x735A2D97)
    bits = bits ^ (bits >> 15)
    return (bits / 2.0**31 - 1) * 3**0.5


def frames(count, width):
    mixing = noise(1, FACTORS * width).reshape(FACTORS, width) / (1 + numpy.arange(FACTORS))[:, None]
    truth = noise(2, FACTORS * CLASSES).reshape(FACTORS, CLASSES)
    factors = lfilter([0.3], [1, -0.95], noise(3, count * FACTORS).reshape(count, FACTORS), axis=0)
    rows = (factors @ mixing + 0.1 * noise(4, count * width).reshape(count, width)).astype(numpy.float32)
    scores = numpy.arange(CLASSES) + 2 * noise(5, count * CLASSES).reshape(count, CLASSES) + factors @ truth
    rows = (rows - rows.mean(0, dtype=numpy.float64)) / rows.std(0, dtype=numpy.float64)
    return rows, scores.argmax(1)


def objective(rows, labels, model, strength):
    logits = rows @ model.coef_.T.astype(numpy.float64) + model.intercept_
    logits -= logits.max(1, keepdims=True)
    loss = numpy.log(numpy.exp(logits).sum(1)) - logits[numpy.arange(len(labels)), labels]
    return loss.mean() + strength / 2 * (model.coef_.astype(numpy.float64) ** 2).sum()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--type", choices=["float32", "float64"], default="float64")
    for name, value in dict(tolerance=1e-4, frames=200_000, width=256, strength=0.01, runs=3).items():
        parser.add_argument("--" + name, type=type(value), default=value)
    options = parser.parse_args()
    rows, labels = frames(options.frames, options.width)
    given = rows.astype(options.type)
    seconds = []
    for _ in range(options.runs):
        model = LogisticRegression(C=1 / (options.strength * options.frames), tol=options.tolerance, max_iter=10_000)
        start = time.perf_counter()
        model.fit(given, labels)
        seconds.append(time.perf_counter() - start)
    peak = 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    median = statistics.median(seconds)
    print(
        json.dumps(
            dict(
                program=f"scikit-learn {sklearn.__version__} {options.type} tol {options.tolerance:g}",
                medianMilliseconds=1000 * median,
                minimumMilliseconds=1000 * min(seconds),
                framesPerSecond=options.frames / median,
                peakBytes=peak,
                iterations=int(model.n_iter_[0]),
                objective=float(objective(rows, labels, model, options.strength)),
            )
        )
    )


if __name__ == "__main__":
    main()
