"""Small convolutional nets and what PyTorch's autograd says of their scores: one line of JSON for each case.

Usage: torch_saliency.py SEED COUNT
"""

import json
import random
import sys

import numpy
import torch
from torch.nn import functional as F

seed, count = int(sys.argv[1]), int(sys.argv[2])
torch.manual_seed(seed)
random.seed(seed)
torch.set_default_dtype(torch.float64)


class Guided(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x.clamp(min=0)

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g * (g > 0) * (x > 0)


class Deconvolved(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x.clamp(min=0)

    @staticmethod
    def backward(ctx, g):
        return g * (g > 0)


def plain(t):
    return {"shape": list(t.shape), "data": t.detach().flatten().tolist()}


def model(p, x, relu=F.relu, keep=None):
    a = relu(F.conv2d(x, p["0.weight"], p["0.bias"], padding=1))
    a = F.max_pool2d(a, 2)
    a = relu(F.conv2d(a, p["3.weight"], p["3.bias"]))
    if keep is not None:
        keep.append(a)
    return F.linear(a.flatten(1), p["6.weight"], p["6.bias"])


def gradient(p, x, classes, relu=F.relu):
    x = x.clone().requires_grad_()
    scores = model(p, x, relu)
    return torch.autograd.grad(scores.gather(1, classes[:, None]).sum(), x)[0]


for _ in range(count):
    channels, maps, size, batch, kinds = random.randint(1, 3), random.randint(2, 4), random.choice([6, 8]), 3, 4
    last = size // 2 - 2
    p = {
        "0.weight": torch.randn(maps, channels, 3, 3) / 2,
        "0.bias": torch.randn(maps) / 4,
        "3.weight": torch.randn(5, maps, 3, 3) / 2,
        "3.bias": torch.randn(5) / 4,
        # Small, so that no class is as good as certain: of 1 − p there would be few digits, and of its sign none.
        "6.weight": torch.randn(kinds, 5 * last * last) / (5 * last * last),
        "6.bias": torch.randn(kinds) / 4,
    }
    x = torch.randn(batch, channels, size, size)
    baseline = torch.randn(channels, 1, 1)
    chosen = random.choice([None, [random.randrange(kinds) for _ in range(batch)]])
    scores = model(p, x)
    classes = scores.argmax(1) if chosen is None else torch.tensor(chosen)

    plainly = gradient(p, x, classes)
    nodes, weights = numpy.polynomial.legendre.leggauss(12)
    mean = sum(
        w / 2 * gradient(p, baseline + (x - baseline) * (1 + t) / 2, classes) for t, w in zip(nodes, weights)
    )

    kept = []
    cam_scores = model(p, x.clone().requires_grad_(), keep=kept)
    da = torch.autograd.grad(cam_scores.gather(1, classes[:, None]).sum(), kept[0])[0]
    cam = F.relu((da.mean((2, 3), keepdim=True) * kept[0]).sum(1))

    patch, stride, fill = random.choice([2, 3]), random.choice([1, 2]), random.choice([0.0, 0.5])
    falls, covers = torch.zeros(batch, size, size), torch.zeros(size, size)
    starts = sorted(set(list(range(0, size - patch + 1, stride)) + [size - patch]))
    for top in starts:
        for left in starts:
            covered = x.clone()
            covered[:, :, top : top + patch, left : left + patch] = fill
            fall = (scores - model(p, covered)).gather(1, classes[:, None])[:, 0]
            falls[:, top : top + patch, left : left + patch] += fall[:, None, None]
            covers[top : top + patch, left : left + patch] += 1
    falls = torch.where(covers > 0, falls / covers.clamp(min=1), torch.zeros(()))

    labels = torch.tensor([random.randrange(kinds) for _ in range(batch)])

    def rise(x):
        x = x.clone().requires_grad_()
        return torch.autograd.grad(F.cross_entropy(model(p, x), labels, reduction="sum"), x)[0]

    fgsm = (x + 0.1 * rise(x).sign()).clamp(-1, 1)
    targeted = (x - 0.1 * rise(x).sign()).clamp(-1, 1)
    pgd = x.clone()
    for _ in range(4):
        pgd = pgd + 0.04 * rise(pgd).sign()
        pgd = (x + (pgd - x).clamp(-0.1, 0.1)).clamp(-1, 1)
    ball = x.clone()
    for _ in range(4):
        g = rise(ball)
        ball = ball + 0.3 * g / g.flatten(1).norm(dim=1).clamp(min=1e-30)[:, None, None, None]
        d = ball - x
        length = d.flatten(1).norm(dim=1)[:, None, None, None]
        ball = x + d * (0.5 / length.clamp(min=1e-30)).clamp(max=1)

    print(
        json.dumps(
            {
                "parameters": {name: plain(value) for name, value in p.items()},
                "x": plain(x),
                "baseline": plain(baseline),
                "classes": chosen,
                "occlusion": {"size": patch, "stride": stride, "fill": fill},
                "labels": labels.tolist(),
                "results": {
                    "inputGradient": plain(plainly),
                    "saliency": plain(plainly.abs().max(1)[0]),
                    "gradientTimesInput": plain(plainly * x),
                    "guidedBackpropagation": plain(gradient(p, x, classes, Guided.apply)),
                    "deconvolution": plain(gradient(p, x, classes, Deconvolved.apply)),
                    "integratedGradients": plain(mean * (x - baseline)),
                    "gradCam": plain(cam),
                    "occlusion": plain(falls),
                    "fgsm": plain(fgsm),
                    "targeted": plain(targeted),
                    "pgd": plain(pgd),
                    "ball": plain(ball),
                },
            }
        )
    )
