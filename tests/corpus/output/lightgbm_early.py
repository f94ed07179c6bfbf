import lightgbm as lgb
import numpy as np

rng = np.random.default_rng(0)
X = rng.normal(size=(900, 6))
y = (X[:, 0] + X[:, 1] * X[:, 2] + rng.normal(size=900) > 0).astype(int)
a = lgb.Dataset(X[:600], y[:600])
b = lgb.Dataset(X[600:], y[600:], reference=a)
lgb.train(
    {"objective": "binary", "metric": ["auc", "binary_logloss"], "learning_rate": 0.1, "num_leaves": 7},
    a, 200, valid_sets=[b], callbacks=[lgb.log_evaluation(10), lgb.early_stopping(15)],
)
