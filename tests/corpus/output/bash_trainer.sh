#!/bin/bash
echo "[$(date '+%F %T')] start on port 8080, pid $$"
for epoch in 1 2 3 4 5; do
    echo "[$(date '+%F %T')] Epoch $epoch | loss 0.$((90 - epoch * 10)) | acc 0.$((50 + epoch * 7)) | 0.3s"
done
echo "Accuracy: 93.4 %"
echo "wrote 12 files, 3.4 MB in 1.2 s"
