import numpy as np
from hyperopt import fmin, hp, tpe
best = fmin(lambda s: (s["x"] - 1) ** 2 + s["y"], {"x": hp.uniform("x", -3, 3), "y": hp.uniform("y", 0, 1)}, algo=tpe.suggest, max_evals=30, rstate=np.random.default_rng(0))
print("best:", best)
