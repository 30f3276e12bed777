"""Golden optima of linear heads, made once: python scripts/golden/sklearn-heads.py > test/golden/sklearn-heads.json

scikit-learn minimises C sum_i s_i loss_i + |W|^2 / 2; with C = 1 / (strength sum_i s_i) that is
mean cross-entropy + strength / 2 |W|^2 times a constant. Inputs are rounded to float32 and standardised by us.

Made with Python 3.11.7, numpy 2.4.6, scikit-learn 1.9.1; numpy's PCG64 seed 20210607.
"""
import json
import sys

import numpy
import sklearn
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss

random = numpy.random.default_rng(20210607)
FRAMES, WIDTH, CLASSES = 240, 6, 4


def inputs():
    """Correlated inputs of different sizes and places, as pooled features are."""
    mixed = random.normal(size=(FRAMES, WIDTH)) @ random.normal(size=(WIDTH, WIDTH))
    mixed[:, 1] = mixed[:, 0] + 0.02 * mixed[:, 1]
    return (mixed * 10.0 ** numpy.arange(-2, 4)[:WIDTH] + 5).astype(numpy.float32)


def standardise(values):
    values = values.astype(numpy.float64)
    return (values - values.mean(0)) / values.std(0)


def solve(x, labels, weights, strength):
    model = LogisticRegression(C=1 / (strength * weights.sum()), tol=1e-10, max_iter=100_000)
    model.fit(x, labels, sample_weight=weights)
    probabilities = model.predict_proba(x)
    loss = log_loss(labels, probabilities, sample_weight=weights) + strength / 2 * (model.coef_**2).sum()
    return {"strength": strength, "loss": float(loss), "probabilities": probabilities.ravel().round(9).tolist()}


raw = inputs()
x = standardise(raw)
scores = x @ random.normal(size=(WIDTH, CLASSES)) * 0.7 + random.gumbel(size=(FRAMES, CLASSES)) + [0, 1, -1, 2]
labels = scores.argmax(1)
ones = numpy.ones(FRAMES)
frame_weights = random.integers(0, 4, FRAMES) / 2
class_weights = [4.0, 1.0, 2.5, 0.5]
binary = (labels == 1).astype(int)
json.dump(
    {
        "versions": {"python": sys.version.split()[0], "numpy": numpy.__version__, "scikit-learn": sklearn.__version__},
        "frames": FRAMES,
        "width": WIDTH,
        "classCount": CLASSES,
        "inputs": [float(value) for value in raw.ravel()],
        "labels": labels.tolist(),
        "frameWeights": frame_weights.tolist(),
        "classWeights": class_weights,
        "multinomial": [solve(x, labels, ones, strength) for strength in (1.0, 0.03, 0.001)],
        "weighted": solve(x, labels, frame_weights * numpy.take(class_weights, labels), 0.03),
        "binary": [solve(x, binary, ones, strength) for strength in (0.3, 0.001)],
    },
    sys.stdout,
)
