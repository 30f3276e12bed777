"""Writes small analysis files in the layouts of SLEAP, for test/data/formats/sleap-h5.test.ts.

Value of x and y: 1000 track + 100 node + 10 xy + frame; node 1 of track 0 is missing in frame 2.
Run with h5py 3.16.0: python scripts/golden/sleap-h5.py
"""

import os

import h5py
import numpy

folder = os.path.join(os.path.dirname(__file__), "../../test/data/formats/golden")
frame, track, node, xy = numpy.ogrid[:4, :2, :3, :2]
tracks = 1000.0 * track + 100 * node + 10 * xy + frame  # [frame, track, node, xy]
tracks[2, 0, 1] = numpy.nan
scores = numpy.where(numpy.isnan(tracks[..., 0]), numpy.nan, 0.5 + 0.125 * numpy.arange(4)[:, None, None])  # up to .875
scores[3, 1, 2] = 1.0625


def write(name, turned, scores, dims=None, track_names=(b"mouse 1", "mé2".encode()), **attributes):
    with h5py.File(f"{folder}/{name}", "w") as file:
        file.attrs.update(attributes)
        options = dict(compression="gzip", compression_opts=9)
        dataset = file.create_dataset("tracks", data=turned, **options)
        if dims:
            dataset.attrs["dims"] = dims
        file.create_dataset("point_scores", data=scores, **options)
        file.create_dataset("track_occupancy", data=numpy.ones((4, turned.ndim and len(track_names) or 1), "u1"))
        file.create_dataset("track_names", data=list(track_names) or numpy.array([], "S1"))
        file.create_dataset("node_names", data=[b"nose", b"neck", b"tail"])


write("sleap.h5", tracks.transpose(1, 3, 2, 0), scores.transpose(1, 2, 0))
write("sleap-standard.h5", tracks, scores, '["frame", "track", "node", "xy"]', preset="standard", format="analysis")
write("sleap-single.h5", tracks[:, :1].transpose(1, 3, 2, 0), scores[:, :1].transpose(1, 2, 0), track_names=())
