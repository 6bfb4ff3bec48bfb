"""Draws random distributions, and what PyTorch says of them.

    distributions.py SEED COUNT

Prints one JSON object a line: a distribution by its name in Gradbook with its parameters (of two, for the divergence),
points and the logarithms of their densities, entropy, mean, variance and divergence.
"""

import json
import random
import sys

import torch
import torch.distributions as d

draw = random.Random(int(sys.argv[1]))
torch.manual_seed(draw.randrange(2**31))
# Far out in a tail PyTorch refuses a point whose probability vanishes.
d.Distribution.set_default_validate_args(False)


def values(shape, low, high):
    return torch.rand(shape, dtype=torch.float64) * (high - low) + low


def real(shape):
    return values(shape, -2, 2)


def positive(shape):
    return values(shape, 0.2, 4)


def lower(n):
    return torch.tril(values([n, n], -1, 1), -1) + torch.diag(values([n], 0.4, 2))


# Name, parameters of one, PyTorch's distribution of them, and points.
kinds = {
    "Normal": (lambda s: {"mean": real(s), "std": positive(s)}, lambda p: d.Normal(p["mean"], p["std"]), real),
    "LogNormal": (lambda s: {"location": real(s), "scale": values(s, 0.2, 1)},
                  lambda p: d.LogNormal(p["location"], p["scale"]), positive),
    "Uniform": (lambda s: {"low": values(s, -3, -2), "high": values(s, 2, 3)},
                lambda p: d.Uniform(p["low"], p["high"]), real),
    "Laplace": (lambda s: {"location": real(s), "scale": positive(s)},
                lambda p: d.Laplace(p["location"], p["scale"]), real),
    "Gumbel": (lambda s: {"location": real(s), "scale": positive(s)},
               lambda p: d.Gumbel(p["location"], p["scale"]), real),
    "Cauchy": (lambda s: {"location": real(s), "scale": positive(s)},
               lambda p: d.Cauchy(p["location"], p["scale"]), real),
    "StudentT": (lambda s: {"freedom": values(s, 2.5, 9), "location": real(s), "scale": positive(s)},
                 lambda p: d.StudentT(p["freedom"], p["location"], p["scale"]), real),
    "Exponential": (lambda s: {"rate": positive(s)}, lambda p: d.Exponential(p["rate"]), positive),
    "Gamma": (lambda s: {"concentration": positive(s), "rate": positive(s)},
              lambda p: d.Gamma(p["concentration"], p["rate"]), positive),
    "Beta": (lambda s: {"alpha": positive(s), "beta": positive(s)}, lambda p: d.Beta(p["alpha"], p["beta"]),
             lambda s: values(s, 0.05, 0.95)),
    "Dirichlet": (lambda s: {"concentration": positive([*s, 3])}, lambda p: d.Dirichlet(p["concentration"]),
                  lambda s: torch.softmax(real([*s, 3]), -1)),
    "Bernoulli": (lambda s: {"logits": real(s)} if draw.random() < 0.5 else {"probability": values(s, 0.1, 0.9)},
                  lambda p: d.Bernoulli(logits=p.get("logits"), probs=p.get("probability")),
                  lambda s: torch.randint(0, 2, s).double()),
    "Categorical": (lambda s: {"logits": real([*s, 4])} if draw.random() < 0.5
                    else {"probabilities": values([*s, 4], 0.1, 1)},
                    lambda p: d.Categorical(logits=p.get("logits"), probs=p.get("probabilities")),
                    lambda s: torch.randint(0, 4, s).double()),
    "Binomial": (lambda s: {"trials": 9, "probability": values(s, 0.1, 0.9)},
                 lambda p: d.Binomial(p["trials"], p["probability"]), lambda s: torch.randint(0, 10, s).double()),
    "Poisson": (lambda s: {"rate": positive(s)}, lambda p: d.Poisson(p["rate"]),
                lambda s: torch.randint(0, 9, s).double()),
    "MultivariateNormal": (lambda s: {"mean": real([*s, 3]), "cholesky": lower(3)},
                           lambda p: d.MultivariateNormal(p["mean"], scale_tril=p["cholesky"]),
                           lambda s: real([*s, 3])),
    "diagonal": (lambda s: {"mean": real([*s, 3]), "std": positive([*s, 3])},
                 lambda p: d.MultivariateNormal(p["mean"], scale_tril=torch.diag_embed(p["std"])),
                 lambda s: real([*s, 3])),
}


def stored(x):
    if isinstance(x, int):
        return x
    return {"shape": list(x.shape), "data": x.reshape(-1).tolist()}


def enumerated(q, points):
    p = q.log_prob(torch.arange(points).double().reshape(-1, *[1] * len(q.batch_shape)))
    return -(p.exp() * p).sum(0)


names = list(kinds)
for i in range(int(sys.argv[2])):
    name = names[i % len(names)]
    parameters, make, points = kinds[name]
    shape = [draw.randint(1, 3) for _ in range(draw.randint(0, 2))]
    first, second = parameters(shape), parameters(shape)
    if name == "Uniform":
        second = {"low": first["low"] - 1, "high": first["high"] + 0.5}
    p, q, x = make(first), make(second), points(shape)
    case = {"name": "MultivariateNormal" if name == "diagonal" else name,
            "parameters": {k: stored(v) for k, v in first.items()},
            "others": {k: stored(v) for k, v in second.items()}, "x": stored(x), "logProb": stored(p.log_prob(x))}
    case["entropy"] = stored(enumerated(p, 10) if name == "Binomial" else enumerated(p, 80) if name == "Poisson"
                             else p.entropy())
    if name not in ("Categorical", "Cauchy"):
        case["mean"], case["variance"] = stored(p.mean), stored(p.variance)
    if name != "StudentT":
        case["divergence"] = stored(d.kl_divergence(p, q))
    if name in ("Normal", "LogNormal", "Uniform", "Laplace", "Gumbel", "Cauchy", "Exponential"):
        case["cdf"] = stored(p.cdf(x))
    print(json.dumps(case))
