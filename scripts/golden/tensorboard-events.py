"""Writes test/golden/tensorboard-events.json: event files as TensorBoard's own record writer and messages make them.

python -m pip install tensorboard==2.21.0 'setuptools<80'
python scripts/golden/tensorboard-events.py
"""

import base64
import io
import json
from pathlib import Path

import tensorboard
from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.summary.writer.record_writer import RecordWriter


class KeepOpen(io.BytesIO):
    def close(self):
        pass


def scalars(wall_time, step, values):
    summary = summary_pb2.Summary(
        value=[summary_pb2.Summary.Value(tag=tag, simple_value=value) for tag, value in values]
    )
    return event_pb2.Event(wall_time=wall_time, step=step, summary=summary)


def encode(events):
    file = KeepOpen()
    writer = RecordWriter(file)
    for event in events:
        writer.write(event.SerializeToString())
    writer.flush()
    return base64.b64encode(file.getvalue()).decode()


def step_values(loss):
    return [
        ("loss/total", loss),
        ("loss/masked", loss / 2),
        ("optimiser/learningRate", 0.001),
        ("optimiser/gradientNorm", 3.5),
        ("speed/windowsPerSecond", 100.0),
        ("speed/framesPerSecond", 6400.0),
        ("speed/waitingShare", 0.25),
        ("memoryBytes", 1e9),
    ]


fresh = [
    event_pb2.Event(wall_time=1700000000.25, file_version="brain.Event:2"),
    scalars(1700000001.25, 1, step_values(2.0)),
    scalars(1700000002.25, 300, step_values(float("nan"))),
    scalars(1700000003.25, 300, [("guard/größe", -0.5)]),
]
resumed = [
    event_pb2.Event(wall_time=1700000000.25, file_version="brain.Event:2"),
    event_pb2.Event(
        wall_time=1700000000.25,
        step=301,
        session_log=event_pb2.SessionLog(status=event_pb2.SessionLog.START),
    ),
    scalars(1700000001.25, 300, [("result/task1/pose/f1", 0.75)]),
]
golden = {
    "versions": {"tensorboard": tensorboard.__version__},
    "fresh": encode(fresh),
    "resumed": encode(resumed),
}
path = Path(__file__).parents[2] / "test" / "golden" / "tensorboard-events.json"
path.write_text(json.dumps(golden, indent=2) + "\n")
