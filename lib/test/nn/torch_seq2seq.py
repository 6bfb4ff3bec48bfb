"""Attention by scores and encoder-decoder nets of random forms, as PyTorch computes them: one JSON object a line, float64.

    torch_seq2seq.py SEED COUNT
"""

import json
import random
import sys

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

draw = random.Random(int(sys.argv[1]))
torch.manual_seed(draw.randrange(2**31))
torch.set_default_dtype(torch.float64)


def stored(t):
    return {"shape": list(t.shape), "data": t.detach().to(torch.float64).reshape(-1).tolist()}


class Additive(nn.Module):
    def __init__(self, q, k, hidden):
        super().__init__()
        self.query = nn.Linear(q, hidden, bias=False)
        self.key = nn.Linear(k, hidden, bias=False)
        self.v = nn.Parameter(torch.randn(hidden))

    def scores(self, q, k):
        return torch.einsum("bqkh,h->bqk", torch.tanh(self.query(q)[:, :, None] + self.key(k)[:, None]), self.v)


class Multiplicative(nn.Module):
    def __init__(self, q, k, score, hidden):
        super().__init__()
        self.score = score
        if score == "general":
            self.weight = nn.Parameter(torch.randn(q, k))
        if score == "concat":
            self.weight = nn.Parameter(torch.randn(hidden, q + k))
            self.v = nn.Parameter(torch.randn(hidden))

    def scores(self, q, k):
        if self.score == "dot":
            return torch.einsum("bqd,bkd->bqk", q, k)
        if self.score == "general":
            return torch.einsum("bqd,de,bke->bqk", q, self.weight, k)
        pairs = torch.cat([q[:, :, None].expand(-1, -1, k.shape[1], -1), k[:, None].expand(-1, q.shape[1], -1, -1)], -1)
        return torch.einsum("bqkh,h->bqk", torch.tanh(pairs @ self.weight.T), self.v)


class Dot(nn.Module):
    def __init__(self, width, scaled):
        super().__init__()
        self.factor = width**-0.5 if scaled else 1

    def scores(self, q, k):
        return torch.einsum("bqd,bkd->bqk", q, k) * self.factor


def attend(net, q, k, v, inside):
    scores = net.scores(q, k)
    if inside is not None:
        scores = scores.masked_fill(~inside, -torch.inf)
    weights = torch.softmax(scores, -1)
    return torch.einsum("bqk,bkd->bqd", weights, v), weights


def inside_of(lengths, steps):
    return None if lengths is None else (torch.arange(steps) < torch.tensor(lengths)[:, None])[:, None]


class Seq2Seq(nn.Module):
    def __init__(self, sourceWords, targetWords, hidden, embedding, layers, unit, attention):
        super().__init__()
        self.sourceEmbedding = nn.Embedding(sourceWords, embedding)
        self.targetEmbedding = nn.Embedding(targetWords, embedding)
        Unit = getattr(nn, unit)
        self.encoder = Unit(embedding, hidden, layers, batch_first=True, bidirectional=True)
        self.bridge = nn.ModuleList(nn.Linear(2 * hidden, hidden) for _ in range(1 if unit == "GRU" else 2))
        self.attention = None if not attention else (
            Additive(hidden, 2 * hidden, hidden) if attention == "additive"
            else Multiplicative(hidden, 2 * hidden, attention, hidden))
        context = 2 * hidden if attention else 0
        self.decoder = Unit(embedding + context, hidden, layers, batch_first=True)
        self.output = nn.Linear(hidden + context + embedding, targetWords)

    def forward(self, source, target, lengths):
        x = self.sourceEmbedding(source)
        if lengths is not None:
            x = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        memory, end = self.encoder(x)
        if lengths is not None:
            memory, _ = pad_packed_sequence(memory, batch_first=True, total_length=source.shape[1])
        ends = end if isinstance(end, tuple) else (end,)
        state = []
        for bridge, part in zip(self.bridge, ends):
            layered = [torch.cat([part[2 * i], part[2 * i + 1]], -1) for i in range(part.shape[0] // 2)]
            state.append(torch.stack([torch.tanh(bridge(layer)) for layer in layered]))
        inside = inside_of(lengths, source.shape[1])
        logits, looks = [], []
        for t in range(target.shape[1]):
            word = self.targetEmbedding(target[:, t : t + 1])
            parts = []
            if self.attention is not None:
                seen, weights = attend(self.attention, state[0][-1][:, None], memory, memory, inside)
                parts, looks = [seen], [*looks, weights]
            out, after = self.decoder(torch.cat([word, *parts], -1), tuple(state) if len(state) == 2 else state[0])
            state = list(after) if isinstance(after, tuple) else [after]
            logits.append(self.output(torch.cat([out, *parts, word], -1)))
        return [torch.cat(logits, 1)] + ([torch.cat(looks, 1)] if looks else [])


for _ in range(int(sys.argv[2])):
    kind = draw.choice(["AdditiveAttention", "MultiplicativeAttention", "DotProductAttention", "Seq2Seq"])
    batch, queries, keys = draw.randint(1, 3), draw.randint(1, 3), draw.randint(1, 5)
    lengths = [draw.randint(1, keys) for _ in range(batch)] if draw.random() < 0.6 else None
    rows, leaves = {}, {}
    if kind == "Seq2Seq":
        options = {
            "sourceWords": draw.randint(2, 5), "targetWords": draw.randint(2, 5), "hidden": draw.randint(1, 4),
            "embedding": draw.randint(1, 4), "layers": draw.randint(1, 2), "unit": draw.choice(["GRU", "LSTM"]),
            "attention": draw.choice(["additive", "general", "concat", False]),
        }
        arguments, net = [options], Seq2Seq(**options)
        source = torch.randint(options["sourceWords"], (batch, keys))
        target = torch.randint(options["targetWords"], (batch, queries))
        rows = {"source": stored(source), "target": stored(target)}
        results = net(source, target, lengths)
    else:
        wq, wk, hidden = draw.randint(1, 4), draw.randint(1, 4), draw.randint(1, 4)
        if kind == "AdditiveAttention":
            arguments, net = [wq, wk, {"hidden": hidden}], Additive(wq, wk, hidden)
        elif kind == "DotProductAttention":
            wk, scaled = wq, draw.random() < 0.5
            arguments, net = [wq, {"scaled": scaled}], Dot(wq, scaled)
        else:
            score = draw.choice(["dot", "general", "concat"])
            wk = wq if score == "dot" else wk
            arguments, net = [wq, wk, {"score": score, "hidden": hidden}], Multiplicative(wq, wk, score, hidden)
        leaves = {"q": torch.randn(batch, queries, wq), "k": torch.randn(batch, keys, wk)}
        if draw.random() < 0.5:
            leaves["values"] = torch.randn(batch, keys, draw.randint(1, 3))
        for leaf in leaves.values():
            leaf.requires_grad_()
        results = attend(net, leaves["q"], leaves["k"], leaves.get("values", leaves["k"]), inside_of(lengths, keys))
    weights = dict(net.named_parameters())
    everything = {**leaves, **weights}
    cotangents = [torch.randn_like(y) for y in results]
    total = sum((y * g).sum() for y, g in zip(results, cotangents))
    gradients = torch.autograd.grad(total, list(everything.values()), allow_unused=True)
    print(json.dumps({
        "kind": kind, "arguments": arguments, "lengths": lengths, "rows": rows,
        "inputs": {name: stored(t) for name, t in leaves.items()},
        "weights": {name: stored(t) for name, t in weights.items()},
        "results": [stored(y) for y in results],
        "cotangents": [stored(g) for g in cotangents],
        "gradients": {name: stored(torch.zeros_like(t) if g is None else g)
                      for (name, t), g in zip(everything.items(), gradients)},
    }))
