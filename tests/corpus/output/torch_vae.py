for epoch in range(1, 4):
    for i in (0, 128, 256):
        print("Train Epoch: {} [{}/384 ({:.0f}%)]\tLoss: {:.6f}".format(epoch, i, 100 * i / 384, 550.0 / epoch - i / 10))
    print("====> Epoch: {} Average loss: {:.4f}".format(epoch, 480.5 / epoch))
    print("====> Test set loss: {:.4f}".format(470.25 / epoch))
