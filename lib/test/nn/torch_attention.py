"""Attention, normalisation and embeddings of random forms, as PyTorch computes them: one JSON object a line, float64.

    torch_attention.py SEED COUNT
"""

import json
import random
import sys

import torch
from torch import nn

draw = random.Random(int(sys.argv[1]))
torch.manual_seed(draw.randrange(2**31))


def stored(t):
    return {"shape": list(t.shape), "data": t.detach().reshape(-1).tolist()}


def normal(*shape):
    return torch.randn(*shape, dtype=torch.float64, requires_grad=True)


def beyond(lengths, keys):
    return None if lengths is None else torch.tensor([[t >= n for t in range(keys)] for n in lengths])


for _ in range(int(sys.argv[2])):
    kind = draw.choice(["Embedding", "LayerNorm", "MultiheadAttention", "TransformerEncoder", "TransformerDecoder"])
    heads = draw.randint(1, 3)
    width = heads * draw.randint(1, 3)
    batch, queries, keys = draw.randint(1, 3), draw.randint(1, 5), draw.randint(1, 5)
    x, memory = normal(batch, queries, width), normal(batch, keys, width)
    lengths = [draw.randint(1, keys) for _ in range(batch)] if draw.random() < 0.5 else None
    inputs, extra = {"x": x}, {}
    layers, first, wide = draw.randint(1, 2), draw.random() < 0.5, draw.randint(1, 6)
    stack = {"layers": layers, "feedForward": wide, "dropout": 0, "normFirst": first}
    plain = {"dim_feedforward": wide, "dropout": 0.0, "batch_first": True, "norm_first": first}
    if kind == "Embedding":
        padding = draw.choice([None, 0, 3])
        net = nn.Embedding(7, width, padding_idx=padding)
        arguments, inputs = [7, width, {} if padding is None else {"paddingIndex": padding}], {}
        rows = torch.randint(0, 7, (batch, queries))
        extra = {"rows": {"shape": list(rows.shape), "data": rows.reshape(-1).tolist()}}
        run = lambda: net(rows)
    elif kind == "LayerNorm":
        net = nn.LayerNorm([queries, width] if first else width)
        arguments = [[queries, width] if first else width]
        run = lambda: net(x)
    elif kind == "MultiheadAttention":
        net = nn.MultiheadAttention(width, heads, batch_first=True)
        arguments, inputs = [width, heads], {"x": x, "memory": memory}
        # The same for all, or for each sequence and head its own.
        around = [] if draw.random() < 0.5 else [batch, heads]
        allowed = torch.rand(*around, queries, keys) < 0.6
        allowed[..., 0] = True
        if draw.random() < 0.7:
            extra = {"mask": {"shape": list(allowed.shape), "data": allowed.int().reshape(-1).tolist()}}
        flat = allowed.reshape(-1, queries, keys) if around else allowed
        run = lambda: net(x, memory, memory, key_padding_mask=beyond(lengths, keys), average_attn_weights=False,
                          attn_mask=~flat if extra else None)
    elif kind == "TransformerEncoder":
        lengths = [draw.randint(1, queries) for _ in range(batch)] if lengths else None
        norm = nn.LayerNorm(width) if first else None
        layer = nn.TransformerEncoderLayer(width, heads, **plain)
        net = nn.TransformerEncoder(layer, layers, norm, enable_nested_tensor=False)
        arguments = [width, heads, stack]
        run = lambda: net(x, src_key_padding_mask=beyond(lengths, queries))
    else:
        norm = nn.LayerNorm(width) if first else None
        net = nn.TransformerDecoder(nn.TransformerDecoderLayer(width, heads, **plain), layers, norm)
        arguments, inputs = [width, heads, stack], {"x": x, "memory": memory}
        causal = torch.ones(queries, queries, dtype=torch.bool).triu(1)
        own = [draw.randint(1, queries) for _ in range(batch)] if draw.random() < 0.5 else None
        extra = {} if own is None else {"own": own}
        run = lambda: net(x, memory, tgt_mask=causal, tgt_key_padding_mask=beyond(own, queries),
                          memory_key_padding_mask=beyond(lengths, keys))
    net = net.double()
    for parameter in net.parameters():
        nn.init.normal_(parameter, std=0.7)
    results = run()
    results = list(results) if isinstance(results, tuple) else [results]
    cotangents = [torch.randn_like(y) for y in results]
    leaves = {**inputs, **dict(net.named_parameters())}
    total = sum((y * g).sum() for y, g in zip(results, cotangents))
    gradients = torch.autograd.grad(total, list(leaves.values()))
    print(json.dumps({
        "kind": kind, "arguments": arguments, "lengths": lengths, **extra,
        "inputs": {name: stored(t) for name, t in inputs.items()},
        "weights": {name: stored(t) for name, t in net.named_parameters()},
        "results": [stored(y) for y in results],
        "cotangents": [stored(g) for g in cotangents],
        "gradients": {name: stored(g) for name, g in zip(leaves, gradients)},
    }))
