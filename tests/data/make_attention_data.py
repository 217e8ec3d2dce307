"""Write `attention.json`: attention as PyTorch 2.13.0 computes it, in float64.

PyTorch is not needed to run the tests, only to make this file again: `python make_attention_data.py`, with torch
installed. Givens are named as in the kind `attention`; numbers come from a fixed seed, in quarters.
"""

from __future__ import annotations

import json
from pathlib import Path

import torch
import torch.nn.functional as F  # noqa: N812  # its usual name

HERE = Path(__file__).parent
RNG = torch.Generator().manual_seed(22)

# queries, keys, d_k, d_v, then what is not the default
PRODUCTS = [
    (3, 4, 2, 3, {}),
    (1, 3, 4, 2, {}),
    (4, 4, 3, 2, {"causal": True}),
    (3, 5, 2, 4, {"causal": True}),
    (5, 3, 2, 2, {"causal": True}),
    (3, 4, 2, 3, {"mask": "0/1"}),
    (2, 4, 3, 3, {"mask": "added"}),
    (3, 2, 4, 1, {"scale": 2.5}),
    (3, 2, 4, 1, {"scale": "none"}),
]

# tokens, tokens of the memory (0: none), their length, d_model, heads, whether there are biases, then settings
LAYERS = [
    (3, 0, 0, 4, 2, True, {}),
    (4, 0, 0, 6, 3, False, {}),
    (3, 0, 0, 4, 1, True, {}),
    (4, 0, 0, 4, 2, True, {"causal": True}),
    (2, 3, 5, 4, 2, True, {}),
    (3, 4, 2, 6, 2, False, {"mask": "0/1"}),
]


def quarters(*shape: int) -> torch.Tensor:
    """Multiples of 1/4 from -2 to 2."""
    return torch.randint(-8, 9, shape, generator=RNG).double() / 4


def masked(kind: str, queries: int, keys: int) -> torch.Tensor:
    """A mask in which every query sees a key; or numbers to add."""
    if kind == "added":
        return quarters(queries, keys)
    mask = torch.randint(0, 2, (queries, keys), generator=RNG).double()
    mask[:, 0], mask[0] = torch.arange(queries).remainder(2).double(), torch.arange(keys).remainder(2).double()
    mask[:, 1] = 1
    return mask


def product(queries: int, keys: int, d_k: int, d_v: int, settings: dict) -> dict:
    """One case of `torch.nn.functional.scaled_dot_product_attention`, whose scale multiplies."""
    given = {"Q": quarters(queries, d_k), "K": quarters(keys, d_k), "V": quarters(keys, d_v)}
    more: dict = {"is_causal": settings.get("causal", False)}
    if "mask" in settings:
        given["mask"] = masked(settings["mask"], queries, keys)
        more["attn_mask"] = given["mask"].bool() if settings["mask"] == "0/1" else given["mask"]
    if "scale" in settings:
        more["scale"] = 1.0 if settings["scale"] == "none" else 1 / settings["scale"]
    output = F.scaled_dot_product_attention(given["Q"], given["K"], given["V"], **more)
    numbers = {name: tensor.tolist() for name, tensor in given.items()}
    kept = {name: value for name, value in settings.items() if name != "mask"}
    return {"given": {**numbers, **kept}, "output": output.tolist()}


def layer(tokens: int, memory: int, width: int, d_model: int, heads: int, bias: bool, settings: dict) -> dict:
    """One case of `torch.nn.functional.multi_head_attention_forward`; its matrices stand before columns."""
    given = {"X": quarters(tokens, d_model)}
    if memory:
        given["memory"] = quarters(memory, width)
    keys, length = (memory, width) if memory else (tokens, d_model)
    given |= {"W_Q": quarters(d_model, d_model), "W_K": quarters(d_model, length), "W_V": quarters(d_model, length)}
    given |= {"W_O": quarters(d_model, d_model)}
    given |= {f"b_{name}": quarters(d_model) for name in "QKVO"} if bias else {}
    mask = None
    if "mask" in settings:
        given["mask"] = masked(settings["mask"], tokens, keys)
        mask = given["mask"] == 0
    if settings.get("causal"):
        mask = ~torch.ones(tokens, keys).tril().bool()
    source = given.get("memory", given["X"])
    in_bias = torch.cat([given["b_Q"], given["b_K"], given["b_V"]]) if bias else None
    output, weights = F.multi_head_attention_forward(
        given["X"], source, source, d_model, heads, None, in_bias, None, None, False, 0.0, given["W_O"],
        given.get("b_O"), attn_mask=mask, average_attn_weights=False, use_separate_proj_weight=True,
        q_proj_weight=given["W_Q"], k_proj_weight=given["W_K"], v_proj_weight=given["W_V"],
    )  # fmt: skip
    numbers = {name: tensor.tolist() for name, tensor in given.items()}
    kept = {name: value for name, value in settings.items() if name != "mask"}
    return {"given": {**numbers, **kept, "heads": heads}, "output": output.tolist(), "weights": weights.tolist()}


if __name__ == "__main__":
    cases = [*(product(*case) for case in PRODUCTS), *(layer(*case) for case in LAYERS)]
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
    made_by = json.dumps(f"PyTorch {torch.__version__.split('+')[0]}, float64")
    (HERE / "attention.json").write_text(f'{{"made_by": {made_by}, "cases": [\n{lines}\n]}}\n', encoding="utf-8")
