from flaml import AutoML
from sklearn.datasets import load_breast_cancer
X, y = load_breast_cancer(return_X_y=True)
a = AutoML()
a.fit(X, y, task="classification", metric="log_loss", time_budget=6, estimator_list=["lrl1", "rf"], seed=1, n_jobs=1, max_iter=6)
print("Best ML leaner:", a.best_estimator)
print("Best hyperparmeter config:", a.best_config)
print("Best log_loss on validation data: {0:.4g}".format(a.best_loss))
print("Training duration of best run: {0:.4g} s".format(a.best_config_train_time))
