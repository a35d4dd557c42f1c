/*===- lapidary.h - The C API of the Lapidary runtime -------------*- C -*-===*\
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Opens an artifact that `lapidary compile` wrote and runs it. Two handles:
 *
 *   lapidary_model     a mapped artifact, its threads and its working memory
 *   lapidary_session   one sequence: its tokens, its KV pages, its sampler
 *
 * Every function that can fail returns a status; results leave through
 * pointers that are written on success only, unless said otherwise. The words
 * of the last failure in the calling thread are in lapidary_last_error().
 *
 * Threads: functions of one model may be called from several threads, they
 * wait for each other where they must. A session is used by one thread at a
 * time. A model outlives its sessions.
 *
 * Compatibility: symbols, status numbers and the order of struct members stay;
 * structs that begin with `struct_size` may grow at their end, so callers set
 * it to sizeof the struct (or begin with the matching *_INIT).
\*===----------------------------------------------------------------------===*/
#ifndef LAPIDARY_H
#define LAPIDARY_H

#include <stddef.h>
#include <stdint.h>

#if defined(_WIN32)
#define LAPIDARY_API
#else
#define LAPIDARY_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

/*===--- Status -----------------------------------------------------------===*/

/* Numbers are ABI. Below 64 the input is wrong, from 64 the machine cannot,
 * from 128 it is a bug in Lapidary. */
typedef enum lapidary_status {
  LAPIDARY_OK = 0,
  /* An argument breaks what this header asks for. */
  LAPIDARY_INVALID_ARGUMENT = 1,
  /* A file is missing, unreadable, or of another kind. */
  LAPIDARY_FILE_ERROR = 2,
  /* A file is an artifact, but a damaged one. */
  LAPIDARY_BAD_ARTIFACT = 3,
  /* An artifact is newer than this runtime. */
  LAPIDARY_NEWER_ARTIFACT = 4,
  /* The tokens do not fit the context; the session is as it was before. */
  LAPIDARY_CONTEXT_FULL = 5,
  /* The artifact lacks a tokenizer or a chat template that was asked for. */
  LAPIDARY_NOT_IN_ARTIFACT = 6,
  /* A caller's buffer is too small; the needed count was written. */
  LAPIDARY_BUFFER_TOO_SMALL = 7,
  /* The past that an operation needs has left the sliding windows. */
  LAPIDARY_PAST_LOST = 8,
  /* The artifact has no code that this machine can run. */
  LAPIDARY_UNSUPPORTED_MACHINE = 64,
  /* The system gave no memory; sessions are as they were before. */
  LAPIDARY_OUT_OF_MEMORY = 65,
  LAPIDARY_INTERNAL_ERROR = 128
} lapidary_status;

/* The exit code that the command line gives for `status`: 0, 1 (the input is
 * wrong), 3 (the machine cannot) or 70 (a bug). */
LAPIDARY_API int lapidary_status_exit_code(lapidary_status status);

/* What failed last in this thread: lower-case, no final period; names the
 * file and field. Never NULL; valid until the next call in this thread. */
LAPIDARY_API const char *lapidary_last_error(void);

/* The version of this runtime, e.g. "0.1.0". */
LAPIDARY_API const char *lapidary_version(void);

/*===--- Model ------------------------------------------------------------===*/

typedef struct lapidary_model lapidary_model;
typedef struct lapidary_session lapidary_session;

typedef enum lapidary_model_kind {
  /* Continues texts, in sessions. */
  LAPIDARY_MODEL_TEXT = 0,
  /* Makes a vector of a whole text: lapidary_embed. It has no sessions. */
  LAPIDARY_MODEL_EMBEDDING = 1
} lapidary_model_kind;

typedef struct lapidary_open_options {
  size_t struct_size;
  /* Threads of a step, the caller's included; 0: as many as this process may
   * use by its CPU affinity and its cgroup's quota. */
  uint32_t threads;
  /* Nonzero: check the sums of large weight sections too, which reads them
   * whole. Everything else is checked at every opening. */
  int verify_weights;
  /* Which of the models in the artifact sessions run that are created without
   * a name: one nested in the whole, or NULL for the whole. */
  const char *nested;
  /* Nonzero: read the weights ahead with several threads before the model is
   * open, but for tables of which steps look up single rows. */
  int warm;
  /* Called meanwhile, by one thread at a time, with how much of that is done,
   * in [0, 1]; may be NULL. */
  void (*on_warm)(void *context, double done);
  void *warm_context;
} lapidary_open_options;
#define LAPIDARY_OPEN_OPTIONS_INIT                                             \
  {sizeof(lapidary_open_options), 0, 0, NULL, 0, NULL, NULL}

/* Maps the artifact at `path`, a .lap file or an executable that carries one,
 * and chooses the best of its variants that this machine can run; when the
 * environment has LAPIDARY_CPU, only the variant of that name. `options` may be
 * NULL. The caller owns `*out_model`. The file must not change while open. */
LAPIDARY_API lapidary_status
lapidary_model_open(const char *path, const lapidary_open_options *options,
                    lapidary_model **out_model);

/* Closes a model after the last of its sessions. NULL is fine. */
LAPIDARY_API void lapidary_model_close(lapidary_model *model);

/* Facts of a model; strings live as long as it does. */
typedef struct lapidary_model_info {
  size_t struct_size;
  const char *name;
  /* `gemma3`, ...: for display. */
  const char *architecture;
  /* `f32`, `bf16`, `int8`, `int4`. */
  const char *quantization;
  /* The version of Lapidary that wrote the artifact, or "". */
  const char *producer;
  /* Name of the chosen code, e.g. `sapphirerapids`. */
  const char *variant;
  /* Renderer of prompts, e.g. `gemma3`; "" when there is none. */
  const char *chat_template;
  uint64_t parameters;
  uint64_t weight_bytes;
  uint64_t file_bytes;
  uint32_t vocabulary;
  uint32_t hidden;
  uint32_t layers;
  /* Positions that a session may hold. */
  uint32_t context;
  /* Rows that one run of the widest program takes; longer steps are cut. */
  uint32_t max_rows;
  uint32_t threads;
  /* -1: none. */
  int32_t bos;
  int32_t pad;
  /* Tokens that end an answer. */
  const int32_t *eos;
  size_t eos_count;
  int has_tokenizer;
  lapidary_model_kind kind;
  /* Numbers of an embedding; 0 when the model makes none. */
  uint32_t embedding_width;
  /* Numbers of a row of states; 0 when steps give none. */
  uint32_t state_width;
  int has_draft;
  /* Whether an encoder reads a source before a text about it is written, and
   * numbers of a row of its states. */
  int has_encoder;
  uint32_t source_state_width;
  /* Names of the smaller models within the whole that share its weights. */
  const char *const *nested;
  size_t nested_count;
} lapidary_model_info;
#define LAPIDARY_MODEL_INFO_INIT                                               \
  {sizeof(lapidary_model_info),                                                \
   NULL,                                                                       \
   NULL,                                                                       \
   NULL,                                                                       \
   NULL,                                                                       \
   NULL,                                                                       \
   NULL,                                                                       \
   0,                                                                          \
   0,                                                                          \
   0,                                                                          \
   0,                                                                          \
   0,                                                                          \
   0,                                                                          \
   0,                                                                          \
   0,                                                                          \
   0,                                                                          \
   0,                                                                          \
   0,                                                                          \
   NULL,                                                                       \
   0,                                                                          \
   0,                                                                          \
   LAPIDARY_MODEL_TEXT,                                                        \
   0,                                                                          \
   0,                                                                          \
   0,                                                                          \
   0,                                                                          \
   0,                                                                          \
   NULL,                                                                       \
   0}

/* Fills as much of `*info` as its struct_size says. */
LAPIDARY_API lapidary_status
lapidary_model_get_info(const lapidary_model *model, lapidary_model_info *info);

/* Bytes of memory in use. Weights are mapped: the system loads them on first
 * use and may drop them again. */
typedef struct lapidary_memory {
  size_t struct_size;
  uint64_t weights;
  /* Activations, logits and the threads' scratch. */
  uint64_t working;
  /* KV pages of all sessions, those kept for reuse included. */
  uint64_t kv;
  /* KV pages that one session with a full context needs. */
  uint64_t kv_per_full_session;
} lapidary_memory;
#define LAPIDARY_MEMORY_INIT {sizeof(lapidary_memory), 0, 0, 0, 0}

LAPIDARY_API lapidary_status lapidary_model_get_memory(lapidary_model *model,
                                                       lapidary_memory *memory);

/*===--- Session ----------------------------------------------------------===*/

/* Starts an empty sequence of a model that continues texts. The caller owns
 * `*out_session`. */
LAPIDARY_API lapidary_status
lapidary_session_create(lapidary_model *model, lapidary_session **out_session);

/* The same for the model `nested` within the whole; NULL is the whole.
 * LAPIDARY_NOT_IN_ARTIFACT lists the names when there is none of this one. */
LAPIDARY_API lapidary_status lapidary_session_create_nested(
    lapidary_model *model, const char *nested, lapidary_session **out_session);

/* NULL is fine. */
LAPIDARY_API void lapidary_session_destroy(lapidary_session *session);

/* Forgets all tokens and gives the KV pages back; keeps sampling and seed,
 * starting the random numbers again. */
LAPIDARY_API void lapidary_session_reset(lapidary_session *session);

/* Makes a second session with the same past; they share pages until one of
 * them writes. The caller owns `*out_session`. */
LAPIDARY_API lapidary_status lapidary_session_fork(
    lapidary_session *session, lapidary_session **out_session);

/* Forgets the tokens from `position` on. LAPIDARY_PAST_LOST when sliding
 * windows at `position` need keys that are already overwritten, or the model
 * remembers no earlier position; the session is then as before. */
LAPIDARY_API lapidary_status
lapidary_session_truncate(lapidary_session *session, size_t position);

/* Truncates to the longest prefix of `tokens` that the session holds and can
 * go back to, but to at most count - 1 tokens so that a step has something to
 * do. Writes how many are kept to `*out_kept`; go on with tokens + *out_kept.
 */
LAPIDARY_API lapidary_status
lapidary_session_keep_prefix(lapidary_session *session, const int32_t *tokens,
                             size_t count, size_t *out_kept);

/* How many tokens the session holds: the position of the next one. */
LAPIDARY_API size_t lapidary_session_position(const lapidary_session *session);

/* The tokens held, position many; valid until the session changes. */
LAPIDARY_API const int32_t *
lapidary_session_tokens(const lapidary_session *session);

/* Bytes of the KV pages that the session holds. */
LAPIDARY_API uint64_t lapidary_session_memory(const lapidary_session *session);

/*===--- Step -------------------------------------------------------------===*/

typedef enum lapidary_logits {
  LAPIDARY_LOGITS_NONE = 0,
  /* One row: of the last token. */
  LAPIDARY_LOGITS_LAST = 1,
  /* One row for every token. */
  LAPIDARY_LOGITS_ALL = 2
} lapidary_logits;

/* What one session adds in a step. */
typedef struct lapidary_step_entry {
  lapidary_session *session;
  const int32_t *tokens;
  size_t token_count;
  lapidary_logits logits_mode;
  /* Receives rows of `vocabulary` floats as `logits_mode` says; else NULL. */
  float *logits;
  /* Receives as many rows of `state_width` floats, what the logits come from,
   * which a draft head goes on with, or one if only `next` asks for logits;
   * NULL: not wanted. */
  float *states;
  /* Receives the token that the session's sampling chooses to come next, or
   * NULL. Where `logits_mode` is LAPIDARY_LOGITS_NONE no more logits are
   * computed than the choice needs. */
  int32_t *next;
} lapidary_step_entry;

/* Appends tokens to several sessions at once, each session named once and
 * with at least one token. Logits do not depend on which sessions share a
 * step. On failure all sessions are as before. */
LAPIDARY_API lapidary_status lapidary_step(lapidary_model *model,
                                           const lapidary_step_entry *entries,
                                           size_t count);

/* lapidary_step with one entry. */
LAPIDARY_API lapidary_status lapidary_session_step(lapidary_session *session,
                                                   const int32_t *tokens,
                                                   size_t count,
                                                   lapidary_logits logits_mode,
                                                   float *logits);

/* Appends tokens and chooses the one that comes next: lapidary_session_step and
 * lapidary_session_sample without the logits. */
LAPIDARY_API lapidary_status lapidary_session_next(lapidary_session *session,
                                                   const int32_t *tokens,
                                                   size_t count,
                                                   int32_t *out_token);

/*===--- Sources ----------------------------------------------------------===*/

/* For models with an encoder: reads `tokens`, at least one and at most the
 * context, as a whole. The session's text, which it forgets, then is about them
 * and begins with bos. `states`, unless NULL, receives float32
 * [count, source_state_width]. On failure the session is empty. */
LAPIDARY_API lapidary_status lapidary_encode(lapidary_session *session,
                                             const int32_t *tokens,
                                             size_t count, float *states);

/*===--- Drafting ---------------------------------------------------------===*/

/* A guess: `token`, which may follow what the session holds, and the states of
 * what stands before it: those of the session's last token, or from the second
 * guess on the `next_states` of the guess before. */
typedef struct lapidary_draft_entry {
  lapidary_session *session;
  int32_t token;
  const float *states;
  /* Receives a row of `vocabulary` floats: what the draft head expects after
   * `token`. */
  float *logits;
  /* Receives a row of `state_width` floats; may be `states`. */
  float *next_states;
} lapidary_draft_entry;

/* Asks the model's draft head. Sessions, each named once, stay as they are: a
 * step with the guessed tokens tells which of them the model itself would have
 * chosen. LAPIDARY_NOT_IN_ARTIFACT when the model has no draft head. */
LAPIDARY_API lapidary_status lapidary_draft(lapidary_model *model,
                                            const lapidary_draft_entry *entries,
                                            size_t count);

/*===--- Sampling ---------------------------------------------------------===*/

/* How the next token is chosen. In this order: the repetition penalty, then
 * (greedy ends here: the lowest of the best ids) division by the temperature,
 * top-k, top-p, min-p, and one draw. Equal seeds give equal tokens on every
 * machine that gives equal logits. */
typedef struct lapidary_sampling {
  size_t struct_size;
  /* 0: greedy. */
  float temperature;
  /* Keep the k most likely; 0: all. */
  uint32_t top_k;
  /* Keep the fewest most likely that together have this probability; 1: all. */
  float top_p;
  /* Keep those with at least this share of the best one's probability; 0: all.
   */
  float min_p;
  /* Tokens that the session holds: positive logits are divided by this,
   * negative ones multiplied; 1: no penalty. */
  float repetition_penalty;
  uint64_t seed;
} lapidary_sampling;
#define LAPIDARY_SAMPLING_INIT                                                 \
  {sizeof(lapidary_sampling), 0.0f, 0, 1.0f, 0.0f, 1.0f, 0}

/* The checkpoint's own choice (generation_config.json), or greedy. */
LAPIDARY_API lapidary_status lapidary_model_default_sampling(
    const lapidary_model *model, lapidary_sampling *sampling);

/* Sets how a session samples and seeds its random numbers. New sessions have
 * the model's default sampling and seed 0. */
LAPIDARY_API lapidary_status lapidary_session_set_sampling(
    lapidary_session *session, const lapidary_sampling *sampling);

/* Lets a session choose only tokens whose bit is set: of token t that is bit
 * t % 32 of mask[t / 32]. `words` is (vocabulary + 31) / 32. It holds until it
 * is set again; a NULL mask allows all tokens. A mask without tokens is
 * refused. lapidary_session_next and `next` of lapidary_step compute no logits
 * that only tokens left out would have. */
LAPIDARY_API lapidary_status lapidary_session_set_allowed(
    lapidary_session *session, const uint32_t *mask, size_t words);

/* Chooses a token from one row of logits, which stays as it is. */
LAPIDARY_API lapidary_status lapidary_session_sample(lapidary_session *session,
                                                     const float *logits,
                                                     int32_t *out_token);

/*===--- Text -------------------------------------------------------------===*/

/* Texts are UTF-8 and given with their size in bytes. Functions that fill a
 * buffer always write the needed count; they fill the buffer when it is large
 * enough, succeed without filling when the capacity is 0, and otherwise return
 * LAPIDARY_BUFFER_TOO_SMALL. */

typedef enum lapidary_tokenize_mode {
  /* Everything is text, `<bos>` too. */
  LAPIDARY_TOKENIZE_TEXT = 0,
  /* Control symbols in the text become their tokens. */
  LAPIDARY_TOKENIZE_SPECIAL = 1
} lapidary_tokenize_mode;

/* Splits text into tokens; adds no bos. */
LAPIDARY_API lapidary_status lapidary_tokenize(const lapidary_model *model,
                                               const char *text, size_t size,
                                               lapidary_tokenize_mode mode,
                                               int32_t *tokens, size_t capacity,
                                               size_t *out_count);

/* The text of tokens, without a final NUL. Control tokens have text only with
 * LAPIDARY_TOKENIZE_SPECIAL. */
LAPIDARY_API lapidary_status lapidary_detokenize(
    const lapidary_model *model, const int32_t *tokens, size_t count,
    lapidary_tokenize_mode mode, char *text, size_t capacity, size_t *out_size);

/* Streaming: the text that `token` completes, never half a character; may be
 * empty. `*out_text` is valid until the session's next call. Has its own state
 * in the session, which lapidary_session_reset clears. */
LAPIDARY_API lapidary_status lapidary_session_decode(lapidary_session *session,
                                                     int32_t token,
                                                     const char **out_text,
                                                     size_t *out_size);

/* Ends a stream: what is left of it, broken characters as U+FFFD. */
LAPIDARY_API lapidary_status lapidary_session_decode_end(
    lapidary_session *session, const char **out_text, size_t *out_size);

typedef struct lapidary_message {
  /* `system`, `user`, `assistant` (or `model`). NUL-terminated. */
  const char *role;
  const char *content;
  size_t content_size;
} lapidary_message;

/* The tokens of a conversation by the model's chat template, bos included; a
 * nonzero `add_answer_start` ends them where the model's answer begins. */
LAPIDARY_API lapidary_status lapidary_render_chat(
    const lapidary_model *model, const lapidary_message *messages,
    size_t message_count, int add_answer_start, int32_t *tokens,
    size_t capacity, size_t *out_count);

/*===--- Generation -------------------------------------------------------===*/

/* Called for every generated token with the text it makes certain (may be
 * empty, is not NUL-terminated, never holds a part of a stop string), and at
 * the end with token -1 if text was held back. Nonzero stops. */
typedef int (*lapidary_token_callback)(void *user, int32_t token,
                                       const char *text, size_t size);

typedef struct lapidary_generate_options {
  size_t struct_size;
  /* At most this many tokens; 0: until the context is full. */
  size_t max_tokens;
  /* Texts that end the answer and are not part of it; NUL-terminated. */
  const char *const *stop_strings;
  size_t stop_string_count;
  /* Nonzero: tokens that end an answer are as any others. */
  int ignore_eos;
  /* May be NULL. */
  lapidary_token_callback on_token;
  void *user;
} lapidary_generate_options;
#define LAPIDARY_GENERATE_OPTIONS_INIT                                         \
  {sizeof(lapidary_generate_options), 0, NULL, 0, 0, NULL, NULL}

typedef enum lapidary_stop_reason {
  /* A token that ends an answer. */
  LAPIDARY_STOP_EOS = 0,
  LAPIDARY_STOP_STRING = 1,
  LAPIDARY_STOP_MAX_TOKENS = 2,
  LAPIDARY_STOP_CONTEXT_FULL = 3,
  LAPIDARY_STOP_CALLBACK = 4
} lapidary_stop_reason;

/* `eos`, `stop`, `length`, `context` or `callback`. */
LAPIDARY_API const char *lapidary_stop_reason_name(lapidary_stop_reason reason);

typedef struct lapidary_generation {
  size_t struct_size;
  lapidary_stop_reason stop_reason;
  /* The token that was sampled last: the eos that ended the answer, which the
   * callback did not see, or the last one that it saw; -1: none. The session
   * does not hold it yet, so it begins what is appended next. */
  int32_t last_token;
  size_t prompt_tokens;
  /* Tokens sampled, the ending eos included. */
  size_t generated_tokens;
  /* Until the logits of the prompt's last token were there. */
  double prompt_seconds;
  /* From then to the last token. */
  double generate_seconds;
} lapidary_generation;
#define LAPIDARY_GENERATION_INIT                                               \
  {sizeof(lapidary_generation), LAPIDARY_STOP_EOS, 0, 0, 0, 0.0, 0.0}

/* Appends `tokens`, or in models with an encoder encodes them and begins a text
 * about them, and generates with the session's sampling. Works without a
 * tokenizer too: all texts are then empty, and stop strings are refused. On
 * failure during the prompt the session is as before; later, it holds what was
 * generated so far. `result` may be NULL. */
LAPIDARY_API lapidary_status lapidary_generate(
    lapidary_session *session, const int32_t *tokens, size_t count,
    const lapidary_generate_options *options, lapidary_generation *result);

/*===--- Embedding --------------------------------------------------------===*/

/* For models of kind LAPIDARY_MODEL_EMBEDDING; others are refused. */

/* The tokens of a text that is to be embedded, bos and eos included where the
 * checkpoint puts them. `prompt` chooses the words that go before the text by
 * their name in the checkpoint, e.g. `query`; NULL is the checkpoint's default,
 * "" none. Fills `tokens` as lapidary_tokenize does. LAPIDARY_NOT_IN_ARTIFACT
 * when there is no such prompt; the message lists those there are. */
LAPIDARY_API lapidary_status lapidary_tokenize_for_embedding(
    const lapidary_model *model, const char *prompt, const char *text,
    size_t size, int32_t *tokens, size_t capacity, size_t *out_count);

/* The tokens of one text, at least one. */
typedef struct lapidary_embed_entry {
  const int32_t *tokens;
  size_t token_count;
} lapidary_embed_entry;

/* Writes the embeddings of `count` texts to the rows of `embeddings`, float32
 * [count, embedding_width]. A row depends on its own text alone. Texts that are
 * longer than the context are refused (LAPIDARY_CONTEXT_FULL) before anything
 * is computed; after other failures some rows may be written. */
LAPIDARY_API lapidary_status lapidary_embed(lapidary_model *model,
                                            const lapidary_embed_entry *entries,
                                            size_t count, float *embeddings);

/*===--- Measuring --------------------------------------------------------===*/

/* One command of a program, summed over its runs since profiling began. */
typedef struct lapidary_profile_entry {
  size_t struct_size;
  const char *program;
  const char *label;
  const char *kernel;
  uint64_t runs;
  double seconds;
  uint64_t weight_bytes;
  uint64_t flops;
  /* Bytes of keys and values, if each is read once. */
  uint64_t kv_bytes;
  /* What the operations are done in: "f32", "bf16", "int8"; or "". */
  const char *arithmetic;
} lapidary_profile_entry;
#define LAPIDARY_PROFILE_ENTRY_INIT                                            \
  {sizeof(lapidary_profile_entry), NULL, NULL, NULL, 0, 0.0, 0, 0, 0, NULL}

/* Nonzero: begins to time every command, from zero; zero: ends it. */
LAPIDARY_API void lapidary_model_set_profiling(lapidary_model *model, int on);

/* How many commands all programs have. */
LAPIDARY_API size_t lapidary_model_profile_count(const lapidary_model *model);

/* Fills `*entry` with what was measured for command `index`; commands of one
 * program follow each other. */
LAPIDARY_API lapidary_status lapidary_model_get_profile(
    lapidary_model *model, size_t index, lapidary_profile_entry *entry);

/* What the machine can do at best with all threads of the model: read its
 * weights ("read"), or multiply in registers in one arithmetic ("int8"). */
typedef struct lapidary_limit {
  size_t struct_size;
  const char *name;
  double seconds;
  uint64_t bytes;
  uint64_t flops;
} lapidary_limit;
#define LAPIDARY_LIMIT_INIT {sizeof(lapidary_limit), NULL, 0.0, 0, 0}

/* How many limits can be measured; none in artifacts of older versions. */
LAPIDARY_API size_t lapidary_model_limit_count(const lapidary_model *model);

/* Measures limit `index` once, which takes some milliseconds. */
LAPIDARY_API lapidary_status lapidary_model_measure_limit(
    lapidary_model *model, size_t index, lapidary_limit *limit);

#ifdef __cplusplus
}
#endif

#endif /* LAPIDARY_H */
