"""Optimisers of torch.optim with a parameter whose gradients begin late: late_start.py SEED COUNT prints JSON lines."""

import json
import random
import sys

import torch

draw = random.Random(int(sys.argv[1]))
kinds = {
    "adam": (torch.optim.Adam, {}),
    "adamw": (torch.optim.AdamW, {"weight_decay": 0.01}),
    "adamax": (torch.optim.Adamax, {}),
    # One parameter at a time, PyTorch 1.13 takes a factor twice.
    "nadam": (torch.optim.NAdam, {"foreach": True}),
    "radam": (torch.optim.RAdam, {}),
    "adagrad": (torch.optim.Adagrad, {"lr_decay": 0.1}),
    "sgd": (torch.optim.SGD, {"momentum": 0.9, "dampening": 0.5}),
}

for index in range(int(sys.argv[2])):
    kind = list(kinds)[index % len(kinds)]
    rate, begins, length = draw.uniform(0.01, 0.1), draw.randint(1, 6), 12
    numbers = lambda: [draw.gauss(0, 1) for _ in range(3)]
    starts, gradients = [numbers(), numbers()], [[numbers(), numbers()] for _ in range(length)]
    parameters = [torch.tensor(start, dtype=torch.float64, requires_grad=True) for start in starts]
    make, options = kinds[kind]
    optimiser = make(parameters, lr=rate, **options)
    for step, both in enumerate(gradients):
        for i, (parameter, gradient) in enumerate(zip(parameters, both)):
            parameter.grad = None if i == 1 and step < begins else torch.tensor(gradient, dtype=torch.float64)
        optimiser.step()
    print(json.dumps({"kind": kind, "rate": rate, "begins": begins, "starts": starts, "gradients": gradients,
                      "ends": [parameter.tolist() for parameter in parameters]}))
