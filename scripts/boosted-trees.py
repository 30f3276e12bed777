"""Gradient-boosted trees for the row `boosted-trees`: scikit-learn's HistGradientBoostingClassifier as a child process.

Started by Whisker, which talks to it through stdin and stdout: a request is one line of JSON, followed by raw
little-endian arrays; an answer is one line of JSON, followed by float32 probabilities [frame, class].

  {"op": "train", "frames": N, "width": W, "classes": C} + float32 [N, W] + int16 [N]    the training frames
  {"op": "fit", "iterations": K, "rows": R} + uint32 [R]                                 on these of them
  {"op": "staged", "at": [...], "rows": R} + uint32 [R]      of training frames, after so many iterations each
  {"op": "predict", "frames": N} + float32 [N, W]            of other frames

NaN is a missing value, which trees take as it is.
"""
import json
import sys

import numpy
import sklearn
from sklearn.ensemble import HistGradientBoostingClassifier

source, sink = sys.stdin.buffer, sys.stdout.buffer


def read(kind, *shape):
    size = int(numpy.prod(shape)) * numpy.dtype(kind).itemsize
    data = source.read(size)
    if len(data) != size:
        raise SystemExit("the other side has gone")
    return numpy.frombuffer(data, kind).reshape(shape)


def answer(probabilities=None):
    sink.write(b'{"ok": true}\n')
    if probabilities is not None:
        sink.write(numpy.ascontiguousarray(probabilities, "<f4").tobytes())
    sink.flush()


def widen(model, probabilities, classes):
    """Classes that the training frames don't carry have probability 0."""
    whole = numpy.zeros((len(probabilities), classes), numpy.float32)
    whole[:, model.classes_] = probabilities
    return whole


def main():
    options = json.loads(sys.argv[1])
    sink.write((json.dumps({"version": sklearn.__version__}) + "\n").encode())
    sink.flush()
    inputs = labels = model = None
    classes = 0
    for line in iter(source.readline, b""):
        request = json.loads(line)
        if request["op"] == "train":
            classes = request["classes"]
            inputs = read("<f4", request["frames"], request["width"])
            labels = read("<i2", request["frames"])
            answer()
        elif request["op"] == "fit":
            rows = read("<u4", request["rows"])
            model = HistGradientBoostingClassifier(
                max_iter=request["iterations"],
                learning_rate=float(options["learningRate"]),
                max_leaf_nodes=options["leaves"],
                min_samples_leaf=options["leafFrames"],
                l2_regularization=float(options["strength"]),
                max_features=float(options["featureShare"]),
                class_weight=options["classWeights"],
                early_stopping=False,
                random_state=options["seed"],
            ).fit(inputs[rows], labels[rows])
            answer()
        elif request["op"] == "staged":
            rows = read("<u4", request["rows"])
            stages = enumerate(model.staged_predict_proba(inputs[rows]), 1)
            answer(numpy.stack([widen(model, found, classes) for at, found in stages if at in request["at"]]))
        elif request["op"] == "predict":
            answer(widen(model, model.predict_proba(read("<f4", request["frames"], inputs.shape[1])), classes))


if __name__ == "__main__":
    main()
