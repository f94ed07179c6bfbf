import numpy as np
np.random.seed(0)
import pyswarms as ps
from pyswarms.utils.functions import single_obj as fx
opt = ps.single.GlobalBestPSO(n_particles=10, dimensions=2, options={"c1": 0.5, "c2": 0.3, "w": 0.9})
cost, pos = opt.optimize(fx.sphere, iters=60)
