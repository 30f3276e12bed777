"""The peer of `benchHeads`: the same frames, scikit-learn's logistic regression.

    python scripts/bench-heads.py [frames] [width] [strength]

Needs numpy and scikit-learn. Prints the seconds of `fit` alone and the objective that it reached, in float64
(what scikit-learn takes by default) and float32.
"""
import sys
import time

import numpy
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


count = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
width = int(sys.argv[2]) if len(sys.argv) > 2 else 256
strength = float(sys.argv[3]) if len(sys.argv) > 3 else 0.01
rows, labels = frames(count, width)
print("frames by class", numpy.bincount(labels))
for kind in (numpy.float64, numpy.float32):
    given = rows.astype(kind)
    for tolerance in (1e-4, 1e-6):
        begin = time.perf_counter()
        model = LogisticRegression(C=1 / (strength * count), tol=tolerance, max_iter=10_000).fit(given, labels)
        seconds = time.perf_counter() - begin
        print(
            f"{kind.__name__} tol {tolerance:g}: {seconds:.2f} s, {model.n_iter_[0]} iterations, "
            f"objective {objective(rows, labels, model, strength):.9f}",
            flush=True,
        )
