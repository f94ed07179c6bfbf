import math

for epoch in (1, 2):
    for batch in (200, 400):
        loss = 6.5 / epoch - batch / 1000
        print("| epoch {:3d} | {:5d}/{:5d} batches | lr {:02.2f} | ms/batch {:5.2f} | loss {:5.2f} | ppl {:8.2f}".format(epoch, batch, 500, 20.0, 5.37, loss, math.exp(loss)))
    print("-" * 89)
    print("| end of epoch {:3d} | time: {:5.2f}s | valid loss {:5.2f} | valid ppl {:8.2f}".format(epoch, 12.7, 5.9 / epoch, math.exp(5.9 / epoch)))
    print("-" * 89)
print("=" * 89)
print("| End of training | test loss {:5.2f} | test ppl {:8.2f}".format(2.87, math.exp(2.87)))
