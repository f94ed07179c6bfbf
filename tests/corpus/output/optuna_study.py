import optuna


def objective(trial):
    x = trial.suggest_float("x", -10, 10)
    return (x - 2) ** 2


study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=1))
study.optimize(objective, n_trials=8)
print("Number of finished trials:", len(study.trials))
print("Best value:", study.best_value)
print("Best params:", study.best_params)
