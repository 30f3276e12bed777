"""Times Python's json.load on a file, pose arrays as float32 included: python json_load.py FILE. Prints one JSON object."""
import json
import resource
import sys
import time

import numpy

start = time.perf_counter()
with open(sys.argv[1], "rb") as file:
    content = json.load(file)
frames = 0
for group in content.values():
    for sequence in group.values():
        frames += len(numpy.asarray(sequence["keypoints"], numpy.float32))
seconds = time.perf_counter() - start
print(
    json.dumps(
        dict(
            program=f"Python {sys.version.split()[0]} json.load",
            medianMilliseconds=1000 * seconds,
            framesPerSecond=frames / seconds,
            peakBytes=1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
        )
    )
)
