// RUN: lapidary-opt %s --plan-lower-gemma --cse --split-input-file | FileCheck %s

// An embedding and a head: rows of the table by token, the wanted rows, the
// normalized rows times the table to the caller's logits, or where only their best
// are wanted to the arena. The table is packed once.
#norm = #gemma.norm<epsilon = 1.0e-6 : f32, weight_offset = 0.0 : f32>
gemma.param @table : tensor<515x64xf32> from "w" at 0
gemma.param @norm : tensor<64xf32> from "w" at 131840

// CHECK:      kernel.func @embed_64({{.*}}unit = #kernel.unit<row>}
// CHECK-NEXT:   %[[R:.*]] = kernel.embed %{{.*}}, %{{.*}} scale 8.0
// CHECK-NEXT:   kernel.store %[[R]],
// CHECK:      kernel.func @select_64({{.*}}unit = #kernel.unit<wanted>}
// CHECK-NEXT:   %[[R:.*]] = kernel.load %arg0 at %arg1
// CHECK-NEXT:   kernel.store %[[R]], %arg2
// CHECK:      kernel.func @norm_64_f32({{.*}}unit = #kernel.unit<wanted>}
// CHECK-NEXT:   %[[R:.*]] = kernel.load %arg0
// CHECK-NEXT:   %[[N:.*]] = kernel.rms_norm %[[R]], %arg1
// CHECK-NEXT:   kernel.store %[[N]], %arg2
// CHECK:      kernel.func @linear_f32_64x515({{.*}}slices = 9 : i64, unit = #kernel.unit<one>}
// CHECK-NEXT:   kernel.matmul %arg0, %arg1 to %arg2 rows <wanted> epilogue <none> softcap 3.0

// CHECK-LABEL: plan.program @text rows(1, 256) block(16) {
// CHECK:       %[[T:.*]] = plan.pack {{.*}} -> !kernel.weight<515 x 64 x f32>
// CHECK:       plan.dispatch @embed_64(%{{.*}}, %[[T]], %[[X:.*]]) "table"
// CHECK:       plan.dispatch @select_64(%[[X]], %{{.*}}, %[[S:.*]]) "wanted rows"
// CHECK:       plan.dispatch @norm_64_f32(%[[S]], %{{.*}}, %[[N:.*]]) "norm"
// CHECK:       %[[L:.*]] = plan.result 0 : <515 x dense>
// CHECK-NOT:   plan.pack
// CHECK:       plan.dispatch @linear_f32_64x515(%[[N]], %[[T]], %[[L]]) "table" for <logits>
// Or the best of them.
// CHECK-NEXT:  %[[L:.*]] = plan.buffer "logits" few 8 : !kernel.rows<515 x f32>
// CHECK-NEXT:  %[[A:.*]] = plan.allowed : <515 x bits>
// CHECK-NEXT:  plan.dispatch @linear_f32_64x515_2(%[[N]], %[[T]], %[[L]], %[[A]]) "table" for <best>
// CHECK-NEXT:  %[[P:.*]] = plan.buffer "peaks" few 8 : !kernel.rows<16 x keys>
// CHECK-NEXT:  plan.dispatch @peaks_515(%[[L]], %[[P]]) "table" for <best>
// CHECK-NEXT:  %[[M:.*]] = plan.buffer "threshold" few 8 : !kernel.rows<64 x keys>
// CHECK-NEXT:  plan.dispatch @best_of_16(%[[P]], %[[M]]) "table" for <best>
// CHECK-NEXT:  %[[C:.*]] = plan.buffer "contenders" few 8 : !kernel.rows<64 x keys>
// CHECK-NEXT:  plan.dispatch @contenders_515(%[[L]], %[[M]], %[[C]]) "table" for <best>
// CHECK-NEXT:  %[[B:.*]] = plan.best : <64 x keys>
// CHECK-NEXT:  plan.dispatch @best_of_64(%[[C]], %[[B]]) "table" for <best>
// CHECK-NOT:   func.func
func.func @text(%tokens: tensor<?xi32>, %batch: !gemma.batch) -> tensor<?x515xf32> {
  %t = gemma.weight @table : tensor<515x64xf32>
  %x = gemma.embed %tokens, %t scale 8.0 : tensor<?xi32>, tensor<515x64xf32> -> tensor<?x64xf32>
  %s = gemma.select_rows %x, %batch : tensor<?x64xf32> -> tensor<?x64xf32>
  %n = gemma.weight @norm : tensor<64xf32>
  %y = gemma.linear %s, %t norm(%n : tensor<64xf32>, #norm) softcap(30.0) : tensor<?x64xf32>, tensor<515x64xf32> -> tensor<?x515xf32>
  return %y : tensor<?x515xf32>
}

// -----

// A head in int8 lies in planes, for the embedding, too. The best logits come from
// the upper one and what its estimates leave open.
!q8 = !gemma.quant<int8, group = 32>
gemma.param @table : tensor<5000x64xf32> from "w" at 0

// CHECK:      kernel.func @linear_planes_64x5000({{.*}}unit = #kernel.unit<one>}
// CHECK-NEXT:   kernel.matmul %arg0, %arg1 to %arg2 rows <wanted> epilogue <none> softcap 3.0
// CHECK:      kernel.func @upper_linear_planes_64x5000({{.*}}unit = #kernel.unit<one>}
// CHECK-NEXT:   kernel.matmul %arg0, %arg1 upper to %arg2 rows <wanted> epilogue <none> among %arg3 :
// CHECK:      kernel.func @peaks_5000({{.*}}slices = 2 : i64, unit = #kernel.unit<wanted>}
// CHECK-NEXT:   kernel.peaks %arg0 refined(%arg2, %arg3 : {{.*}}) softcap 3.0{{.*}} to %arg1
// CHECK:      kernel.func @contenders_5000({{.*}}slices = 2 : i64, unit = #kernel.unit<wanted>}
// CHECK-NEXT:   kernel.contenders %arg0 refined(%arg3, %arg4 : {{.*}}) softcap 3.0{{.*}} above %arg1 to %arg2
// CHECK-LABEL: plan.program @text
// CHECK:       %[[T:.*]] = plan.pack {{.*}} -> !kernel.weight<5000 x 64 x planes>
// CHECK:       plan.dispatch @embed_64(%{{.*}}, %[[T]],
// CHECK:       plan.dispatch @linear_planes_64x5000(%[[X:.*]], %[[T]], %{{.*}}) "table" for <logits>
// CHECK:       plan.dispatch @upper_linear_planes_64x5000(%[[X]], %[[T]], %[[L:.*]], %{{.*}}) "table" for <best>
// CHECK:       plan.dispatch @peaks_5000(%[[L]], %[[P:.*]], %[[X]], %[[T]])
// CHECK:       plan.dispatch @best_of_32(%[[P]], %[[M:.*]])
// CHECK:       plan.dispatch @contenders_5000(%[[L]], %[[M]], %[[C:.*]], %[[X]], %[[T]])
// CHECK:       plan.dispatch @best_of_128(%[[C]],
func.func @text(%tokens: tensor<?xi32>, %batch: !gemma.batch) -> tensor<?x5000xf32> {
  %t = gemma.weight @table : tensor<5000x64xf32>
  %q = gemma.convert %t : tensor<5000x64xf32> -> tensor<5000x64x!q8>
  %x = gemma.embed %tokens, %q scale 8.0 : tensor<?xi32>, tensor<5000x64x!q8> -> tensor<?x64xf32>
  %s = gemma.select_rows %x, %batch : tensor<?x64xf32> -> tensor<?x64xf32>
  %y = gemma.linear %s, %q softcap(30.0) {product = #gemma.product<int8>} : tensor<?x64xf32>, tensor<5000x64x!q8> -> tensor<?x5000xf32>
  return %y : tensor<?x5000xf32>
}

// -----

// A feed-forward in int8. What is gated is stored as the next product reads it;
// norm and sum behind that product are a row kernel after it.
#norm = #gemma.norm<epsilon = 1.0e-6 : f32, weight_offset = 0.0 : f32>
!q8 = !gemma.quant<int8, group = 32>
gemma.param @table : tensor<32x64xf32> from "w" at 0
gemma.param @norm : tensor<64xf32> from "w" at 131840
gemma.param @gate : tensor<40x64xf32> from "w" at 0
gemma.param @up : tensor<40x64xf32> from "w" at 0
gemma.param @down : tensor<64x40xf32> from "w" at 0

// CHECK:      kernel.func @norm_64_q8({{.*}}unit = #kernel.unit<row>}
// CHECK:      kernel.func @gated_int8_64x80({{.*}}slices = 2 : i64, unit = #kernel.unit<one>}
// CHECK-NEXT:   kernel.matmul %arg0, %arg1 to %arg2 rows <row> epilogue <gelu_mul> : <64 x q8>, <80 x 64 x int8> to <40 x q8>
// CHECK:      kernel.func @linear_int8_40x64({{.*}}slices = 1 : i64, unit = #kernel.unit<one>}
// CHECK-NEXT:   kernel.matmul {{.*}} : <40 x q8>, <64 x 40 x int8> to <64 x f32>
// CHECK:      kernel.func @norm_add_64({{.*}}unit = #kernel.unit<row>}
// CHECK-NEXT:   %[[Y:.*]] = kernel.load %arg0
// CHECK-NEXT:   %[[X:.*]] = kernel.load %arg1
// CHECK-NEXT:   %[[N:.*]] = kernel.rms_norm %[[Y]], %arg2
// CHECK-NEXT:   %[[SUM:.*]] = kernel.add %[[X]], %[[N]]
// CHECK-NEXT:   kernel.store %[[SUM]], %arg3

// CHECK-LABEL: plan.program @text
// CHECK:       plan.dispatch @embed_64({{.*}}, %[[X:.*]]) "table"
// CHECK:       plan.dispatch @norm_64_q8(%[[X]], %{{.*}}, %[[H:.*]]) "norm"
// CHECK:       %[[M:.*]] = plan.buffer "gated" : !kernel.rows<40 x q8>
// CHECK:       gemma.interleave_rows
// CHECK:       gemma.convert
// CHECK:       plan.dispatch @gated_int8_64x80(%[[H]], %{{.*}}, %[[M]]) "gate"
// CHECK:       plan.dispatch @linear_int8_40x64(%[[M]], %{{.*}}, %[[Y:.*]]) "down"
// CHECK:       plan.dispatch @norm_add_64(%[[Y]], %[[X]], %{{.*}}, %[[R:.*]]) "norm"
// CHECK:       plan.dispatch @select_64(%[[R]],
func.func @text(%tokens: tensor<?xi32>, %batch: !gemma.batch) -> tensor<?x32xf32> {
  %t = gemma.weight @table : tensor<32x64xf32>
  %x = gemma.embed %tokens, %t scale 8.0 : tensor<?xi32>, tensor<32x64xf32> -> tensor<?x64xf32>
  %n = gemma.weight @norm : tensor<64xf32>
  %gate = gemma.weight @gate : tensor<40x64xf32>
  %up = gemma.weight @up : tensor<40x64xf32>
  %gu = gemma.interleave_rows %gate, %up : tensor<40x64xf32> -> tensor<80x64xf32>
  %guq = gemma.convert %gu : tensor<80x64xf32> -> tensor<80x64x!q8>
  %m = gemma.gated_linear %x, %guq norm(%n : tensor<64xf32>, #norm) {product = #gemma.product<int8>} : tensor<?x64xf32>, tensor<80x64x!q8> -> tensor<?x40xf32>
  %down = gemma.weight @down : tensor<64x40xf32>
  %dq = gemma.convert %down : tensor<64x40xf32> -> tensor<64x40x!q8>
  %y = gemma.linear %m, %dq post_norm(%n : tensor<64xf32>, #norm) add(%x : tensor<?x64xf32>) {product = #gemma.product<int8>} : tensor<?x40xf32>, tensor<64x40x!q8> -> tensor<?x64xf32>
  %s = gemma.select_rows %y, %batch : tensor<?x64xf32> -> tensor<?x64xf32>
  %l = gemma.linear %s, %t : tensor<?x64xf32>, tensor<32x64xf32> -> tensor<?x32xf32>
  return %l : tensor<?x32xf32>
}

// -----

// Two layers of attention. Layers with one window share pages, each with its
// part of them; a layer that sees everything has a group of its own. What layers
// have in common is one kernel: they differ only in the window. In steps of few
// rows the pages that a row sees of the last layer are shared out.
gemma.param @table : tensor<32x64xf32> from "w" at 0
gemma.cache @layers.0 : !gemma.kv<1 x 16> window 8
gemma.cache @layers.1 : !gemma.kv<1 x 16> window 8
gemma.cache @layers.2 : !gemma.kv<1 x 16> window 0

// Two layers, keys and values, 64 positions of 16 numbers of 2 bytes.
// CHECK:       plan.cache @window_8 {page_bytes = 8192 : i64, page_tokens = 64 : i64, window = 8 : i64}
// CHECK:       plan.cache @full {page_bytes = 4096 : i64, page_tokens = 64 : i64, window = 0 : i64}
// CHECK-NOT:   gemma.cache
// CHECK:       kernel.func @append_1x16({{.*}}slices = 1 : i64, unit = #kernel.unit<row>}
// CHECK:         kernel.append {{.*}} {heads = 1 : i64, kv_format = #kernel.kv_format<bf16>, page_tokens = 64 : i64}
// CHECK:       kernel.func @attention_2_1x16_window_8({{.*}}slices = 1 : i64, unit = #kernel.unit<block>}
// CHECK-NEXT:    kernel.attention {{.*}} scale = 2.500000e-01 : f32, window = 8 : i64}
// CHECK-NOT:   kernel.func @append
// CHECK:       kernel.func @attention_strands_2_1x16({{.*}}slices = 8 : i64, unit = #kernel.unit<block>}
// CHECK-NEXT:    kernel.attention %arg0 to strands %arg1
// CHECK:       kernel.func @merge_strands_2x16({{.*}}slices = 1 : i64, unit = #kernel.unit<row>}
// CHECK-NEXT:    %[[R:.*]] = kernel.merge_strands %arg0 {heads = 2 : i64} : <36 x f32> -> <32>
// CHECK-NEXT:    kernel.store %[[R]], %arg1
// CHECK-NOT:   kernel.func @{{append|attention}}

// CHECK-LABEL: plan.program @text_few of "text" rows(1, 8)
// CHECK:       plan.dispatch @rope_32(%[[X:.*]], %{{.*}}, %{{.*}}, %[[Q:.*]]) "rope_32"
// CHECK:       plan.dispatch @rope_16(%[[X]], %{{.*}}, %{{.*}}, %[[K:.*]]) "rope_16"
// CHECK:       %[[PAGES:.*]] = plan.pages @window_8
// CHECK-NEXT:  %[[FIRST:.*]] = plan.offset 0
// CHECK:       plan.dispatch @append_1x16(%[[K]], %[[X]], %{{.*}}, %[[PAGES]], %[[P:.*]], %[[FIRST]]) "layers.0"
// CHECK:       %[[A:.*]] = plan.buffer "attention" : !kernel.rows<32 x f32>
// CHECK-NEXT:  %[[BLOCKS:.*]] = plan.step <blocks>
// CHECK-NEXT:  %[[FIRST:.*]] = plan.offset 0
// CHECK-NEXT:  plan.dispatch @attention_2_1x16_window_8(%[[Q]], %[[A]], %[[BLOCKS]], %[[P]], %[[PAGES]], %[[FIRST]]) "layers.0"
// CHECK-NEXT:  %[[SECOND:.*]] = plan.offset 4096
// CHECK:       plan.dispatch @append_1x16({{.*}}, %[[PAGES]], %[[P]], %[[SECOND]]) "layers.1"
// CHECK:       %[[SECOND:.*]] = plan.offset 4096
// CHECK-NEXT:  plan.dispatch @attention_2_1x16_window_8({{.*}}, %[[PAGES]], %[[SECOND]]) "layers.1"
// CHECK-NEXT:  %[[ALL:.*]] = plan.pages @full
// CHECK-NEXT:  %[[THIRD:.*]] = plan.offset 0
// CHECK:       plan.dispatch @append_1x16({{.*}}, %[[ALL]], %[[P]], %[[THIRD]]) "layers.2"
// CHECK:       %[[C:.*]] = plan.buffer "attention" : !kernel.rows<32 x f32>
// CHECK-NEXT:  %[[STRANDS:.*]] = plan.buffer "strands" times 8 : !kernel.rows<36 x f32>
// CHECK:       %[[THIRD:.*]] = plan.offset 0
// CHECK-NEXT:  plan.dispatch @attention_strands_2_1x16(%{{.*}}, %[[STRANDS]], {{.*}}, %[[ALL]], %[[THIRD]]) "layers.2"
// CHECK-NEXT:  plan.dispatch @merge_strands_2x16(%[[STRANDS]], %[[C]]) "layers.2"

// CHECK:       kernel.func @attention_2_1x16({{.*}}slices = 1 : i64, unit = #kernel.unit<block>}
// CHECK-LABEL: plan.program @text rows(9, 256)
// CHECK:       plan.dispatch @attention_2_1x16_window_8({{.*}}) "layers.0"
// CHECK-NOT:   strands
// CHECK:       plan.dispatch @attention_2_1x16({{.*}}) "layers.2"
func.func @text(%tokens: tensor<?xi32>, %batch: !gemma.batch) -> tensor<?x32xf32> {
  %t = gemma.weight @table : tensor<32x64xf32>
  %x = gemma.embed %tokens, %t scale 8.0 : tensor<?xi32>, tensor<32x64xf32> -> tensor<?x64xf32>
  %rope = gemma.rope_table %batch base 1.0e4 factor 2.0 : tensor<?x16xf32>
  %q, %k, %v = gemma.split_heads %x : tensor<?x64xf32> -> tensor<?x2x16xf32>, tensor<?x1x16xf32>, tensor<?x1x16xf32>
  %qr = gemma.rope %q, %rope : tensor<?x2x16xf32>, tensor<?x16xf32>
  %kr = gemma.rope %k, %rope : tensor<?x1x16xf32>, tensor<?x16xf32>
  %kv0 = gemma.append %kr, %v, %batch to @layers.0 : tensor<?x1x16xf32>, !gemma.kv<1 x 16>
  %a = gemma.attention %qr, %kv0, %batch scale 0.25 window 8 : tensor<?x2x16xf32>, !gemma.kv<1 x 16> -> tensor<?x32xf32>
  %kv1 = gemma.append %kr, %v, %batch to @layers.1 : tensor<?x1x16xf32>, !gemma.kv<1 x 16>
  %b = gemma.attention %qr, %kv1, %batch scale 0.25 window 8 : tensor<?x2x16xf32>, !gemma.kv<1 x 16> -> tensor<?x32xf32>
  %kv2 = gemma.append %kr, %v, %batch to @layers.2 : tensor<?x1x16xf32>, !gemma.kv<1 x 16>
  %c = gemma.attention %qr, %kv2, %batch scale 0.25 window 0 : tensor<?x2x16xf32>, !gemma.kv<1 x 16> -> tensor<?x32xf32>
  %s = gemma.select_rows %x, %batch : tensor<?x64xf32> -> tensor<?x64xf32>
  %l = gemma.linear %s, %t : tensor<?x64xf32>, tensor<32x64xf32> -> tensor<?x32xf32>
  return %l : tensor<?x32xf32>
}

// -----

// Products that read one activation through one norm share the rows that a norm
// kernel makes; another format or another norm needs rows of its own. Equal kernels
// are one, whatever weights they are dispatched with.
#norm = #gemma.norm<epsilon = 1.0e-6 : f32, weight_offset = 0.0 : f32>
gemma.param @table : tensor<64x64xbf16> from "w" at 0
gemma.param @n : tensor<64xbf16> from "w" at 131840
gemma.param @m : tensor<64xbf16> from "w" at 131840

// CHECK:       kernel.func @convert_64_bf16(
// CHECK:       kernel.func @linear_bf16_64x64(
// CHECK:       kernel.func @norm_64_bf16(
// CHECK:       kernel.func @norm_64_f32(
// CHECK-LABEL: plan.program @text
// CHECK:       plan.dispatch @embed_64({{.*}}, %[[X:.*]]) "table"
// CHECK:       plan.dispatch @convert_64_bf16(%[[X]], %[[A:.*]]) "table"
// CHECK:       plan.dispatch @linear_bf16_64x64(%[[A]],
// CHECK-NEXT:  %{{.*}} = plan.buffer
// CHECK-NEXT:  plan.dispatch @linear_bf16_64x64(%[[A]],
// CHECK:       plan.dispatch @norm_64_bf16(%[[X]], %{{.*}}, %[[B:.*]]) "n"
// CHECK:       plan.dispatch @linear_bf16_64x64(%[[B]],
// CHECK-NEXT:  %{{.*}} = plan.buffer
// CHECK-NEXT:  plan.dispatch @linear_bf16_64x64(%[[B]],
// CHECK:       plan.dispatch @norm_64_bf16(%[[X]], %{{.*}}, %[[C:.*]]) "m"
// CHECK:       plan.dispatch @linear_bf16_64x64(%[[C]],
// CHECK:       plan.dispatch @norm_64_f32(%[[X]], %{{.*}}, %[[D:.*]]) "m"
// CHECK:       plan.dispatch @linear_f32_64x64(%[[D]],
func.func @text(%tokens: tensor<?xi32>, %batch: !gemma.batch) -> tensor<?x64xf32> {
  %t = gemma.weight @table : tensor<64x64xbf16>
  %w = gemma.convert %t : tensor<64x64xbf16> -> tensor<64x64xf32>
  %n = gemma.weight @n : tensor<64xbf16>
  %m = gemma.weight @m : tensor<64xbf16>
  %x = gemma.embed %tokens, %t scale 8.0 : tensor<?xi32>, tensor<64x64xbf16> -> tensor<?x64xf32>
  %a1 = gemma.linear %x, %t {product = #gemma.product<bf16>} : tensor<?x64xf32>, tensor<64x64xbf16> -> tensor<?x64xf32>
  %a2 = gemma.linear %x, %t {product = #gemma.product<bf16>} : tensor<?x64xf32>, tensor<64x64xbf16> -> tensor<?x64xf32>
  %b1 = gemma.linear %x, %t norm(%n : tensor<64xbf16>, #norm) {product = #gemma.product<bf16>} : tensor<?x64xf32>, tensor<64x64xbf16> -> tensor<?x64xf32>
  %b2 = gemma.linear %x, %t norm(%n : tensor<64xbf16>, #norm) {product = #gemma.product<bf16>} : tensor<?x64xf32>, tensor<64x64xbf16> -> tensor<?x64xf32>
  %c = gemma.linear %x, %t norm(%m : tensor<64xbf16>, #norm) {product = #gemma.product<bf16>} : tensor<?x64xf32>, tensor<64x64xbf16> -> tensor<?x64xf32>
  %d = gemma.linear %x, %w norm(%m : tensor<64xbf16>, #norm) : tensor<?x64xf32>, tensor<64x64xf32> -> tensor<?x64xf32>
  %s = gemma.select_rows %d, %batch : tensor<?x64xf32> -> tensor<?x64xf32>
  %l = gemma.linear %s, %w : tensor<?x64xf32>, tensor<64x64xf32> -> tensor<?x64xf32>
  return %l : tensor<?x64xf32>
}

// -----

// Readers that multiply in different types: what is gated stays in float32 and is
// converted for each.
gemma.param @table : tensor<64x64xbf16> from "w" at 0

// CHECK-LABEL: plan.program @text
// CHECK:       %[[M:.*]] = plan.buffer "gated" : !kernel.rows<32 x f32>
// CHECK:       plan.dispatch @gated_bf16_64x64({{.*}}, %[[M]])
// CHECK:       plan.dispatch @convert_32_bf16(%[[M]],
// CHECK:       plan.dispatch @linear_f32_32x64(%[[M]],
func.func @text(%tokens: tensor<?xi32>, %batch: !gemma.batch) -> tensor<?x64xf32> {
  %t = gemma.weight @table : tensor<64x64xbf16>
  %x = gemma.embed %tokens, %t scale 8.0 : tensor<?xi32>, tensor<64x64xbf16> -> tensor<?x64xf32>
  %m = gemma.gated_linear %x, %t {product = #gemma.product<bf16>} : tensor<?x64xf32>, tensor<64x64xbf16> -> tensor<?x32xf32>
  %h = gemma.weight @half : tensor<64x32xbf16>
  %w = gemma.convert %h : tensor<64x32xbf16> -> tensor<64x32xf32>
  %a = gemma.linear %m, %h {product = #gemma.product<bf16>} : tensor<?x32xf32>, tensor<64x32xbf16> -> tensor<?x64xf32>
  %b = gemma.linear %m, %w add(%a : tensor<?x64xf32>) : tensor<?x32xf32>, tensor<64x32xf32> -> tensor<?x64xf32>
  %s = gemma.select_rows %b, %batch : tensor<?x64xf32> -> tensor<?x64xf32>
  %l = gemma.linear %s, %t {product = #gemma.product<bf16>} : tensor<?x64xf32>, tensor<64x64xbf16> -> tensor<?x64xf32>
  return %l : tensor<?x64xf32>
}
gemma.param @half : tensor<64x32xbf16> from "w" at 0

// -----

// Heads are views: columns of the product's rows, from an offset on. Nothing moves,
// and values go to the cache from where the product put them.
#norm = #gemma.norm<epsilon = 1.0e-6 : f32, weight_offset = 0.0 : f32>
gemma.param @table : tensor<32x80xf32> from "w" at 0
gemma.param @norm : tensor<16xf32> from "w" at 131840
gemma.cache @layers.0 : !gemma.kv<1 x 16> window 0

// CHECK:       kernel.func @rms_norm_32(%arg0: !kernel.rows<80 x f32>, %arg1: !kernel.offset,
// CHECK-NEXT:    %[[Q:.*]] = kernel.load %arg0 offset %arg1 : <80 x f32> -> <32>
// CHECK-NEXT:    kernel.rms_norm %[[Q]], %arg2 {{.*}} : <32>, <16>
// CHECK:       kernel.func @append_1x16(
// CHECK-NEXT:    %[[K:.*]] = kernel.load %arg0 offset %arg1 : <80 x f32> -> <16>
// CHECK-NEXT:    %[[V:.*]] = kernel.load %arg2 offset %arg3 : <80 x f32> -> <16>
// CHECK-NEXT:    kernel.append %[[K]], %[[V]]
// CHECK-LABEL: plan.program @text
// CHECK:       plan.dispatch @embed_80({{.*}}, %[[X:.*]]) "table"
// CHECK:       %[[FROM_Q:.*]] = plan.offset 64
// CHECK-NEXT:  plan.dispatch @rms_norm_32(%[[X]], %[[FROM_Q]],
// CHECK:       %[[FROM_K:.*]] = plan.offset 192
// CHECK-NEXT:  %[[FROM_V:.*]] = plan.offset 256
// CHECK-NEXT:  plan.dispatch @append_1x16(%[[X]], %[[FROM_K]], %[[X]], %[[FROM_V]],
// CHECK-LABEL: plan.program @text rows(9, 256)
func.func @text(%tokens: tensor<?xi32>, %batch: !gemma.batch) -> tensor<?x80xf32> {
  %t = gemma.weight @table : tensor<32x80xf32>
  %x = gemma.embed %tokens, %t scale 8.0 : tensor<?xi32>, tensor<32x80xf32> -> tensor<?x80xf32>
  %y = gemma.slice_columns %x from 16 : tensor<?x80xf32> -> tensor<?x64xf32>
  %q, %k, %v = gemma.split_heads %y : tensor<?x64xf32> -> tensor<?x2x16xf32>, tensor<?x1x16xf32>, tensor<?x1x16xf32>
  %n = gemma.weight @norm : tensor<16xf32>
  %qn = gemma.rms_norm %q, %n, #norm : tensor<?x2x16xf32>, tensor<16xf32>
  %kv = gemma.append %k, %v, %batch to @layers.0 : tensor<?x1x16xf32>, !gemma.kv<1 x 16>
  %a = gemma.attention %qn, %kv, %batch scale 1.0 window 0 : tensor<?x2x16xf32>, !gemma.kv<1 x 16> -> tensor<?x32xf32>
  %s = gemma.select_rows %x, %batch : tensor<?x80xf32> -> tensor<?x80xf32>
  return %s : tensor<?x80xf32>
}

// -----

// Values are keys: the same columns are read a second time, through a norm
// without a weight, which is one of ones.
#norm = #gemma.norm<epsilon = 1.0e-6 : f32, weight_offset = 0.0 : f32>
gemma.param @table : tensor<32x48xf32> from "w" at 0
gemma.param @norm : tensor<16xf32> from "w" at 131840
gemma.cache @layers.0 : !gemma.kv<1 x 16> window 0

// CHECK:       kernel.func @rms_norm_16(
// CHECK-NOT:   kernel.func @rms_norm
// CHECK-LABEL: plan.program @text
// CHECK:       plan.dispatch @embed_48({{.*}}, %[[X:.*]]) "table"
// CHECK:       %[[W:.*]] = gemma.weight @norm
// CHECK-NEXT:  %[[N:.*]] = plan.pack %[[W]]
// CHECK-NEXT:  %[[K:.*]] = plan.buffer
// CHECK-NEXT:  %[[FROM_K:.*]] = plan.offset 128
// CHECK-NEXT:  plan.dispatch @rms_norm_16(%[[X]], %[[FROM_K]], %[[N]], %[[K]]) "norm"
// CHECK-NEXT:  %[[ONES:.*]] = gemma.fill 1.0
// CHECK-NEXT:  %[[ONE:.*]] = plan.pack %[[ONES]] : tensor<16xf32> -> !kernel.vector<16>
// CHECK-NEXT:  %[[V:.*]] = plan.buffer
// CHECK-NEXT:  %[[FROM_V:.*]] = plan.offset 128
// CHECK-NEXT:  plan.dispatch @rms_norm_16(%[[X]], %[[FROM_V]], %[[ONE]], %[[V]]) "fill"
// CHECK:       plan.dispatch @append_1x16(%[[K]], %[[V]],
func.func @text(%tokens: tensor<?xi32>, %batch: !gemma.batch) -> tensor<?x48xf32> {
  %t = gemma.weight @table : tensor<32x48xf32>
  %x = gemma.embed %tokens, %t scale 8.0 : tensor<?xi32>, tensor<32x48xf32> -> tensor<?x48xf32>
  %q, %k = gemma.split_heads %x : tensor<?x48xf32> -> tensor<?x2x16xf32>, tensor<?x1x16xf32>
  %n = gemma.weight @norm : tensor<16xf32>
  %kn = gemma.rms_norm %k, %n, #norm : tensor<?x1x16xf32>, tensor<16xf32>
  %one = gemma.fill 1.0 : tensor<16xf32>
  %vn = gemma.rms_norm %k, %one, #norm : tensor<?x1x16xf32>, tensor<16xf32>
  %kv = gemma.append %kn, %vn, %batch to @layers.0 : tensor<?x1x16xf32>, !gemma.kv<1 x 16>
  %s = gemma.select_rows %x, %batch : tensor<?x48xf32> -> tensor<?x48xf32>
  return %s : tensor<?x48xf32>
}

// -----

// A layer that borrows a cache attends to the part of the pages that belongs to its
// owner. Queries that are columns of a row are copied, once for both.
gemma.param @table : tensor<32x64xf32> from "w" at 0
gemma.cache @layers.0 : !gemma.kv<1 x 16> window 8
gemma.cache @layers.1 : !gemma.kv<1 x 16> window 8

// CHECK:       plan.cache @window_8 {page_bytes = 8192 : i64,
// CHECK-LABEL: plan.program @text
// CHECK:       %[[PAGES:.*]] = plan.pages @window_8
// CHECK:       %[[APPEND:.*]] = plan.offset 4096
// CHECK:       plan.dispatch @append_1x16({{.*}}, %[[PAGES]], %{{.*}}, %[[APPEND]]) "layers.1"
// CHECK:       plan.dispatch @convert_32_f32({{.*}}, %[[Q:.*]]) "layers.1"
// CHECK:       %[[OWNER:.*]] = plan.offset 4096
// CHECK-NEXT:  plan.dispatch @attention_2_1x16_window_8(%[[Q]], {{.*}}, %[[PAGES]], %[[OWNER]]) "layers.1"
// CHECK-NOT:   @convert
// CHECK:       %[[BORROWER:.*]] = plan.offset 4096
// CHECK-NEXT:  plan.dispatch @attention_2_1x16_window_8(%[[Q]], {{.*}}, %[[PAGES]], %[[BORROWER]]) "layers.1"
func.func @text(%tokens: tensor<?xi32>, %batch: !gemma.batch) -> tensor<?x64xf32> {
  %t = gemma.weight @table : tensor<32x64xf32>
  %x = gemma.embed %tokens, %t scale 8.0 : tensor<?xi32>, tensor<32x64xf32> -> tensor<?x64xf32>
  %q, %k, %v = gemma.split_heads %x : tensor<?x64xf32> -> tensor<?x2x16xf32>, tensor<?x1x16xf32>, tensor<?x1x16xf32>
  %kv0 = gemma.append %k, %v, %batch to @layers.0 : tensor<?x1x16xf32>, !gemma.kv<1 x 16>
  %kv1 = gemma.append %k, %v, %batch to @layers.1 : tensor<?x1x16xf32>, !gemma.kv<1 x 16>
  %a = gemma.attention %q, %kv1, %batch scale 1.0 window 8 : tensor<?x2x16xf32>, !gemma.kv<1 x 16> -> tensor<?x32xf32>
  %b = gemma.attention %q, %kv1, %batch scale 1.0 window 8 : tensor<?x2x16xf32>, !gemma.kv<1 x 16> -> tensor<?x32xf32>
  %s = gemma.select_rows %x, %batch : tensor<?x64xf32> -> tensor<?x64xf32>
  return %s : tensor<?x64xf32>
}

// -----

// With bidirectional attention a kernel is told where each sequence ends.
gemma.param @table : tensor<32x48xf32> from "w" at 0
gemma.cache @layers.0 : !gemma.kv<1 x 16> window 8

// CHECK:       kernel.func @attention_1_1x16_window_8(
// CHECK-NOT:     ends
// CHECK:       kernel.func @attention_1_1x16_window_8_2(
// CHECK-NEXT:    kernel.attention {{.*}} ends(%arg6) {{.*}} window = 8
// CHECK-LABEL: plan.program @text
// CHECK:       plan.dispatch @attention_1_1x16_window_8(
// CHECK:       %[[ENDS:.*]] = plan.step <ends>
// CHECK-NEXT:  plan.dispatch @attention_1_1x16_window_8_2({{.*}}, %[[ENDS]]) "layers.0"
func.func @text(%tokens: tensor<?xi32>, %batch: !gemma.batch) -> tensor<?x48xf32> {
  %t = gemma.weight @table : tensor<32x48xf32>
  %x = gemma.embed %tokens, %t scale 8.0 : tensor<?xi32>, tensor<32x48xf32> -> tensor<?x48xf32>
  %q, %k, %v = gemma.split_heads %x : tensor<?x48xf32> -> tensor<?x1x16xf32>, tensor<?x1x16xf32>, tensor<?x1x16xf32>
  %kv = gemma.append %k, %v, %batch to @layers.0 : tensor<?x1x16xf32>, !gemma.kv<1 x 16>
  %a = gemma.attention %q, %kv, %batch scale 1.0 window 8 : tensor<?x1x16xf32>, !gemma.kv<1 x 16> -> tensor<?x16xf32>
  %b = gemma.attention %q, %kv, %batch scale 1.0 window 8 bidirectional : tensor<?x1x16xf32>, !gemma.kv<1 x 16> -> tensor<?x16xf32>
  %s = gemma.select_rows %x, %batch : tensor<?x48xf32> -> tensor<?x48xf32>
  return %s : tensor<?x48xf32>
}

// -----

// Layers take other columns of one row and share the kernels that read them: an
// offset is an operand. A product reads whole rows, so that its columns are copied.
gemma.param @table : tensor<32x64xf32> from "w" at 0
gemma.param @w : tensor<16x16xf32> from "w" at 0

// CHECK:       kernel.func @mul_16(
// CHECK-NEXT:    %[[A:.*]] = kernel.load %arg0 offset %arg1
// CHECK-NEXT:    %[[B:.*]] = kernel.load %arg2 offset %arg3
// CHECK-NEXT:    kernel.mul %[[A]], %[[B]]
// CHECK:       kernel.func @mul_16_2(
// CHECK-NEXT:    %[[A:.*]] = kernel.load %arg0 : <16 x f32>
// CHECK-NEXT:    %[[B:.*]] = kernel.load %arg1 offset %arg2
// CHECK-NEXT:    kernel.mul %[[A]], %[[B]]
// CHECK-NOT:   kernel.func @mul
// CHECK-LABEL: plan.program @text
// CHECK:       plan.dispatch @embed_64({{.*}}, %[[X:.*]]) "table"
// CHECK:       plan.dispatch @mul_16(%[[X]], %{{.*}}, %[[X]], %{{.*}}, %[[AA:.*]]) "mul_16"
// CHECK:       %[[FROM_B:.*]] = plan.offset 64
// CHECK-NEXT:  plan.dispatch @mul_16_2(%[[AA]], %[[X]], %[[FROM_B]], %[[AAB:.*]]) "mul_16"
// CHECK:       %[[FROM_C:.*]] = plan.offset 192
// CHECK-NEXT:  plan.dispatch @mul_16_2(%[[AAB]], %[[X]], %[[FROM_C]],
// CHECK:       %[[FROM_C:.*]] = plan.offset 192
// CHECK-NEXT:  plan.dispatch @convert_16_f32(%[[X]], %[[FROM_C]], %[[C:.*]]) "w"
// CHECK:       plan.dispatch @linear_f32_16x16(%[[C]],
func.func @text(%tokens: tensor<?xi32>, %batch: !gemma.batch) -> tensor<?x16xf32> {
  %t = gemma.weight @table : tensor<32x64xf32>
  %w = gemma.weight @w : tensor<16x16xf32>
  %x = gemma.embed %tokens, %t scale 8.0 : tensor<?xi32>, tensor<32x64xf32> -> tensor<?x64xf32>
  %a = gemma.slice_columns %x from 0 : tensor<?x64xf32> -> tensor<?x16xf32>
  %b = gemma.slice_columns %x from 16 : tensor<?x64xf32> -> tensor<?x16xf32>
  %c = gemma.slice_columns %x from 48 : tensor<?x64xf32> -> tensor<?x16xf32>
  %0 = gemma.mul %a, %a : tensor<?x16xf32>
  %1 = gemma.mul %0, %b : tensor<?x16xf32>
  %2 = gemma.mul %1, %c : tensor<?x16xf32>
  %3 = gemma.linear %c, %w : tensor<?x16xf32>, tensor<16x16xf32> -> tensor<?x16xf32>
  %4 = gemma.add %2, %3 : tensor<?x16xf32>
  %s = gemma.select_rows %4, %batch : tensor<?x16xf32> -> tensor<?x16xf32>
  return %s : tensor<?x16xf32>
}

// -----

// Two streams: each predicted from both, then corrected by what became of the
// second. Coefficients of stream m stand m * 2 behind the first, or m.
gemma.param @table : tensor<32x64xf32> from "w" at 0

// CHECK:       kernel.func @altup_predict_64(
// CHECK-NEXT:    %[[C:.*]] = kernel.load %arg0 offset %arg1 : <64 x f32> -> <4>
// CHECK-NEXT:    %[[X:.*]] = kernel.load %arg2
// CHECK-NEXT:    %[[Y:.*]] = kernel.load %arg3
// CHECK-NEXT:    %[[SUM:.*]] = kernel.weighted_sum %[[C]] from 0 of %[[X]], %[[Y]]
// CHECK-NEXT:    %[[P:.*]] = kernel.add %[[X]], %[[SUM]]
// CHECK-NEXT:    %[[SUM:.*]] = kernel.weighted_sum %[[C]] from 2 of %[[X]], %[[Y]]
// CHECK-NEXT:    %[[Q:.*]] = kernel.add %[[Y]], %[[SUM]]
// CHECK-NEXT:    kernel.store %[[P]], %arg4
// CHECK-NEXT:    kernel.store %[[Q]], %arg5
// CHECK:       kernel.func @altup_correct_64(
// CHECK-NEXT:    %[[C:.*]] = kernel.load %arg0 offset %arg1 : <64 x f32> -> <2>
// CHECK-NEXT:    %[[NEW:.*]] = kernel.load %arg2
// CHECK-NEXT:    %[[P:.*]] = kernel.load %arg3
// CHECK-NEXT:    %[[Q:.*]] = kernel.load %arg4
// CHECK-NEXT:    %[[MINUS:.*]] = kernel.scale %[[Q]] by -1.0
// CHECK-NEXT:    %[[CHANGE:.*]] = kernel.add %[[NEW]], %[[MINUS]]
// CHECK-NEXT:    %[[SHARE:.*]] = kernel.weighted_sum %[[C]] from 0 of %[[CHANGE]]
// CHECK-NEXT:    %[[SUM:.*]] = kernel.add %[[CHANGE]], %[[SHARE]]
// CHECK-NEXT:    %[[X:.*]] = kernel.add %[[P]], %[[SUM]]
// CHECK-NEXT:    %[[SHARE:.*]] = kernel.weighted_sum %[[C]] from 1 of %[[CHANGE]]
// CHECK-NEXT:    %[[SUM:.*]] = kernel.add %[[CHANGE]], %[[SHARE]]
// CHECK-NEXT:    %[[Y:.*]] = kernel.add %[[Q]], %[[SUM]]
// CHECK-NEXT:    kernel.store %[[X]], %arg5
// CHECK-NEXT:    kernel.store %[[Y]], %arg6
// CHECK:       kernel.func @match_rms_64(
// CHECK-LABEL: plan.program @text
// CHECK:       plan.dispatch @embed_64({{.*}}, %[[X:.*]]) "table"
// CHECK:       plan.dispatch @gelu_64(%[[X]], %[[Y:.*]]) "gelu_64"
// CHECK:       plan.dispatch @altup_predict_64(%[[X]], %{{.*}}, %[[X]], %[[Y]], %[[P:.*]], %[[Q:.*]]) "altup_predict_64"
// CHECK:       plan.dispatch @softcap_64(%[[Q]], %[[NEW:.*]]) "softcap_64"
// CHECK:       plan.dispatch @altup_correct_64(%[[X]], %{{.*}}, %[[NEW]], %[[P]], %[[Q]], %[[X1:.*]], %[[Y1:.*]]) "altup_correct_64"
// CHECK:       plan.dispatch @match_rms_64(%[[Y1]], %[[X1]],
func.func @text(%tokens: tensor<?xi32>, %batch: !gemma.batch) -> tensor<?x64xf32> {
  %t = gemma.weight @table : tensor<32x64xf32>
  %x = gemma.embed %tokens, %t scale 8.0 : tensor<?xi32>, tensor<32x64xf32> -> tensor<?x64xf32>
  %y = gemma.gelu %x : tensor<?x64xf32>
  %c4 = gemma.slice_columns %x from 0 : tensor<?x64xf32> -> tensor<?x4xf32>
  %c2 = gemma.slice_columns %x from 8 : tensor<?x64xf32> -> tensor<?x2xf32>
  %p:2 = gemma.altup_predict %c4, (%x, %y) : (tensor<?x4xf32>, tensor<?x64xf32>, tensor<?x64xf32>) -> (tensor<?x64xf32>, tensor<?x64xf32>)
  %new = gemma.softcap %p#1 at 30.0 : tensor<?x64xf32>
  %z:2 = gemma.altup_correct %c2, %new, (%p#0, %p#1) active 1 : (tensor<?x2xf32>, tensor<?x64xf32>, tensor<?x64xf32>, tensor<?x64xf32>) -> (tensor<?x64xf32>, tensor<?x64xf32>)
  %m = gemma.match_rms %z#1, %z#0 floor 1.0e-5 : tensor<?x64xf32>
  %s = gemma.select_rows %m, %batch : tensor<?x64xf32> -> tensor<?x64xf32>
  return %s : tensor<?x64xf32>
}

// -----

// A matrix that is only looked up is a table, packed once; one that multiplies,
// too, is a weight. Constants tell kernels apart.
gemma.param @table : tensor<32x64xbf16> from "w" at 0
gemma.param @head : tensor<48x64xbf16> from "w" at 0
gemma.param @one : tensor<1xf32> from "w" at 0

// CHECK-LABEL: plan.program @text
// CHECK:       %[[T:.*]] = plan.pack {{.*}} : tensor<32x64xbf16> -> !kernel.table<32 x 64 x bf16>
// CHECK-NEXT:  plan.dispatch @embed_64(%{{.*}}, %[[T]], %[[A:.*]]) "table"
// CHECK-NOT:   plan.pack
// CHECK:       plan.dispatch @embed_64_2(%{{.*}}, %[[T]], %[[B:.*]]) "table"
// CHECK:       %[[H:.*]] = plan.pack {{.*}} : tensor<48x64xbf16> -> !kernel.weight<48 x 64 x bf16>
// CHECK-NEXT:  plan.dispatch @embed_64_3(%{{.*}}, %[[H]], %[[C:.*]]) "head"
// CHECK:       plan.dispatch @scale_64(%[[A]],
// CHECK:       plan.dispatch @scale_64_2(%[[B]],
// CHECK:       plan.dispatch @scale_64(%[[C]],
// CHECK:       plan.dispatch @scale_by_64({{.*}}) "one"
// CHECK:       plan.dispatch @linear_bf16_64x48({{.*}}, %[[H]],
func.func @text(%tokens: tensor<?xi32>, %batch: !gemma.batch) -> tensor<?x48xf32> {
  %t = gemma.weight @table : tensor<32x64xbf16>
  %h = gemma.weight @head : tensor<48x64xbf16>
  %one = gemma.weight @one : tensor<1xf32>
  %a = gemma.embed %tokens, %t scale 1.0 : tensor<?xi32>, tensor<32x64xbf16> -> tensor<?x64xf32>
  %b = gemma.embed %tokens, %t scale 1.0 fallback(3) : tensor<?xi32>, tensor<32x64xbf16> -> tensor<?x64xf32>
  %c = gemma.embed %tokens, %h scale 1.0 : tensor<?xi32>, tensor<48x64xbf16> -> tensor<?x64xf32>
  %0 = gemma.scale %a by 2.0 : tensor<?x64xf32>
  %1 = gemma.scale %b by 3.0 : tensor<?x64xf32>
  %2 = gemma.scale %c by 2.0 : tensor<?x64xf32>
  %3 = gemma.add %0, %1 : tensor<?x64xf32>
  %4 = gemma.add %2, %3 : tensor<?x64xf32>
  %5 = gemma.scale_by %4, %one : tensor<?x64xf32>, tensor<1xf32>
  %s = gemma.select_rows %5, %batch : tensor<?x64xf32> -> tensor<?x64xf32>
  %l = gemma.linear %s, %h {product = #gemma.product<bf16>} : tensor<?x64xf32>, tensor<48x64xbf16> -> tensor<?x48xf32>
  return %l : tensor<?x48xf32>
}

// -----

// An embedding: the mean of a sequence's rows, of length one, goes to the caller.
gemma.param @table : tensor<32x40xf32> from "w" at 0

// CHECK:       kernel.func @mean_40({{.*}}unit = #kernel.unit<wanted>}
// CHECK-NEXT:    kernel.mean %arg0 of(%arg1, %arg2, %arg3)
// CHECK:       kernel.func @l2_norm_40({{.*}}unit = #kernel.unit<wanted>}
// CHECK-LABEL: plan.program @text
// CHECK:       plan.dispatch @embed_40({{.*}}, %[[X:.*]]) "table"
// CHECK:       %[[WANTED:.*]] = plan.step <wanted>
// CHECK-NEXT:  %[[POSITIONS:.*]] = plan.step <positions>
// CHECK-NEXT:  %[[ENDS:.*]] = plan.step <ends>
// CHECK-NEXT:  plan.dispatch @mean_40(%[[X]], %[[WANTED]], %[[POSITIONS]], %[[ENDS]], %[[M:.*]]) "mean of rows"
// CHECK-NEXT:  %[[RESULT:.*]] = plan.result 0 : <40 x dense>
// CHECK-NEXT:  plan.dispatch @l2_norm_40(%[[M]], %[[RESULT]])
func.func @text(%tokens: tensor<?xi32>, %batch: !gemma.batch) -> tensor<?x40xf32> {
  %t = gemma.weight @table : tensor<32x40xf32>
  %x = gemma.embed %tokens, %t scale 8.0 : tensor<?xi32>, tensor<32x40xf32> -> tensor<?x40xf32>
  %m = gemma.mean_rows %x, %batch : tensor<?x40xf32> -> tensor<?x40xf32>
  %y = gemma.l2_norm %m : tensor<?x40xf32>
  return %y : tensor<?x40xf32>
}

// -----

// Two functions: the second takes rows and gives two results, one of which it
// reads, too. The table that the first multiplies by is no table in the second.
gemma.param @table : tensor<32x40xf32> from "w" at 0
gemma.cache @layer : !gemma.kv<1 x 40> window 0

// CHECK-LABEL: plan.program @text
// CHECK:       plan.pack %{{.*}} : tensor<32x40xf32> -> !kernel.weight<32 x 40 x f32>
// CHECK-LABEL: plan.program @draft
// CHECK-DAG:   %[[STATES:.*]] = plan.input 0 : <40 x f32>
// CHECK-DAG:   %[[TABLE:.*]] = plan.pack %{{.*}} : tensor<32x40xf32> -> !kernel.weight<32 x 40 x f32>
// CHECK:       plan.dispatch @embed_40(%{{.*}}, %[[TABLE]], %{{.*}}) "table"
// CHECK:       plan.dispatch @add_40(%{{.*}}, %[[STATES]], %[[X:.*]]) "add_40"
// CHECK:       plan.dispatch @select_40(%[[X]], %{{.*}}, %[[Y:.*]]) "wanted rows"
// CHECK:       %[[LOGITS:.*]] = plan.result 0 : <32 x dense>
// CHECK:       plan.dispatch @linear_f32_40x32(%[[Y]], %[[TABLE]], %[[LOGITS]]) "table"
// CHECK:       %[[COPY:.*]] = plan.result 1 : <40 x dense>
// CHECK:       plan.dispatch @copy_40(%[[Y]], %[[COPY]]) "result"
func.func @text(%tokens: tensor<?xi32>, %batch: !gemma.batch) -> tensor<?x32xf32> {
  %t = gemma.weight @table : tensor<32x40xf32>
  %x = gemma.embed %tokens, %t scale 8.0 : tensor<?xi32>, tensor<32x40xf32> -> tensor<?x40xf32>
  %h = gemma.split_heads %x : tensor<?x40xf32> -> tensor<?x1x40xf32>
  %kv = gemma.append %h, %h, %batch to @layer : tensor<?x1x40xf32>, !gemma.kv<1 x 40>
  %y = gemma.select_rows %x, %batch : tensor<?x40xf32> -> tensor<?x40xf32>
  %l = gemma.linear %y, %t : tensor<?x40xf32>, tensor<32x40xf32> -> tensor<?x32xf32>
  return %l : tensor<?x32xf32>
}
func.func @draft(%tokens: tensor<?xi32>, %batch: !gemma.batch, %states: tensor<?x40xf32>) -> (tensor<?x32xf32>, tensor<?x40xf32>) {
  %t = gemma.weight @table : tensor<32x40xf32>
  %e = gemma.embed %tokens, %t scale 8.0 : tensor<?xi32>, tensor<32x40xf32> -> tensor<?x40xf32>
  %x = gemma.add %e, %states : tensor<?x40xf32>
  %y = gemma.select_rows %x, %batch : tensor<?x40xf32> -> tensor<?x40xf32>
  %l = gemma.linear %y, %t : tensor<?x40xf32>, tensor<32x40xf32> -> tensor<?x32xf32>
  return %l, %y : tensor<?x32xf32>, tensor<?x40xf32>
}

// -----

// Clusters are experts that have one product each.
gemma.param @w : tensor<64x40xf32> from "w" at 0
gemma.param @c : tensor<4x40xf32> from "w" at 0
gemma.param @order : tensor<64xi64> from "w" at 0
gemma.cache @layer : !gemma.kv<1 x 40> window 0

// CHECK-LABEL: plan.program @text rows(9, 256)
// CHECK:       plan.dispatch @attention_1_1x40
// CHECK:       plan.dispatch @linear_f32_40x4({{.*}}, %[[SCORES:.*]]) "c"
// CHECK:       %[[ONES:.*]] = gemma.fill 1.000000e+00 : tensor<4xf32>
// CHECK:       %[[SCALES:.*]] = plan.pack %[[ONES]]
// CHECK:       plan.dispatch @route_2of4(%[[SCORES]], %[[SCALES]], %[[ROUTING:.*]]) "w"
// CHECK:       plan.dispatch @group_2of4(%[[ROUTING]]) "w"
// CHECK:       plan.dispatch @scatter_40(%{{.*}}, %[[X:.*]], %[[ROUTING]]) "w"
// CHECK:       %[[W:.*]] = plan.pack %{{.*}} : tensor<64x40xf32> -> !kernel.weight<16 x 40 x f32 stack 4>
// CHECK:       plan.dispatch @experts_linear_f32_40x16(%[[X]], %[[W]], %[[Y:.*]], %[[ROUTING]]) "w"
// CHECK:       %[[ORDER:.*]] = plan.pack %{{.*}} : tensor<64xi64> -> !kernel.vector<64>
// CHECK:       plan.dispatch @spread_64(%[[Y]], %[[ORDER]], %[[ROUTING]], %{{.*}}) "w"
func.func @text(%tokens: tensor<?xi32>, %batch: !gemma.batch, %x: tensor<?x40xf32>) -> tensor<?x64xf32> {
  %q = gemma.split_heads %x : tensor<?x40xf32> -> tensor<?x1x40xf32>
  %kv = gemma.past @layer : !gemma.kv<1 x 40>
  %a = gemma.attention %q, %kv, %batch scale 1.0 window 0 : tensor<?x1x40xf32>, !gemma.kv<1 x 40> -> tensor<?x40xf32>
  %y = gemma.select_rows %a, %batch : tensor<?x40xf32> -> tensor<?x40xf32>
  %c = gemma.weight @c : tensor<4x40xf32>
  %scores = gemma.linear %y, %c : tensor<?x40xf32>, tensor<4x40xf32> -> tensor<?x4xf32>
  %w = gemma.weight @w : tensor<64x40xf32>
  %order = gemma.weight @order : tensor<64xi64>
  %sorted = gemma.gather_rows %w, %order : tensor<64x40xf32>, tensor<64xi64>
  %l = gemma.clustered_linear %y, %scores, %sorted, %order top 2 : tensor<?x40xf32>, tensor<?x4xf32>, tensor<64x40xf32>, tensor<64xi64> -> tensor<?x64xf32>
  return %l : tensor<?x64xf32>
}

// -----

// What layers remember of a sequence shares a page. Kernels that go on from it
// have some columns in each slice, blocks of a matrix one block; blocks are read
// row by row, so that they lie as a table does.
gemma.state @conv : tensor<3x72xf32>
gemma.state @lru : tensor<1x72xf32>
gemma.param @table : tensor<515x72xf32> from "w" at 0
gemma.param @taps : tensor<288xf32> from "w" at 0
gemma.param @vector : tensor<72xf32> from "w" at 0
gemma.param @blocks : tensor<72x24xbf16> from "w" at 0

// Rows of 128 numbers of 4 bytes: three of them, and one.
// CHECK:       plan.cache @state {page_bytes = 2048 : i64, page_tokens = 0 : i64, window = 0 : i64}
// CHECK-NOT:   gemma.state
// CHECK:       kernel.func @causal_conv_72({{.*}}slices = 2 : i64, unit = #kernel.unit<one>}
// CHECK-NEXT:    kernel.causal_conv %arg0, %arg1, %arg2 to %arg3 state(%arg4, %arg5, %arg6)
// CHECK:       kernel.func @block_linear_72({{.*}}slices = 3 : i64, unit = #kernel.unit<one>}
// CHECK-NEXT:    kernel.block_linear %arg0, %arg1 to %arg2 rows <row> : <72 x f32>, <72 x 24 x bf16> to <72 x f32>
// CHECK:       kernel.func @bias_72({{.*}}unit = #kernel.unit<row>}
// CHECK:       kernel.func @rg_lru_72({{.*}}slices = 2 : i64, unit = #kernel.unit<one>}
// CHECK-NEXT:    kernel.rg_lru %arg0, %arg1, %arg2, %arg3 to %arg4 state(%arg5, %arg6, %arg7)
// CHECK-LABEL: plan.program @text
// CHECK:       %[[PAGES:.*]] = plan.pages @state
// CHECK:       %[[P:.*]] = plan.step <positions>
// CHECK:       %[[CONV:.*]] = plan.offset 0
// CHECK:       plan.dispatch @causal_conv_72(%[[X:.*]], %{{.*}}, %{{.*}}, %[[U:.*]], %[[PAGES]], %[[P]], %[[CONV]]) "conv"
// CHECK:       plan.dispatch @block_linear_72(%[[U]], %{{.*}}, %[[Y:.*]]) "blocks"
// CHECK:       plan.dispatch @bias_72(%[[Y]], %{{.*}}, %[[G:.*]]) "vector"
// CHECK:       gemma.softplus
// CHECK:       %[[LRU:.*]] = plan.offset 1536
// CHECK:       plan.dispatch @rg_lru_72(%[[U]], %[[G]], %[[G]], %{{.*}}, %{{.*}}, %[[PAGES]], %[[P]], %[[LRU]]) "lru"
func.func @text(%tokens: tensor<?xi32>, %batch: !gemma.batch) -> tensor<?x72xf32> {
  %t = gemma.weight @table : tensor<515x72xf32>
  %x = gemma.embed %tokens, %t scale 8.0 : tensor<?xi32>, tensor<515x72xf32> -> tensor<?x72xf32>
  %w = gemma.weight @taps : tensor<288xf32>
  %b = gemma.weight @vector : tensor<72xf32>
  %u = gemma.causal_conv %x, %w, %b, %batch of @conv : tensor<?x72xf32>, tensor<288xf32>, tensor<72xf32>
  %m = gemma.weight @blocks : tensor<72x24xbf16>
  %y = gemma.block_linear %u, %m blocks 3 : tensor<?x72xf32>, tensor<72x24xbf16> -> tensor<?x72xf32>
  %g = gemma.bias %y, %b : tensor<?x72xf32>, tensor<72xf32>
  %rate = gemma.softplus %b : tensor<72xf32> -> tensor<72xf32>
  %h = gemma.rg_lru %u, %g, %g, %rate, %batch of @lru : tensor<?x72xf32>, tensor<72xf32>
  %s = gemma.select_rows %h, %batch : tensor<?x72xf32> -> tensor<?x72xf32>
  return %s : tensor<?x72xf32>
}
