"""Writes a small features file as MARS does, for test/data/formats/mars-features.test.ts: data[mouse, frame, feature] =
100 mouse + 10 frame + feature. Run with NumPy 2.4.1: python scripts/golden/mars-features.py
"""

import os

import numpy

folder = os.path.join(os.path.dirname(__file__), "../../test/data/formats/golden")
mouse, frame, feature = numpy.ogrid[:2, :4, :3]
numpy.savez_compressed(
    f"{folder}/mars.npz",
    vid_name="videos/mouse001.seq",
    features=["speed", "social_angle", "nose_nose_distance"],
    data=100.0 * mouse + 10 * frame + feature,
    data_smooth=numpy.zeros((2, 4, 3)),
    bbox=numpy.zeros((2, 4, 4)),
    keypoints=numpy.zeros((4, 2, 2, 7)),
    fps=30.0,
)
