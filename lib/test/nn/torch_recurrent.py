"""Recurrent nets of random forms, and what PyTorch makes of random sequences: one JSON object a line, float64.

    torch_recurrent.py SEED COUNT
"""

import json
import random
import sys

import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

draw = random.Random(int(sys.argv[1]))


class Peepholes(torch.nn.LSTM):
    """PyTorch has no gates that see the cell: step by step, as Gers and Schmidhuber have it."""

    def __init__(self, inputs, hidden, layers, **options):
        super().__init__(inputs, hidden, layers, **options)
        for layer in range(layers):
            for gate in "ifo":
                self.register_parameter(f"weight_c{gate}_l{layer}", torch.nn.Parameter(torch.randn(hidden) * 0.5))

    def forward(self, x, start):
        own, batch = dict(self.named_parameters()), x.shape[0]
        zeros = x.new_zeros(self.num_layers, batch, self.hidden_size)
        h0, c0 = start if start is not None else (zeros, zeros)
        ends = []
        for layer in range(self.num_layers):
            w = lambda name: own.get(f"{name}_l{layer}", 0)
            h, c, outputs = h0[layer], c0[layer], []
            for t in range(x.shape[1]):
                gates = x[:, t] @ w("weight_ih").T + w("bias_ih") + h @ w("weight_hh").T + w("bias_hh")
                i, f, g, o = gates.chunk(4, 1)
                i, f = torch.sigmoid(i + c * w("weight_ci")), torch.sigmoid(f + c * w("weight_cf"))
                c = f * c + i * torch.tanh(g)
                h = torch.sigmoid(o + c * w("weight_co")) * torch.tanh(c)
                outputs.append(h)
            x = torch.stack(outputs, 1)
            ends.append((h, c))
        return x, (torch.stack([h for h, _ in ends]), torch.stack([c for _, c in ends]))


torch.manual_seed(draw.randrange(2**31))


def stored(t):
    return {"shape": list(t.shape), "data": t.detach().reshape(-1).tolist()}


for _ in range(int(sys.argv[2])):
    kind = draw.choice(["RNN", "LSTM", "GRU"])
    inputs, hidden, layers = draw.randint(1, 4), draw.randint(1, 4), draw.randint(1, 3)
    batch, time = draw.randint(1, 4), draw.randint(1, 6)
    both, bias = draw.random() < 0.5, draw.random() < 0.8
    more = {"nonlinearity": draw.choice(["tanh", "relu"])} if kind == "RNN" else {}
    projection = draw.randint(1, hidden - 1) if kind == "LSTM" and hidden > 1 and draw.random() < 0.4 else None
    peepholes = kind == "LSTM" and projection is None and draw.random() < 0.5
    if projection is not None:
        more = {"proj_size": projection}
    both = both and not peepholes
    make = Peepholes if peepholes else getattr(torch.nn, kind)
    net = make(inputs, hidden, layers, bias=bias, batch_first=True, bidirectional=both, **more)
    net = net.double()
    x = torch.randn(batch, time, inputs, dtype=torch.float64, requires_grad=True)
    shape = (layers * (2 if both else 1), batch, hidden)
    h = torch.randn(*shape[:2], projection or hidden, dtype=torch.float64, requires_grad=True)
    c = torch.randn(shape, dtype=torch.float64, requires_grad=True)
    start = None if draw.random() < 0.4 else (h, c) if kind == "LSTM" else h
    lengths = [draw.randint(1, time) for _ in range(batch)] if draw.random() < 0.6 and not peepholes else None
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
                    **({"activation": more["nonlinearity"]} if kind == "RNN" else {}),
                    **({"projection": projection} if projection else {}),
                    **({"peepholes": True} if peepholes else {})},
        "leaves": {name: stored(t) for name, t in leaves.items()},
        "results": [stored(y) for y in results],
        "cotangents": [stored(g) for g in cotangents],
        "gradients": {name: stored(g) for name, g in zip(leaves, gradients)},
    }))
