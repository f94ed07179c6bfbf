from bayes_opt import BayesianOptimization
opt = BayesianOptimization(f=lambda x, y: -(x**2) - (y - 1) ** 2 + 1, pbounds={"x": (2, 4), "y": (-3, 3)}, verbose=2, random_state=1)
opt.maximize(init_points=2, n_iter=4)
print(opt.max)
