import pandas as pd

d = pd.DataFrame({"model": ["logreg", "forest", "svm"], "accuracy": [0.9, 0.95, 0.93], "f1": [0.88, 0.94, 0.92], "fit_time": [0.1, 1.2, 0.4]})
print(d)
print(d.describe())
print(d.set_index("model").to_string())
print(d.info())
best = d.loc[d.f1.idxmax()]
print(best)
print(f"Best model: {best.model} with F1 = {best.f1:.2f}")
