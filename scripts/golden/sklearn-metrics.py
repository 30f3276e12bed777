"""Golden numbers of the metrics, made once: python scripts/golden/sklearn-metrics.py > test/golden/sklearn-metrics.json

Made with Python 3.11.7, numpy 2.4.6, scikit-learn 1.9.1; numpy's PCG64 seed 20210607.
"""
import json
import sys
import warnings

import numpy
import sklearn
from sklearn.metrics import (
    average_precision_score,
    brier_score_loss,
    confusion_matrix,
    precision_recall_fscore_support,
)

warnings.filterwarnings("ignore")
random = numpy.random.default_rng(20210607)


def ranking(positive, scores):
    return {
        "positive": [int(value) for value in positive],
        "scores": [float(value) for value in scores],
        "averagePrecision": float(average_precision_score(positive, scores)),
        "brier": float(brier_score_loss(positive, scores.astype(numpy.float64))),
    }


def rankings():
    rare = random.random(300) < 0.03
    yield "distinct scores", ranking(random.random(200) < 0.3, random.random(200))
    yield "many ties", ranking(random.random(200) < 0.3, random.integers(0, 7, 200) / 7)
    yield "constant scores", ranking(random.random(50) < 0.4, numpy.full(50, 0.25))
    yield "no positives", ranking(numpy.zeros(20, bool), random.random(20))
    yield "only positives", ranking(numpy.ones(20, bool), random.random(20))
    yield "rare class", ranking(rare, numpy.clip(0.3 * rare + 0.5 * random.random(300), 0, 1))
    yield "float32 scores", ranking(random.random(200) < 0.5, random.random(200, dtype=numpy.float32))


def multiclass():
    frames, classes = 400, 4
    logits = random.normal(size=(frames, classes))
    labels = random.choice(classes, frames, p=[0.05, 0.3, 0.1, 0.55])
    logits[numpy.arange(frames), labels] += 1
    probabilities = numpy.exp(logits) / numpy.exp(logits).sum(1, keepdims=True)
    probabilities = probabilities.round(3)  # ties
    predictions = probabilities.argmax(1)
    precision, recall, f1, support = precision_recall_fscore_support(
        labels, predictions, labels=range(classes), zero_division=0
    )
    scored = [0, 1, 2]
    kept = numpy.isin(labels, scored)
    trial = probabilities[kept][:, scored]
    trial = trial / trial.sum(1, keepdims=True)
    return {
        "classCount": classes,
        "scoredClasses": scored,
        "labels": labels.tolist(),
        "probabilities": probabilities.ravel().tolist(),
        "confusion": confusion_matrix(labels, predictions, labels=range(classes)).ravel().tolist(),
        "precision": precision.tolist(),
        "recall": recall.tolist(),
        "f1": f1.tolist(),
        "support": support.tolist(),
        "averagePrecision": [float(average_precision_score(labels == k, probabilities[:, k])) for k in scored],
        "trial": float(
            numpy.mean([average_precision_score(labels[kept] == k, trial[:, k]) for k in scored])
        ),
    }


json.dump(
    {
        "versions": {"python": sys.version.split()[0], "numpy": numpy.__version__, "scikit-learn": sklearn.__version__},
        "rankings": dict(rankings()),
        "multiclass": multiclass(),
    },
    sys.stdout,
)
