"""Random einsum, rearrange and index expressions with numpy's results, one JSON object a line.

    patterns.py SEED COUNT
"""

import json
import random
import sys

import numpy as np

draw = random.Random(int(sys.argv[1]))
values = np.random.default_rng(int(sys.argv[1]))


def stored(a):
    a = np.asarray(a, dtype=np.float64)
    return {"shape": list(a.shape), "data": a.reshape(-1).tolist()}


def einsum_case():
    letters = "abcde"
    sizes = {letter: draw.choice([1, 2, 2, 3, 4]) for letter in letters}
    rest = [draw.choice([1, 2, 3]) for _ in range(draw.choice([0, 0, 0, 1, 2]))]
    terms, arrays = [], []
    for _ in range(draw.randint(1, 4)):
        own = "".join(draw.choice(letters) for _ in range(draw.randint(0, 4)))
        place = draw.randint(0, len(own))
        shape = [sizes[letter] for letter in own]
        if rest and draw.random() < 0.8:
            part = [n if draw.random() < 0.7 else 1 for n in rest[draw.randint(0, len(rest)):]]
            shape = shape[:place] + part + shape[place:]
            own = own[:place] + "..." + own[place:]
        terms.append(own)
        arrays.append(values.normal(size=shape))
    used = sorted(set("".join(terms).replace(".", "")))
    out = "".join(draw.sample(used, draw.randint(0, len(used))))
    if any("..." in term for term in terms):
        place = draw.randint(0, len(out))
        out = out[:place] + "..." + out[place:]
    pattern = ",".join(terms) + ("->" + out if draw.random() < 0.8 else "")
    return {"kind": "einsum", "pattern": pattern, "inputs": [stored(a) for a in arrays],
            "result": stored(np.einsum(pattern, *arrays))}


def rearrange_case():
    names = draw.sample(["b", "t", "h", "d", "row", "x1"], draw.randint(1, 5))
    sizes = {name: draw.randint(1, 4) for name in names}

    def side(order):
        groups, i = [], 0
        while i < len(order):
            n = draw.choice([1, 1, 2, 3])
            groups.append(order[i:i + n])
            i += n
            if draw.random() < 0.15:
                groups.append([])
        return groups

    def text(groups):
        return " ".join("1" if not g else g[0] if len(g) == 1 else "(" + " ".join(g) + ")" for g in groups)

    order = draw.sample(names, len(names))
    left, right = side(names), side(order)
    x = values.normal(size=[int(np.prod([sizes[n] for n in g], dtype=int)) for g in left])
    y = x.reshape([sizes[n] for n in names]).transpose([names.index(n) for n in order])
    y = y.reshape([int(np.prod([sizes[n] for n in g], dtype=int)) for g in right])
    said = {}
    for group in left:
        for name in draw.sample(group, max(0, len(group) - 1)):
            said[name] = sizes[name]
    return {"kind": "rearrange", "pattern": f"{text(left)} -> {text(right)}", "sizes": said, "inputs": [stored(x)],
            "result": stored(y)}


def index_case():
    shape = [draw.choice([1, 2, 3, 5]) for _ in range(draw.randint(1, 4))]
    x = values.normal(size=shape)
    parts, numpy_index = [], []
    lists = draw.choice([0, 0, 1, 2])
    common = draw.choice([[2], [3], [2, 2]])
    axis = draw.randint(0, len(shape) - 1)
    consecutive = 0
    for at, n in enumerate(shape):
        if draw.random() < 0.1:
            parts.append({"new": True})
            numpy_index.append(None)
        if lists and at >= axis and consecutive < lists:
            consecutive += 1
            indices = values.integers(0, n, size=common)
            parts.append({"list": {"shape": list(indices.shape), "data": indices.reshape(-1).tolist()}})
            numpy_index.append(indices)
        elif not lists and draw.random() < 0.25:
            i = draw.randrange(-n, n)
            parts.append(i)
            numpy_index.append(i)
        else:
            bound = lambda: draw.choice([None, draw.randint(-n - 1, n + 1)])
            start, stop, step = bound(), bound(), draw.choice([None, 1, 2, -1, -2])
            word = lambda v: "" if v is None else str(v)
            parts.append(f"{word(start)}:{word(stop)}" + ("" if step is None else f":{step}"))
            numpy_index.append(slice(start, stop, step))
    if not lists and draw.random() < 0.2 and len(parts) > 1:
        parts = [parts[0], "..."]
        numpy_index = [numpy_index[0], ...]
    # With lists apart from each other by a new axis numpy moves the result to the front; that is no rule to follow.
    kinds = [isinstance(part, np.ndarray) for part in numpy_index]
    if sum(kinds) == 2 and not kinds[kinds.index(True) + 1]:
        return index_case()
    y = x[tuple(numpy_index)]
    update = values.normal(size=y.shape)
    changed, added = x.copy(), x.copy()
    np.add.at(added, tuple(numpy_index), update)
    case = {"kind": "at", "index": parts, "inputs": [stored(x)], "result": stored(y), "update": stored(update),
            "added": stored(added)}
    if not lists:
        changed[tuple(numpy_index)] = update
        case["changed"] = stored(changed)
    return case


for _ in range(int(sys.argv[2])):
    print(json.dumps(draw.choice([einsum_case, rearrange_case, index_case])()))
