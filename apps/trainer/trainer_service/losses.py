"""The losses of a position, before weights. The reduction, everywhere, is the sum of weight × loss over all positions of all datums.

p is the log-probability of the target under the trained weights, `old` that under the weights that sampled it, A the advantage,
r = exp(clamp(p − old, ±20)) (the bound as in verl, so that one outlier cannot overflow).

- cross_entropy: −p.
- importance_sampling: −r·A, whose gradient is the policy gradient corrected for the sampler (Degris et al. 2012, arXiv:1205.4839).
- ppo: −min(r·A, clip(r, low, high)·A) (Schulman et al. 2017, arXiv:1707.06347, eq. 7). No value function, no entropy bonus.
- cispo: −sg(clip(r, low, high))·A·p, sg stops the gradient (MiniMax-M1 2025, arXiv:2506.13585, eq. 4 and 5). There the lower bound is off;
  here it is `clip_low_threshold`, as in the Tinker protocol; 0 switches it off.

Deviations from the papers: sums instead of means, which a client makes by its weights. Defaults of both bounds are Tinker's (0.8, 1.2).
"""

import torch
from torch import Tensor

LOSSES = ("cross_entropy", "importance_sampling", "ppo", "cispo")
DEFAULT_CLIP = {"clip_low_threshold": 0.8, "clip_high_threshold": 1.2}


def token_losses(name: str, p: Tensor, old: Tensor, advantages: Tensor, clip: dict[str, float]) -> Tensor:
    """One loss a position, same shape as `p`; `clip` has both bounds of the ratio."""
    if name == "cross_entropy":
        return -p
    ratio = (p - old).clamp(-20, 20).exp()
    if name == "importance_sampling":
        return -ratio * advantages
    clipped = ratio.clamp(clip["clip_low_threshold"], clip["clip_high_threshold"])
    if name == "ppo":
        return -torch.minimum(ratio * advantages, clipped * advantages)
    assert name == "cispo"
    return -clipped.detach() * advantages * p
