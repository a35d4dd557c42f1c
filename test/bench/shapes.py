# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Configurations and tensors of released models, by name: NAMES, make_config, list_tensors.

Configurations are as released: fields of later generations that have their default are left out.
"""
COMMON = {"bos_token_id": 2, "eos_token_id": [1, 106], "pad_token_id": 0, "torch_dtype": "bfloat16"}
GEMMA3 = {"attention_bias": False, "attention_dropout": 0.0, "attn_logit_softcapping": None,
          "final_logit_softcapping": None, "head_dim": 256, "hidden_activation": "gelu_pytorch_tanh",
          "initializer_range": 0.02, "model_type": "gemma3_text", "query_pre_attn_scalar": 256, "rms_norm_eps": 1e-6,
          "rope_local_base_freq": 10000.0, "rope_scaling": None, "rope_theta": 1000000.0, "sliding_window_pattern": 6,
          "tie_word_embeddings": True, "use_cache": True}
GEMMA4 = {"head_dim": 256, "global_head_dim": 512, "final_logit_softcapping": 30.0, "vocab_size": 262144,
          "rope_parameters": {"sliding_attention": {"rope_type": "default", "rope_theta": 10000.0},
                              "full_attention": {"rope_type": "proportional", "rope_theta": 1000000.0,
                                                 "partial_rotary_factor": 0.25}}}
# What tensors of a layer need that a configuration may leave out.
DEFAULTS = {"attention_k_eq_v": False, "enable_moe_block": False, "num_kv_shared_layers": 0,
            "use_double_wide_mlp": False}


def gemma3(**fields):
    return {**GEMMA3, **fields}


def gemma3n(intermediate, layers, shared):
    return {"model_type": "gemma3n_text", "hidden_size": 2048, "intermediate_size": [intermediate] * layers,
            "num_hidden_layers": layers, "num_attention_heads": 8, "num_key_value_heads": 2, "head_dim": 256,
            "vocab_size": 262400, "num_kv_shared_layers": shared, "hidden_size_per_layer_input": 256}


def gemma4(pattern, layers, model_type="gemma4_text", **fields):
    types = ["full_attention" if (index + 1) % pattern == 0 else "sliding_attention" for index in range(layers)]
    return {"model_type": model_type, **GEMMA4, "num_hidden_layers": layers, "layer_types": types,
            "hidden_size_per_layer_input": 0, **fields}


MODELS = {
    "270m": gemma3(hidden_size=640, intermediate_size=2048, num_hidden_layers=18, num_attention_heads=4,
                   num_key_value_heads=1, sliding_window=512, vocab_size=262144, max_position_embeddings=32768),
    "1b": gemma3(hidden_size=1152, intermediate_size=6912, num_hidden_layers=26, num_attention_heads=4,
                 num_key_value_heads=1, sliding_window=512, vocab_size=262144, max_position_embeddings=32768),
    "4b": gemma3(hidden_size=2560, intermediate_size=10240, num_hidden_layers=34, num_attention_heads=8,
                 num_key_value_heads=4, sliding_window=1024, vocab_size=262208, max_position_embeddings=131072,
                 rope_scaling={"factor": 8.0, "rope_type": "linear"}),
    "3n-e2b": gemma3n(8192, layers=30, shared=10),
    "3n-e4b": gemma3n(16384, layers=35, shared=15),
    "4-e2b": gemma4(5, 35, hidden_size=1536, intermediate_size=6144, num_attention_heads=8, num_key_value_heads=1,
                    num_kv_shared_layers=20, use_double_wide_mlp=True, hidden_size_per_layer_input=256),
    "4-e4b": gemma4(6, 42, hidden_size=2560, intermediate_size=10240, num_attention_heads=8, num_key_value_heads=2,
                    num_kv_shared_layers=18, hidden_size_per_layer_input=256),
    "4-12b": gemma4(6, 48, "gemma4_unified_text", hidden_size=3840, intermediate_size=15360, num_attention_heads=16,
                    num_key_value_heads=8, num_global_key_value_heads=1, attention_k_eq_v=True),
    "4-26b-a4b": gemma4(6, 30, hidden_size=2816, intermediate_size=2112, num_attention_heads=16, num_key_value_heads=8,
                        num_global_key_value_heads=2, attention_k_eq_v=True, sliding_window=1024,
                        max_position_embeddings=262144, enable_moe_block=True,
                        num_experts=128, top_k_experts=8, moe_intermediate_size=704),
    "4-31b": gemma4(6, 60, hidden_size=5376, intermediate_size=21504, num_attention_heads=32, num_key_value_heads=16,
                    num_global_key_value_heads=4, attention_k_eq_v=True, sliding_window=1024,
                    max_position_embeddings=262144),
}
NAMES = list(MODELS)
# Released as text models; the others are a part of one that sees or hears.
FLAT = {"270m", "1b"}
# By the model_type of the text model: that of the whole, its architecture and its prefix of text tensors.
WRAPPERS = {
    "gemma3_text": ("gemma3", "Gemma3ForConditionalGeneration", "language_model.model."),
    "gemma3n_text": ("gemma3n", "Gemma3nForConditionalGeneration", "model.language_model."),
    "gemma4_text": ("gemma4", "Gemma4ForConditionalGeneration", "model.language_model."),
    "gemma4_unified_text": ("gemma4_unified", "Gemma4UnifiedForConditionalGeneration", "model.language_model."),
}


def make_config(name):
    text = MODELS[name]
    if name in FLAT:
        return {"architectures": ["Gemma3ForCausalLM"], **text, **COMMON}
    model_type, architecture, _ = WRAPPERS[text["model_type"]]
    return {"architectures": [architecture], "model_type": model_type, **COMMON, "text_config": text}


def attention(config, is_full):
    """Tensors of one layer, by name."""
    hidden, heads, kv_heads = config["hidden_size"], config["num_attention_heads"], config["num_key_value_heads"]
    width, keys_are_values = config["head_dim"], is_full and config["attention_k_eq_v"]
    if is_full:
        width = config.get("global_head_dim", width)
    if keys_are_values:
        kv_heads = config["num_global_key_value_heads"]
    values = {} if keys_are_values else {"self_attn.v_proj.weight": [kv_heads * width, hidden]}
    return {"self_attn.q_proj.weight": [heads * width, hidden], "self_attn.k_proj.weight": [kv_heads * width, hidden],
            **values, "self_attn.q_norm.weight": [width], "self_attn.k_norm.weight": [width],
            "self_attn.o_proj.weight": [hidden, heads * width]}


def feed_forward(hidden, width):
    norms = ("input", "post_attention", "pre_feedforward", "post_feedforward")
    return {"mlp.gate_proj.weight": [width, hidden], "mlp.up_proj.weight": [width, hidden],
            "mlp.down_proj.weight": [hidden, width], **{f"{norm}_layernorm.weight": [hidden] for norm in norms}}


def per_layer_inputs(hidden, width):
    return {"per_layer_input_gate.weight": [width, hidden], "per_layer_projection.weight": [hidden, width],
            "post_per_layer_input_norm.weight": [hidden]}


def streams(hidden, count=4, rank=64):
    return {"altup.correct_output_scale": [hidden], "altup.correction_coefs.weight": [count, count],
            "altup.prediction_coefs.weight": [count * count, count], "altup.modality_router.weight": [count, hidden],
            "altup.router_norm.weight": [hidden], "laurel.linear_left.weight": [rank, hidden],
            "laurel.linear_right.weight": [hidden, rank], "laurel.post_laurel_norm.weight": [hidden]}


def experts(hidden, count, width):
    norms = ("pre_feedforward_layernorm_2", "post_feedforward_layernorm_1", "post_feedforward_layernorm_2")
    return {"router.proj.weight": [count, hidden], "router.scale": [hidden], "router.per_expert_scale": [count],
            "experts.gate_up_proj": [count, 2 * width, hidden], "experts.down_proj": [count, hidden, width],
            **{f"{norm}.weight": [hidden] for norm in norms}}


def layer(config, index):
    """Tensors of layer `index`; also keys and values that it borrows, as released."""
    hidden, width = config["hidden_size"], config["intermediate_size"]
    is_full = config.get("layer_types", {index: ""})[index] == "full_attention"
    borrows = index >= config["num_hidden_layers"] - config["num_kv_shared_layers"]
    if isinstance(width, list):
        width = width[index]
    if borrows and config["use_double_wide_mlp"]:
        width *= 2
    tensors = {**attention(config, is_full), **feed_forward(hidden, width)}
    if config.get("hidden_size_per_layer_input"):
        tensors.update(per_layer_inputs(hidden, config["hidden_size_per_layer_input"]))
    if config["model_type"] == "gemma3n_text":
        tensors.update(streams(hidden))
    if config["model_type"].startswith("gemma4"):
        tensors["layer_scalar"] = [1]
    if config["enable_moe_block"]:
        tensors.update(experts(hidden, config["num_experts"], config["moe_intermediate_size"]))
    return tensors


def around_layers(config):
    hidden = config["hidden_size"]
    tensors = {"embed_tokens.weight": [config["vocab_size"], hidden], "norm.weight": [hidden]}
    if width := config.get("hidden_size_per_layer_input"):
        all_layers = width * config["num_hidden_layers"]
        tensors.update({"embed_tokens_per_layer.weight": [262144, all_layers],
                        "per_layer_model_projection.weight": [all_layers, hidden],
                        "per_layer_projection_norm.weight": [width]})
    if config["model_type"] == "gemma3n_text":
        for stream in range(3):
            tensors[f"altup_projections.{stream}.weight"] = [hidden, hidden]
            tensors[f"altup_unembed_projections.{stream}.weight"] = [hidden, hidden]
    return tensors


def list_tensors(name):
    """Yields name and dimensions of each tensor of the text model."""
    config = {**DEFAULTS, **MODELS[name]}
    prefix = "model." if name in FLAT else WRAPPERS[config["model_type"]][2]
    for tensor, dims in around_layers(config).items():
        yield prefix + tensor, dims
    for index in range(config["num_hidden_layers"]):
        for tensor, dims in layer(config, index).items():
            yield f"{prefix}layers.{index}.{tensor}", dims
