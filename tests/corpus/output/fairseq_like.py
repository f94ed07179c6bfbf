for e in (1, 2):
    print(f"2026-11-22 19:0{e}:46 | INFO | train | epoch 00{e} | loss {9.5 / e:.3f} | nll_loss {9.1 / e:.3f} | ppl {400 / e:.2f} | wps 15230.4 | ups 4.21 | wpb 3617.5 | bsz 120 | num_updates {e * 250} | lr 6.25e-05 | gnorm {2.25 / e:.3f} | clip 0 | train_wall 58 | gb_free 8.7 | wall {e * 62}")
    print(f"2026-11-22 19:0{e}:49 | INFO | valid | epoch 00{e} | valid on 'valid' subset | loss {8.75 / e:.3f} | nll_loss {8.25 / e:.3f} | ppl {305 / e:.2f} | bleu {3.5 * e:.2f} | num_updates {e * 250}")
