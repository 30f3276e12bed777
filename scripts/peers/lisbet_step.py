"""Times LISBET's own model (lisbet 0.4, its transformer and heads) on seeded noise, at the size of Whisker's benchmarks.

python lisbet_step.py pretrain    a training step as its training loop makes it: a batch for each of its four
                                  self-supervised tasks in turn, one backward pass each, then AdamW
python lisbet_step.py embed       features as it computes them: a whole window for each frame

Batches are there already: what reads and cuts them is not timed. Prints one JSON object: frames that pass the encoder a
second (pretrain), frames that get features a second (embed), and peak resident memory.
"""
import argparse
import json
import resource
import time

import torch
from lisbet.config.schemas import ModelConfig
from lisbet.modeling.factory import create_model_from_config

CHANNELS, WINDOW, WINDOWS = 28, 64, 32
TASKS = ("cons", "order", "shift", "warp")


def build(heads):
    backbone = dict(
        type="transformer", feature_dim=CHANNELS, embedding_dim=128, hidden_dim=256, num_heads=4, num_layers=4,
        max_length=WINDOW,
    )
    config = ModelConfig(backbone=backbone, out_heads=heads, input_features={}, window_size=WINDOW, window_offset=0)
    return create_model_from_config(config)


def pretrain():
    model = build({task: {"num_classes": 1, "hidden_dim": None} for task in TASKS})
    model.train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4)
    loss_function = torch.nn.BCEWithLogitsLoss()
    batches = [torch.randn(WINDOWS, WINDOW, CHANNELS) for _ in TASKS]
    targets = [torch.randint(0, 2, (WINDOWS, 1)).float() for _ in TASKS]

    def step():
        optimizer.zero_grad(set_to_none=True)
        for task, batch, target in zip(TASKS, batches, targets):
            loss_function(model(batch, task).reshape(target.shape), target).backward()
        optimizer.step()

    return step, len(TASKS) * WINDOWS * WINDOW


def embed():
    model = build({"embedding": {}})
    model.eval()
    batch = torch.randn(128, WINDOW, CHANNELS)

    @torch.no_grad()
    def step():
        model(batch, "embedding")

    return step, len(batch)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("work", choices=["pretrain", "embed"])
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.manual_seed(1)
    torch.set_num_threads(options.threads)
    step, frames = {"pretrain": pretrain, "embed": embed}[options.work]()
    times = []
    for number in range(options.steps + 3):
        began = time.perf_counter()
        step()
        if number >= 3:
            times.append(time.perf_counter() - began)
    median = sorted(times)[len(times) // 2]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"framesPerSecond": frames / median, "peakBytes": peak}))


if __name__ == "__main__":
    main()
