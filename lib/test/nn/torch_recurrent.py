"""Recurrent nets of random forms, and what PyTorch makes of random sequences: one JSON object a line, float64.

    torch_recurrent.py SEED COUNT
"""

import json
import random
import sys

import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

draw = random.Random(int(sys.argv[1]))
torch.manual_seed(draw.randrange(2**31))


def stored(t):
    return {"shape": list(t.shape), "data": t.detach().reshape(-1).tolist()}


for _ in range(int(sys.argv[2])):
    kind = draw.choice(["RNN", "LSTM", "GRU"])
    inputs, hidden, layers = draw.randint(1, 4), draw.randint(1, 4), draw.randint(1, 3)
    batch, time = draw.randint(1, 4), draw.randint(1, 6)
    both, bias = draw.random() < 0.5, draw.random() < 0.8
    more = {"nonlinearity": draw.choice(["tanh", "relu"])} if kind == "RNN" else {}
    net = getattr(torch.nn, kind)(inputs, hidden, layers, bias=bias, batch_first=True, bidirectional=both, **more)
    net = net.double()
    x = torch.randn(batch, time, inputs, dtype=torch.float64, requires_grad=True)
    shape = (layers * (2 if both else 1), batch, hidden)
    h, c = (torch.randn(shape, dtype=torch.float64, requires_grad=True) for _ in range(2))
    start = None if draw.random() < 0.4 else (h, c) if kind == "LSTM" else h
    lengths = [draw.randint(1, time) for _ in range(batch)] if draw.random() < 0.6 else None
    given = x if lengths is None else pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
    output, end = net(given, start)
    if lengths is not None:
        output, _ = pad_packed_sequence(output, batch_first=True, total_length=time)
    results = [output, *(end if kind == "LSTM" else [end])]
    cotangents = [torch.randn_like(y) for y in results]
    leaves = {"x": x, **dict(net.named_parameters())}
    if start is not None:
        leaves = {**leaves, "h": h, **({"c": c} if kind == "LSTM" else {})}
    total = sum((y * g).sum() for y, g in zip(results, cotangents))
    gradients = torch.autograd.grad(total, list(leaves.values()))
    print(json.dumps({
        "kind": kind, "inputs": inputs, "hidden": hidden, "lengths": lengths,
        "options": {"layers": layers, "bidirectional": both, "bias": bias,
                    **({"activation": more["nonlinearity"]} if more else {})},
        "leaves": {name: stored(t) for name, t in leaves.items()},
        "results": [stored(y) for y in results],
        "cotangents": [stored(g) for g in cotangents],
        "gradients": {name: stored(g) for name, g in zip(leaves, gradients)},
    }))
