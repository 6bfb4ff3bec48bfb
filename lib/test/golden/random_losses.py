"""Random cases of losses: each gives a name, options, inputs and what PyTorch computes.

Inputs after the first two are options that are tensors: `given` says which.
"""

import torch
import torch.nn.functional as F


def with_reduction(draw, options, each, shares=None, mask=None):
    """The mean (weighted by shares), the sum or the losses one by one, of those that the mask keeps."""
    reduction = draw.choice(["mean", "mean", "sum", "none"])
    if reduction != "mean" or draw.random() < 0.5:
        options["reduction"] = reduction
    if mask is not None:
        each = torch.where(mask, each, torch.zeros_like(each))
    if reduction == "none":
        return each
    if reduction == "sum":
        return each.sum()
    kept = torch.ones_like(each) if shares is None else shares.expand_as(each)
    if mask is not None:
        kept = torch.where(mask, kept, torch.zeros_like(kept))
    return each.sum() / kept.sum()


def maybe_mask(draw, options, inputs, each):
    """A mask that keeps at least one element."""
    if draw.random() < 0.6 or each.numel() == 0:
        return None
    mask = torch.rand(each.shape) < 0.7
    mask.reshape(-1)[draw.randrange(each.numel())] = True
    options["given"] = {**options.get("given", {}), "mask": len(inputs)}
    inputs.append(mask)
    return mask


def finished(draw, name, options, inputs, each, shares=None, mask=None):
    mask = maybe_mask(draw, options, inputs, each) if mask is None else mask
    return f"losses.{name}", options, inputs, with_reduction(draw, options, each, shares, mask)


def dims(draw):
    return [draw.randint(1, 4) for _ in range(draw.randint(1, 3))]


def class_case(draw, floats):
    rows, classes = dims(draw)[:2], draw.randint(1, 7)
    x = floats([*rows, classes], -4, 4)
    name = draw.choice(["crossEntropy", "crossEntropy", "negativeLogLikelihood"])
    logs = torch.log_softmax(x, -1) if name == "crossEntropy" else x
    options, weights = {}, torch.ones(classes, dtype=torch.float64)
    smoothing = draw.random() if name == "crossEntropy" and draw.random() < 0.4 else 0
    if smoothing:
        options["smoothing"] = smoothing
    labels = torch.randint(0, classes, rows, dtype=torch.int32)
    probabilities = name == "crossEntropy" and draw.random() < 0.4
    if probabilities:
        labels = torch.softmax(floats([*rows, classes]), -1).detach().requires_grad_()
    inputs = [x, labels]
    if draw.random() < 0.4:
        weights = floats([classes], 0.1, 2).detach()
        options["given"] = {"weights": 2}
        inputs.append(weights)
    flat = x.reshape(-1, classes) if name == "crossEntropy" else logs.reshape(-1, classes)
    if probabilities:
        each = F.cross_entropy(flat, labels.reshape(-1, classes), weights, label_smoothing=smoothing, reduction="none")
        return finished(draw, name, options, inputs, each.reshape(rows))
    if draw.random() < 0.4 and (labels != 0).any():
        options["ignoreIndex"] = 0
    ignored = options.get("ignoreIndex", -100)
    whole = labels.reshape(-1).long()
    if name == "crossEntropy":
        each = F.cross_entropy(flat, whole, weights, ignore_index=ignored, label_smoothing=smoothing, reduction="none")
    else:
        each = F.nll_loss(flat, whole, weights, ignore_index=ignored, reduction="none")
    shares = torch.where(labels == ignored, torch.zeros([], dtype=torch.float64), weights[labels.long()])
    if draw.random() < 0.5:
        # PyTorch's own mean.
        options["reduction"] = "mean"
        f = (lambda **o: F.cross_entropy(flat, whole, label_smoothing=smoothing, **o)) if name == "crossEntropy" else (
            lambda **o: F.nll_loss(flat, whole, **o))
        return f"losses.{name}", options, inputs, f(weight=weights, ignore_index=ignored)
    return finished(draw, name, options, inputs, each.reshape(rows), shares, mask=torch.ones(rows, dtype=torch.bool))


def binary_case(draw, floats):
    x = floats(dims(draw), -4, 4)
    truth = torch.rand(x.shape) < 0.5 if draw.random() < 0.5 else floats(list(x.shape), 0, 1).detach()
    inputs, options = [x, truth], {}
    t = truth.double()
    name = draw.choice(["binaryCrossEntropy", "focal", "dice"])
    if name == "binaryCrossEntropy":
        positive = torch.tensor(draw.uniform(0.2, 3), dtype=torch.float64)
        if draw.random() < 0.5:
            options["positiveWeight"] = positive.item()
        else:
            positive = floats([x.shape[-1]], 0.2, 3).detach()
            options["given"] = {"positiveWeight": 2}
            inputs.append(positive)
        each = F.binary_cross_entropy_with_logits(x, t, pos_weight=positive, reduction="none")
    elif name == "focal":
        gamma, alpha = draw.uniform(0, 4), draw.uniform(0.1, 0.9)
        options.update(gamma=gamma, alpha=alpha)
        p = torch.sigmoid(x)
        each = -alpha * t * (1 - p) ** gamma * torch.log(p) - (1 - alpha) * (1 - t) * p ** gamma * torch.log(1 - p)
    else:
        axes = draw.randint(1, x.dim())
        options.update(axes=axes, smooth=draw.uniform(0.1, 2))
        over = list(range(-axes, 0))
        p = torch.sigmoid(x)
        overlap = 2 * (p * t).sum(over) + options["smooth"]
        each = 1 - overlap / ((p ** 2).sum(over) + (t ** 2).sum(over) + options["smooth"])
    return finished(draw, name, options, inputs, each)


def regression_case(draw, floats):
    x = floats(dims(draw))
    target = floats(list(x.shape))
    inputs, options = [x, target], {}
    name = draw.choice(["squaredError", "absoluteError", "huber", "smoothAbsoluteError", "poisson", "gaussian"])
    if name == "huber":
        options["delta"] = draw.uniform(0.2, 3)
        each = F.huber_loss(x, target, delta=options["delta"], reduction="none")
    elif name == "smoothAbsoluteError":
        options["beta"] = draw.choice([0, draw.uniform(0.2, 3)])
        each = F.smooth_l1_loss(x, target, beta=options["beta"], reduction="none")
    elif name == "poisson":
        name, full = "poissonNegativeLogLikelihood", draw.random() < 0.5
        counts = torch.randint(0, 5, list(x.shape), dtype=torch.int32)
        if draw.random() < 0.5:
            each = F.poisson_nll_loss(x, counts.double(), reduction="none")
        else:
            x, options["log"] = floats(list(x.shape), 0.1, 3), False
            each = F.poisson_nll_loss(x, counts.double(), log_input=False, eps=0, reduction="none")
        if full:
            options["full"], each = True, each + torch.lgamma(counts.double() + 1)
        inputs = [x, counts]
    elif name == "gaussian":
        name, options["given"] = "gaussianNegativeLogLikelihood", {"variance": 2}
        variance = floats(list(x.shape), 0.1, 3)
        inputs.append(variance)
        if draw.random() < 0.5:
            options["full"] = True
        each = F.gaussian_nll_loss(x, target, variance, full="full" in options, reduction="none")
    else:
        each = (F.mse_loss if name == "squaredError" else F.l1_loss)(x, target, reduction="none")
    return finished(draw, name, options, inputs, each)


def pair_case(draw, floats):
    rows, width = dims(draw)[:2], draw.randint(1, 5)
    a, b = floats([*rows, width]), floats([*rows, width])
    inputs, options = [a, b], {}
    name = draw.choice(["cosineEmbedding", "contrastive", "triplet", "infoNce"])
    if name in ("cosineEmbedding", "contrastive"):
        same = torch.rand(rows) < 0.5
        options.update(given={"same": 2}, margin=draw.uniform(0.1, 1))
        inputs.append(same)
        if name == "cosineEmbedding":
            # PyTorch's own adds a little to the lengths.
            cosine = F.cosine_similarity(a, b, -1, eps=0)
            each = torch.where(same, 1 - cosine, (cosine - options["margin"]).clamp(min=0))
        else:
            d = (a - b).square().sum(-1).sqrt()
            each = torch.where(same, d ** 2, (options["margin"] - d).clamp(min=0) ** 2) / 2
    elif name == "triplet":
        c, margin, swap = floats([*rows, width]), draw.uniform(0.1, 2), draw.random() < 0.5
        options.update(given={"negative": 2}, margin=margin, swap=swap)
        inputs.append(c)
        if draw.random() < 0.3:
            options.update(squared=True, swap=False)
            each = ((a - b).square().sum(-1) - (a - c).square().sum(-1) + margin).clamp(min=0)
        else:
            each = F.triplet_margin_loss(a, b, c, margin, eps=0, swap=swap, reduction="none")
    else:
        n = draw.randint(1, 5)
        a, b = floats([n, width]), floats([n, width])
        inputs, rows, temperature = [a, b], [n], draw.uniform(0.1, 1)
        options["temperature"] = temperature
        candidates = b
        if draw.random() < 0.5:
            extra = floats([draw.randint(1, 4), width])
            options["given"] = {"negatives": 2}
            inputs.append(extra)
            candidates = torch.cat([b, extra])
        unit = lambda x: F.normalize(x, dim=-1)
        if draw.random() < 0.3:
            options["normalise"], unit = False, lambda x: x
        each = F.cross_entropy(unit(a) @ unit(candidates).T / temperature, torch.arange(n), reduction="none")
    return finished(draw, name, options, inputs, each)


def margin_case(draw, floats):
    name, margin = draw.choice(["hinge", "squaredHinge", "multiMargin"]), draw.uniform(0.2, 2)
    options = {"margin": margin}
    if name == "multiMargin":
        rows, classes = draw.randint(1, 5), draw.randint(1, 6)
        x, labels = floats([rows, classes]), torch.randint(0, classes, [rows], dtype=torch.int32)
        inputs, weights = [x, labels], None
        if draw.random() < 0.5:
            weights = floats([classes], 0.1, 2).detach()
            options["given"] = {"weights": 2}
            inputs.append(weights)
        options["power"] = draw.choice([1, 2])
        each = F.multi_margin_loss(x, labels.long(), options["power"], margin, weights, reduction="none")
        return finished(draw, name, options, inputs, each)
    x = floats(dims(draw))
    sides = torch.rand(x.shape) < 0.5
    short = (margin - (sides.double() * 2 - 1) * x).clamp(min=0)
    given = sides if draw.random() < 0.5 else (sides.int() * 2 - 1)
    return finished(draw, name, options, [x, given], short if name == "hinge" else short ** 2)


def divergence_case(draw, floats):
    rows, classes = dims(draw)[:2], draw.randint(1, 6)
    name = draw.choice(["klDivergence", "evidenceBound", "noiseContrastive", "negativeSampling"])
    x = floats([*rows, classes])
    if name == "klDivergence":
        target = torch.log_softmax(floats([*rows, classes]), -1).detach()
        logs = draw.random() < 0.5
        target = (target if logs else target.exp()).requires_grad_()
        each = F.kl_div(x, target, log_target=logs, reduction="none").sum(-1)
        return finished(draw, name, {"logTarget": logs}, [x, target], each)
    if name == "evidenceBound":
        mean, spread, beta = x, floats([*rows, classes]), draw.uniform(0, 2)
        normal = torch.distributions.Normal
        kl = torch.distributions.kl_divergence(normal(mean, (spread / 2).exp()), normal(0.0, 1.0)).sum(-1)
        fit = floats(rows)
        options = {"given": {"mean": 2, "logVariance": 3}, "beta": beta}
        # Two inputs come first; the second is not used.
        return finished(draw, name, options, [fit, torch.zeros(1), mean, spread], fit + beta * kl)
    scores = floats(rows)
    if name == "negativeSampling":
        each = -F.logsigmoid(scores) - F.logsigmoid(-x).sum(-1)
        return finished(draw, name, {}, [scores, x], each)
    own, others = floats(rows, -3, 0), floats([*rows, classes], -3, 0)
    k = torch.tensor(classes, dtype=torch.float64)
    truth = scores.exp() / (scores.exp() + k * own.exp())
    noise = k * others.exp() / (x.exp() + k * others.exp())
    options = {"given": {"logNoise": 2, "logNoiseOfSamples": 3}}
    return finished(draw, name, options, [scores, x, own, others], -truth.log() - noise.log().sum(-1))


def ctc_case(draw, floats):
    batch, time, classes, most = draw.randint(1, 4), draw.randint(1, 9), draw.randint(2, 4), draw.randint(0, 4)
    blank = draw.randrange(classes)
    others = [c for c in range(classes) if c != blank]
    x = floats([batch, time, classes])
    targets = torch.tensor([[draw.choice(others) for _ in range(most)] for _ in range(batch)], dtype=torch.int32)
    targets = targets.reshape(batch, most)
    lengths, counts = [], []
    for row in targets.tolist():
        lengths.append(draw.randint(1, time))
        # Repeated labels need a blank between.
        needs = lambda n: n + sum(row[i] == row[i - 1] for i in range(1, n))
        counts.append(max(n for n in range(draw.randint(0, most) + 1) if needs(n) <= lengths[-1]))
    reduction = draw.choice(["mean", "sum", "none"])
    y = F.ctc_loss(torch.log_softmax(x, -1).transpose(0, 1), targets.long(), torch.tensor(lengths),
                   torch.tensor(counts), blank, reduction=reduction)
    options = {"lengths": lengths, "targetLengths": counts, "blank": blank, "reduction": reduction}
    return "losses.ctc", options, [x, targets], y


def reinforcement_case(draw, floats):
    """Adversarial pairs and temporal differences."""
    name = draw.choice(["discriminator", "temporalDifference"])
    x, y = floats(dims(draw)), None
    y = floats(list(x.shape))
    if name == "discriminator":
        kind, reduction = draw.choice(["minimax", "leastSquares"]), draw.choice(["mean", "sum", "none"])
        ones, zeros = torch.ones_like(x), torch.zeros_like(x)
        if kind == "minimax":
            f, scale = F.binary_cross_entropy_with_logits, 1
        else:
            f, scale = F.mse_loss, 0.5
        value = (f(x, ones, reduction=reduction) + f(y, zeros, reduction=reduction)) * scale
        return f"losses.{name}", {"kind": kind, "reduction": reduction}, [x, y], value
    rewards, done, discount = floats(list(x.shape)), torch.rand(x.shape) < 0.3, draw.random()
    target = (rewards + discount * torch.where(done, torch.zeros_like(y), y)).detach()
    options = {"given": {"rewards": 2, "done": 3}, "discount": discount}
    if draw.random() < 0.5:
        options["delta"] = draw.uniform(0.2, 2)
        each = F.huber_loss(x, target, delta=options["delta"], reduction="none")
    else:
        each = F.mse_loss(x, target, reduction="none") / 2
    return finished(draw, name, options, [x, y, rewards, done], each)


makers = [class_case, class_case, class_case, binary_case, regression_case, regression_case, pair_case, margin_case,
          divergence_case, ctc_case, reinforcement_case]


def loss_case(draw, floats):
    return draw.choice(makers)(draw, floats)
