import random
from vowpalwabbit import Workspace
random.seed(0)
vw = Workspace("--progress 200 -l 0.4", enable_logging=False)
for _ in range(1000):
    x, y = random.random(), random.random()
    vw.learn(f"{2 * x - y:.4f} | x:{x:.4f} y:{y:.4f}")
vw.finish()
