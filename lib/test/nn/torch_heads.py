"""Mixture densities and positions of random forms, as torch.distributions and complex numbers give them, float64.

    torch_heads.py SEED COUNT
"""

import json
import math
import random
import sys

import torch
from torch import distributions as d

draw = random.Random(int(sys.argv[1]))
torch.manual_seed(draw.randrange(2**31))
torch.set_default_dtype(torch.float64)


def stored(t):
    return {"shape": list(t.shape), "data": t.detach().to(torch.float64).reshape(-1).tolist()}


def mixture(linear, x, target, components, outputs):
    y = linear(x)
    n = components
    means = y[..., n : n + n * outputs].reshape(*x.shape[:-1], n, outputs)
    deviations = y[..., n + n * outputs :].reshape(*x.shape[:-1], n, outputs).exp()
    parts = d.Independent(d.Normal(means, deviations), 1)
    return d.MixtureSameFamily(d.Categorical(logits=y[..., :n]), parts).log_prob(target)


def pen(linear, x, target, components):
    y = linear(x)
    end, rest = y[..., 0], y[..., 1:].reshape(*x.shape[:-1], 6, components)
    logits, mx, my, sx, sy, rho = rest.unbind(-2)
    sx, sy, rho = sx.exp(), sy.exp(), rho.tanh() * (1 - 1e-6)
    covariance = torch.stack([torch.stack([sx * sx, rho * sx * sy], -1), torch.stack([rho * sx * sy, sy * sy], -1)], -2)
    parts = d.MultivariateNormal(torch.stack([mx, my], -1), covariance)
    offsets = d.MixtureSameFamily(d.Categorical(logits=logits), parts).log_prob(target[..., :2])
    return offsets + d.Bernoulli(logits=end).log_prob(target[..., 2])


def rotated(x, offset, base, pairs):
    steps, width = x.shape[-2:]
    half = width // 2
    angle = (offset + torch.arange(steps))[:, None] * base ** (-2 * torch.arange(half) / width)
    a, b = (x[..., 0::2], x[..., 1::2]) if pairs == "adjacent" else (x[..., :half], x[..., half:])
    z = torch.complex(a, b) * torch.polar(torch.ones_like(angle), angle)
    return torch.stack([z.real, z.imag], -1).reshape(x.shape) if pairs == "adjacent" else torch.cat([z.real, z.imag], -1)


def relative(table, queries, keys, farthest, both):
    distance = torch.arange(keys)[None] - torch.arange(queries)[:, None]
    buckets = table.shape[0]
    bucket = torch.zeros_like(distance)
    if both:
        buckets //= 2
        bucket = bucket + (distance > 0) * buckets
        distance = distance.abs()
    else:
        distance = (-distance).clamp(min=0)
    exact = buckets // 2
    far = exact + (torch.log(distance.clamp(min=1) / exact) / math.log(farthest / exact) * (buckets - exact) + 1e-9).floor().long()
    bucket = bucket + torch.where(distance < exact, distance, far.clamp(max=buckets - 1))
    return table[bucket].permute(2, 0, 1)


for _ in range(int(sys.argv[2])):
    kind = draw.choice(["MixtureDensity", "HandwritingHead", "rotary", "RelativeBias"])
    leading = [draw.randint(1, 3) for _ in range(draw.randint(1, 2))]
    leaves, constants, result = {}, {}, None
    if kind in ("MixtureDensity", "HandwritingHead"):
        inputs, components, outputs = draw.randint(1, 4), draw.randint(1, 4), draw.randint(1, 3)
        linear = torch.nn.Linear(inputs, components * (1 + 2 * outputs) if kind == "MixtureDensity" else 1 + 6 * components)
        x = torch.randn(*leading, inputs, requires_grad=True)
        leaves = {"x": x, "linear.weight": linear.weight, "linear.bias": linear.bias}
        if kind == "MixtureDensity":
            arguments = [inputs, outputs, {"components": components}]
            target = torch.randn(*leading, outputs) * 2
            result = mixture(linear, x, target, components, outputs)
        else:
            arguments = [inputs, {"components": components}]
            target = torch.cat([torch.randn(*leading, 2) * 2, torch.randint(2, (*leading, 1)).double()], -1)
            result = pen(linear, x, target, components)
        constants = {"target": stored(target)}
    elif kind == "rotary":
        options = {"offset": draw.randint(0, 50), "base": draw.choice([100, 10_000]), "pairs": draw.choice(["adjacent", "halves"])}
        arguments = [options]
        x = torch.randn(*leading, draw.randint(1, 5), 2 * draw.randint(1, 4), requires_grad=True)
        leaves, result = {"x": x}, rotated(x, **options)
    else:
        both = draw.random() < 0.5
        options = {"heads": draw.randint(1, 3), "buckets": 4 * draw.randint(1, 8), "farthest": draw.randint(33, 128), "bidirectional": both}
        table = torch.randn(options["buckets"], options["heads"], requires_grad=True)
        queries, keys = draw.randint(1, 60), draw.randint(1, 60)
        arguments, leaves, constants = [options], {"weight": table}, {"sizes": [queries, keys]}
        result = relative(table, queries, keys, options["farthest"], both)
    cotangent = torch.randn_like(result)
    gradients = torch.autograd.grad((result * cotangent).sum(), list(leaves.values()))
    print(json.dumps({
        "kind": kind, "arguments": arguments, "constants": constants,
        "leaves": {name: stored(t) for name, t in leaves.items()},
        "result": stored(result), "cotangent": stored(cotangent),
        "gradients": {name: stored(g) for name, g in zip(leaves, gradients)},
    }))
