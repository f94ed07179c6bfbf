import time

import torch
from torch import nn

torch.manual_seed(0)
X = torch.randn(400, 10)
y = X[:, :2].argmax(1)
net = nn.Linear(10, 2)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
since, best = time.time(), 0.0
for epoch in range(4):
    print(f"Epoch {epoch}/3")
    print("-" * 10)
    for phase, k in (("train", slice(0, 300)), ("val", slice(300, 400))):
        out = net(X[k])
        loss = nn.functional.cross_entropy(out, y[k])
        if phase == "train":
            opt.zero_grad()
            loss.backward()
            opt.step()
        acc = (out.argmax(1) == y[k]).double().mean()
        print(f"{phase} Loss: {loss.item():.4f} Acc: {acc:.4f}")
        best = max(best, float(acc)) if phase == "val" else best
    print()
t = time.time() - since
print(f"Training complete in {t // 60:.0f}m {t % 60:.0f}s")
print(f"Best val Acc: {best:4f}")
