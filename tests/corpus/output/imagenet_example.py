print("=> creating model 'resnet18'\n=> no checkpoint found at ''")
for epoch in range(2):
    for i in (0, 10, 20):
        print(f"Epoch: [{epoch}][{i:2d}/40]\tTime {0.512:6.3f} ({0.6:6.3f})\tData {0.001:6.3f} ({0.01:6.3f})\tLoss {6.9 / (epoch + 1) - i / 100:.4e} ({6.95 / (epoch + 1):.4e})\tAcc@1 {i / 4:6.2f} ({i / 5:6.2f})\tAcc@5 {i:6.2f} ({i / 1.1:6.2f})")
    print(f" *   Acc@1 {40.25 + epoch:.3f} Acc@5 {70.5 + epoch:.3f}")
