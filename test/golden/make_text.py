#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Builds tiny random Gemma text checkpoints and their golden outputs.

Every case is a directory holding a complete Hugging Face style checkpoint (config.json plus
safetensors) and a golden.safetensors with what the reference implementation (the `transformers`
library, eager attention, float32 arithmetic) computes from it. README.md in this folder names
every tensor.

    python make_text.py --out text                     # all cases, seed 1
    python make_text.py --out text --family gemma3     # the cases of one family (or one case by name)
    python make_text.py --out other --seed 7 --dtype bfloat16

Needs: pip install torch transformers safetensors   (written against transformers 5.23, torch 2.15)

The random initialisation is deliberately not the usual one: norm weights, layer scalars, per-expert
scales and router weights are all far from their neutral values and rms_norm_eps is large, so that a
forgotten factor, a wrong eps or a `w` / `1 + w` mix-up moves the logits by far more than the tolerance.
"""

import argparse
import copy
import json
import math
import os
import shutil
import tempfile
import zlib

import torch
import transformers
from safetensors.torch import load_file, save_file
from transformers.cache_utils import DynamicCache, EncoderDecoderCache

transformers.logging.set_verbosity_error()
transformers.logging.disable_progress_bar()

GREEDY_STEPS = 24
BATCH_GREEDY_STEPS = 8
MIN_MARGIN = 0.01  # smallest allowed gap between best and second best logit on the greedy path
MIN_DISTINCT = 8  # distinct tokens wanted among the greedy tokens
DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16}

S, F = "sliding_attention", "full_attention"


def rope(local, glob, **full):
    """The nested rope_parameters form (newer config.json files)."""
    return {S: {"rope_type": "default", "rope_theta": local}, F: {"rope_type": "default", "rope_theta": glob, **full}}


# ----------------------------------------------------------------------------------------------------
# Case table. `config` is what goes into config.json, verbatim, next to `architectures`; `wrap` nests it
# under text_config the way multimodal checkpoints do and `prefix` is the tensor name prefix used there.
# ----------------------------------------------------------------------------------------------------

COMMON = {"hidden_activation": "gelu_pytorch_tanh", "attention_bias": False, "attention_dropout": 0.0,
          "max_position_embeddings": 512, "pad_token_id": 0, "bos_token_id": 2, "eos_token_id": 1,
          "tie_word_embeddings": True, "vocab_size": 515}

# Part of a T5Gemma model; files repeat all of it for the encoder and the decoder.
MODULE = {"hidden_activation": "gelu_pytorch_tanh", "attention_bias": False, "attention_dropout": 0.0, "dropout_rate": 0.0,
          "max_position_embeddings": 512, "pad_token_id": 0, "bos_token_id": 2, "eos_token_id": 1, "vocab_size": 515,
          "rms_norm_eps": 1e-3}

ROPE4 = {S: {"rope_type": "default", "rope_theta": 100.0},
         F: {"rope_type": "proportional", "rope_theta": 10000.0, "partial_rotary_factor": 0.25}}

CASES = {
    # Gemma 1: multi-query (2B) and full multi-head (7B) layouts, head_dim * heads != hidden.
    "gemma1_mqa": dict(
        family="gemma", arch="GemmaForCausalLM", dtype="float32", length=23,
        config={**{k: v for k, v in COMMON.items() if k != "hidden_activation"}, "model_type": "gemma",
                "hidden_act": "gelu", "hidden_size": 64, "intermediate_size": 160, "num_hidden_layers": 4,
                "num_attention_heads": 4, "num_key_value_heads": 1, "head_dim": 24, "rms_norm_eps": 1e-3,
                "rope_theta": 10000.0}),
    "gemma1_mha": dict(
        family="gemma", arch="GemmaForCausalLM", dtype="bfloat16", length=21,
        config={**COMMON, "model_type": "gemma", "hidden_act": "gelu_pytorch_tanh", "hidden_size": 48,
                "intermediate_size": 96, "num_hidden_layers": 4, "num_attention_heads": 4,
                "num_key_value_heads": 4, "head_dim": 16, "rms_norm_eps": 1e-3, "rope_theta": 10000.0,
                "rope_scaling": None}),
    # Gemma 2: alternating local/global, both softcaps, query_pre_attn_scalar != head_dim.
    "gemma2": dict(
        family="gemma2", arch="Gemma2ForCausalLM", dtype="float32", length=29,
        config={**COMMON, "model_type": "gemma2", "hidden_act": "gelu_pytorch_tanh", "hidden_size": 64,
                "intermediate_size": 112, "num_hidden_layers": 5, "num_attention_heads": 4,
                "num_key_value_heads": 2, "head_dim": 24, "query_pre_attn_scalar": 40, "sliding_window": 7,
                "attn_logit_softcapping": 4.0, "final_logit_softcapping": 9.0, "rms_norm_eps": 1e-3,
                "rope_theta": 10000.0, "cache_implementation": "hybrid"}),
    # Gemma 3: 1B/270M-like flat config, old style rope fields, pattern given as an integer.
    "gemma3": dict(
        family="gemma3", arch="Gemma3ForCausalLM", dtype="float32", length=33,
        config={**COMMON, "model_type": "gemma3_text", "hidden_size": 64, "intermediate_size": 96,
                "num_hidden_layers": 7, "num_attention_heads": 4, "num_key_value_heads": 1, "head_dim": 16,
                "query_pre_attn_scalar": 21, "sliding_window": 6, "sliding_window_pattern": 3,
                "rope_theta": 20000.0, "rope_local_base_freq": 100.0, "rope_scaling": None,
                "attn_logit_softcapping": None, "final_logit_softcapping": None, "rms_norm_eps": 1e-3,
                "use_bidirectional_attention": False}),
    # Gemma 3 4B-like: linear rope scaling on the global layers only; split into shards.
    "gemma3_sharded_ropescale": dict(
        family="gemma3", arch="Gemma3ForCausalLM", dtype="bfloat16", length=33, shards=3,
        config={**COMMON, "model_type": "gemma3_text", "hidden_size": 72, "intermediate_size": 104,
                "num_hidden_layers": 8, "num_attention_heads": 6, "num_key_value_heads": 3, "head_dim": 16,
                "query_pre_attn_scalar": 12, "sliding_window": 8, "rms_norm_eps": 1e-3,
                "layer_types": [S, S, S, F] * 2, "rope_parameters": rope(200.0, 5000.0, rope_type="linear", factor=8.0),
                "final_logit_softcapping": 12.0, "attn_logit_softcapping": None, "vocab_size": 517}),
    # Gemma 3 inside a multimodal checkpoint: nested text_config, hub tensor prefixes.
    "gemma3_nested": dict(
        family="gemma3", arch="Gemma3ForCausalLM", dtype="bfloat16", length=27,
        wrap={"model_type": "gemma3", "architectures": ["Gemma3ForConditionalGeneration"], "mm_tokens_per_image": 4,
              "boi_token_index": 509, "eoi_token_index": 510, "image_token_index": 511, "eos_token_id": [1, 106],
              "initializer_range": 0.02},
        prefix=("model.", "language_model.model."),
        config={**{k: v for k, v in COMMON.items() if not k.endswith("_token_id")}, "model_type": "gemma3_text",
                "hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 6, "num_attention_heads": 4,
                "num_key_value_heads": 2, "head_dim": 16, "query_pre_attn_scalar": 16, "sliding_window": 5,
                "sliding_window_pattern": 6, "rope_theta": 1000000.0, "rope_local_base_freq": 10000.0,
                "rope_scaling": {"factor": 8.0, "rope_type": "linear"}, "rms_norm_eps": 1e-3}),
    # EmbeddingGemma: bidirectional Gemma 3 encoder, mean pooling, two dense layers, L2 normalisation.
    "embeddinggemma": dict(
        family="embeddinggemma", arch="Gemma3TextModel", dtype="float32", length=26, dense=(160,),
        config={**COMMON, "model_type": "gemma3_text", "hidden_size": 48, "intermediate_size": 96,
                "num_hidden_layers": 6, "num_attention_heads": 3, "num_key_value_heads": 1, "head_dim": 16,
                "query_pre_attn_scalar": 16, "sliding_window": 8, "_sliding_window_pattern": 3, "layer_types": [S, S, F] * 2,
                "rope_theta": 10000.0, "rope_local_base_freq": 100.0, "rope_scaling": None,
                "use_bidirectional_attention": True, "rms_norm_eps": 1e-3}),
    # VaultGemma: Gemma 2 without the two post norms, all layers global.
    "vaultgemma": dict(
        family="vaultgemma", arch="VaultGemmaForCausalLM", dtype="float32", length=21,
        config={**COMMON, "model_type": "vaultgemma", "hidden_size": 64, "intermediate_size": 112,
                "num_hidden_layers": 4, "num_attention_heads": 4, "num_key_value_heads": 4, "head_dim": 16,
                "query_pre_attn_scalar": 25, "sliding_window": 6, "layer_types": [F, F, S, F],
                "attn_logit_softcapping": 5.0, "final_logit_softcapping": 10.0, "rms_norm_eps": 1e-3,
                "rope_theta": 10000.0}),
    # Gemma 3n: AltUp, LAuReL, per-layer embeddings, activation sparsity, KV sharing, per-layer MLP widths.
    "gemma3n": dict(
        family="gemma3n", arch="Gemma3nForCausalLM", dtype="bfloat16", length=29,
        config={**COMMON, "model_type": "gemma3n_text", "hidden_size": 48, "intermediate_size": [96, 96, 64, 64, 64, 80],
                "num_hidden_layers": 6, "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 16,
                "sliding_window": 7, "layer_types": [S, F, S, S, F, S], "rope_theta": 20000.0,
                "rope_local_base_freq": 100.0, "rope_scaling": None, "final_logit_softcapping": 9.0, "rms_norm_eps": 1e-2,
                "vocab_size_per_layer_input": 499, "hidden_size_per_layer_input": 8, "altup_active_idx": 0,
                "altup_coef_clip": 120.0, "altup_correct_scale": True, "altup_num_inputs": 4,
                "num_kv_shared_layers": 2, "laurel_rank": 6,
                "activation_sparsity_pattern": [0.95, 0.8, 0.0, 0.0, 0.0, 0.0]}),
    # Gemma 3n in its multimodal wrapper, as E2B / E4B are released; active index != 0.
    "gemma3n_nested": dict(
        family="gemma3n", arch="Gemma3nForCausalLM", dtype="bfloat16", length=25,
        wrap={"model_type": "gemma3n", "architectures": ["Gemma3nForConditionalGeneration"]},
        prefix=("model.", "model.language_model."), extra_shared_kv=True,
        config={**COMMON, "model_type": "gemma3n_text", "hidden_size": 48, "intermediate_size": 64,
                "num_hidden_layers": 5, "num_attention_heads": 3, "num_key_value_heads": 1, "head_dim": 16,
                "sliding_window": 5, "layer_types": [S, F, S, S, F], "rope_parameters": rope(100.0, 30000.0),
                "final_logit_softcapping": 8.0, "rms_norm_eps": 1e-2, "vocab_size_per_layer_input": 507,
                "hidden_size_per_layer_input": 8, "altup_active_idx": 1, "altup_coef_clip": 120.0,
                "altup_correct_scale": True, "altup_num_inputs": 3, "num_kv_shared_layers": 3, "laurel_rank": 4,
                "activation_sparsity_pattern": [0.9, 0.0, 0.7, 0.0, 0.5]}),
    # Gemma 4 dense (31B layout): wider global heads, fewer global KV heads, K = V on global layers.
    "gemma4_dense": dict(
        family="gemma4", arch="Gemma4ForCausalLM", dtype="float32", length=31,
        config={**COMMON, "model_type": "gemma4_text", "hidden_size": 64, "intermediate_size": 80,
                "num_hidden_layers": 6, "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 8,
                "global_head_dim": 16, "num_global_key_value_heads": 1, "attention_k_eq_v": True, "sliding_window": 6,
                "layer_types": [S, S, F] * 2, "rope_parameters": ROPE4, "final_logit_softcapping": 9.0,
                "rms_norm_eps": 1e-2, "hidden_size_per_layer_input": 0, "vocab_size_per_layer_input": 515,
                "num_kv_shared_layers": 0, "enable_moe_block": False, "num_experts": None, "top_k_experts": None,
                "moe_intermediate_size": None, "use_double_wide_mlp": False, "use_bidirectional_attention": "vision"}),
    # Gemma 4 E2B / E4B layout: per-layer embeddings, shared KV with double wide MLP, wrapped in gemma4.
    "gemma4_ple": dict(
        family="gemma4", arch="Gemma4ForCausalLM", dtype="bfloat16", length=31,
        wrap={"model_type": "gemma4", "architectures": ["Gemma4ForConditionalGeneration"], "tie_word_embeddings": True},
        prefix=("model.", "model.language_model."), extra_shared_kv=True,
        config={**COMMON, "model_type": "gemma4_text", "hidden_size": 64, "intermediate_size": 80,
                "num_hidden_layers": 8, "num_attention_heads": 4, "num_key_value_heads": 1, "head_dim": 16,
                "global_head_dim": 32, "num_global_key_value_heads": None, "attention_k_eq_v": False,
                "sliding_window": 6, "layer_types": [S, S, S, F] * 2, "rope_parameters": ROPE4,
                "final_logit_softcapping": 9.0, "rms_norm_eps": 1e-2, "hidden_size_per_layer_input": 12,
                "vocab_size_per_layer_input": 515, "num_kv_shared_layers": 4, "enable_moe_block": False,
                "use_double_wide_mlp": True, "use_bidirectional_attention": None}),
    # Gemma 4 26B-A4B layout: dense MLP and experts in parallel.
    "gemma4_moe": dict(
        family="gemma4", arch="Gemma4ForCausalLM", dtype="bfloat16", length=31,
        config={**COMMON, "model_type": "gemma4_text", "hidden_size": 64, "intermediate_size": 48,
                "num_hidden_layers": 6, "num_attention_heads": 4, "num_key_value_heads": 4, "head_dim": 8,
                "global_head_dim": 16, "num_global_key_value_heads": 2, "attention_k_eq_v": True, "sliding_window": 7,
                "layer_types": [S, S, F] * 2, "rope_parameters": ROPE4, "final_logit_softcapping": 9.0,
                "rms_norm_eps": 1e-2, "hidden_size_per_layer_input": 0, "vocab_size_per_layer_input": 515,
                "num_kv_shared_layers": 0, "enable_moe_block": True, "num_experts": 10, "top_k_experts": 3,
                "moe_intermediate_size": 24, "use_double_wide_mlp": False, "use_bidirectional_attention": "vision"}),
    # Gemma 4 12B ("unified"): text model as in the dense layout, own model_type, own wrapper.
    "gemma4_unified": dict(
        family="gemma4", arch="Gemma4UnifiedForCausalLM", dtype="bfloat16", length=27,
        wrap={"model_type": "gemma4_unified", "architectures": ["Gemma4UnifiedForConditionalGeneration"],
              "tie_word_embeddings": True},
        prefix=("model.", "model.language_model."),
        config={**COMMON, "model_type": "gemma4_unified_text", "hidden_size": 64, "intermediate_size": 96,
                "num_hidden_layers": 6, "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 16,
                "global_head_dim": 32, "num_global_key_value_heads": 1, "attention_k_eq_v": True, "sliding_window": 5,
                "layer_types": [S] * 5 + [F], "rope_parameters": ROPE4, "final_logit_softcapping": 11.0,
                "rms_norm_eps": 1e-2, "hidden_size_per_layer_input": 0, "vocab_size_per_layer_input": 515,
                "num_kv_shared_layers": 0, "enable_moe_block": False, "use_double_wide_mlp": False,
                "use_bidirectional_attention": "vision"}),
    # EmbeddingGemma 2: Gemma 4 layers seeing both sides, inputs of layers without a table, states projected.
    "embeddinggemma2": dict(
        family="embeddinggemma2", arch="EmbeddingGemma2TextModel", dtype="bfloat16", length=26,
        wrap={"model_type": "embedding_gemma2", "architectures": ["EmbeddingGemma2Model"], "vision_config": None,
              "audio_config": None, "image_token_id": 511},
        prefix=("", "language_model."),
        config={**{k: v for k, v in COMMON.items() if k != "tie_word_embeddings"}, "model_type": "embedding_gemma2_text",
                "hidden_size": 48, "intermediate_size": 80, "num_hidden_layers": 6, "num_attention_heads": 4,
                "num_key_value_heads": 2, "head_dim": 16, "sliding_window": 4, "layer_types": [S, S, F] * 2,
                "per_layer_config": {str(i): {"head_dim": 32, "num_key_value_heads": 1} for i in (2, 5)},
                "rope_parameters": rope(100.0, 10000.0), "rms_norm_eps": 1e-2, "hidden_size_per_layer_input": 12,
                "embedding_dim": 72}),
    # RecurrentGemma: recurrent blocks around one with a window, biases, heads that rotate half of their columns.
    "recurrentgemma": dict(
        family="recurrentgemma", arch="RecurrentGemmaForCausalLM", dtype="bfloat16", length=27, pads=False,
        config={"model_type": "recurrent_gemma", "hidden_size": 48, "intermediate_size": 192, "num_hidden_layers": 8,
                "num_attention_heads": 3, "num_key_value_heads": 1, "head_dim": 16, "lru_width": 72,
                "attention_window_size": 6, "conv1d_width": 4, "block_types": ["recurrent", "recurrent", "attention"],
                "_block_types": ["recurrent", "recurrent", "attention"], "attention_bias": False, "attention_dropout": 0.0,
                "hidden_activation": "gelu_pytorch_tanh", "logits_soft_cap": 9.0, "partial_rotary_factor": 0.5,
                "rope_theta": 10000.0, "rms_norm_eps": 1e-3, "embeddings_scale_by_sqrt_dim": True,
                "w_init_variance_scale": 0.01, "final_w_init_variance_scale": 0.25, "pad_token_id": 0,
                "bos_token_id": 2, "eos_token_id": 1, "vocab_size": 515}),
    # T5Gemma: Gemma 2 blocks; an encoder wider than the decoder, as in 9B-2B.
    "t5gemma": dict(
        family="t5gemma", arch="T5GemmaForConditionalGeneration", dtype="bfloat16", length=27, decoder_length=19,
        config={"model_type": "t5gemma", "is_encoder_decoder": True, "dropout_rate": 0.0, "classifier_dropout_rate": 0.0,
                "attention_dropout": 0.0, "initializer_range": 0.02, "vocab_size": 515, "pad_token_id": 0,
                "bos_token_id": 2, "eos_token_id": 1,
                "encoder": {**MODULE, "model_type": "t5_gemma_module", "hidden_size": 64, "intermediate_size": 96,
                            "num_hidden_layers": 3, "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 24,
                            "query_pre_attn_scalar": 40, "sliding_window": 5, "layer_types": [S, F, S],
                            "attn_logit_softcapping": 4.0, "final_logit_softcapping": 9.0, "rope_theta": 10000.0,
                            "is_decoder": False},
                "decoder": {**MODULE, "model_type": "t5_gemma_module", "hidden_size": 48, "intermediate_size": 80,
                            "num_hidden_layers": 4, "num_attention_heads": 4, "num_key_value_heads": 1, "head_dim": 16,
                            "query_pre_attn_scalar": 25, "sliding_window": 6, "layer_types": [S, F, S, F],
                            "attn_logit_softcapping": 3.0, "final_logit_softcapping": 9.0, "rope_theta": 5000.0,
                            "is_decoder": True, "cross_attention_hidden_size": 64}}),
    # T5Gemma 2: Gemma 3 blocks, one table for all, one attention over what was said and what was read.
    "t5gemma2": dict(
        family="t5gemma2", arch="T5Gemma2ForConditionalGeneration", dtype="bfloat16", length=27, decoder_length=19,
        prefix=("model.encoder.text_model.", "model.encoder."),
        config={"model_type": "t5gemma2", "is_encoder_decoder": True, "dropout_rate": 0.0, "classifier_dropout_rate": 0.0,
                "attention_dropout": 0.0, "initializer_range": 0.02, "eoi_token_index": 510, "image_token_index": 511,
                "tie_word_embeddings": True,
                "encoder": {"model_type": "t5gemma2_encoder", "boi_token_index": 509, "eoi_token_index": 510,
                            "image_token_index": 511, "mm_tokens_per_image": 4,
                            "text_config": {**MODULE, "model_type": "t5gemma2_text", "hidden_size": 48,
                                            "intermediate_size": 80, "num_hidden_layers": 4, "num_attention_heads": 4,
                                            "num_key_value_heads": 1, "head_dim": 16, "query_pre_attn_scalar": 21,
                                            "sliding_window": 8, "layer_types": [S, F, S, F],
                                            "rope_parameters": rope(100.0, 20000.0, rope_type="linear", factor=8.0),
                                            "attn_logit_softcapping": None, "final_logit_softcapping": None},
                            "vision_config": {"model_type": "siglip_vision_model", "hidden_size": 8,
                                              "intermediate_size": 8, "num_hidden_layers": 1, "num_attention_heads": 1,
                                              "image_size": 8, "patch_size": 4, "vision_use_head": False}},
                "decoder": {**MODULE, "model_type": "t5gemma2_decoder", "hidden_size": 48, "intermediate_size": 96,
                            "num_hidden_layers": 5, "num_attention_heads": 6, "num_key_value_heads": 2, "head_dim": 8,
                            "query_pre_attn_scalar": 12, "sliding_window": 5, "layer_types": [S, S, F, S, F],
                            "rope_parameters": rope(200.0, 30000.0), "attn_logit_softcapping": None,
                            "final_logit_softcapping": 9.0}}),
    # Draft heads: a full target model plus its assistant, without and with the centroid output head.
    "gemma4_assistant": dict(
        family="gemma4_assistant", arch="Gemma4AssistantForCausalLM", dtype="float32", length=19, drafts=4,
        target="gemma4_dense",
        config={"model_type": "gemma4_assistant", "backbone_hidden_size": 64, "use_ordered_embeddings": False,
                "num_centroids": 2048, "centroid_intermediate_top_k": 32, "tie_word_embeddings": True,
                "text_config": {**COMMON, "model_type": "gemma4_text", "hidden_size": 32, "intermediate_size": 64,
                                "num_hidden_layers": 4, "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 8,
                                "global_head_dim": 16, "num_global_key_value_heads": 1, "attention_k_eq_v": True,
                                "sliding_window": 6, "layer_types": [S, S, S, F], "rope_parameters": ROPE4,
                                "rms_norm_eps": 1e-2, "hidden_size_per_layer_input": 0,
                                "vocab_size_per_layer_input": 0, "num_kv_shared_layers": 4,
                                "enable_moe_block": False, "use_double_wide_mlp": False,
                                "final_logit_softcapping": None}}),
    "gemma4_assistant_centroids": dict(
        family="gemma4_assistant", arch="Gemma4AssistantForCausalLM", dtype="bfloat16", length=19, drafts=4,
        target="gemma4_ple", target_overrides={"vocab_size": 512, "vocab_size_per_layer_input": 512},
        config={"model_type": "gemma4_assistant", "backbone_hidden_size": 64, "use_ordered_embeddings": True,
                "num_centroids": 32, "centroid_intermediate_top_k": 4, "tie_word_embeddings": True,
                "text_config": {**COMMON, "model_type": "gemma4_text", "vocab_size": 512, "hidden_size": 32,
                                "intermediate_size": 64, "num_hidden_layers": 4, "num_attention_heads": 4,
                                "num_key_value_heads": 1, "head_dim": 16, "global_head_dim": 32,
                                "num_global_key_value_heads": None, "attention_k_eq_v": False,
                                "sliding_window": 6, "layer_types": [S, S, S, F], "rope_parameters": ROPE4,
                                "rms_norm_eps": 1e-2, "hidden_size_per_layer_input": 0,
                                "vocab_size_per_layer_input": 0, "num_kv_shared_layers": 4,
                                "enable_moe_block": False, "use_double_wide_mlp": False,
                                "final_logit_softcapping": None}}),
}


# ----------------------------------------------------------------------------------------------------
# Model construction
# ----------------------------------------------------------------------------------------------------


FINAL_NORMS = ("norm.weight", "model.norm.weight", "model.final_norm.weight", "model.decoder.norm.weight")


def init_weight(name, tensor, gen, plus_one):
    """A random value for the tensor called `name`; `plus_one` models store norm weights minus one."""
    shape, leaf = tuple(tensor.shape), name.rsplit(".", 1)[-1]

    def normal(std, mean=0.0):
        return torch.randn(shape, generator=gen) * std + mean

    def uniform(low, high):
        return torch.rand(shape, generator=gen) * (high - low) + low

    if name.endswith("token_ordering"):
        return torch.randperm(shape[0], generator=gen)
    if leaf == "layer_scalar":
        return uniform(0.6, 1.1)
    if leaf == "per_expert_scale" or name.endswith("router.scale"):
        return uniform(0.5, 1.8)
    if leaf == "correct_output_scale":
        return normal(0.4, 1.0)
    if leaf == "eoi_embedding":
        return normal(1.2)
    if leaf == "recurrent_param":  # what remains of the state in one step: from most to little
        return uniform(-6.0, -1.0)
    if "vision_tower" in name or "multi_modal_projector" in name:
        return normal(0.2)
    if name in FINAL_NORMS:  # random signs keep tied embeddings from echoing the input
        return normal(3.0, -1.0 if plus_one else 0.0)
    if not plus_one and name.endswith(("q_norm.weight", "k_norm.weight")):  # scores are not scaled: keep them moderate
        return normal(0.15, 0.6)
    if "norm" in name and tensor.dim() == 1:
        return normal(0.25, 0.0 if plus_one else 1.0)
    if name.endswith("embed_tokens.weight"):
        return normal(1.2 / math.sqrt(shape[1]))
    if name.endswith("embed_tokens_per_layer.weight"):
        return normal(0.4)
    if "modality_router" in name:  # its input is divided by hidden_size, so keep tanh busy
        return normal(math.sqrt(shape[1]))
    if "prediction_coefs" in name or "correction_coefs" in name:
        return normal(0.35)
    if "router.proj" in name:
        return normal(1.5)
    if "per_layer_model_projection" in name:  # small, so that the hidden_size ** -0.5 factor shows through eps
        return normal(0.5 / math.sqrt(shape[1]))
    if leaf == "bias":
        return normal(0.4)
    if tensor.dim() >= 2:
        return normal(1.2 / math.sqrt(shape[-1]))
    raise ValueError(f"no initialisation rule for {name} {shape}")


def repair_kv_sharing_modes():
    """Draft heads need two things transformers 5.23 lost: a text config in which every layer borrows its KV, and a
    target without shared layers that still hands out the KV of its last layer of each type."""
    cls = transformers.Gemma4TextConfig
    original = cls.kv_sharing_modes.fget
    if getattr(original, "patched", False):
        return

    def modes(self):
        if self.num_kv_shared_layers == self.num_hidden_layers:
            return ["reuse"] * self.num_hidden_layers
        if self.num_kv_shared_layers:
            return original(self)
        last = {kind: i for i, kind in enumerate(self.layer_types)}
        return ["store" if last[kind] == i else None for i, kind in enumerate(self.layer_types)]

    modes.patched = True
    cls.kv_sharing_modes = property(modes)


def build_config(arch, config):
    cls = getattr(transformers, arch).config_class
    cfg = cls(**{k: v for k, v in copy.deepcopy(config).items() if k != "model_type"})
    cfg._attn_implementation = "eager"
    for part in ("encoder", "decoder"):
        if hasattr(cfg, part):
            sub = getattr(cfg, part)
            sub._attn_implementation = sub.get_text_config()._attn_implementation = "eager"
    return cfg


def build_model(arch, config, seed, storage):
    """A float32 model whose weights are exactly representable in the storage dtype."""
    cls = getattr(transformers, arch)
    if arch == "Gemma3TextModel" or arch.startswith("Gemma4Assistant"):
        cfg = build_config(arch if arch != "Gemma3TextModel" else "Gemma3ForCausalLM", config)
    else:
        cfg = build_config(arch, config)
    if arch.startswith("Gemma4Assistant"):
        cfg.text_config._attn_implementation = "eager"
    torch.manual_seed(0)
    model = cls(cfg).eval().float()
    plus_one = arch.startswith(("GemmaFor", "Gemma2", "Gemma3For", "Gemma3Text", "Vault", "T5Gemma", "Recurrent"))
    gen = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, tensor in sorted(checkpoint_tensors(model).items()):
            value = init_weight(name, tensor, gen, plus_one)
            if tensor.is_floating_point():
                value = value.to(storage).float()
            tensor.copy_(value.to(tensor.dtype))
    return model


def checkpoint_tensors(model):
    """The tensors a checkpoint file holds: all parameters and persistent buffers, tied ones once."""
    state = model.state_dict(keep_vars=True)
    for name in model.all_tied_weights_keys:
        state.pop(name, None)
    return state


def renamed(name, prefix):
    if prefix is None:
        return name
    old, new = prefix
    return new + name[len(old):] if name.startswith(old) else name


def write_checkpoint(directory, case, model, storage, seed):
    os.makedirs(directory, exist_ok=True)
    prefix = case.get("prefix")
    tensors = {renamed(k, prefix): v.detach().to(storage if v.is_floating_point() else v.dtype).contiguous().clone()
               for k, v in checkpoint_tensors(model).items()}
    if case.get("extra_shared_kv"):
        # Released checkpoints keep (unused) K/V weights in layers that borrow their KV: an importer must skip them.
        gen = torch.Generator().manual_seed(seed + 99)
        last = case["config"]["num_hidden_layers"] - 1
        base = f"{prefix[1]}layers.{last}.self_attn."
        q = tensors[base + "q_proj.weight"]
        dim = tensors[base + "q_norm.weight"].shape[0]
        for leaf in ("k_proj", "v_proj"):
            tensors[base + leaf + ".weight"] = torch.randn(dim, q.shape[1], generator=gen).to(storage)
        tensors[base + "k_norm.weight"] = torch.randn(dim, generator=gen).to(storage)
    config = {"architectures": [case["arch"]], **copy.deepcopy(case["config"]),
              "torch_dtype": str(storage).split(".")[-1], "use_cache": True}
    if "wrap" in case:
        config.pop("architectures"), config.pop("torch_dtype")
        config = {**copy.deepcopy(case["wrap"]), "text_config": config, "torch_dtype": str(storage).split(".")[-1]}
    with open(os.path.join(directory, "config.json"), "w") as f:
        json.dump(config, f, indent=2)
        f.write("\n")
    names, shards = sorted(tensors), case.get("shards", 1)
    if shards == 1:
        save_file(tensors, os.path.join(directory, "model.safetensors"), metadata={"format": "pt"})
        return
    weight_map, total = {}, 0
    for i in range(shards):
        file = f"model-{i + 1:05d}-of-{shards:05d}.safetensors"
        part = {n: tensors[n] for j, n in enumerate(names) if j * shards // len(names) == i}
        save_file(part, os.path.join(directory, file), metadata={"format": "pt"})
        weight_map.update({n: file for n in part})
        total += sum(t.numel() * t.element_size() for t in part.values())
    with open(os.path.join(directory, "model.safetensors.index.json"), "w") as f:
        json.dump({"metadata": {"total_size": total}, "weight_map": weight_map}, f, indent=2)
        f.write("\n")


def reload(model, storage, dtype):
    """The same weights through from_pretrained, as a user of the library would load them."""
    with tempfile.TemporaryDirectory() as tmp:
        cfg = copy.deepcopy(model.config)
        cfg.save_pretrained(tmp)
        save_file({k: v.detach().to(storage if v.is_floating_point() else v.dtype).contiguous().clone()
                   for k, v in checkpoint_tensors(model).items()},
                  os.path.join(tmp, "model.safetensors"), metadata={"format": "pt"})
        return type(model).from_pretrained(tmp, dtype=dtype, attn_implementation="eager").eval()


# ----------------------------------------------------------------------------------------------------
# Running
# ----------------------------------------------------------------------------------------------------


class Recorder:
    """Keeps what every decoder layer returns."""

    def __init__(self, model):
        base = model.model if hasattr(model, "model") else model
        self.outputs, self.inputs, self.handles = {}, {}, []
        for i, layer in enumerate(base.layers):
            self.handles.append(layer.register_forward_hook(self.hook(i), with_kwargs=True))

    def hook(self, index):
        def save(_module, args, kwargs, output):
            source = args[0] if args else kwargs["hidden_states"]
            self.inputs[index] = source.detach().clone()
            self.outputs[index] = (output[0] if isinstance(output, tuple) else output).detach().clone()
        return save

    def close(self):
        for h in self.handles:
            h.remove()


def prompt_ids(vocab, length, seed, config):
    gen = torch.Generator().manual_seed(seed * 7919 + length)
    ids = torch.randint(3, vocab, (1, length), generator=gen)
    ids[0, 0] = config.get("bos_token_id", 2)
    if "vocab_size_per_layer_input" in config and 0 < config["vocab_size_per_layer_input"] < vocab:
        ids[0, length // 2] = vocab - 1  # an id outside the per-layer table: falls back to row 0
    return ids


def positions(mask):
    return (mask.long().cumsum(-1) - 1).clamp(min=0)


@torch.no_grad()
def greedy(model, ids, mask, steps):
    """Prefill then one token at a time through the library's own (windowed) cache."""
    cache, tokens, logits = DynamicCache(config=model.config), [], []
    position = positions(mask)
    out = model(input_ids=ids, attention_mask=mask, position_ids=position, past_key_values=cache, use_cache=True)
    step, last = out.logits[:, -1], position[:, -1:]
    for i in range(steps):
        token = step.argmax(-1, keepdim=True)
        tokens.append(token), logits.append(step)
        if i + 1 == steps:
            break
        mask, last = torch.cat([mask, torch.ones_like(token)], 1), last + 1
        step = model(input_ids=token, attention_mask=mask, position_ids=last, past_key_values=cache,
                     use_cache=True).logits[:, -1]
    return torch.cat(tokens, 1), torch.stack(logits, 1)


def margin(logits):
    top = logits.topk(2, -1).values
    return (top[..., 0] - top[..., 1]).min().item()


def left_padded(config, length, seed, pad=0):
    """Three prompts of different lengths, left padded; one is shorter than the sliding window."""
    vocab = config["vocab_size"]
    lengths = [length, max(length // 2, 3), 4]
    ids = torch.full((3, length), pad, dtype=torch.long)
    mask = torch.zeros_like(ids)
    for row, n in enumerate(lengths):
        ids[row, length - n:] = prompt_ids(vocab, n, seed + row + 1, config)[0]
        mask[row, length - n:] = 1
    return ids, mask


def greedy_batch(model, ids, mask, pads):
    """Continues each row; on its own where the model does not do with padding."""
    if pads:
        return greedy(model, ids, mask, BATCH_GREEDY_STEPS)
    rows = [greedy(model, row[seen.bool()][None], seen[seen.bool()][None], BATCH_GREEDY_STEPS) for row, seen in zip(ids, mask)]
    return [torch.cat(parts) for parts in zip(*rows)]


def greedy_quality(model, config, length, seed, pads):
    """How clear the greedy path is (smallest best-to-second gap) and how varied."""
    ids = prompt_ids(config["vocab_size"], length, seed, config)
    tokens, steps = greedy(model, ids, torch.ones_like(ids), GREEDY_STEPS)
    _, bsteps = greedy_batch(model, *left_padded(config, length, seed), pads)
    return min(margin(steps), margin(bsteps)), len(set(tokens[0].tolist()))


@torch.no_grad()
def run_causal(model, config, length, seed, storage, pads):
    ids = prompt_ids(config["vocab_size"], length, seed, config)
    mask = torch.ones_like(ids)
    tensors = {"input_ids": ids}

    rec = Recorder(model)
    full_cache = DynamicCache()  # unwindowed: every key and value stays visible for inspection
    out = model(input_ids=ids, attention_mask=mask, past_key_values=full_cache, use_cache=True)
    rec.close()
    tensors["hidden.embed"] = rec.inputs[0]
    for i, h in rec.outputs.items():
        tensors[f"hidden.layer.{i:02d}"] = h
    base = model.model(input_ids=ids, attention_mask=mask)
    tensors["hidden.final"] = base.last_hidden_state
    for i, layer in enumerate(full_cache.layers):
        if layer.is_initialized and layer.keys.numel():
            tensors[f"kv.{i:02d}.key"], tensors[f"kv.{i:02d}.value"] = layer.keys, layer.values
    tensors["logits"] = out.logits

    tokens, steps = greedy(model, ids, mask, GREEDY_STEPS)
    tensors["greedy.tokens"], tensors["greedy.logits"] = tokens[0], steps[0]
    # the cached path must agree with one pass over the whole continuation
    whole = model(input_ids=torch.cat([ids, tokens[:, :-1]], 1)).logits[:, length - 1:]
    drift = (whole - steps).abs().max().item()
    assert drift < 3e-4, f"cached and uncached decoding differ by {drift}"

    bids, bmask = left_padded(config, length, seed)
    bpos = positions(bmask)
    bout = model(input_ids=bids, attention_mask=bmask, position_ids=bpos).logits * bmask[..., None]
    btokens, bsteps = greedy_batch(model, bids, bmask, pads)
    tensors.update({"batch.input_ids": bids, "batch.attention_mask": bmask, "batch.position_ids": bpos,
                    "batch.logits": bout, "batch.greedy.tokens": btokens, "batch.greedy.logits": bsteps})
    for row in range(bids.shape[0]):  # padding must not leak into a row
        n = int(bmask[row].sum())
        alone = model(input_ids=bids[row:row + 1, -n:]).logits
        if not pads:
            bout[row:row + 1, -n:] = alone
        diff = (alone - bout[row:row + 1, -n:]).abs().max().item()
        assert diff < 2e-4, f"padding leaks: {diff}"

    low = reload(model, storage, torch.bfloat16)
    tensors["bf16.logits"] = low(input_ids=ids, attention_mask=mask).logits.to(torch.bfloat16)
    back = reload(model, storage, torch.float32)
    diff = (back(input_ids=ids, attention_mask=mask).logits - out.logits).abs().max().item()
    assert diff < 1e-5, f"reloaded checkpoint differs by {diff}"
    return tensors


def write_dense(directory, case, hidden, gen, storage):
    """The sentence-transformers modules of an embedding checkpoint."""
    sizes = [hidden, *case["dense"], hidden] if "dense" in case else []
    modules = [("0", "", "Transformer"), ("1", "1_Pooling", "Pooling")]
    os.makedirs(os.path.join(directory, "1_Pooling"), exist_ok=True)
    with open(os.path.join(directory, "1_Pooling", "config.json"), "w") as f:
        json.dump({"word_embedding_dimension": hidden, "pooling_mode_cls_token": False,
                   "pooling_mode_mean_tokens": True, "pooling_mode_max_tokens": False,
                   "pooling_mode_mean_sqrt_len_tokens": False, "pooling_mode_weightedmean_tokens": False,
                   "pooling_mode_lasttoken": False, "include_prompt": True}, f, indent=2)
    weights = []
    for i, (fan_in, fan_out) in enumerate(zip(sizes, sizes[1:])):
        path = f"{i + 2}_Dense"
        os.makedirs(os.path.join(directory, path), exist_ok=True)
        w = (torch.randn(fan_out, fan_in, generator=gen) / math.sqrt(fan_in)).to(storage)
        save_file({"linear.weight": w.contiguous()}, os.path.join(directory, path, "model.safetensors"),
                  metadata={"format": "pt"})
        with open(os.path.join(directory, path, "config.json"), "w") as f:
            json.dump({"in_features": fan_in, "out_features": fan_out, "bias": False,
                       "activation_function": "torch.nn.modules.linear.Identity"}, f)
        modules.append((str(i + 2), path, "Dense"))
        weights.append(w.float())
    modules.append((str(len(modules)), f"{len(modules)}_Normalize", "Normalize"))
    with open(os.path.join(directory, "modules.json"), "w") as f:
        json.dump([{"idx": int(i), "name": i, "path": p, "type": f"sentence_transformers.models.{t}"}
                   for i, p, t in modules], f, indent=2)
    return weights


@torch.no_grad()
def run_embedding(model, config, length, seed, storage, weights):
    ids, mask = right_padded(config, length, seed)
    rec = Recorder(model)
    hidden = model(input_ids=ids, attention_mask=mask).last_hidden_state
    rec.close()
    keep = mask[..., None].float()
    tensors = {"input_ids": ids, "attention_mask": mask, "hidden.embed": rec.inputs[0] * keep}
    for i, h in rec.outputs.items():
        tensors[f"hidden.layer.{i:02d}"] = h * keep
    tensors["hidden.final"] = hidden * keep
    pooled = (hidden * keep).sum(1) / keep.sum(1).clamp(min=1e-9)
    tensors["pooled"] = pooled
    for w in weights:
        pooled = pooled @ w.T
    if weights:
        tensors["dense"] = pooled
    tensors["embedding"] = torch.nn.functional.normalize(pooled, p=2, dim=1)
    low = reload(model, storage, torch.bfloat16)(input_ids=ids, attention_mask=mask).last_hidden_state
    tensors["bf16.hidden.final"] = (low * keep).to(torch.bfloat16)
    return tensors


def right_padded(config, length, seed):
    """The prompts of `left_padded`, the shortest first, as encoders are fed."""
    ids, mask = (t.flip(0) for t in left_padded(config, length, seed))
    for row in range(ids.shape[0]):
        n = int(mask[row].sum())
        ids[row] = torch.cat([ids[row, -n:], ids[row, :-n]])
        mask[row] = torch.cat([mask[row, -n:], mask[row, :-n]])
    return ids, mask


def text_module(config):
    """What describes the encoder's text model; ids that stand for images are above its vocabulary of text."""
    encoder = config["encoder"]
    if "text_config" in encoder:
        return {**encoder["text_config"], "vocab_size": encoder["boi_token_index"]}
    return encoder


@torch.no_grad()
def decode(model, ids, mask, steps):
    """The encoder once, then from the first token one at a time through the library's own (windowed) cache."""
    encoded = model.model.encoder(input_ids=ids, attention_mask=mask)
    cache, tokens, logits = EncoderDecoderCache(DynamicCache(config=model.config.decoder), DynamicCache()), [], []
    token = torch.full((ids.shape[0], 1), model.config.decoder.bos_token_id)
    for _ in range(steps):
        step = model(encoder_outputs=encoded, attention_mask=mask, decoder_input_ids=token, past_key_values=cache,
                     use_cache=True).logits[:, -1]
        token = step.argmax(-1, keepdim=True)
        tokens.append(token), logits.append(step)
    return torch.cat(tokens, 1), torch.stack(logits, 1)


def decoding_quality(model, config, length, seed):
    """As `greedy_quality`; a path over an id that stands for an image does not count."""
    module = text_module(config)
    ids = prompt_ids(module["vocab_size"], length, seed, module)
    tokens, steps = decode(model, ids, torch.ones_like(ids), GREEDY_STEPS)
    btokens, bsteps = decode(model, *right_padded(module, length, seed), BATCH_GREEDY_STEPS)
    if max(tokens.max(), btokens.max()) >= module["vocab_size"] < config["decoder"]["vocab_size"]:
        return 0.0, 0
    return min(margin(steps), margin(bsteps)), len(set(tokens[0].tolist()))


@torch.no_grad()
def run_encoder_decoder(model, config, length, decoder_length, seed, storage):
    module, encoder = text_module(config), model.model.encoder
    ids = prompt_ids(module["vocab_size"], length, seed, module)
    mask = torch.ones_like(ids)
    dids = prompt_ids(module["vocab_size"], decoder_length, seed + 1, config["decoder"])
    tensors = {"input_ids": ids, "decoder_input_ids": dids}

    def forward(net, ids, mask, dids):  # with a mask, since the library takes pad ids of the decoder for padding
        return net(input_ids=ids, attention_mask=mask, decoder_input_ids=dids, decoder_attention_mask=torch.ones_like(dids))

    recorders = {"encoder": Recorder(getattr(encoder, "text_model", encoder)), "decoder": Recorder(model.model.decoder)}
    out = forward(model, ids, mask, dids)
    for part, rec in recorders.items():
        rec.close()
        tensors[f"{part}.hidden.embed"] = rec.inputs[0]
        for i, h in rec.outputs.items():
            tensors[f"{part}.hidden.layer.{i:02d}"] = h
    tensors["encoder.hidden.final"], tensors["logits"] = out.encoder_last_hidden_state, out.logits

    tokens, steps = decode(model, ids, mask, GREEDY_STEPS)
    tensors["greedy.tokens"], tensors["greedy.logits"] = tokens[0], steps[0]
    # the cached path must agree with one pass over the whole continuation
    whole = forward(model, ids, mask, torch.cat([dids[:, :1], tokens[:, :-1]], 1)).logits
    drift = (whole - steps).abs().max().item()
    assert drift < 3e-4, f"cached and uncached decoding differ by {drift}"

    bids, bmask = right_padded(module, length, seed)
    bdids = torch.cat([prompt_ids(module["vocab_size"], decoder_length, seed + 2 + i, module) for i in range(len(bids))])
    bout = forward(model, bids, bmask, bdids)
    btokens, bsteps = decode(model, bids, bmask, BATCH_GREEDY_STEPS)
    tensors.update({"batch.input_ids": bids, "batch.attention_mask": bmask, "batch.decoder_input_ids": bdids,
                    "batch.encoder.hidden.final": bout.encoder_last_hidden_state * bmask[..., None],
                    "batch.logits": bout.logits, "batch.greedy.tokens": btokens, "batch.greedy.logits": bsteps})
    for row in range(bids.shape[0]):  # padding must not leak into a row
        n = int(bmask[row].sum())
        alone = forward(model, bids[row:row + 1, :n], bmask[row:row + 1, :n], bdids[row:row + 1]).logits
        diff = (alone - bout.logits[row:row + 1]).abs().max().item()
        assert diff < 2e-4, f"padding leaks: {diff}"

    if "text_config" in config["encoder"]:
        eids = ids.clone()
        eids[0, length // 2] = config["encoder"]["eoi_token_index"]
        tensors["eoi.input_ids"] = eids
        tensors["eoi.encoder.hidden.final"] = encoder(input_ids=eids, attention_mask=mask).last_hidden_state

    tensors["bf16.logits"] = forward(reload(model, storage, torch.bfloat16), ids, mask, dids).logits.to(torch.bfloat16)
    diff = (forward(reload(model, storage, torch.float32), ids, mask, dids).logits - out.logits).abs().max().item()
    assert diff < 1e-5, f"reloaded checkpoint differs by {diff}"
    return tensors


@torch.no_grad()
def run_assistant(target, assistant, config, length, seed, drafts):
    """Prefill the target, then draft: the assistant's position never moves and its KV is the target's."""
    ids = prompt_ids(config["vocab_size"], length, seed, config)
    cache = DynamicCache(config=target.config)
    out = target(input_ids=ids, past_key_values=cache, use_cache=True, output_hidden_states=True,
                 return_shared_kv_states=True)
    first = out.logits[:, -1:].argmax(-1)  # the target's own next token, accepted for sure
    sequence = torch.cat([ids, first], 1)
    shared = {k: (v[0], v[1]) for k, v in out.shared_kv_states.items()}
    hidden, token = out.hidden_states[-1][:, -1:], first
    position = torch.tensor([[sequence.shape[1] - 1]])
    mask = torch.ones_like(sequence)
    tensors = {"input_ids": ids, "target.logits": out.logits, "target.hidden.final": out.hidden_states[-1],
               "target.next_token": first[0], "draft.position": position[0]}
    for kind, (k, v) in shared.items():
        tensors[f"shared_kv.{kind}.key"], tensors[f"shared_kv.{kind}.value"] = k, v
    for i in range(drafts):
        embeds = torch.cat([target.get_input_embeddings()(token), hidden], -1)
        rec = Recorder(assistant)
        step = assistant(inputs_embeds=embeds, attention_mask=mask, position_ids=position, shared_kv_states=shared,
                         use_cache=False)
        rec.close()
        tensors[f"draft.{i}.inputs"] = embeds
        if i == 0:
            for j, h in rec.outputs.items():
                tensors[f"draft.0.layer.{j:02d}"] = h
        tensors[f"draft.{i}.logits"], tensors[f"draft.{i}.hidden"] = step.logits, step.last_hidden_state
        token, hidden = step.logits.argmax(-1), step.last_hidden_state
        tensors[f"draft.{i}.token"] = token[0]
    quality = min([margin(out.logits[:, -1:])] + [margin(tensors[f"draft.{i}.logits"]) for i in range(drafts)])
    return tensors, quality


# ----------------------------------------------------------------------------------------------------
# Driver
# ----------------------------------------------------------------------------------------------------


def save_golden(directory, tensors, meta):
    packed = {}
    for name, t in tensors.items():
        t = t.detach().contiguous().clone()
        packed[name] = t.to(torch.int32) if t.dtype == torch.long else t
    save_file(packed, os.path.join(directory, "golden.safetensors"), metadata=meta)


def case_seed(name, seed, attempt):
    return (zlib.crc32(name.encode()) ^ (seed * 1000003)) % (2**31) + attempt


def make_case(name, cases, out, seed, dtype, attempts=40):
    case = cases[name]
    storage = DTYPES[dtype or case["dtype"]]
    directory = os.path.join(out, name)
    shutil.rmtree(directory, ignore_errors=True)
    os.makedirs(directory)
    for attempt in range(attempts):
        s = case_seed(name, seed, attempt)
        distinct = MIN_DISTINCT
        if case["family"].startswith("embeddinggemma"):
            model = build_model(case["arch"], case["config"], s, storage)
            write_checkpoint(directory, case, model, storage, s)
            width = case["config"].get("embedding_dim", case["config"]["hidden_size"])
            weights = write_dense(directory, case, width, torch.Generator().manual_seed(s + 5), storage)
            tensors, quality = run_embedding(model, case["config"], case["length"], s, storage, weights), 1.0
        elif case["family"] == "gemma4_assistant":
            repair_kv_sharing_modes()
            tcase = copy.deepcopy(cases[case["target"]])
            tcase["config"].update(case.get("target_overrides", {}))
            target = build_model(tcase["arch"], tcase["config"], s + 17, storage)
            model = build_model(case["arch"], case["config"], s, storage)
            write_checkpoint(os.path.join(directory, "target"), tcase, target, storage, s)
            write_checkpoint(directory, case, model, storage, s)
            tensors, quality = run_assistant(target, model, tcase["config"], case["length"], s, case["drafts"])
        elif case["family"].startswith("t5gemma"):
            model = build_model(case["arch"], case["config"], s, storage)
            quality, distinct = decoding_quality(model, case["config"], case["length"], s)
            if quality >= MIN_MARGIN and distinct >= MIN_DISTINCT:
                tensors = run_encoder_decoder(model, case["config"], case["length"], case["decoder_length"], s, storage)
                write_checkpoint(directory, case, model, storage, s)
        else:
            pads = case.get("pads", True)
            model = build_model(case["arch"], case["config"], s, storage)
            quality, distinct = greedy_quality(model, case["config"], case["length"], s, pads)
            if quality >= MIN_MARGIN and distinct >= MIN_DISTINCT:
                tensors = run_causal(model, case["config"], case["length"], s, storage, pads)
                write_checkpoint(directory, case, model, storage, s)
        if quality >= MIN_MARGIN and distinct >= MIN_DISTINCT:
            break
    else:
        raise RuntimeError(f"{name}: no draw with a clear greedy path")
    save_golden(directory, tensors, {
        "case": name, "seed": str(seed), "attempt": str(attempt), "storage_dtype": str(storage).split(".")[-1],
        "min_margin": f"{quality:.6f}", "transformers": transformers.__version__, "torch": torch.__version__})
    size = sum(os.path.getsize(os.path.join(d, f)) for d, _, fs in os.walk(directory) for f in fs)
    low = ""
    if "bf16.logits" in tensors:
        diff = (tensors["bf16.logits"].float() - tensors["logits"]).abs()
        low = f" bf16 |d| max {diff.max():.3f} mean {diff.mean():.4f}, logit std {tensors['logits'].std():.2f}"
    print(f"{name:28s} attempt {attempt:2d} margin {quality:.3f} distinct {distinct:2d} {size / 1e6:.2f} MB{low}", flush=True)


def main(cases=CASES, default_seed=1):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", required=True, help="directory that receives one folder per case")
    parser.add_argument("--family", default="all", help="a family or a case name; default: all")
    parser.add_argument("--seed", type=int, default=default_seed)
    parser.add_argument("--dtype", choices=sorted(DTYPES), help="storage dtype of the weights; default: per case")
    args = parser.parse_args()
    torch.set_num_threads(1)
    chosen = [n for n, c in cases.items() if args.family in ("all", n, c["family"])]
    if not chosen:
        parser.error(f"no case or family called {args.family}")
    for name in chosen:
        make_case(name, cases, args.out, args.seed, args.dtype)


if __name__ == "__main__":
    main()
