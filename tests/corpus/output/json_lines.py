import json

print(json.dumps({"event": "start", "port": 8080, "config": {"lr": 0.01, "seed": 42, "loss_weight": 0.3}}))
for step in (10, 20, 30):
    print(json.dumps({"step": step, "train_loss": 1 / step, "val": {"accuracy": 0.5 + step / 100}, "lr": 0.01, "elapsed_s": 1.5 * step}))
print(json.dumps({"event": "end", "metrics": {"test_accuracy": 0.8125, "n_samples": 1600}}))
