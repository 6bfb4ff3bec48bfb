"""What torch.optim.lr_scheduler's schedules give: schedules.py SEED COUNT prints one JSON object a line."""

import json
import random
import sys
import warnings

import torch
from torch.optim import lr_scheduler as s

warnings.filterwarnings("ignore")
draw = random.Random(int(sys.argv[1]))
length = 60

for index in range(int(sys.argv[2])):
    rate = draw.uniform(0.01, 1)
    kinds = ["stepDecay", "multiStep", "exponential", "polynomial", "cosine", "restarts", "warmUp", "oneCycle",
             "inverseSquareRoot", "pieces", "reduceOnPlateau"]
    kind = kinds[index % len(kinds)]
    w = torch.zeros(1, requires_grad=True)
    optimiser = torch.optim.SGD([w], lr=rate, momentum=0.9)
    steps, factor = draw.randint(2, 50), draw.uniform(0.1, 0.99)
    observed = None
    if kind == "stepDecay":
        options, them = {"rate": rate, "every": steps, "factor": factor}, s.StepLR(optimiser, steps, factor)
    elif kind == "multiStep":
        at = sorted(draw.sample(range(1, length), 4))
        options, them = {"rate": rate, "at": at, "factor": factor}, s.MultiStepLR(optimiser, at, factor)
    elif kind == "exponential":
        options, them = {"rate": rate, "factor": factor}, s.ExponentialLR(optimiser, factor)
    elif kind == "polynomial":
        power = draw.choice([1, draw.uniform(0.5, 3)])
        options, them = {"rate": rate, "steps": steps, "power": power}, s.PolynomialLR(optimiser, steps, power)
    elif kind == "cosine":
        last, steps = draw.uniform(0, rate), length
        options, them = {"rate": rate, "steps": steps, "last": last}, s.CosineAnnealingLR(optimiser, steps, last)
    elif kind == "restarts":
        last, times = draw.uniform(0, rate), draw.randint(1, 3)
        options = {"rate": rate, "steps": steps, "last": last, "restarts": times}
        them, kind = s.CosineAnnealingWarmRestarts(optimiser, steps, times, last), "cosine"
    elif kind == "warmUp":
        start = draw.uniform(0.01, 0.9)
        options = {"steps": steps + 1, "from": start, "into": rate}
        them = s.LinearLR(optimiser, start_factor=start, end_factor=1, total_iters=steps)
    elif kind == "oneCycle":
        rising, shape, steps = draw.uniform(0.1, 0.8), draw.choice(["cosine", "linear"]), length + 1
        first, last = draw.uniform(2, 30), draw.uniform(10, 1e4)
        options = {"rate": rate, "steps": steps, "rising": rising, "startDivisor": first, "endDivisor": last,
                   "shape": shape}
        them = s.OneCycleLR(optimiser, rate, total_steps=steps, pct_start=rising, div_factor=first,
                            final_div_factor=last, anneal_strategy="cos" if shape == "cosine" else "linear")
    elif kind == "inverseSquareRoot":
        options = {"rate": rate, "warmUp": steps}
        them = s.LambdaLR(optimiser, lambda i: min((i + 1) / steps, (steps / (i + 1)) ** 0.5))
    elif kind == "pieces":
        options = {"rate": rate, "factor": factor, "at": steps}
        them = s.SequentialLR(optimiser, [s.ConstantLR(optimiser, 1, 1), s.ExponentialLR(optimiser, factor)], [steps])
    else:
        more = draw.random() < 0.5
        options = {"rate": rate, "factor": factor, "patience": draw.randint(0, 4), "cooldown": draw.randint(0, 3),
                   "threshold": draw.uniform(0, 0.05), "smallest": rate * 0.05, "better": "more" if more else "less"}
        them = s.ReduceLROnPlateau(optimiser, "max" if more else "min", factor, options["patience"],
                                   options["threshold"], cooldown=options["cooldown"], min_lr=options["smallest"])
        observed = [1 + draw.random() for _ in range(length)]
    rates = []
    for i in range(length):
        rates.append(optimiser.param_groups[0]["lr"])
        optimiser.step()
        if observed is None:
            them.step()
        else:
            them.step(observed[i])
    print(json.dumps({"kind": kind, "options": options, "rates": rates, "observed": observed}))
