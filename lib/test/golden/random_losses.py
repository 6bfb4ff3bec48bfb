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


makers = [class_case, class_case, binary_case, regression_case]


def loss_case(draw, floats):
    return draw.choice(makers)(draw, floats)
