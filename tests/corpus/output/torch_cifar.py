import torch
from torch import nn

torch.manual_seed(0)
X = torch.randn(1000, 10)
y = X[:, :3].argmax(1)
net = nn.Linear(10, 3)
opt = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
for epoch in range(2):
    running = 0.0
    for i in range(400):
        k = torch.randint(0, 800, (4,))
        loss = nn.functional.cross_entropy(net(X[k]), y[k])
        opt.zero_grad()
        loss.backward()
        opt.step()
        running += loss.item()
        if i % 100 == 99:
            print(f"[{epoch + 1}, {i + 1:5d}] loss: {running / 100:.3f}")
            running = 0.0
print("Finished Training")
hit = net(X[800:]).argmax(1) == y[800:]
print(f"Accuracy of the network on the 200 test images: {100 * int(hit.sum()) // 200} %")
for k, name in enumerate(("plane", "car", "bird")):
    print(f"Accuracy for class: {name:5s} is {100 * hit[y[800:] == k].float().mean():.1f} %")
