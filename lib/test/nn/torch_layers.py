"""Layers of random forms, and what PyTorch makes of random inputs: one JSON object a line, float64.

    torch_layers.py SEED COUNT

Each has two passes, so that running statistics move twice: in training, or with statistics drawn at random outside of it.
"""

import json
import random
import sys

import torch
from torch import nn

draw = random.Random(int(sys.argv[1]))
torch.manual_seed(draw.randrange(2**31))


def stored(t):
    return {"shape": list(t.shape), "data": t.detach().reshape(-1).tolist(), "dtype": str(t.dtype).split(".")[1]}


def sizes(rank, least=1, most=5):
    return [draw.randint(least, most) for _ in range(rank)]


class RMSNorm(nn.Module):
    def __init__(self, shape, eps):
        super().__init__()
        self.weight, self.eps = nn.Parameter(torch.ones(shape)), eps
        self.axes = tuple(range(-len(shape), 0))

    def forward(self, x):
        return x * torch.rsqrt((x * x).mean(self.axes, keepdim=True) + self.eps) * self.weight


def channel_norm(kind):
    rank = int(kind[-2])
    channels, epsilon, momentum = draw.randint(1, 4), draw.choice([1e-5, 0.1]), draw.choice([0.1, 0.7, None])
    if kind.startswith("Instance") and momentum is None:
        momentum = 0.3  # PyTorch leaves the statistics alone
    affine, track = draw.random() < 0.5, draw.random() < 0.7
    net = getattr(nn, kind)(channels, eps=epsilon, momentum=momentum, affine=affine, track_running_stats=track)
    options = {"epsilon": epsilon, "momentum": momentum, "affine": affine, "trackRunningStats": track}
    flat = kind == "BatchNorm1d" and draw.random() < 0.5
    shape = [draw.randint(2, 4), channels, *([] if flat else sizes(rank, 2))]
    return net, [channels, options], [shape]


def group_norm(_):
    groups = draw.randint(1, 3)
    channels, affine = groups * draw.randint(1, 3), draw.random() < 0.5
    shape = [draw.randint(2, 3), channels, *sizes(draw.randint(0, 3), 2)]
    return nn.GroupNorm(groups, channels, affine=affine), [groups, channels, {"affine": affine}], [shape]


def rms_norm(_):
    shape, epsilon = sizes(draw.randint(1, 2)), draw.choice([1e-6, 0.1])
    return RMSNorm(shape, epsilon), [shape, {"epsilon": epsilon}], [[*sizes(draw.randint(0, 2)), *shape]]


kinds = {
    **{f"{way}Norm{rank}d": channel_norm for way in ["Batch", "Instance"] for rank in [1, 2, 3]},
    "GroupNorm": group_norm,
    "RMSNorm": rms_norm,
}

for index in range(int(sys.argv[2])):
    kind = list(kinds)[index % len(kinds)]
    net, arguments, shapes = kinds[kind](kind)
    training = draw.random() < 0.6
    net = net.double().train(training)
    for parameter in net.parameters():
        nn.init.normal_(parameter)
    for name, buffer in net.named_buffers():
        if buffer.dtype == torch.float64:
            buffer.copy_(torch.rand_like(buffer) + 0.5)
    weights = {name: stored(t) for name, t in net.named_parameters()}
    before = {name: stored(t) for name, t in net.named_buffers()}
    inputs = [[torch.randn(*shape, dtype=torch.float64, requires_grad=True) for shape in shapes] for _ in range(2)]
    results = [net(*given) for given in inputs]
    cotangents = [torch.randn_like(y) for y in results]
    leaves = {**{f"{i}.{k}": x for i, given in enumerate(inputs) for k, x in enumerate(given)}, **dict(net.named_parameters())}
    total = sum((y * g).sum() for y, g in zip(results, cotangents))
    gradients = torch.autograd.grad(total, list(leaves.values()))
    after = {name: stored(t) for name, t in net.named_buffers()}
    if kind.startswith("Instance"):
        after.pop("num_batches_tracked", None)  # PyTorch does not count them
    print(json.dumps({
        "kind": kind, "arguments": arguments, "training": training,
        "inputs": [[stored(x) for x in given] for given in inputs],
        "weights": weights, "before": before, "after": after,
        "results": [stored(y) for y in results],
        "cotangents": [stored(g) for g in cotangents],
        "gradients": {name: stored(g) for name, g in zip(leaves, gradients)},
    }))
