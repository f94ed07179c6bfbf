import argparse
import json
from dataclasses import dataclass
from pprint import pprint


@dataclass
class Config:
    lr: float = 0.001
    weight_decay: float = 0.01
    loss_weight: float = 0.5
    f1_threshold: float = 0.4
    seed: int = 42
    precision: int = 16
    target_accuracy: float = 0.95
    loss: str = "mse"


c = Config()
print(c)
pprint(vars(c))
print(json.dumps(vars(c), indent=2))
for k, v in vars(c).items():
    print(f"{k}: {v}")
for k, v in vars(c).items():
    print(f"{k:>20} = {v}")
print(argparse.Namespace(lr=0.1, dropout=0.5, score=0.7, auc_weight=2.0))
print("learning_rate=0.001, batch_size=64, epochs=10, momentum=0.9")
print("Using seed 42, threshold 0.5, alpha=0.7, beta: 0.99, label_smoothing: 0.1")
print("early stopping: patience=5, min_delta=0.001, monitor=val_loss")
print("val_loss: 0.3125")
