"""Exports models from PyTorch to ONNX, with inputs and what PyTorch computes for them.

    onnx_models.py SEED FOLDER    writes NAME.onnx and NAME.npz (in0 …, out0 …); prints the names as JSON
"""

import json
import random
import sys
import warnings

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

warnings.simplefilter("ignore")
seed, folder = int(sys.argv[1]), sys.argv[2]
draw = random.Random(seed)
torch.manual_seed(seed)


class Of(nn.Module):
    """A function as a model."""

    def __init__(self, function, **parts):
        super().__init__()
        self.function = function
        for name, part in parts.items():
            setattr(self, name, part)

    def forward(self, *x):
        return self.function(self, *x)


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.downsample = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(y + self.downsample(x))


def lenet():
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.Tanh(), nn.AvgPool2d(2),
        nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.Sigmoid(), nn.Linear(84, 10))


def resnet():
    net = nn.Sequential(
        nn.Conv2d(3, 8, 3, 2, 1, bias=False), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(3, 2, 1), Block(8, 8, 1),
        Block(8, 16, 2), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 10))
    # Running statistics that are no zeros and ones.
    net(torch.randn(8, 3, 24, 24) * 2 + 1)
    return net


def recurrent(kind, **options):
    net = kind(5, 7, batch_first=True, **options)
    return Of(lambda self, x: self.net(x)[0], net=net)


def both(self, x):
    y, (h, c) = self.net(x)
    return self.out(y[:, -1]), h, c


def op(function, *shapes, **parts):
    return Of(function, **parts), [torch.randn(shape) for shape in shapes]


def embedded(self, i):
    return self.conv(self.embed(i).transpose(1, 2)).max(-1)[0]


def attended(self, q, k, v):
    return F.softmax(q @ k.transpose(-1, -2) / q.shape[-1] ** 0.5, -1) @ v


def encoder(**options):
    return nn.TransformerEncoderLayer(8, 2, 16, batch_first=True, **options)


models = {
    "mlp": (nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3), nn.LogSoftmax(-1)), [torch.randn(5, 4)]),
    "lenet": (lenet(), [torch.randn(2, 1, 28, 28)]),
    "resnet": (resnet(), [torch.randn(2, 3, 24, 24)]),
    "lstm": (Of(both, net=nn.LSTM(5, 7, 2, batch_first=True, bidirectional=True), out=nn.Linear(14, 3)),
             [torch.randn(2, 6, 5)]),
    "gru": (recurrent(nn.GRU, bidirectional=True), [torch.randn(2, 6, 5)]),
    "gru-2": (recurrent(nn.GRU, num_layers=2, bias=False), [torch.randn(3, 4, 5)]),
    "rnn": (recurrent(nn.RNN), [torch.randn(2, 6, 5)]),
    "rnn-relu": (recurrent(nn.RNN, nonlinearity="relu"), [torch.randn(2, 6, 5)]),
    "encoder": (encoder(), [torch.randn(2, 5, 8)]),
    "encoder-gelu": (encoder(activation="gelu", norm_first=True), [torch.randn(2, 5, 8)]),
    "embedding": (Of(embedded, embed=nn.Embedding(11, 6), conv=nn.Conv1d(6, 4, 3, padding=1)),
                  [torch.randint(0, 11, (3, 7))]),
    "attention": op(attended, (2, 3, 4, 5), (2, 3, 6, 5), (2, 3, 6, 5)),
    "upsampling": (nn.Sequential(
        nn.ConvTranspose2d(3, 4, 3, 2, 1, 1), nn.PReLU(4), nn.Upsample(scale_factor=2), nn.GroupNorm(2, 4),
        nn.InstanceNorm2d(4, affine=True)), [torch.randn(2, 3, 4, 5)]),
    "dropout": (nn.Sequential(nn.Linear(4, 8), nn.Dropout(0.5), nn.ELU()), [torch.randn(3, 4)]),
    "conv-grouped": (nn.Conv2d(4, 6, 3, 2, (1, 2), dilation=(1, 2), groups=2), [torch.randn(2, 4, 9, 11)]),
    "conv3d": (nn.Sequential(nn.Conv3d(2, 3, 2), nn.MaxPool3d(2)), [torch.randn(1, 2, 5, 5, 5)]),
    "transposed-1d": (nn.ConvTranspose1d(4, 6, 3, 2, 1, 0, groups=2), [torch.randn(2, 4, 5)]),
    "pool-ceil": (nn.MaxPool2d(3, 2, 1, ceil_mode=True), [torch.randn(1, 2, 8, 8)]),
    "pool-mean": (nn.AvgPool2d(3, 2, 1), [torch.randn(1, 2, 8, 8)]),
    "pool-mean-inside": (nn.AvgPool2d(3, 2, 1, count_include_pad=False), [torch.randn(1, 2, 8, 8)]),
    "pool-line": (nn.AvgPool1d(3, 2), [torch.randn(1, 2, 9)]),
    "lrn": (nn.LocalResponseNorm(5, 1e-2, 0.7, 2.0), [torch.randn(2, 7, 3, 3)]),
    "activations": op(lambda self, x: torch.cat([
        F.leaky_relu(x, 0.2), F.elu(x, 0.7), F.selu(x), F.softplus(x), F.softsign(x), F.gelu(x), F.silu(x),
        F.hardtanh(x), F.hardsigmoid(x), F.hardswish(x), F.mish(x), F.celu(x, 1.3), F.relu6(x * 5), torch.erf(x),
        F.logsigmoid(x)], 1), (3, 4)),
    "arithmetic": op(lambda self, x, y: (
        x + y, x - 2 * y, x * y, x / (y.abs() + 1), x ** 2, (x.abs() + 1) ** y, -x, x.abs(), x.sqrt(), x.exp(),
        torch.log1p(x.abs()), torch.maximum(x, y), torch.minimum(x, y), x.clamp(-0.5, 0.5), torch.sin(x) * torch.cos(y),
        torch.where(x > y, x, y), (x > 0) & (y < 0), x.floor(), x.ceil(), x.round(), torch.sign(x),
        torch.reciprocal(y), x % 2, torch.fmod(x, 0.7), ~(x > y) | (x == y), (x * 3).int().float()), (3, 4), (4,)),
    "layout": op(lambda self, x: (
        x.permute(2, 0, 1).reshape(-1, 3), x[:, 1:, ::2], x[:, -1], x.unsqueeze(1).expand(3, 2, 4, 6), x.flatten(1),
        torch.stack(x.split([1, 3], 1)[1].unbind(1), 2), torch.cat([x, x * 2], -1), x.repeat(2, 1, 3),
        F.pad(x, (1, 2, 0, 1), value=3.0), F.pad(x, (1, 2), mode="reflect"), F.pad(x, (2, 1), mode="replicate"),
        torch.flip(x, [1]), x.view(x.shape[0], -1, 2), x.chunk(3, 2)[1], torch.narrow(x, 2, 1, 3),
        x.gather(1, (x[:, :2].abs() * 1.2).long().clamp(0, 3)), x.index_select(2, torch.tensor([0, 3, 3])),
        torch.zeros(x.shape[0], 2) + 1.5, torch.arange(x.shape[1]).float() * x.sum()), (3, 4, 6)),
    "reductions": op(lambda self, x: (
        x.sum(), x.mean(1), x.max(2)[0], x.min(1, keepdim=True)[0], x.prod(2), x.argmax(1), x.argmin(2, keepdim=True),
        x.norm(dim=1), x.abs().sum((0, 2)), x.logsumexp(1), x.var(1, unbiased=False), x.std((1, 2)), x.cumsum(1),
        x.topk(2, 1)[0], x.topk(2, -1, largest=False)[1], x.sort(1)[0], F.softmax(x, 1), F.log_softmax(x, 0)),
        (3, 4, 5)),
    "products": op(lambda self, a, b, v: (
        a @ b, a @ v, v @ b[0], torch.einsum("bij,bjk->bki", a, b), torch.bmm(a, b), a.transpose(1, 2).tril(),
        a.triu(1)), (2, 3, 4), (2, 4, 5), (4,)),
}

written = []
for name, (model, inputs) in models.items():
    model.eval()
    with torch.no_grad():
        outputs = model(*inputs)
    outputs = outputs if isinstance(outputs, tuple) else (outputs,)
    for opset in {draw.choice([11, 12, 13]), draw.choice([14, 15, 16, 17])}:
        file = f"{name}-{opset}"
        names = [f"in{i}" for i in range(len(inputs))]
        axes = {n: {0: "batch"} for n in names} if name in ("mlp", "lenet", "resnet", "lstm", "gru", "rnn", "encoder") else None
        try:
            torch.onnx.export(model, tuple(inputs), f"{folder}/{file}.onnx", opset_version=opset, input_names=names,
                              output_names=[f"out{i}" for i in range(len(outputs))], dynamic_axes=axes)
        except torch.onnx.errors.UnsupportedOperatorError:
            continue
        np.savez(f"{folder}/{file}.npz", **{n: x.numpy() for n, x in zip(names, inputs)},
                 **{f"out{i}": y.numpy() for i, y in enumerate(outputs)})
        written.append(file)
print(json.dumps(written))
