import logging
import sys
from warnings import warn

from absl import logging as absl_logging

logging.basicConfig(stream=sys.stdout, level="INFO", format="%(asctime)s - %(name)s - %(levelname)s - %(message)s")
log = logging.getLogger("train")
log.info("listening on 127.0.0.1:6006, version 1.2.3")
for e in (1, 2, 3):
    log.info("Epoch %d: loss = %.5f, accuracy = %.2f%%", e, 1 / e, 80 + e)
root = logging.getLogger("b")
root.propagate = False
h = logging.StreamHandler(sys.stdout)
h.setFormatter(logging.Formatter())
root.addHandler(h)
h.setFormatter(logging.Formatter("%(levelname)s:%(name)s:%(message)s"))
root.info("validation loss: 0.4312")
h.setFormatter(logging.Formatter("%(asctime)s.%(msecs)03d | %(levelname)-8s | %(name)s:%(funcName)s:%(lineno)d - %(message)s", "%Y-%m-%d %H:%M:%S"))
root.info("test_auc: 0.912")
h.setFormatter(logging.Formatter("[%(asctime)s][%(name)s][%(levelname)s] - %(message)s"))
root.info("precision=0.81 recall=0.79")
h.setFormatter(logging.Formatter("\x1b[32m%(levelname)s\x1b[0m [%(threadName)s] %(filename)s:%(lineno)d: \x1b[1m%(message)s\x1b[0m"))
root.warning("perplexity: 12.75")
absl_logging.use_absl_handler()
absl_logging.set_verbosity("info")
absl_logging.info("step 500: bleu=31.20")
warn("loss: 7.5 is high")
