"""Times a training step in PyTorch, written as one would for speed: fused AdamW, no host reads inside the step.

python torch_step.py plain --width 128 --heads 4 --feed-forward 256 --layers 2 --batch 4 --window 16 [--variant eager|sdpa|compile]
python torch_step.py pretrain [--variant sdpa|compile]      masked + contrastive, 4 layers, two views
python torch_step.py embed    [--variant sdpa|compile]      frozen encoder over non-overlapping windows

--device cuda computes there, from batches in pinned host memory that are copied at every step, as Whisker's are.
--precision tf32 allows TF32 products (CUDA only); bfloat16 is autocast: parameters and optimiser stay float32.
--products adds how long a step's matrix products take by themselves (variant eager, CPU), measured by a profiler.
Prints one JSON object: median and minimum milliseconds a step, frames a second, peak resident memory (on CUDA also the
most device memory that tensors took). Data are seeded noise: only the shapes matter.
"""
import argparse
import functools
import json
import math
import resource
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

CHANNELS = 28
PRODUCTS = ("aten::mm", "aten::addmm", "aten::bmm", "aten::baddbmm")


class Block(nn.Module):
    def __init__(self, width, heads, feed_forward, fused_attention):
        super().__init__()
        self.heads, self.fused_attention = heads, fused_attention
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.query_key_value, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.rise, self.fall = nn.Linear(width, feed_forward), nn.Linear(feed_forward, width)

    def forward(self, x):
        batch, time_, width = x.shape
        qkv = self.query_key_value(self.norm1(x)).view(batch, time_, 3, self.heads, width // self.heads)
        query, key, value = qkv.permute(2, 0, 3, 1, 4)
        if self.fused_attention:
            mixed = F.scaled_dot_product_attention(query, key, value)
        else:
            scores = query @ key.transpose(-1, -2) / math.sqrt(width // self.heads)
            mixed = scores.softmax(-1) @ value
        x = x + self.out(mixed.transpose(1, 2).reshape(batch, time_, width))
        return x + self.fall(F.gelu(self.rise(self.norm2(x))))


class Plain(nn.Module):
    """Regression of every frame from every frame."""

    def __init__(self, options):
        super().__init__()
        blocks = [block(options) for _ in range(options.layers)]
        self.net = nn.Sequential(
            nn.Linear(CHANNELS, options.width), *blocks, nn.LayerNorm(options.width), nn.Linear(options.width, CHANNELS)
        )

    def forward(self, x, target):
        return F.mse_loss(self.net(x), target)


class MaskedContrastive(nn.Module):
    """Encoder on visible tokens, one-block decoder on all, NT-Xent between the two views."""

    def __init__(self, options):
        super().__init__()
        width, small, window = options.width, options.width // 2, options.window
        self.embed = nn.Linear(CHANNELS, width)
        self.position = nn.Parameter(0.02 * torch.randn(window, width))
        self.blocks = nn.Sequential(*[block(options) for _ in range(options.layers)])
        self.norm = nn.LayerNorm(width)
        self.narrow = nn.Linear(width, small)
        self.mask_token = nn.Parameter(0.02 * torch.randn(small))
        self.decoder_position = nn.Parameter(0.02 * torch.randn(window, small))
        self.decoder = Block(small, options.heads, 2 * small, True)
        self.decoder_norm = nn.LayerNorm(small)
        self.predict = nn.Linear(small, CHANNELS)
        self.project = nn.Sequential(nn.Linear(width, 128), nn.GELU(), nn.Linear(128, 64))

    def encode(self, x, visible=None):
        if visible is None:
            return self.norm(self.blocks(self.embed(x) + self.position))
        chosen = x.gather(1, visible[..., None].expand(-1, -1, CHANNELS))
        return self.norm(self.blocks(self.embed(chosen) + self.position[visible]))

    def forward(self, x, visible, hidden):
        encoded = self.encode(x, visible)
        narrow = self.narrow(encoded)
        canvas = self.mask_token.to(narrow.dtype).expand(x.shape[0], x.shape[1], -1)
        canvas = canvas.scatter(1, visible[..., None].expand(-1, -1, narrow.shape[-1]), narrow)
        decoded = self.predict(self.decoder_norm(self.decoder(canvas + self.decoder_position)))
        where = hidden[..., None].expand(-1, -1, CHANNELS)
        masked = F.mse_loss(decoded.gather(1, where), x.gather(1, where))
        one, two = F.normalize(self.project(encoded.mean(1)), dim=-1).chunk(2)
        similarity = one @ two.T / 0.1
        counterpart = torch.arange(len(one), device=one.device)
        contrast = F.cross_entropy(similarity, counterpart) + F.cross_entropy(similarity.T, counterpart)
        return masked + 0.25 * contrast


def block(options):
    return Block(options.width, options.heads, options.feed_forward, options.variant != "eager")


def to_device(batch, options):
    return [field.to(options.device, non_blocking=True) for field in batch]


def products(options):
    """The precision of matrix products inside this context."""
    return torch.autocast(options.device, torch.bfloat16, enabled=options.precision == "bfloat16")


def time_training(model, batches, options):
    decayed = [p for p in model.parameters() if p.ndim > 1]
    others = [p for p in model.parameters() if p.ndim <= 1]
    optimiser = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": 0.05}, {"params": others, "weight_decay": 0.0}], lr=1e-3, fused=True
    )
    run = torch.compile(model, dynamic=False) if options.variant == "compile" else model
    seconds = []
    for step in range(options.warm_up + options.steps):
        start = time.perf_counter()
        batch = to_device(batches[step % len(batches)], options)
        optimiser.zero_grad(set_to_none=True)
        with products(options):
            loss = run(*batch)
        loss.backward()
        optimiser.step()
        loss.item()  # waits for the device
        if step >= options.warm_up:
            seconds.append(time.perf_counter() - start)
    return seconds


def time_embedding(model, batches, options):
    model.eval()
    encode = torch.compile(model.encode, dynamic=False) if options.variant == "compile" else model.encode
    seconds = []
    with torch.inference_mode():
        for step in range(options.warm_up + options.steps):
            start = time.perf_counter()
            batch = to_device(batches[step % len(batches)], options)
            with products(options):
                features = encode(batch[0])
            features.float().cpu().numpy().copy()  # waits for the device
            if step >= options.warm_up:
                seconds.append(time.perf_counter() - start)
    return seconds


def product_milliseconds(run, options):
    """What the products of one step take, summed over a second run."""
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]) as profile:
        run()
    microseconds = sum(event.self_cpu_time_total for event in profile.key_averages() if event.key in PRODUCTS)
    return microseconds / 1000 / (options.warm_up + options.steps)


def pretrain_batch(options, generator):
    rows = 2 * options.batch
    order = torch.rand(rows, options.window, generator=generator).argsort(1)
    visible_count = options.window - round(options.window * 0.7)
    x = torch.randn(rows, options.window, CHANNELS, generator=generator)
    return x, order[:, :visible_count].sort(1).values, order[:, visible_count:].sort(1).values


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("work", choices=["plain", "pretrain", "embed"])
    parser.add_argument("--variant", choices=["eager", "sdpa", "compile"], default="sdpa")
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--precision", choices=["float32", "tf32", "bfloat16"], default="float32")
    parser.add_argument("--products", action="store_true")
    for name, value in dict(width=128, heads=4, feed_forward=256, layers=4, batch=64, window=64, steps=40, warm_up=5, threads=2).items():
        parser.add_argument("--" + name.replace("_", "-"), type=int, default=value)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(1)
    generator = torch.Generator().manual_seed(1)
    torch.backends.cuda.matmul.allow_tf32 = options.precision == "tf32"
    if options.work == "pretrain":
        batches = [pretrain_batch(options, generator) for _ in range(4)]
    else:
        fields = 2 if options.work == "plain" else 1
        shape = (options.batch, options.window, CHANNELS)
        batches = [tuple(torch.randn(shape, generator=generator) for _ in range(fields)) for _ in range(4)]
    if options.device == "cuda":
        batches = [tuple(field.pin_memory() for field in batch) for batch in batches]
    model = (Plain if options.work == "plain" else MaskedContrastive)(options).to(options.device)
    work = time_embedding if options.work == "embed" else time_training
    run = functools.partial(work, model, batches, options)
    seconds = sorted(run())
    products_alone = dict(productMilliseconds=product_milliseconds(run, options)) if options.products else {}
    median = seconds[len(seconds) // 2]
    device = "" if options.device == "cpu" else f" {torch.cuda.get_device_name()}"
    on_device = {} if options.device == "cpu" else dict(devicePeakBytes=torch.cuda.max_memory_allocated())
    print(
        json.dumps(
            dict(
                program=f"torch {torch.__version__}{device} {options.variant} {options.precision}",
                medianMilliseconds=1000 * median,
                minimumMilliseconds=1000 * seconds[0],
                framesPerSecond=options.batch * options.window / median,
                peakBytes=1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
                **on_device,
                **products_alone,
            )
        )
    )


if __name__ == "__main__":
    main()
