from pprint import pprint

import torch
from torchmetrics.regression import MeanAbsoluteError, MeanSquaredError

p, y = torch.tensor([2.5, 0.0, 2.0, 8.0]), torch.tensor([3.0, -0.5, 2.0, 7.0])
print("Hyperparameters:")
print("  lr: 0.01")
print("  mse_target: 0.1")
print()
print("MeanSquaredError:", MeanSquaredError()(p, y))
pprint({"validation": {"mae": MeanAbsoluteError()(p, y).item(), "mse": MeanSquaredError()(p, y).item(), "count": 4}, "checkpoint": "runs/very/long/path/to/some/checkpoint/epoch=3-step=120.ckpt"})
