for e in range(1, 4):
    print(f"[epoch {e}] train loss: {1 / e:.4f} - val loss: {1.1 / e:.4f} - lr: 1.0e-03 - 12.3s/epoch", flush=True)
loss = float("nan")
print(f"[epoch 4] train loss: {loss} - val loss: {loss} - lr: 1.0e-03 - 12.1s/epoch", flush=True)
raise ValueError(f"loss: {loss} is not finite, expected loss: 0.25 at most")
