import sys

import numpy as np
import xgboost as xgb

rng = np.random.default_rng(1)
X = rng.normal(size=(300, 4))
y = rng.integers(0, 3, 300)
d = xgb.DMatrix(X, y)
booster = xgb.train({"objective": "multi:softprob", "num_class": 3, "eval_metric": ["merror", "mlogloss"]}, d, 7, evals=[(d, "train")], verbose_eval=3)
print("saved with", booster.num_boosted_rounds(), "rounds", file=sys.stderr)
