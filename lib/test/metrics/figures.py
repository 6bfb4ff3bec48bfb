"""Draws random predictions, and what scikit-learn and scipy say of them.

    figures.py SEED COUNT

Prints one JSON object a line.
"""

import json
import sys

import numpy as np
from scipy import stats
from sklearn import metrics

draw = np.random.default_rng(int(sys.argv[1]))

for _ in range(int(sys.argv[2])):
    n, classes = int(draw.integers(5, 60)), int(draw.integers(2, 6))
    scores = draw.normal(size=(n, classes)).round(1)
    labels = draw.integers(0, classes, n)
    best = scores.argmax(1)
    # Distinct, so that which of equal scores comes first does not matter.
    distinct = draw.normal(size=(n, classes))
    p = np.exp(scores) / np.exp(scores).sum(1, keepdims=True)
    k = int(draw.integers(1, classes))
    truths = draw.random(n) < 0.4
    truths[:2] = [True, False]
    ranks = (draw.normal(size=n) + truths).round(1)
    fpr, tpr, thresholds = metrics.roc_curve(truths, ranks, drop_intermediate=False)
    x = draw.normal(size=n).round(1)
    y = (x + draw.normal(size=n)).round(1)
    figures = {
        f"{name} {average}": getattr(metrics, f"{name}_score")(labels, best, average=average, zero_division=0)
        for name in ("precision", "recall", "f1") for average in ("micro", "macro", "weighted")
    }
    figures.update({
        "accuracy": metrics.accuracy_score(labels, best),
        "topK": np.mean([labels[i] in np.argsort(-distinct[i])[:k] for i in range(n)]),
        "logLoss": metrics.log_loss(labels, p, labels=range(classes)),
        "auc": metrics.roc_auc_score(truths, ranks),
        "averagePrecision": metrics.average_precision_score(truths, ranks),
        "rmse": metrics.mean_squared_error(y, x, squared=False),
        "mae": metrics.mean_absolute_error(y, x),
        "r2": metrics.r2_score(y, x),
        "pearson": stats.pearsonr(x, y)[0],
        "spearman": stats.spearmanr(x, y)[0],
    })
    print(json.dumps({
        "n": n, "classes": classes, "k": k, "scores": scores.ravel().tolist(), "distinct": distinct.ravel().tolist(),
        "probabilities": p.ravel().tolist(), "labels": labels.tolist(), "truths": truths.astype(int).tolist(),
        "ranks": ranks.tolist(), "x": x.tolist(), "y": y.tolist(), "figures": figures,
        "confusion": metrics.confusion_matrix(labels, best, labels=range(classes)).tolist(),
        "expectedRanks": [float(stats.rankdata(-scores[i], "average")[labels[i]]) for i in range(n)],
        "roc": {"falsePositiveRate": fpr.tolist(), "truePositiveRate": tpr.tolist(), "thresholds": thresholds[1:].tolist()},
    }))
