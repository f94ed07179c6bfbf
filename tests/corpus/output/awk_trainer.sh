#!/bin/sh
# Gradient descent on a line, in awk.
seq 1 40 | awk '{ print $1, 3 * $1 + 2 }' | awk '
    { x[NR] = $1 / 40; y[NR] = $2 / 40 }
    END {
        w = 0; b = 0; lr = 0.5
        print "lr = " lr
        for (e = 1; e <= 60; e++) {
            gw = gb = l = 0
            for (i = 1; i <= NR; i++) { d = w * x[i] + b - y[i]; gw += d * x[i]; gb += d; l += d * d }
            w -= lr * gw / NR; b -= lr * gb / NR
            if (e % 10 == 0) printf "iteration %d mse %.6f\n", e, l / NR
        }
        printf "final: w=%.3f b=%.3f\nrmse=%.5f\n", w, b, sqrt(l / NR)
    }'
