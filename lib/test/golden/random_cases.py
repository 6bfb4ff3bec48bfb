"""Draws random cases of operations, and what PyTorch computes for them.

    random_cases.py SEED COUNT

Prints one JSON object a line: an operation by its name in Gradbook with its options, the inputs, the result and, for
inputs of floats, the gradients of sum(result * cotangent). Floats are float64.
"""

import json
import random
import sys

import torch
import torch.nn.functional as F

from random_losses import loss_case

draw = random.Random(int(sys.argv[1]))
count = int(sys.argv[2])
torch.manual_seed(draw.randrange(2**31))

sizes = [0, 1, 1, 2, 3, 4, 5, 7]


def shape(low=0, high=4, empty=True):
    rank = draw.randint(low, high)
    return [draw.choice(sizes if empty else sizes[1:]) for _ in range(rank)]


def floats(dims, low=-2.0, high=2.0):
    return (torch.rand(dims, dtype=torch.float64) * (high - low) + low).requires_grad_()


def integers(dims, low=-5, high=6):
    return torch.randint(low, high, dims, dtype=torch.int32)


def axes(rank):
    """Some axes in a random order, some of them counted from the end; None for all."""
    if rank == 0 or draw.random() < 0.2:
        return None
    chosen = draw.sample(range(rank), draw.randint(1, rank))
    return [a - rank if draw.random() < 0.5 else a for a in chosen]


def broadcast_pair(make_a, make_b):
    whole = shape(0, 4)
    def part():
        dims = [1 if draw.random() < 0.25 else n for n in whole]
        return dims[draw.randint(0, len(dims)):] if draw.random() < 0.3 else dims
    return make_a(part()), make_b(part())


unary = {
    **{name: (getattr(torch, name), -2, 2) for name in
       "abs neg square exp expm1 sin cos atan sinh cosh tanh sigmoid relu floor ceil trunc sign".split()},
    **{name: (getattr(torch, name), 0.2, 3) for name in "log sqrt reciprocal".split()},
    "log1p": (torch.log1p, -0.7, 2),
    "tan": (torch.tan, -1, 1),
    "asin": (torch.asin, -0.9, 0.9),
    "acos": (torch.acos, -0.9, 0.9),
    "softplus": (F.softplus, -2, 2),
    **{name: (getattr(torch, name), -3, 3) for name in "erf erfc".split()},
    "erfInv": (torch.erfinv, -0.99, 0.99),
    "lgamma": (torch.lgamma, -3.4, 9),
    "digamma": (torch.digamma, 0.1, 9),
    "log2": (torch.log2, 0.1, 9),
    "rsqrt": (torch.rsqrt, 0.1, 9),
    **{name: (getattr(F, torch_name), -4, 4) for name, torch_name in {
        "logSigmoid": "logsigmoid", "gelu": "gelu", "silu": "silu", "mish": "mish", "selu": "selu",
        "softSign": "softsign", "hardTanh": "hardtanh"}.items()},
    # PyTorch's own derivative of it is in single precision.
    "hardSigmoid": (lambda x: F.hardtanh(x / 6 + 0.5, 0, 1), -4, 4),
}
unary_of_integers = {name: getattr(torch, name) for name in "abs neg square sign".split()}


def with_parameter_case():
    """Functions of one tensor and a number."""
    x = floats(shape(), -3, 3)
    name = draw.choice(["leakyRelu", "elu", "clamp", "polygamma"])
    number = draw.uniform(0.1, 2)
    if name == "polygamma":
        x, order = floats(shape(), 0.2, 5), draw.randint(0, 3)
        return name, order, [x], torch.polygamma(order, x)
    if name == "clamp":
        low = draw.choice([None, -draw.uniform(0, 2)])
        high = draw.choice([None, draw.uniform(0, 2)]) if low is not None else number
        options = {k: v for k, v in {"min": low, "max": high}.items() if v is not None}
        return name, options, [x], x.clamp(low, high)
    return name, number, [x], {"leakyRelu": F.leaky_relu, "elu": F.elu}[name](x, number)


def running_case():
    x = floats(shape(1, 4))
    axis = draw.randrange(-x.dim(), x.dim())
    name = draw.choice(["cumsum", "cumprod", "cummax", "cummin"])
    if name == "cumprod" and draw.random() < 0.4:
        x = (x * (torch.rand(x.shape) < 0.6)).detach().requires_grad_()
    y = getattr(torch, name)(x, axis)
    return name, axis, [x], y if isinstance(y, torch.Tensor) else y[0]


def order_case():
    x = floats(shape(1, 3, empty=False))
    if draw.random() < 0.3:
        x = integers(list(x.shape))
    axis = draw.randrange(-x.dim(), x.dim())
    name = draw.choice(["sort", "argsort", "quantile", "median", "takeAlongAxis"])
    descending = draw.random() < 0.5
    options = {"axis": axis, "descending": descending}
    if name == "sort":
        return name, options, [x], torch.sort(x, dim=axis, descending=descending, stable=True).values
    if name == "argsort":
        return name, options, [x], torch.sort(x, dim=axis, descending=descending, stable=True).indices
    if name == "takeAlongAxis":
        n = draw.randint(0, 5)
        dims = [n if i == axis % x.dim() else m for i, m in enumerate(x.shape)]
        indices = torch.randint(0, x.shape[axis], dims, dtype=torch.int32)
        return name, axis, [x, indices], torch.take_along_dim(x, indices.long(), axis)
    # Among equals, which of them gets the gradient is a matter of taste.
    x = x if x.requires_grad else floats(list(x.shape))
    keep, q = draw.random() < 0.5, 0.5 if name == "median" else draw.random()
    over = {} if draw.random() < 0.2 else {"axis": axis}
    options = {**over, "keepDims": keep, **({} if name == "median" else {"q": q})}
    return name, options, [x], torch.quantile(x, q, over.get("axis"), keepdim=keep)


def norm_case():
    x = floats(shape(1, 4, empty=False))
    name = draw.choice(["norm", "norm", "any", "all", "countNonzero"])
    over, keep = axes(x.dim()), draw.random() < 0.5
    options = {"keepDims": keep, **({} if over is None else {"axis": over})}
    folded = list(range(x.dim())) if over is None else over
    if name == "norm":
        order = draw.choice([1, 2, 3, 1.5])
        return name, {**options, "order": order}, [x], torch.linalg.vector_norm(x, order, folded, keepdim=keep)
    x = (x.detach() > 0.5) if draw.random() < 0.5 else integers(list(x.shape), -1, 2)
    count = (x != 0).sum(folded, keepdim=keep)
    size = 1
    for a in folded:
        size *= x.shape[a]
    return name, options, [x], {"any": count > 0, "all": count == size, "countNonzero": count}[name]


def unary_case():
    if draw.random() < 0.2:
        name = draw.choice(list(unary_of_integers))
        x = integers(shape())
        return name, None, [x], unary_of_integers[name](x)
    name = draw.choice(list(unary))
    f, low, high = unary[name]
    x = floats(shape(), low, high)
    return name, None, [x], f(x)


binary = {
    "add": torch.add, "sub": torch.sub, "mul": torch.mul, "minimum": torch.minimum, "maximum": torch.maximum,
    "less": torch.lt, "lessEqual": torch.le, "equal": torch.eq, "greater": torch.gt, "greaterEqual": torch.ge,
    "notEqual": torch.ne,
}


def binary_case():
    kind = draw.random()
    if kind < 0.25:
        name = draw.choice([*binary, "remainder", "floorDiv"])
        divides = {"remainder": torch.remainder, "floorDiv": torch.floor_divide}
        a, b = broadcast_pair(integers, lambda dims: integers(dims, 1 if name in divides else -5, 6))
        return name, None, [a, b], {**divides, **binary}[name](a, b)
    if kind < 0.5:
        name = draw.choice(["div", "pow", "atan2", "remainder", "logAddExp", "floorDiv"])
        if name == "pow":
            a, b = broadcast_pair(lambda d: floats(d, 0.2, 2), floats)
            return name, None, [a, b], a.pow(b)
        a, b = broadcast_pair(floats, lambda d: floats(d, 0.3, 2))
        return name, None, [a, b], {
            "div": torch.div, "atan2": torch.atan2, "remainder": torch.remainder, "logAddExp": torch.logaddexp,
            "floorDiv": lambda x, y: torch.floor_divide(x.detach(), y.detach())}[name](a, b)
    name = draw.choice(list(binary))
    a, b = broadcast_pair(floats, floats)
    return name, None, [a, b], binary[name](a, b)


def where_case():
    x, y = broadcast_pair(floats, floats)
    whole = torch.broadcast_shapes(x.shape, y.shape)
    condition = torch.rand([1 if draw.random() < 0.25 else n for n in whole]) < 0.5
    return "where", None, [condition, x, y], torch.where(condition, x, y)


def reduction_case():
    name = draw.choice("sum prod mean variance std max min logSumExp argmax argmin".split())
    needs = name not in ("sum", "prod")
    whole = name in ("sum", "prod", "max", "min") and draw.random() < 0.25
    x = (integers if whole else floats)(shape(0 if not needs else 1, 4, empty=not needs))
    if name in ("argmax", "argmin"):
        axis = draw.randrange(-x.dim(), x.dim())
        return name, axis, [x], getattr(torch, name)(x, axis)
    keep = draw.random() < 0.5
    if name == "logSumExp":
        axis = draw.randrange(-x.dim(), x.dim())
        return name, {"axis": axis, "keepDims": keep}, [x], torch.logsumexp(x, axis, keepdim=keep)
    over = axes(x.dim())
    options = {"keepDims": keep, **({} if over is None else {"axis": over})}
    folded = list(range(x.dim())) if over is None else over
    if name == "prod":
        y = x
        for a in sorted((a % x.dim() for a in folded), reverse=True):
            y = y.prod(a, keepdim=keep)
    elif not folded:
        y = x
    elif name in ("variance", "std"):
        # The square root has no derivative at 0, where one value alone lies.
        n = 1
        for a in folded:
            n *= x.shape[a]
        correction = draw.choice([0, 1]) if n > 1 else 0
        if name == "std" and n == 1:
            name = "variance"
        options["correction"] = correction
        f = torch.var if name == "variance" else torch.std
        y = f(x, folded, unbiased=correction == 1, keepdim=keep)
    else:
        y = {"sum": torch.sum, "mean": torch.mean, "max": torch.amax, "min": torch.amin}[name](x, folded, keepdim=keep)
    return name, options, [x], y


def softmax_case():
    x = floats(shape(1, 4, empty=False), -5, 5)
    axis = draw.randrange(-x.dim(), x.dim())
    name = draw.choice(["softmax", "logSoftmax"])
    return name, axis, [x], (torch.softmax if name == "softmax" else torch.log_softmax)(x, axis)


def matmul_case():
    m, k, n = (draw.choice([0, 1, 2, 3, 5, 8, 17]) for _ in range(3))
    a, b = broadcast_pair(list, list)
    x, y = floats([*a[-2:], m, k]), floats([*b[-2:], k, n])
    return "matmul", None, [x, y], x @ y


def convolution_case():
    two = draw.random() < 0.7
    groups = draw.choice([1, 1, 2, 3])
    channels, filters = groups * draw.randint(1, 3), groups * draw.randint(1, 3)
    rank = 2 if two else 1
    kernel = [draw.randint(1, 3) for _ in range(rank)]
    dilation = [draw.randint(1, 2) for _ in range(rank)]
    padding = [draw.randint(0, 2) for _ in range(rank)]
    stride = [draw.randint(1, 3) for _ in range(rank)]
    space = [max(draw.randint(1, 9), d * (k - 1) + 1 - 2 * p) for k, d, p in zip(kernel, dilation, padding)]
    x = floats([draw.randint(1, 3), channels, *space])
    w = floats([filters, channels // groups, *kernel])
    values = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    options = values if two else {k: v if k == "groups" else v[0] for k, v in values.items()}
    return f"conv{rank}d", options, [x, w], (F.conv2d if two else F.conv1d)(x, w, None, **values)


def transposed_convolution_case():
    rank = draw.choice([1, 2, 2])
    stride = [draw.randint(1, 3) for _ in range(rank)]
    kernel = [draw.randint(1, 3) for _ in range(rank)]
    dilation = [draw.randint(1, 2) for _ in range(rank)]
    padding = [draw.randint(0, (k - 1) * d // 2) for k, d in zip(kernel, dilation)]
    extra = [draw.randint(0, max(s, d) - 1) for s, d in zip(stride, dilation)]
    groups = draw.choice([1, 1, 2])
    x = floats([draw.randint(1, 2), groups * draw.randint(1, 3), *(draw.randint(2, 6) for _ in range(rank))])
    w = floats([x.shape[1], draw.randint(1, 3), *kernel])
    y = (F.conv_transpose1d if rank == 1 else F.conv_transpose2d)(x, w, None, stride, padding, extra, groups, dilation)
    options = {"stride": stride, "padding": padding, "outputPadding": extra, "dilation": dilation}
    if rank == 1:
        options = {k: v[0] for k, v in options.items()}
    return f"convTranspose{rank}d", {**options, "groups": groups}, [x, w], y


def volume_case():
    kernel, stride = [draw.randint(1, 3) for _ in range(3)], [draw.randint(1, 2) for _ in range(3)]
    if draw.random() < 0.5:
        name = draw.choice(["maxPool3d", "avgPool3d"])
        padding = [draw.randint(0, k // 2) for k in kernel]
        x = floats([draw.randint(1, 2), draw.randint(1, 2), *(draw.randint(3, 6) for _ in range(3))])
        y = (F.max_pool3d if name == "maxPool3d" else F.avg_pool3d)(x, kernel, stride, padding)
        return name, {"size": kernel, "stride": stride, "padding": padding}, [x], y
    groups = draw.choice([1, 1, 2])
    dilation, padding = [draw.randint(1, 2) for _ in range(3)], [draw.randint(0, 1) for _ in range(3)]
    x = floats([draw.randint(1, 2), groups * draw.randint(1, 2), *(draw.randint(5, 7) for _ in range(3))])
    w = floats([groups * draw.randint(1, 2), x.shape[1] // groups, *kernel])
    values = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    return "conv3d", values, [x, w], F.conv3d(x, w, None, **values)


def resampling_case():
    x = floats([draw.randint(1, 2), draw.randint(1, 3), draw.randint(1, 7), draw.randint(1, 7)])
    size = [draw.randint(1, 9) for _ in range(2)]
    name = draw.choice(["resize", "gridSample", "adaptiveAvgPool2d", "adaptiveMaxPool2d", "lpPool2d"])
    if name == "resize":
        if draw.random() < 0.3:
            return name, {"size": size, "mode": "nearest"}, [x], F.interpolate(x, size, mode="nearest")
        align = draw.random() < 0.5
        y = F.interpolate(x, size, mode="bilinear", align_corners=align)
        return name, {"size": size, "alignCorners": align}, [x], y
    if name == "gridSample":
        grid = floats([x.shape[0], *size, 2], -1.5, 1.5)
        padding, align = draw.choice(["zeros", "border"]), draw.random() < 0.5
        y = F.grid_sample(x, grid, "bilinear", padding, align)
        return name, {"padding": padding, "alignCorners": align}, [x, grid], y
    if name == "lpPool2d":
        window = [draw.randint(1, n) for n in x.shape[2:]]
        power = draw.choice([1, 2, 3, 4])
        return name, {"size": window, "power": power}, [x], F.lp_pool2d(x.abs(), power, window)
    pool = F.adaptive_avg_pool2d if name == "adaptiveAvgPool2d" else F.adaptive_max_pool2d
    return name, size, [x], pool(x, size)


def pooling_case():
    rank = draw.choice([1, 2, 2])
    size = [draw.randint(1, 3) for _ in range(rank)]
    stride = [draw.randint(1, 3) for _ in range(rank)]
    padding = [draw.randint(0, n // 2) for n in size]
    x = floats([draw.randint(1, 3), draw.randint(1, 3), *(draw.randint(3, 9) for _ in range(rank))])
    kind = draw.choice(["max", "avg"])
    y = getattr(F, f"{kind}_pool{rank}d")(x, size, stride, padding)
    options = {"size": size, "stride": stride, "padding": padding}
    return f"{kind}Pool{rank}d", options if rank == 2 else {k: v[0] for k, v in options.items()}, [x], y


def indexing_case():
    x = (integers if draw.random() < 0.25 else floats)(shape(1, 4, empty=False))
    axis = draw.randrange(x.dim())
    rows = draw.randint(0, 6)
    name = draw.choice(["take", "flip", "transpose", "expandDims", "pad"])
    if name == "take":
        indices = torch.randint(0, x.shape[axis], [rows], dtype=torch.int32)
        return name, axis, [x, indices], x.index_select(axis, indices)
    if name == "flip":
        some = draw.sample(range(x.dim()), draw.randint(1, x.dim()))
        return name, some, [x], x.flip(some)
    if name == "transpose":
        order = draw.sample(range(x.dim()), x.dim())
        return name, order, [x], x.permute(order)
    if name == "expandDims":
        place = draw.randint(0, x.dim())
        return name, place, [x], x.unsqueeze(place)
    before = [draw.randint(0, 2) for _ in x.shape]
    after = [draw.randint(0, 2) for _ in x.shape]
    value = draw.randint(-2, 2)
    flat = [n for pair in reversed(list(zip(before, after))) for n in pair]
    return name, {"before": before, "after": after, "value": value}, [x], F.pad(x, flat, value=value)


def view_case():
    """Rearrangements, windows, triangles and tiles."""
    x = (integers if draw.random() < 0.2 else floats)(shape(1, 4, empty=False))
    axis = draw.randrange(-x.dim(), x.dim())
    n = x.shape[axis]
    name = draw.choice(["roll", "tile", "repeat", "swapAxes", "slice", "unfold", "pad", "reshape", "broadcastTo",
                        "squeeze"])
    if name == "roll":
        shift = draw.randint(-9, 9)
        return name, {"axis": axis, "shift": shift}, [x], x.roll(shift, axis)
    if name == "tile":
        counts = [draw.randint(1, 3) for _ in x.shape]
        return name, counts, [x], x.tile(counts)
    if name == "repeat":
        count = draw.randint(1, 3)
        return name, {"axis": axis, "count": count}, [x], x.repeat_interleave(count, axis)
    if name == "swapAxes":
        other = draw.randrange(-x.dim(), x.dim())
        return name, [axis, other], [x], x.swapaxes(axis, other)
    if name == "slice":
        start, stop, step = draw.randint(0, n), draw.randint(0, n), draw.randint(1, 3)
        places = [slice(None)] * x.dim()
        places[axis] = slice(start, stop, step)
        return name, {"axis": axis, "start": start, "stop": stop, "step": step}, [x], x[tuple(places)]
    if name == "unfold":
        size, stride = draw.randint(1, n), draw.randint(1, 3)
        return name, {"axis": axis, "size": size, "stride": stride}, [x], x.unfold(axis, size, stride)
    if name == "pad":
        mode = draw.choice(["reflect", "replicate", "circular"])
        x = floats([2, 3, draw.randint(3, 6), draw.randint(3, 6)])
        before, after = [draw.randint(0, 2) for _ in range(2)], [draw.randint(0, 2) for _ in range(2)]
        sides = [before[1], after[1], before[0], after[0]]
        return name, {"before": [0, 0, *before], "after": [0, 0, *after], "mode": mode}, [x], F.pad(x, sides, mode=mode)
    if name == "broadcastTo":
        target = [draw.randint(1, 3), *(3 if m == 1 else m for m in x.shape)]
        return name, target, [x], x.expand(target)
    if name == "squeeze":
        return name, 0, [x.detach().unsqueeze(0).requires_grad_(x.requires_grad)], x
    return "reshape", [-1], [x], x.reshape(-1)


def matrix_view_case():
    x = floats(shape(2, 4, empty=False))
    offset = draw.randint(-2, 2)
    name = draw.choice(["tril", "triu", "diagonal", "diag", "trace", "dot", "outer", "cosineSimilarity",
                        "pairwiseDistances"])
    if name in ("tril", "triu"):
        return name, offset, [x], getattr(torch, name)(x, offset)
    if name == "diagonal":
        if x.shape[-2] + min(offset, 0) <= 0 or x.shape[-1] - max(offset, 0) <= 0:
            offset = 0
        return name, offset, [x], x.diagonal(offset, -2, -1)
    if name == "diag":
        return name, offset, [x], torch.diag_embed(x, offset)
    if name == "trace":
        return name, None, [x], x.diagonal(0, -2, -1).sum(-1)
    y = floats(list(x.shape))
    if name == "dot":
        return name, None, [x, y], (x * y).sum(-1)
    if name == "outer":
        return name, None, [x, y], x.unsqueeze(-1) * y.unsqueeze(-2)
    if name == "cosineSimilarity":
        return name, None, [x, y], F.cosine_similarity(x, y, -1)
    return name, None, [x, y], (x.unsqueeze(-2) - y.unsqueeze(-3)).square().sum(-1).sqrt()


def spread(rows, columns, lead=()):
    """Matrices whose singular values lie well apart."""
    k = min(rows, columns)
    u, _ = torch.linalg.qr(torch.randn(*lead, rows, k, dtype=torch.float64))
    v, _ = torch.linalg.qr(torch.randn(*lead, columns, k, dtype=torch.float64))
    values = torch.arange(1, k + 1, dtype=torch.float64) + torch.rand(k, dtype=torch.float64) * 0.3
    return (u * values) @ v.transpose(-1, -2)


def signs(vectors):
    """Of each column: the sign of its largest entry."""
    places = vectors.detach().abs().argmax(-2, keepdim=True)
    return vectors.detach().gather(-2, places).sign()


def linear_algebra_case():
    n, lead = draw.randint(1, 5), draw.choice([[], [2], [2, 3]])
    name = draw.choice(["solve", "triangularSolve", "inverse", "logDet", "det", "cholesky", "eigh", "qr", "svd"])
    flat = lambda *parts: torch.cat([p.reshape(*lead, -1) for p in parts], -1)
    if name in ("qr", "svd"):
        rows, columns = draw.randint(1, 6), draw.randint(1, 6)
        x = spread(rows, columns, lead).requires_grad_()
        if name == "qr":
            q, r = torch.linalg.qr(x)
            sign = r.detach().diagonal(0, -2, -1).sign().unsqueeze(-2)
            return name, None, [x], flat(q * sign, (r * sign.transpose(-1, -2)).transpose(-1, -2))
        u, s, vh = torch.linalg.svd(x, full_matrices=False)
        v = vh.transpose(-1, -2)
        sign = signs(v)
        return name, None, [x], flat(u * sign, s, v * sign)
    x = spread(n, n, lead).requires_grad_()
    if name == "inverse":
        return name, None, [x], torch.linalg.inv(x)
    if name == "logDet":
        return name, None, [x], torch.linalg.slogdet(x)[1]
    if name == "det":
        return name, None, [x], torch.linalg.det(x)
    if name == "cholesky":
        x = (x @ x.transpose(-1, -2)).detach().requires_grad_()
        # PyTorch reads the lower half.
        half = (x + x.transpose(-1, -2)) / 2
        return name, None, [x], torch.linalg.cholesky(half)
    if name == "eigh":
        q, _ = torch.linalg.qr(torch.randn(*lead, n, n, dtype=torch.float64))
        values = torch.arange(n, dtype=torch.float64) - 1.3 + torch.rand(n, dtype=torch.float64) * 0.3
        x = ((q * values) @ q.transpose(-1, -2)).requires_grad_()
        w, v = torch.linalg.eigh((x + x.transpose(-1, -2)) / 2)
        return name, None, [x], flat(w, v * signs(v))
    b = floats([*lead, n, draw.randint(1, 3)])
    if name == "solve":
        return name, None, [x, b], torch.linalg.solve(x, b)
    lower, unit = draw.random() < 0.5, draw.random() < 0.5
    x = (x.detach() / n + 2 * torch.eye(n, dtype=torch.float64)).requires_grad_()
    y = torch.linalg.solve_triangular(x, b, upper=not lower, unitriangular=unit)
    return name, {"lower": lower, "unit": unit}, [x, b], y


def gathering_case():
    """Logic, parts that are put together or added up, and choices among elements."""
    x = floats(shape(1, 4, empty=False))
    axis = draw.randrange(-x.dim(), x.dim())
    n, at = x.shape[axis], axis % x.dim()
    name = draw.choice(["and", "or", "xor", "not", "isNaN", "isFinite", "concat", "maxout", "maskedSoftmax", "pick",
                        "scatterAdd", "segmentSum", "flatten", "unflatten", "moveAxis", "sumTo", "round", "fold",
                        "squaredMagnitude"])
    if name in ("and", "or", "xor"):
        a, b = (integers(list(x.shape), 0, 2) > 0 for _ in range(2))
        return name, None, [a, b], {"and": torch.logical_and, "or": torch.logical_or, "xor": torch.logical_xor}[name](a, b)
    if name == "not":
        a = integers(list(x.shape), 0, 2) > 0
        return name, None, [a], torch.logical_not(a)
    if name in ("isNaN", "isFinite", "round"):
        odd = torch.tensor([float("nan"), float("inf"), -float("inf"), 0.3, -1.7], dtype=torch.float64)
        a = odd[torch.randint(0, 5, x.shape)] if name != "round" else x * 3 + 1e-3
        return name, None, [a.detach()], {"isNaN": torch.isnan, "isFinite": torch.isfinite, "round": torch.round}[name](a.detach())
    if name == "concat":
        y = floats([draw.randint(1, 3) if i == at else m for i, m in enumerate(x.shape)])
        return name, axis, [x, y], torch.cat([x, y], axis)
    if name == "maxout":
        size = draw.choice([k for k in range(1, n + 1) if n % k == 0])
        y = x.transpose(at, -1).unflatten(-1, [n // size, size]).amax(-1).transpose(at, -1)
        return name, {"axis": axis, "pieces": size}, [x], y
    if name == "maskedSoftmax":
        allowed = torch.rand(x.shape) < 0.6
        y = torch.where(allowed.any(axis, keepdim=True),
                        torch.softmax(x.masked_fill(~allowed, -1e300), axis), torch.zeros((), dtype=torch.float64))
        return name, axis, [x, allowed], y * allowed
    if name == "pick":
        indices = torch.randint(0, x.shape[-1], x.shape[:-1], dtype=torch.int32)
        return name, None, [x, indices], x.gather(-1, indices.long().unsqueeze(-1)).squeeze(-1)
    if name in ("scatterAdd", "segmentSum"):
        size = draw.randint(1, 6)
        along = 0 if name == "segmentSum" else axis
        indices = torch.randint(0, size, [x.shape[along]], dtype=torch.int32)
        zeros = torch.zeros([size if i == along % x.dim() else m for i, m in enumerate(x.shape)], dtype=torch.float64)
        y = zeros.index_add(along, indices.long(), x)
        return name, size if name == "segmentSum" else {"axis": axis, "size": size}, [x, indices], y
    if name == "flatten":
        return name, at, [x], x.flatten(at)
    if name == "unflatten":
        size = draw.choice([k for k in range(1, n + 1) if n % k == 0])
        return name, {"axis": axis, "sizes": [size, -1]}, [x], x.unflatten(axis, [size, n // size])
    if name == "moveAxis":
        to = draw.randrange(-x.dim(), x.dim())
        return name, {"from": axis, "to": to}, [x], x.movedim(axis, to)
    if name == "sumTo":
        kept = [1 if draw.random() < 0.4 else m for m in x.shape][draw.randint(0, x.dim() - 1):]
        return name, kept, [x], x.sum_to_size(kept)
    if name == "fold":
        size, stride = draw.randint(1, n), draw.randint(1, 3)
        windows = x.unfold(axis, size, stride).detach().requires_grad_()
        y = torch.zeros(x.shape, dtype=torch.float64)
        for w in range(windows.shape[at]):
            part = windows.select(at, w).movedim(-1, at)
            before, after = w * stride, n - w * stride - size
            y = y + F.pad(part.movedim(at, -1), [before, after]).movedim(-1, at)
        return name, {"axis": at, "size": size, "stride": stride, "length": n}, [windows], y
    pairs = floats([*x.shape, 2])
    return name, None, [pairs], pairs.square().sum(-1)


def fourier_case():
    name = draw.choice(["fft", "ifft", "rfft", "irfft", "stft"])
    n = draw.choice([*range(1, 12), 32, 35, 37, 64, 66, 74, 97])
    dims = shape(0, 2, empty=False)
    if name == "stft":
        x = floats([draw.randint(1, 2), draw.randint(20, 60)])
        size, hop, centre = draw.randint(4, 16), draw.randint(1, 6), draw.random() < 0.5
        window = draw.choice(["hann", "hamming", "ones"])
        shape_of = {"hann": torch.hann_window, "hamming": torch.hamming_window, "ones": torch.ones}[window]
        y = torch.stft(x, size, hop, size, shape_of(size, dtype=torch.float64), centre, "reflect", return_complex=True)
        options = {"size": size, "hop": hop, "window": window, "centre": centre}
        return name, options, [x], torch.view_as_real(y.transpose(-1, -2))
    place = draw.randint(0, len(dims))
    dims.insert(place, n)
    options = {"axis": place - len(dims) if draw.random() < 0.5 else place}
    if name == "rfft":
        x = floats(dims)
        return name, options, [x], torch.view_as_real(torch.fft.rfft(x, dim=place))
    if name == "irfft":
        length = 2 * (n - 1) + draw.randint(0, 1) if n > 1 else 1
        x = floats([*dims, 2])
        y = torch.fft.irfft(torch.view_as_complex(x), length, dim=place)
        return name, {**options, "length": length}, [x], y
    x = floats([*dims, 2])
    return name, options, [x], torch.view_as_real(getattr(torch.fft, name)(torch.view_as_complex(x), dim=place))


def optimiser_case():
    """Some steps on sum(c * (w - t) ** 2), clipped or not, with a schedule or not; the result is where they lead."""
    dims = shape(1, 2, empty=False)
    c, t, w = (floats(dims).detach() for _ in range(3))
    w = w.requires_grad_()
    name = draw.choice(["sgd", "adam", "adamw", "rmsprop", "adagrad", "adadelta", "rprop", "adamax", "nadam", "radam"])
    rate = draw.uniform(0.001, 0.2)
    ours, theirs = {"rate": rate}, {"lr": rate}
    if name != "rprop":
        ours["weightDecay"] = theirs["weight_decay"] = draw.choice([0, draw.uniform(0, 0.2)])
    if name == "sgd" and draw.random() < 0.7:
        ours["momentum"] = theirs["momentum"] = draw.uniform(0.1, 0.95)
        if draw.random() < 0.5:
            ours["nesterov"] = theirs["nesterov"] = True
        else:
            ours["dampening"] = theirs["dampening"] = draw.choice([0, draw.uniform(0, 0.9)])
    if name in ("adam", "adamw", "adamax", "nadam", "radam"):
        ours["beta1"], ours["beta2"] = draw.uniform(0.1, 0.95), draw.uniform(0.8, 0.999)
        theirs["betas"] = (ours["beta1"], ours["beta2"])
    if name in ("adam", "adamw"):
        ours["amsgrad"] = theirs["amsgrad"] = draw.random() < 0.4
    if name == "nadam":
        ours["momentumDecay"] = theirs["momentum_decay"] = draw.uniform(0, 0.1)
    if name == "rmsprop":
        ours["centered"] = theirs["centered"] = draw.random() < 0.4
        ours["momentum"] = theirs["momentum"] = draw.choice([0, draw.uniform(0.1, 0.9)])
        ours["decay"] = theirs["alpha"] = draw.uniform(0.5, 0.99)
        # The variance of steady gradients is all rounding: the root of it is as good as epsilon is large.
        ours["epsilon"] = theirs["eps"] = 0.3 if ours["centered"] else 1e-3
    if name == "adagrad":
        ours["rateDecay"] = theirs["lr_decay"] = draw.choice([0, draw.uniform(0, 0.1)])
        ours["initialSum"] = theirs["initial_accumulator_value"] = draw.uniform(0, 1)
    if name == "adadelta":
        ours["decay"] = theirs["rho"] = draw.uniform(0.5, 0.99)
    if name == "rprop":
        ours["shrink"], ours["grow"] = draw.uniform(0.2, 0.8), draw.uniform(1.05, 1.5)
        ours["smallest"], ours["largest"] = 1e-4, draw.uniform(0.05, 1)
        theirs["etas"], theirs["step_sizes"] = (ours["shrink"], ours["grow"]), (ours["smallest"], ours["largest"])
    classes = {"sgd": "SGD", "adam": "Adam", "adamw": "AdamW", "rmsprop": "RMSprop", "adagrad": "Adagrad",
               "adadelta": "Adadelta", "rprop": "Rprop", "adamax": "Adamax", "radam": "RAdam"}
    start = w.detach().clone()
    steps = draw.randint(1, 25)
    clip = draw.choice([None, None, ["clipNorm", draw.uniform(0.1, 2)], ["clipValue", draw.uniform(0.1, 2)]])
    optimiser = CorrectNAdam(w, **theirs) if name == "nadam" else getattr(torch.optim, classes[name])([w], **theirs)
    for _ in range(steps):
        w.grad = None
        (c * (w - t) ** 2).sum().backward()
        if clip and clip[0] == "clipNorm":
            torch.nn.utils.clip_grad_norm_([w], clip[1])
        if clip and clip[0] == "clipValue":
            torch.nn.utils.clip_grad_value_([w], clip[1])
        optimiser.step()
    return f"optim.{name}", {"steps": steps, "options": ours, "clip": clip}, [c, t, start], w.detach()


class CorrectNAdam:
    """Dozat's rule as of PyTorch 2; PyTorch 1.13 multiplies one factor too many into its product."""

    def __init__(self, w, lr, betas, momentum_decay, weight_decay):
        self.w, self.lr, self.betas, self.decay, self.penalty = w, lr, betas, momentum_decay, weight_decay
        self.mean, self.square, self.product, self.step_count = torch.zeros_like(w), torch.zeros_like(w), 1.0, 0

    @torch.no_grad()
    def step(self):
        beta1, beta2 = self.betas
        self.step_count += 1
        g = self.w.grad + self.penalty * self.w
        mu = beta1 * (1 - 0.5 * 0.96 ** (self.step_count * self.decay))
        following = beta1 * (1 - 0.5 * 0.96 ** ((self.step_count + 1) * self.decay))
        self.product *= mu
        self.mean = beta1 * self.mean + (1 - beta1) * g
        self.square = beta2 * self.square + (1 - beta2) * g * g
        spread = (self.square / (1 - beta2 ** self.step_count)).sqrt() + 1e-8
        self.w -= self.lr * (1 - mu) / (1 - self.product) * g / spread
        self.w -= self.lr * following / (1 - self.product * following) * self.mean / spread


families = [
    (unary_case, 4), (binary_case, 5), (where_case, 1), (reduction_case, 5), (softmax_case, 2), (matmul_case, 3),
    (convolution_case, 4), (transposed_convolution_case, 2), (pooling_case, 2), (indexing_case, 4), (lambda: loss_case(draw, floats), 6),
    (optimiser_case, 3), (with_parameter_case, 2), (running_case, 3), (order_case, 3), (norm_case, 2),
    (view_case, 4), (matrix_view_case, 3), (linear_algebra_case, 4), (volume_case, 2),
    (resampling_case, 3), (fourier_case, 3), (gathering_case, 5),
]


def stored(t, layout=False):
    """Values row by row; with a layout, those of the tensor that the inverse of the layout makes of it."""
    dtype = {torch.float64: "float", torch.int64: "int32", torch.int32: "int32", torch.bool: "bool"}.get(t.dtype)
    if dtype is None:
        dtype = "float"
    result = {"dtype": dtype}
    values = t.detach()
    if layout and values.dim() > 1 and draw.random() < 0.4:
        order = draw.sample(range(values.dim()), values.dim())
        result["transpose"] = [order.index(i) for i in range(values.dim())]
        values = values.permute(order)
    elif layout and values.dim() > 0 and draw.random() < 0.25:
        result["flip"] = draw.randrange(values.dim())
        values = values.flip(result["flip"])
    return {**result, "shape": list(values.shape), "data": [number(v) for v in values.reshape(-1).tolist()]}


def number(value):
    """JSON has no word for what is not finite; JavaScript's Number reads these."""
    if value != value:
        return "NaN"
    return value if abs(value) != float("inf") else "Infinity" if value > 0 else "-Infinity"


makers = [make for make, weight in families for _ in range(weight)]
for _ in range(count):
    make = draw.choice(makers)
    name, options, inputs, result = make()
    case = {"operation": name, "options": options, "inputs": [stored(x, True) for x in inputs],
            "result": stored(result)}
    if result.requires_grad:
        cotangent = torch.rand(result.shape, dtype=torch.float64) * 2 - 1
        leaves = [x for x in inputs if x.requires_grad]
        gradients = torch.autograd.grad((result * cotangent).sum(), leaves, allow_unused=True)
        found = dict(zip(map(id, leaves), gradients))
        case["cotangent"] = stored(cotangent)
        case["gradients"] = [None if found.get(id(x)) is None else stored(found[id(x)]) for x in inputs]
    print(json.dumps(case))
