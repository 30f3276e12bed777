"""Writes small .npy and .npz files, plain and pickled, for test/data/formats/npy.test.ts.

Run with NumPy 2.4: python scripts/golden/numpy-files.py
"""

import os
import sys

import numpy

folder = os.path.join(os.path.dirname(__file__), "../../test/data/formats/golden")
os.makedirs(folder, exist_ok=True)

ramp = numpy.arange(24, dtype="<f4").reshape(2, 3, 4) / 8
numpy.save(f"{folder}/f4.npy", ramp)
numpy.save(f"{folder}/f8-fortran.npy", numpy.asfortranarray(ramp.astype("f8")))
numpy.save(f"{folder}/i2-big-endian.npy", numpy.array([1, -2, 300], dtype=">i2"))
numpy.save(f"{folder}/scalar.npy", numpy.float64(2.5))
numpy.savez(f"{folder}/stored.npz", pose=ramp, labels=numpy.array([0, 1, 2]))
numpy.savez_compressed(f"{folder}/packed.npz", pose=ramp, fps=30.0)

rng = numpy.random.default_rng(1)
sequence = {
    "keypoints": rng.normal(size=(3, 2, 2, 7)) * 100 + 400,
    "scores": rng.random((3, 2, 7)).astype("f4"),
    "annotations": numpy.array([3, 0, 1]),
    "metadata": {"annotator-id": 0, "vocab": {"attack": 0, "investigation": 1, "mount": 2, "other": 3}},
}
dataset = {"annotator-id_0": {"task1/train/mouse001_task1_annotator1": sequence}}
numpy.save(f"{folder}/calms21_task1_train.npy", dataset)


class Malicious:
    def __reduce__(self):
        return (print, ("executed",))


numpy.save(f"{folder}/malicious.npy", {"a": Malicious()}, allow_pickle=True)
print(numpy.__version__, sys.version)
