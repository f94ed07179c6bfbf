import math

from tqdm import tqdm, trange

bar = trange(20, mininterval=0)
for i in bar:
    bar.set_postfix_str(f"loss={math.exp(-i / 5):.3f}, acc={1 - math.exp(-i / 5):.1%}")
    if i % 10 == 5:
        tqdm.write(f"checkpoint at iteration {i}: score = {i / 20:.2f}")
for _ in tqdm(range(1000), desc="Map", unit=" examples"):
    pass
