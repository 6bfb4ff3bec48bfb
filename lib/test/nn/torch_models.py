"""Ready models written down in PyTorch under torchvision's names, with weights that are waves: what they answer, float64.

    torch_models.py SEED COUNT

The waves begin at the seed, so that every seed is another check. COUNT is the number of models.
"""

import json
import math
import sys

import torch
import torch.nn.functional as F
from torch import nn

torch.set_default_dtype(torch.float64)
phase = int(sys.argv[1]) % 1000


def wave(shape, start):
    return torch.sin(0.7 * torch.arange(math.prod(shape)) + start + phase).reshape(shape)


def filled(model):
    """Every tensor of the state in the order of names: a wave of the size that keeps values moderate."""
    state = {name: t for name, t in model.state_dict().items() if not name.endswith("num_batches_tracked")}
    for place, name in enumerate(sorted(state)):
        t = state[name]
        values = wave(t.shape, place)
        if name.endswith("running_var"):
            values = 1.5 + 0.5 * values
        elif t.dim() > 1:
            values = values * (2 / math.prod(t.shape[1:])) ** 0.5
        else:
            values = values * 0.1 + (1 if name.endswith(("bn1.weight", "bn2.weight", "bn3.weight", "downsample.1.weight")) or "norm" in name and name.endswith("weight") else 0)
        t.copy_(values)
    return {name: list(t.shape) for name, t in state.items()}


def conv(i, o, k, s=1):
    return nn.Conv2d(i, o, k, s, k // 2, bias=False)


class Basic(nn.Module):
    def __init__(self, i, o, s, down):
        super().__init__()
        self.conv1, self.bn1, self.conv2, self.bn2 = conv(i, o, 3, s), nn.BatchNorm2d(o), conv(o, o, 3), nn.BatchNorm2d(o)
        self.downsample = down

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(y + (x if self.downsample is None else self.downsample(x)))


class Bottle(nn.Module):
    def __init__(self, i, o, s, down):
        super().__init__()
        n = o // 4
        self.conv1, self.bn1, self.conv2, self.bn2 = conv(i, n, 1), nn.BatchNorm2d(n), conv(n, n, 3, s), nn.BatchNorm2d(n)
        self.conv3, self.bn3, self.downsample = conv(n, o, 1), nn.BatchNorm2d(o), down

    def forward(self, x):
        y = F.relu(self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x))))))
        return F.relu(self.bn3(self.conv3(y)) + (x if self.downsample is None else self.downsample(x)))


class ResNet(nn.Module):
    def __init__(self, Block, counts, grow, classes):
        super().__init__()
        self.conv1, self.bn1 = conv(3, 64, 7, 2), nn.BatchNorm2d(64)
        i = 64
        for stage, n in enumerate(counts):
            o, blocks = 64 * 2**stage * grow, []
            for b in range(n):
                s = 2 if stage and not b else 1
                down = nn.Sequential(conv(i, o, 1, s), nn.BatchNorm2d(o)) if s > 1 or i != o else None
                blocks.append(Block(i, o, s, down))
                i = o
            setattr(self, f"layer{stage + 1}", nn.Sequential(*blocks))
        self.fc = nn.Linear(i, classes)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 3, 2, 1)
        return self.fc(self.layer4(self.layer3(self.layer2(self.layer1(x)))).mean((2, 3)))


class Halved(nn.Module):
    def __init__(self, more):
        super().__init__()
        self.more = more

    def forward(self, x):
        return F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, self.more // 2, self.more // 2))


class Cifar(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.conv1, self.bn1 = conv(3, 16, 3), nn.BatchNorm2d(16)
        for stage, (i, o) in enumerate([(16, 16), (16, 32), (32, 64)]):
            first = Basic(i, o, 1 if i == o else 2, None if i == o else Halved(o - i))
            setattr(self, f"layer{stage + 1}", nn.Sequential(first, *(Basic(o, o, 1, None) for _ in range(n - 1))))
        self.fc = nn.Linear(64, 10)

    def forward(self, x):
        return self.fc(self.layer3(self.layer2(self.layer1(F.relu(self.bn1(self.conv1(x)))))).mean((2, 3)))


class DQN(nn.Module):
    def __init__(self, actions, dueling):
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(4, 32, 8, 4), nn.ReLU(), nn.Conv2d(32, 64, 4, 2), nn.ReLU(), nn.Conv2d(64, 64, 3), nn.ReLU(), nn.Flatten())
        head = lambda n: nn.Sequential(nn.Linear(3136, 512), nn.ReLU(), nn.Linear(512, n))
        self.head = head(actions)
        self.value = head(1) if dueling else None

    def forward(self, x):
        y = self.features(x)
        a = self.head(y)
        return a if self.value is None else self.value(y) + a - a.mean(1, keepdim=True)


class NPLM(nn.Module):
    def __init__(self, words, context, width, hidden):
        super().__init__()
        self.embedding, self.hidden = nn.Embedding(words, width), nn.Linear(context * width, hidden)
        self.output, self.direct = nn.Linear(hidden, words), nn.Linear(context * width, words, bias=False)

    def forward(self, w):
        x = self.embedding(w).flatten(1)
        return self.output(torch.tanh(self.hidden(x))) + self.direct(x)


class LM(nn.Module):
    def __init__(self, words, width, hidden, layers):
        super().__init__()
        self.embedding, self.reader = nn.Embedding(words, width), nn.LSTM(width, hidden, layers, batch_first=True)
        self.output = nn.Linear(hidden, words)

    def forward(self, w):
        return self.output(self.reader(self.embedding(w))[0])


class TransformerLM(nn.Module):
    def __init__(self, words, width, heads, layers, context):
        super().__init__()
        self.embedding = nn.Embedding(words, width)
        self.positions = nn.Embedding(context, width)
        layer = nn.TransformerEncoderLayer(width, heads, 4 * width, 0, F.gelu, batch_first=True, norm_first=True)
        self.blocks = nn.TransformerEncoder(layer, layers, nn.LayerNorm(width))

    def forward(self, w):
        t = w.shape[1]
        mask = torch.triu(torch.ones(t, t, dtype=torch.bool), 1)
        return self.blocks(self.embedding(w) + self.positions.weight[:t], mask) @ self.embedding.weight.T


class Additive(nn.Module):
    def __init__(self, q, k):
        super().__init__()
        self.query, self.key = nn.Linear(q, q, bias=False), nn.Linear(k, q, bias=False)
        self.v = nn.Parameter(torch.zeros(q))


class Captioner(nn.Module):
    def __init__(self, words, width, hidden, embedding):
        super().__init__()
        self.embedding, self.attention = nn.Embedding(words, embedding), Additive(hidden, width)
        self.firstHidden, self.firstCell, self.gate = nn.Linear(width, hidden), nn.Linear(width, hidden), nn.Linear(hidden, 1)
        self.reader = nn.LSTM(embedding + width, hidden, batch_first=True)
        self.fromHidden, self.fromContext = nn.Linear(hidden, embedding, bias=False), nn.Linear(width, embedding, bias=False)
        self.output = nn.Linear(embedding, words)

    def forward(self, maps, w):
        a = maps.flatten(2).transpose(1, 2)
        h, c = torch.tanh(self.firstHidden(a.mean(1))), torch.tanh(self.firstCell(a.mean(1)))
        out = []
        for t in range(w.shape[1]):
            att = self.attention
            alpha = torch.softmax(torch.tanh(att.query(h)[:, None] + att.key(a)) @ att.v, 1)
            z = torch.sigmoid(self.gate(h)) * (alpha[..., None] * a).sum(1)
            e = self.embedding(w[:, t])
            _, (h, c) = self.reader(torch.cat([e, z], 1)[:, None], (h[None], c[None]))
            h, c = h[0], c[0]
            out.append(self.output(e + self.fromHidden(h) + self.fromContext(z)))
        return torch.stack(out, 1)


def real(*shape):
    return wave(shape, 0.5)


def words(n, *shape):
    return ((torch.arange(math.prod(shape)) * 7 + 3) % n).reshape(shape)


models = {
    "ResNet18": (lambda: ResNet(Basic, [2, 2, 2, 2], 1, 10), [real(1, 3, 32, 32)]),
    "ResNet50": (lambda: ResNet(Bottle, [3, 4, 6, 3], 4, 10), [real(1, 3, 32, 32)]),
    "CifarResNet20": (lambda: Cifar(3), [real(2, 3, 32, 32)]),
    "DQN": (lambda: DQN(4, False), [real(2, 4, 84, 84)]),
    "DuelingDQN": (lambda: DQN(3, True), [real(1, 4, 84, 84)]),
    "NPLM": (lambda: NPLM(11, 3, 4, 5), [words(11, 2, 3)]),
    "LSTMLanguageModel": (lambda: LM(9, 3, 4, 2), [words(9, 2, 5)]),
    "TransformerLanguageModel": (lambda: TransformerLM(9, 6, 2, 2, 7), [words(9, 2, 5)]),
    "Captioner": (lambda: Captioner(8, 5, 4, 3), [real(2, 5, 2, 3), words(8, 2, 4)]),
}
for name, (make, inputs) in models.items():
    model = make().eval()
    with torch.no_grad():
        keys = filled(model)
        result = model(*inputs)
    print(json.dumps({
        "name": name, "phase": phase, "keys": keys, "parameters": sum(p.numel() for p in model.parameters()),
        "inputs": [{"shape": list(x.shape), "data": x.double().reshape(-1).tolist(), "whole": not x.is_floating_point()} for x in inputs],
        "result": {"shape": list(result.shape), "data": result.reshape(-1).tolist()},
    }))
