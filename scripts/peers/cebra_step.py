"""Times CEBRA (cebra 0.6, its default model and sampling) on seeded noise with the channels of Whisker's benchmarks.

python cebra_step.py pretrain    iterations of its fit by time: three batches of 512 windows of ten frames each
python cebra_step.py embed       its transform of 100,000 frames

Prints one JSON object: frames that pass the encoder a second (pretrain), frames that get features a second (embed),
and peak resident memory.
"""
import argparse
import json
import resource
import time

import cebra
import numpy as np
import torch

CHANNELS, FRAMES, BATCH, RECEPTIVE_FIELD = 28, 100_000, 512, 10


def fit(frames, iterations):
    model = cebra.CEBRA(
        model_architecture="offset10-model", batch_size=BATCH, max_iterations=iterations, time_offsets=10,
        device="cpu", verbose=False,
    )
    began = time.perf_counter()
    model.fit(frames)
    return model, time.perf_counter() - began


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("work", choices=["pretrain", "embed"])
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    frames = np.random.default_rng(1).standard_normal((FRAMES, CHANNELS)).astype(np.float32)
    if options.work == "pretrain":
        # The difference of two fits: starting is no part of it.
        short, long = fit(frames, 20)[1], fit(frames, 20 + options.steps)[1]
        rate = options.steps * 3 * BATCH * RECEPTIVE_FIELD / (long - short)
    else:
        model, _ = fit(frames, 5)
        times = []
        for _ in range(5):
            began = time.perf_counter()
            model.transform(frames)
            times.append(time.perf_counter() - began)
        rate = FRAMES / sorted(times)[len(times) // 2]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"framesPerSecond": rate, "peakBytes": peak}))


if __name__ == "__main__":
    main()
