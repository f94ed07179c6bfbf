for n in (1, 2):
    rows = [("rollout/", None), ("   ep_len_mean", 22.5 * n), ("   ep_rew_mean", 22.75 * n), ("time/", None), ("   fps", 1843), ("   iterations", n), ("   total_timesteps", 2048 * n),
            ("train/", None), ("   approx_kl", 0.0086 * n), ("   clip_fraction", 0.11), ("   entropy_loss", -0.6868 / n), ("   explained_variance", 0.0126 * n), ("   learning_rate", 0.0003), ("   value_loss", 51.25 / n)]
    print("-" * 43)
    for name, value in rows:
        print(f"| {name:<23} | {'' if value is None else f'{value:.4g}':<13} |")
    print("-" * 43)
