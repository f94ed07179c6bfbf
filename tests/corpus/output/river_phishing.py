from river import datasets, evaluate, linear_model, metrics, preprocessing

model = preprocessing.StandardScaler() | linear_model.LogisticRegression()
metric = metrics.Accuracy() + metrics.F1()
evaluate.progressive_val_score(datasets.Phishing(), model, metric, print_every=250)
print("Final:", metric)
