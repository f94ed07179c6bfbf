import argparse

import torch
import torch.nn.functional as F
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=1.0)
parser.add_argument("--gamma", type=float, default=0.7)
parser.add_argument("--seed", type=int, default=1)
args = parser.parse_args()
print(args)
torch.manual_seed(args.seed)
X = torch.randn(640, 20)
y = (X[:, :10].sum(1) > 0).long()
a, b = X[:512], X[512:]
model = nn.Linear(20, 2)
opt = torch.optim.Adadelta(model.parameters(), lr=args.lr)
for epoch in range(1, 4):
    for i in range(0, 512, 64):
        loss = F.cross_entropy(model(a[i : i + 64]), y[i : i + 64])
        opt.zero_grad()
        loss.backward()
        opt.step()
        if i // 64 % 4 == 0:
            print("Train Epoch: {} [{}/{} ({:.0f}%)]\tLoss: {:.6f}".format(epoch, i, 512, 100.0 * i / 512, loss.item()))
    with torch.no_grad():
        out = model(b)
        correct = int((out.argmax(1) == y[512:]).sum())
        t = F.cross_entropy(out, y[512:]).item()
    print("\nTest set: Average loss: {:.4f}, Accuracy: {}/{} ({:.0f}%)\n".format(t, correct, 128, 100.0 * correct / 128))
