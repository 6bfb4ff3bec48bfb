"""The peer of gradbook.mjs, on as many threads as OMP_NUM_THREADS says."""

import json
import os
import re
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
torch.manual_seed(0)


def product(n):
    a, b = torch.randn(n, n), torch.randn(n, n)
    return lambda: a @ b


def total(n):
    x, y = torch.randn(n), torch.randn(n)
    return lambda: x + y


def chain(n):
    x = torch.randn(n)
    return lambda: torch.sum(torch.tanh(x * 2 + 1)).item()


def convolution(batch, channels, size, filters, taps, padding):
    x = torch.randn(batch, channels, size, size, requires_grad=True)
    w = torch.randn(filters, channels, taps, taps, requires_grad=True)
    b = torch.randn(filters, requires_grad=True)
    upstream = torch.randn_like(F.conv2d(x, w, b, padding=padding))

    def work():
        x.grad = w.grad = b.grad = None
        F.conv2d(x, w, b, padding=padding).backward(upstream)

    return work


def lenet(batch):
    model = nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10),
    )
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    x, y = torch.rand(batch, 1, 28, 28), torch.arange(batch) % 10

    def work():
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        loss.item()

    return work


def recurrent(kind, length, batch):
    model, x = kind(256, 256), torch.randn(length, batch, 256)

    def work():
        model.zero_grad()
        model(x)[0].sum().backward()

    return work


def transformer(batch, length):
    model = nn.TransformerEncoderLayer(256, 8, 1024, 0.0, batch_first=True)
    x, upstream = torch.randn(batch, length, 256), torch.randn(batch, length, 256)

    def work():
        model.zero_grad()
        model(x).backward(upstream)

    return work


def adds():
    x, b = torch.randn(16, requires_grad=True), torch.randn(16)

    def work():
        x.grad = None
        y = x
        for _ in range(1000):
            y = y + b
        y.sum().backward()

    return work


def without_gradient(function, *arguments):
    def work():
        with torch.no_grad():
            function(*arguments)

    return work


def forward_convolution(batch, channels, size, filters, taps, padding):
    layer = nn.Conv2d(channels, filters, taps, padding=padding)
    return without_gradient(layer, torch.randn(batch, channels, size, size))


make = {
    "sum(tanh(2x+1)), 1e6": lambda: chain(1_000_000),
    "sum(tanh(2x+1)), 1e7": lambda: chain(10_000_000),
    "conv 64×1×28→6@5, both ways": lambda: convolution(64, 1, 28, 6, 5, 2),
    "conv 64×1×28→6@5, forward": lambda: forward_convolution(64, 1, 28, 6, 5, 2),
    "conv 64×16×14→32@3, both ways": lambda: convolution(64, 16, 14, 32, 3, 1),
    "conv 64×16×14→32@3, forward": lambda: forward_convolution(64, 16, 14, 32, 3, 1),
    "conv 32×64×56→64@3, both ways": lambda: convolution(32, 64, 56, 64, 3, 1),
    "conv 32×64×56→64@3, forward": lambda: forward_convolution(32, 64, 56, 64, 3, 1),
    "1,000 adds of 16, both ways": adds,
    "softmax 1024×1000": lambda: without_gradient(torch.softmax, torch.randn(1024, 1000), -1),
    "layer norm 1024×256": lambda: without_gradient(nn.LayerNorm(256), torch.randn(1024, 256)),
    "argmax 1024×1000": lambda: without_gradient(torch.argmax, torch.randn(1024, 1000), -1),
    "embedding 10000×256, 35×32": lambda: without_gradient(nn.Embedding(10000, 256), torch.randint(0, 10000, (35, 32))),
    "gelu, 1e6": lambda: without_gradient(nn.functional.gelu, torch.randn(1_000_000)),
    "sort, 1e6": lambda: without_gradient(torch.sort, torch.randn(1_000_000)),
    "normal numbers, 1e6": lambda: without_gradient(torch.randn, 1_000_000),
}

# Workloads of any size, which their names say.
sized = {
    r"matmul (\d+)": product,
    r"x \+ y, 1e(\d)": lambda exponent: total(10**exponent),
    r"LeNet-5 step, batch (\d+)": lenet,
    r"LSTM 256, (\d+)×(\d+), both ways": lambda length, batch: recurrent(nn.LSTM, length, batch),
    r"GRU 256, (\d+)×(\d+), both ways": lambda length, batch: recurrent(nn.GRU, length, batch),
    r"transformer layer 256, (\d+)×(\d+), both ways": transformer,
}


def named(name):
    for pattern, make_sized in sized.items():
        if match := re.fullmatch(pattern, name):
            return make_sized(*map(int, match.groups()))
    return make[name]()


# On a GPU, where asked for; Debian's PyTorch knows none.
device = os.environ.get("GRADBOOK_TORCH_DEVICE")
if device:
    torch.set_default_device(device)
wait = torch.cuda.synchronize if device == "cuda" else lambda: None

made = {}
for line in sys.stdin:
    milliseconds, name = line.rstrip("\n").split(" ", 1)
    if name not in made:
        made[name] = named(name)
    work, times = made[name], []
    end = time.perf_counter() + float(milliseconds) / 1000
    while True:
        before = time.perf_counter()
        work()
        wait()
        times.append((time.perf_counter() - before) * 1000)
        if time.perf_counter() >= end:
            break
    print(json.dumps(times), flush=True)
