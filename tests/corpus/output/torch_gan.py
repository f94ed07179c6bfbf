for epoch in range(2):
    for i in range(0, 60, 20):
        d, g, dx, dg = 1.5 / (epoch + 1) - i / 100, 2.0 + epoch + i / 50, 0.55 + i / 500, 0.3
        print("[%d/%d][%d/%d]\tLoss_D: %.4f\tLoss_G: %.4f\tD(x): %.4f\tD(G(z)): %.4f / %.4f" % (epoch, 2, i, 60, d, g, dx, dg, dg / 2))
