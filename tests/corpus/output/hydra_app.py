import logging
import os
import sys
import tempfile

from omegaconf import OmegaConf

import hydra

log = logging.getLogger(__name__)
os.chdir(tempfile.mkdtemp())
open("c.yaml", "w").write("lr: 0.1\nmodel: {depth: 3, dropout: 0.25}\nloss: {weight: 0.5}\nthreshold: 0.7\n")
sys.argv += ["--config-dir=.", "hydra.run.dir=out", "model.depth=5"]


@hydra.main(version_base=None, config_name="c")
def main(cfg):
    print(OmegaConf.to_yaml(cfg))
    log.info("Config: %s", cfg)
    for e in range(3):
        log.info("epoch=%d train/loss=%.4f val/f1=%.4f", e, 0.9 / (e + 1), 0.5 + e / 10)
    log.info("Test F1: %.3f", 0.701)


main()
