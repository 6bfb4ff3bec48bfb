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


def local_response(_):
    size, alpha, beta, k = draw.randint(1, 5), draw.choice([1e-4, 0.5]), draw.choice([0.5, 0.75]), draw.choice([1.0, 2.0])
    net = nn.LocalResponseNorm(size, alpha, beta, k)
    return net, [size, {"alpha": alpha, "beta": beta, "k": k}], [[draw.randint(1, 3), *sizes(draw.randint(2, 3))]]


class LocalContrastNorm(nn.Module):
    """Place by place, as the paper has it."""

    def __init__(self, size, deviation):
        super().__init__()
        self.size, self.deviation = size, deviation

    def around(self, x):
        half, rows = self.size // 2, []
        for i in range(x.shape[2]):
            for j in range(x.shape[3]):
                ks = [(p, q) for p in range(-half, half + 1) for q in range(-half, half + 1)
                      if 0 <= i + p < x.shape[2] and 0 <= j + q < x.shape[3]]
                w = torch.tensor([-(p * p + q * q) / (2 * self.deviation**2) for p, q in ks], dtype=x.dtype).exp()
                w = w / (w.sum() * x.shape[1])
                rows.append(sum(w[n] * x[:, :, i + p, j + q].sum(1) for n, (p, q) in enumerate(ks)))
        return torch.stack(rows, 1).reshape(x.shape[0], 1, *x.shape[2:])

    def forward(self, x):
        v = x - self.around(x)
        spread = self.around(v * v).sqrt()
        return v / torch.maximum(spread, spread.mean((2, 3), keepdim=True))


def local_contrast(_):
    size, deviation = draw.choice([1, 3, 5]), draw.choice([0.8, 1.5])
    shape = [draw.randint(1, 2), draw.randint(2, 3), *sizes(2, 2, 4)]
    return LocalContrastNorm(size, deviation), [size, {"deviation": deviation}], [shape]


def some(values):
    """One number for all axes where they are alike, at times."""
    return values[0] if len(set(values)) == 1 and draw.random() < 0.7 else values


def convolution(kind):
    rank, groups = int(kind[4]), draw.randint(1, 2)
    inputs, outputs = groups * draw.randint(1, 2), groups * draw.randint(1, 2)
    taps, apart = sizes(rank, 1, 3), sizes(rank, 1, 2)
    span = [d * (k - 1) + 1 for k, d in zip(taps, apart)]
    mode = draw.choice(["zeros", "zeros", "reflect", "replicate", "circular"])
    same = draw.random() < 0.3
    padding = "same" if same else sizes(rank, 0, 2)
    stride = [1] * rank if same else sizes(rank, 1, 2)
    bias = draw.random() < 0.7
    shape = [draw.randint(1, 2), inputs, *[max(s, 3) + draw.randint(0, 2) for s in span]]
    net = getattr(nn, kind)(inputs, outputs, taps, stride, padding, apart, groups, bias, mode)
    options = {"stride": some(stride), "padding": padding if same else some(padding), "dilation": some(apart),
               "groups": groups, "bias": bias, "paddingMode": mode}
    if rank == 1:
        taps = taps[0]
        options = {name: value[0] if isinstance(value, list) else value for name, value in options.items()}
    return net, [inputs, outputs, some(taps) if rank > 1 else taps, options], [shape]


def transposed(kind):
    rank, groups = int(kind[-2]), draw.randint(1, 2)
    inputs, outputs = groups * draw.randint(1, 2), groups * draw.randint(1, 2)
    taps, apart, stride = sizes(rank, 1, 3), sizes(rank, 1, 2), sizes(rank, 1, 3)
    padding = [draw.randint(0, d * (k - 1)) // 2 for k, d in zip(taps, apart)]
    extra = [draw.randint(0, max(s, d) - 1) for s, d in zip(stride, apart)]
    bias = draw.random() < 0.7
    net = getattr(nn, kind)(inputs, outputs, taps, stride, padding, extra, groups, bias, apart)
    options = {"stride": stride, "padding": padding, "outputPadding": extra, "groups": groups, "bias": bias,
               "dilation": apart}
    if rank == 1:
        taps = taps[0]
        options = {name: value[0] if isinstance(value, list) else value for name, value in options.items()}
    return net, [inputs, outputs, taps, options], [[draw.randint(1, 2), inputs, *sizes(rank, 2, 4)]]


def pool(kind):
    rank = int(kind[-2])
    size, stride = sizes(rank, 1, 3), sizes(rank, 1, 3)
    padding = [draw.randint(0, k // 2) for k in size]
    net = getattr(nn, kind)(size, stride, padding)
    one = (lambda values: values[0]) if rank == 1 else some
    shape = [draw.randint(1, 2), draw.randint(1, 3), *sizes(rank, 3, 6)]
    return net, [one(size), {"stride": one(stride), "padding": one(padding)}], [shape]


def lp_pool(_):
    power, size, stride = draw.choice([2, 4]), sizes(2, 1, 3), sizes(2, 1, 3)
    return nn.LPPool2d(power, size, stride), [power, size, {"stride": stride}], [[2, 2, *sizes(2, 3, 6)]]


def adaptive(kind):
    rank = int(kind[-2])
    size = sizes(rank, 1, 4)
    net = getattr(nn, kind)(size if rank > 1 else size[0])
    return net, [some(size) if rank > 1 else size[0]], [[2, 2, *sizes(rank, 1, 7)]]


def upsample(_):
    size = [2, 2, *sizes(2, 1, 5)]
    corners = draw.random() < 0.5
    mode = {"mode": "bilinear", "alignCorners": corners} if draw.random() < 0.5 else {}
    to = {"size": sizes(2, 1, 6)} if draw.random() < 0.5 else {"scale": draw.randint(1, 3)}
    plain = {"mode": "bilinear", "align_corners": corners} if mode else {}
    return nn.Upsample(to.get("size"), to.get("scale"), **plain), [{**mode, **to}], [size]


def linear(_):
    inputs, outputs, bias = draw.randint(1, 5), draw.randint(1, 5), draw.random() < 0.7
    return nn.Linear(inputs, outputs, bias), [inputs, outputs, {"bias": bias}], [[*sizes(draw.randint(0, 3)), inputs]]


def bilinear(_):
    left, right, outputs, bias = *sizes(3), draw.random() < 0.7
    around = sizes(draw.randint(1, 3), 1, 3)
    net = nn.Bilinear(left, right, outputs, bias)
    return net, [[left, right], outputs, {"bias": bias}], [[*around, left], [*around, right]]


class Bags(nn.EmbeddingBag):
    def forward(self, rows, weights=None, offsets=None):
        return super().forward(rows, offsets if offsets is None else torch.tensor(offsets), weights)


def bag(_):
    rows, width, mode = draw.randint(3, 6), draw.randint(1, 4), draw.choice(["mean", "sum", "max"])
    padding = draw.choice([None, 0, 2])
    weighted = mode == "sum" and draw.random() < 0.5
    net = Bags(rows, width, mode=mode, padding_idx=padding)
    ragged = draw.random() < 0.5
    shape = [draw.randint(1, 8)] if ragged else sizes(2)
    more = {}
    if ragged:
        more = {"offsets": [0, *sorted(draw.randint(0, shape[0]) for _ in range(draw.randint(0, 3)))]}
    numbers = torch.randint(0, rows, shape)
    options = {"mode": mode, **({} if padding is None else {"paddingIndex": padding})}
    return net, [rows, width, options], [numbers, *([shape] if weighted else [])], more


def prelu(_):
    channels = draw.choice([1, 3])
    return nn.PReLU(channels), [channels], [[2, 3, *sizes(draw.randint(0, 2))]]


class Cell(nn.Module):
    def __init__(self, net):
        super().__init__()
        self.net = net
        for name, parameter in list(net.named_parameters()):
            self.register_parameter(name, parameter)

    def forward(self, x, *state):
        return self.net(x, *([tuple(state)] if len(state) > 1 else state))

    def named_parameters(self):
        return self.net.named_parameters()


def cell(kind):
    inputs, hidden, batch, bias = *sizes(3), draw.random() < 0.7
    more = {"activation": draw.choice(["tanh", "relu"])} if kind == "RNNCell" else {}
    plain = {"nonlinearity": more["activation"]} if more else {}
    net = Cell(getattr(nn, kind)(inputs, hidden, bias, **plain))
    state = [[batch, hidden]] * (0 if draw.random() < 0.3 else 2 if kind == "LSTMCell" else 1)
    return net, [inputs, hidden, {"bias": bias, **more}], [[batch, inputs], *state]


kinds = {
    "LocalResponseNorm": local_response,
    "LocalContrastNorm": local_contrast,
    **{f"{way}Norm{rank}d": channel_norm for way in ["Batch", "Instance"] for rank in [1, 2, 3]},
    "GroupNorm": group_norm,
    "RMSNorm": rms_norm,
    **{f"Conv{rank}d": convolution for rank in [1, 2, 3]},
    **{f"ConvTranspose{rank}d": transposed for rank in [1, 2]},
    **{f"{way}Pool{rank}d": pool for way in ["Avg", "Max"] for rank in [1, 2, 3]},
    "LpPool2d": lp_pool,
    **{f"Adaptive{way}Pool{rank}d": adaptive for way in ["Avg", "Max"] for rank in [1, 2]},
    "Upsample": upsample,
    "Linear": linear,
    "Bilinear": bilinear,
    "EmbeddingBag": bag,
    "PReLU": prelu,
    **{f"{way}Cell": cell for way in ["RNN", "GRU", "LSTM"]},
}

for index in range(int(sys.argv[2])):
    kind = list(kinds)[index % len(kinds)]
    net, arguments, shapes, *extra = kinds[kind](kind)
    more = extra[0] if extra else {}
    training = draw.random() < 0.6
    net = net.double().train(training)
    for _, parameter in net.named_parameters():
        nn.init.normal_(parameter)
    for name, buffer in net.named_buffers():
        if buffer.dtype == torch.float64:
            buffer.copy_(torch.rand_like(buffer) + 0.5)
    weights = {name: stored(t) for name, t in net.named_parameters()}
    before = {name: stored(t) for name, t in net.named_buffers()}
    inputs = [
        [s if torch.is_tensor(s) else torch.randn(*s, dtype=torch.float64, requires_grad=True) for s in shapes]
        for _ in range(2)
    ]
    results = [net(*given, **more) for given in inputs]
    results = [y for one in results for y in (one if isinstance(one, tuple) else [one])]
    cotangents = [torch.randn_like(y) for y in results]
    leaves = {f"{i}.{k}": x for i, given in enumerate(inputs) for k, x in enumerate(given) if x.requires_grad}
    leaves = {**leaves, **dict(net.named_parameters())}
    total = sum((y * g).sum() for y, g in zip(results, cotangents))
    gradients = torch.autograd.grad(total, list(leaves.values()))
    after = {name: stored(t) for name, t in net.named_buffers()}
    if kind.startswith("Instance"):
        after.pop("num_batches_tracked", None)  # PyTorch does not count them
    print(json.dumps({
        "kind": kind, "arguments": arguments, "training": training, "more": more,
        "inputs": [[stored(x) for x in given] for given in inputs],
        "weights": weights, "before": before, "after": after,
        "results": [stored(y) for y in results],
        "cotangents": [stored(g) for g in cotangents],
        "gradients": {name: stored(g) for name, g in zip(leaves, gradients)},
    }))
