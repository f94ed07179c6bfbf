import numpy as np, scipy.sparse as sp
from implicit.als import AlternatingLeastSquares
from implicit.evaluation import ranking_metrics_at_k, train_test_split
m = sp.random(300, 200, 0.05, format="csr", random_state=0)
train, test = train_test_split(m, 0.8, random_state=1)
model = AlternatingLeastSquares(factors=16, iterations=8, calculate_training_loss=True, random_state=2, num_threads=1)
model.fit(train)
print(ranking_metrics_at_k(model, train, test, K=10, show_progress=False))
