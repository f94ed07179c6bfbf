import numpy as np
import torch
from torchmetrics import Accuracy, F1Score, MetricCollection

p, y = torch.tensor([0, 1, 1, 0, 1, 1, 0, 1]), torch.tensor([0, 1, 0, 0, 1, 1, 1, 1])
c = MetricCollection({"acc": Accuracy(task="binary"), "f1": F1Score(task="binary")}, prefix="test_")
print(c(p, y))
print({"rmse": np.float64(1.25), "mae": np.float32(0.75), "n": np.int64(8), "model": "ridge", "alpha": 0.5})
print("Results:", {"auc": np.float64(0.875), "confusion": np.array([[2, 1], [1, 4]]).tolist()})
print("loss:", torch.tensor(0.4321, requires_grad=True))
print("scores", np.array([0.25, 0.5]))
