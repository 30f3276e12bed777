"""Writes test/golden/torch-model.json: a small transformer encoder trained for ten steps by PyTorch in float64.

python3 scripts/golden/torch-model.py          (made with Python 3.11, torch 2.15.0; no random numbers)

Every parameter is 0.3 sin(first), 0.3 sin(first + 1), ..., its `first` is in the file; tokens are sin(k). The loss of
step t is the mean over all outputs of (output - sin(100 t + k))^2. Clip to norm 0.5, AdamW with decay on kernels only.
"""
import json
import math
import pathlib

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
WINDOWS, TOKENS, CHANNELS, WIDTH, HEADS, HIDDEN, LAYERS, WINDOW_TOKENS, STEPS = 2, 3, 4, 8, 2, 12, 2, 5, 10
# Epsilon is large: the gradient of a key bias is 0, and with a small one Adam would take its rounding for a direction.
RATE, BETAS, EPSILON, DECAY, MAX_NORM = 0.02, (0.9, 0.95), 1e-3, 0.1, 0.5
POSITION = [[0, 2, 4], [1, 2, 3]]


def sines(shape, first, scale=1.0):
    size = math.prod(shape)
    # float32, as the other side starts from
    values = torch.tensor([math.sin(first + k) for k in range(size)]).float().double() * scale
    return values.float().double().reshape(shape)


def shapes():
    yield "encoder/input/kernel", [CHANNELS, WIDTH]
    yield "encoder/input/bias", [WIDTH]
    yield "encoder/position/table", [WINDOW_TOKENS, WIDTH]
    for layer in range(LAYERS):
        block = f"encoder/block{layer}"
        for norm in ("attention-norm", "feed-forward-norm"):
            yield f"{block}/{norm}/gain", [WIDTH]
            yield f"{block}/{norm}/bias", [WIDTH]
        for name, inputs, outputs in [
            ("attention/qkv", WIDTH, 3 * WIDTH), ("attention/output", WIDTH, WIDTH),
            ("feed-forward/in", WIDTH, HIDDEN), ("feed-forward/out", HIDDEN, WIDTH),
        ]:
            yield f"{block}/{name}/kernel", [inputs, outputs]
            yield f"{block}/{name}/bias", [outputs]
    yield "encoder/norm/gain", [WIDTH]
    yield "encoder/norm/bias", [WIDTH]


def encode(p, tokens):
    def dense(path, x):
        return F.linear(x, p[f"{path}/kernel"].T, p[f"{path}/bias"])

    def norm(path, x):
        return F.layer_norm(x, [WIDTH], p[f"{path}/gain"], p[f"{path}/bias"], 1e-5)

    x = dense("encoder/input", tokens) + p["encoder/position/table"][torch.tensor(POSITION)]
    layers = []
    for layer in range(LAYERS):
        block = f"encoder/block{layer}"
        mixed = dense(f"{block}/attention/qkv", norm(f"{block}/attention-norm", x))
        q, k, v = mixed.view(WINDOWS, TOKENS, 3, HEADS, WIDTH // HEADS).permute(2, 0, 3, 1, 4)
        looked = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(WINDOWS, TOKENS, WIDTH)
        x = x + dense(f"{block}/attention/output", looked)
        hidden = F.gelu(dense(f"{block}/feed-forward/in", norm(f"{block}/feed-forward-norm", x)), approximate="tanh")
        x = x + dense(f"{block}/feed-forward/out", hidden)
        layers.append(x)
    layers[-1] = norm("encoder/norm", x)
    return layers


def main():
    parameters, firsts, first = {}, {}, 1
    for name, shape in shapes():
        parameters[name] = sines(shape, first, 0.3).requires_grad_()
        firsts[name] = first
        first += math.prod(shape)
    tokens = sines([WINDOWS, TOKENS, CHANNELS], 0)
    kernels = [p for name, p in parameters.items() if name.endswith("/kernel")]
    others = [p for name, p in parameters.items() if not name.endswith("/kernel")]
    optimiser = torch.optim.AdamW(
        [dict(params=kernels, weight_decay=DECAY), dict(params=others, weight_decay=0.0)],
        lr=RATE, betas=BETAS, eps=EPSILON,
    )
    flat = lambda tensor: [round(value, 12) for value in tensor.detach().flatten().tolist()]
    golden = dict(
        torch=torch.__version__, firsts=firsts, position=POSITION,
        shape=dict(windows=WINDOWS, tokens=TOKENS, channels=CHANNELS, windowTokens=WINDOW_TOKENS),
        encoder=dict(width=WIDTH, layers=LAYERS, heads=HEADS, feedForward=HIDDEN),
        optimiser=dict(learningRate=RATE, beta1=BETAS[0], beta2=BETAS[1], epsilon=EPSILON, weightDecay=DECAY),
        maxNorm=MAX_NORM, layers=[flat(layer) for layer in encode(parameters, tokens)], losses=[], norms=[],
    )
    for step in range(STEPS):
        optimiser.zero_grad()
        output = encode(parameters, tokens)[-1]
        loss = ((output - sines(output.shape, 100 * step)) ** 2).mean()
        loss.backward()
        if step == 0:
            golden["gradients"] = {name: flat(p.grad) for name, p in parameters.items()}
        norm = torch.nn.utils.clip_grad_norm_(parameters.values(), MAX_NORM)
        golden["losses"].append(round(loss.item(), 12))
        golden["norms"].append(round(norm.item(), 12))
        optimiser.step()
    golden["trained"] = {name: flat(p) for name, p in parameters.items()}
    path = pathlib.Path(__file__).parents[2] / "test/golden/torch-model.json"
    path.write_text(json.dumps(golden) + "\n")


main()
