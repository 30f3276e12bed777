"""Writes test/golden/kinematics.json: kinematic features of two wandering chains of five points, by NumPy.

python3 scripts/golden/kinematics.py        (Python 3.11.7, numpy 2.4.6; PCG64 seed 20)

Written from the definitions, as whole-array operations; it shares no code with src/data/kinematics.
"""
import json
import pathlib
import warnings

import numpy as np

warnings.filterwarnings("ignore")
FRAMES, POINTS, RATE = 60, 5, 30
GAP_FRAMES, SMOOTH_FRAMES, LAG = 9, 2.0, 2

rng = np.random.default_rng(20)
angle = np.cumsum(rng.normal(0, 0.15, (FRAMES, 2)), 0) + [0.3, 2.1]
centre = np.cumsum(0.08 * np.stack([np.cos(angle), np.sin(angle)], -1), 0) + [[0, 0], [1.2, 0.4]]
along = np.linspace(0.6, -1.0, POINTS)
bend = 0.25 * np.sin(np.arange(FRAMES)[:, None, None] / 7 + np.arange(POINTS)[None, None] + np.arange(2)[None, :, None])
ahead = np.stack([np.cos(angle), np.sin(angle)], -1)[:, :, None]
across = np.stack([-np.sin(angle), np.cos(angle)], -1)[:, :, None]
pose = (centre[:, :, None] + along[None, None, :, None] * ahead + bend[..., None] * across).round(4)
pose[rng.random((FRAMES, 2, POINTS)) < 0.2] = np.nan
pose[20:45, 1, 4] = np.nan  # too long a gap to fill
pose[30:36, 0] = np.nan  # a whole animal


def fill(points):
    points = points.copy()
    flat = points.reshape(FRAMES, -1)
    for column in flat.T:
        known = np.flatnonzero(np.isfinite(column))
        for low, high in zip(known[:-1], known[1:]):
            if high - low <= GAP_FRAMES:
                column[low : high + 1] = np.interp(np.arange(low, high + 1), [low, high], column[[low, high]])
    return points


def smooth(points):
    reach = int(3 * SMOOTH_FRAMES + 0.5)
    offsets = np.arange(-reach, reach + 1)
    kernel = np.exp(-0.5 * (offsets / SMOOTH_FRAMES) ** 2)
    kernel /= kernel.sum()
    known = np.isfinite(points).reshape(FRAMES, -1).astype(float)
    values = np.where(known > 0, points.reshape(FRAMES, -1), 0)
    convolve = lambda columns: np.stack([np.convolve(column, kernel, "same") for column in columns.T], 1)
    total, support = convolve(values * known), convolve(known)
    return np.where(support > 0.05, total / support, np.nan).reshape(points.shape)


def rate(x):
    out = np.full_like(x, np.nan)
    out[LAG:-LAG] = (x[2 * LAG :] - x[: -2 * LAG]) * RATE / (2 * LAG)
    return out


norm = lambda x: np.linalg.norm(x, axis=-1)
dot = lambda a, b: (a * b).sum(-1)
cross = lambda a, b: a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]
log_distance = lambda x: np.log(0.1 + x)
log_speed = lambda x: np.log(0.3 + x)

steady = smooth(fill(pose))
middle = np.nanmean(steady, 2)
velocity = np.nanmean(rate(steady), 2)
axis = np.nanmean(steady[:, :, [0, 1]], 2) - steady[:, :, 2]  # front: points 0 and 1, back: point 2
axis /= norm(axis)[..., None]
features = {}


def per_animal(name, values):
    features[f"min.{name}"] = np.fmin(values[:, 0], values[:, 1])
    features[f"max.{name}"] = np.fmax(values[:, 0], values[:, 1])


for i in range(POINTS):
    for j in range(i + 1, POINTS):
        per_animal(f"distance.p{i}-p{j}", norm(steady[:, :, i] - steady[:, :, j]))
    per_animal(f"speed.p{i}", log_speed(norm(rate(steady)[:, :, i])))
    per_animal(f"observed.p{i}", np.isfinite(pose[:, :, i, 0]).astype(float))
per_animal("speed", log_speed(norm(velocity)))
per_animal("acceleration", np.log(3 + norm(rate(velocity))))
per_animal("turning", log_speed(np.abs(cross(axis, rate(axis)))))
for i in range(POINTS - 2):
    first, second = steady[:, :, i + 1] - steady[:, :, i], steady[:, :, i + 2] - steady[:, :, i + 1]
    per_animal(f"bend.p{i}-p{i + 1}-p{i + 2}", dot(first, second) / norm(first) / norm(second))
towards = middle[:, ::-1] - middle
unit = towards / norm(towards)[..., None]
per_animal("facing", dot(axis, unit))
per_animal("approach", dot(velocity, unit))
per_animal("sideways", log_speed(np.abs(cross(velocity, unit))))
between = norm(steady[:, 0, :, None] - steady[:, 1, None])  # [frame, point of the first, point of the second]
both = np.stack([between, between.transpose(0, 2, 1)], 1)
per_animal("nearest.front", log_distance(np.nanmin(both[:, :, [0, 1]].reshape(FRAMES, 2, -1), -1)))
for i in range(POINTS):
    for j in range(i, POINTS):
        pair = np.stack([between[:, i, j], between[:, j, i]])
        features[f"between.p{i}-p{j}"] = log_distance(np.nanmean(pair, 0))
        if j > i:
            features[f"between.p{i}-p{j}.min"] = log_distance(np.nanmin(pair, 0))
apart = norm(towards[:, 0])
features["between.centres"] = log_distance(apart)
features["nearest"] = log_distance(np.nanmin(between.reshape(FRAMES, -1), -1))
features["headings.cos"] = dot(axis[:, 0], axis[:, 1])
features["closing"] = -rate(apart)
features["closing.size"] = log_speed(np.abs(rate(apart)))
features["relative.speed"] = log_speed(norm(velocity[:, 0] - velocity[:, 1]))
seen = np.isfinite(pose[..., 0])
features["observed.points"] = seen.sum((1, 2)).astype(float)
features["observed.both"] = seen.any(2).all(1).astype(float)


def plain(values):
    return [None if not np.isfinite(value) else round(float(value), 6) for value in np.ravel(values)]


golden = {
    "made": f"scripts/golden/kinematics.py, numpy {np.__version__}",
    "framesPerSecond": RATE,
    "settings": {
        "gapSeconds": GAP_FRAMES / RATE,
        "smoothSeconds": SMOOTH_FRAMES / RATE,
        "lagSeconds": LAG / RATE,
        "roles": "symmetric",
    },
    "pose": plain(pose),
    "features": {name: plain(values) for name, values in features.items()},
}
target = pathlib.Path(__file__).parents[2] / "test" / "golden" / "kinematics.json"
target.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
