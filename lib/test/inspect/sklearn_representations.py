"""What scikit-learn, scipy and numpy say of random features and labels: one line of JSON for each case.

Usage: sklearn_representations.py SEED COUNT
"""

import json
import sys

import numpy
from scipy.spatial.distance import pdist
from scipy.stats import pearsonr, spearmanr
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neighbors import NearestNeighbors

seed, count = int(sys.argv[1]), int(sys.argv[2])
draw = numpy.random.default_rng(seed)


def plain(a):
    a = numpy.asarray(a, dtype=float)
    return {"shape": list(a.shape), "data": a.flatten().tolist()}


def centre(k):
    h = numpy.eye(len(k)) - 1 / len(k)
    return h @ k @ h


def gaussian(x, bandwidth):
    d = ((x[:, None] - x[None]) ** 2).sum(-1)
    return numpy.exp(-d / (2 * bandwidth**2 * numpy.median(d)))


def aligned(k, l):
    k, l = centre(k), centre(l)
    return (k * l).sum() / numpy.sqrt((k * k).sum() * (l * l).sum())


def song(k, l):
    n = len(k)
    k, l = k - numpy.diag(numpy.diag(k)), l - numpy.diag(numpy.diag(l))
    one = numpy.ones(n)
    last = 2 / (n - 2) * one @ k @ l @ one
    return (numpy.trace(k @ l) + one @ k @ one * (one @ l @ one) / (n - 1) / (n - 2) - last) / n / (n - 3)


for _ in range(count):
    n, p, q, classes = draw.integers(12, 40), draw.integers(2, 30), draw.integers(2, 30), draw.integers(2, 5)
    x = draw.normal(size=(n, p))
    y = x[:, :1] + draw.normal(size=(n, q)) * 2
    labels = (numpy.arange(n) + (x[:, 0] > 0)) % classes
    # Each of them occurs: scikit-learn has no column for a class that does not.
    labels[:classes] = numpy.arange(classes)
    targets = draw.normal(size=(n, 2)) + x[:, :1]
    decay = float(draw.choice([0.01, 0.1, 1]))
    bandwidth = float(draw.choice([0.5, 1, 2]))
    # With two classes scikit-learn has one weight for each feature; ours, one for each class, shares it between them.
    half = 2 if classes == 2 else 1
    softmax = LogisticRegression(C=half / (n * decay), solver="newton-cg", tol=1e-6, max_iter=20000).fit(x, labels)
    ridge = Ridge(alpha=n * decay).fit(x, targets)
    near = NearestNeighbors(n_neighbors=4).fit(x)
    angle = NearestNeighbors(n_neighbors=4, metric="cosine", algorithm="brute").fit(x)
    queries = draw.normal(size=(3, p))
    kx, ky = x @ x.T, y @ y.T
    dissimilar = {by: (pdist(x, by), pdist(y, by)) for by in ["correlation", "cosine", "euclidean"]}
    print(
        json.dumps(
            {
                "x": plain(x),
                "y": plain(y),
                "labels": labels.tolist(),
                "targets": plain(targets),
                "queries": plain(queries),
                "decay": decay,
                "bandwidth": bandwidth,
                "logProbabilities": plain(softmax.predict_log_proba(x)),
                "accuracy": softmax.score(x, labels),
                "predicted": plain(ridge.predict(x)),
                "r2": ridge.score(x, targets),
                "euclidean": near.kneighbors(queries)[1].tolist(),
                "cosine": angle.kneighbors(queries)[1].tolist(),
                "linear": aligned(kx, ky),
                "gaussian": aligned(gaussian(x, bandwidth), gaussian(y, bandwidth)),
                "unbiased": song(kx, ky) / numpy.sqrt(song(kx, kx) * song(ky, ky)),
                "spearman": {by: spearmanr(*d)[0] for by, d in dissimilar.items()},
                "pearson": {by: pearsonr(*d)[0] for by, d in dissimilar.items()},
            }
        )
    )
