//===- lapidary.cpp - The C API -------------------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Checks arguments, turns exceptions into statuses and hands on: everything
// else happens in the classes behind the two handles.
#include "runtime/include/lapidary.h"
#include "runtime/embed.h"
#include "runtime/error.h"
#include "runtime/generate.h"
#include "runtime/model.h"
#include "runtime/session.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <set>

using namespace lapidary;

struct lapidary_model {
  Model model;
  /// As info has them.
  std::vector<const char *> nested;
};

struct lapidary_session {
  lapidary_model *owner;
  Session session;
};

//===----------------------------------------------------------------------===//
// Status
//===----------------------------------------------------------------------===//

/// A fixed buffer, since noting a lack of memory must not need any.
static thread_local char last_error[2048];

static lapidary_status note(lapidary_status status, const char *message) {
  std::snprintf(last_error, sizeof(last_error), "%s", message);
  return status;
}

/// Runs `body` and returns how it went.
template <typename Body> static lapidary_status guarded(Body body) noexcept {
  try {
    body();
    return LAPIDARY_OK;
  } catch (const Error &error) {
    return note(error.status(), error.what());
  } catch (const std::bad_alloc &) {
    return note(LAPIDARY_OUT_OF_MEMORY, "the system has no more memory");
  } catch (const std::length_error &) {
    return note(LAPIDARY_OUT_OF_MEMORY, "more memory than can be addressed");
  } catch (const std::exception &error) {
    return note(LAPIDARY_INTERNAL_ERROR, error.what());
  }
}

template <typename... Parts>
static void expect(bool condition, const Parts &...parts) {
  if (!condition)
    fail(LAPIDARY_INVALID_ARGUMENT, parts...);
}

static void expect_set(const void *pointer, const char *name) {
  expect(pointer, "argument '", name, "' is NULL");
}

int lapidary_status_exit_code(lapidary_status status) {
  if (status == LAPIDARY_OK)
    return 0;
  if (status < LAPIDARY_UNSUPPORTED_MACHINE)
    return 1;
  return status < LAPIDARY_INTERNAL_ERROR ? 3 : 70;
}

const char *lapidary_last_error(void) { return last_error; }

const char *lapidary_version(void) { return LAPIDARY_VERSION; }

//===----------------------------------------------------------------------===//
// Structs and buffers
//===----------------------------------------------------------------------===//

/// Fills as much of `*out` as the caller knows of.
template <typename Struct>
static void copy_out(const Struct &value, Struct *out, const char *name) {
  expect_set(out, name);
  size_t size = out->struct_size;
  expect(size >= sizeof(size), "'", name, "->struct_size' is ", size,
         "; set it to the size of the struct");
  std::memcpy(out, &value, std::min(size, sizeof(value)));
  out->struct_size = size;
}

/// `*in`, with `defaults` for what the caller does not know of.
template <typename Struct>
static Struct copy_in(const Struct *in, Struct defaults, const char *name) {
  if (!in)
    return defaults;
  expect(in->struct_size >= sizeof(in->struct_size), "'", name,
         "->struct_size' is ", in->struct_size,
         "; set it to the size of the struct");
  std::memcpy(&defaults, in, std::min(in->struct_size, sizeof(defaults)));
  return defaults;
}

/// Writes `values` as the header says that buffers are filled.
template <typename Values, typename Value>
static void fill(const Values &values, Value *out, size_t capacity,
                 size_t *out_count) {
  expect_set(out_count, "out_count");
  *out_count = values.size();
  if (capacity == 0)
    return;
  expect_set(out, "out");
  if (capacity < values.size())
    fail(LAPIDARY_BUFFER_TOO_SMALL, "the buffer has room for ", capacity,
         ", but ", values.size(), " are needed");
  std::copy(values.begin(), values.end(), out);
}

static std::string_view text_argument(const char *text, size_t size) {
  expect(text || size == 0, "argument 'text' is NULL");
  return size > 0 ? std::string_view(text, size) : std::string_view();
}

static std::span<const int32_t> token_argument(const int32_t *tokens,
                                               size_t count) {
  expect(tokens || count == 0, "argument 'tokens' is NULL");
  return {tokens, count};
}

static const char *text_or_empty(const flatbuffers::String *text) {
  return text ? text->c_str() : "";
}

//===----------------------------------------------------------------------===//
// Model
//===----------------------------------------------------------------------===//

lapidary_status lapidary_model_open(const char *path,
                                    const lapidary_open_options *options,
                                    lapidary_model **out_model) {
  return guarded([&] {
    expect_set(path, "path");
    expect_set(out_model, "out_model");
    lapidary_open_options defaults = LAPIDARY_OPEN_OPTIONS_INIT;
    lapidary_open_options chosen = copy_in(options, defaults, "options");
    expect(chosen.threads <= 4096, "option 'threads' is ", chosen.threads,
           "; expected at most 4096");
    const char *variant = std::getenv("LAPIDARY_CPU");
    std::unique_ptr<lapidary_model> opened(
        new lapidary_model{{path, chosen.threads, chosen.verify_weights != 0,
                            variant ? variant : ""},
                           {}});
    opened->model.choose_nested(chosen.nested ? chosen.nested : "");
    if (chosen.warm)
      opened->model.artifact().warm([&](double done) {
        if (chosen.on_warm)
          chosen.on_warm(chosen.warm_context, done);
      });
    for (const std::string &name : opened->model.nested())
      opened->nested.push_back(name.c_str());
    *out_model = opened.release();
  });
}

void lapidary_model_close(lapidary_model *model) { delete model; }

static lapidary_model_info describe(const lapidary_model &opened) {
  const Model &model = opened.model;
  const schema::Artifact &root = model.artifact().root();
  const schema::Model &facts = model.facts();
  lapidary_model_info info = LAPIDARY_MODEL_INFO_INIT;
  info.name = facts.name()->c_str();
  info.architecture = facts.architecture()->c_str();
  info.quantization = facts.quantization()->c_str();
  info.producer = text_or_empty(root.producer());
  info.variant = model.variant().name()->c_str();
  info.chat_template = text_or_empty(facts.chat_template());
  info.parameters = facts.parameters();
  info.weight_bytes = model.artifact().weights().size();
  info.file_bytes = model.artifact().size();
  info.vocabulary = facts.vocabulary();
  info.hidden = facts.hidden();
  info.layers = facts.layers();
  info.context = facts.context();
  info.max_rows = model.executor().max_rows();
  info.threads = model.executor().threads();
  info.bos = facts.bos();
  info.pad = facts.pad();
  if (facts.eos()) {
    info.eos = facts.eos()->data();
    info.eos_count = facts.eos()->size();
  }
  info.has_tokenizer = model.find_tokenizer() != nullptr;
  if (facts.kind() == schema::ModelKind::Embedding) {
    info.kind = LAPIDARY_MODEL_EMBEDDING;
    info.embedding_width = model.result_width();
  }
  info.state_width = model.stepper().state_width();
  info.has_draft = model.stepper().has_draft();
  info.has_encoder = model.stepper().has_encoder();
  info.source_state_width = model.stepper().source_state_width();
  info.nested = opened.nested.data();
  info.nested_count = opened.nested.size();
  return info;
}

lapidary_status lapidary_model_get_info(const lapidary_model *model,
                                        lapidary_model_info *info) {
  return guarded([&] {
    expect_set(model, "model");
    copy_out(describe(*model), info, "info");
  });
}

lapidary_status lapidary_model_get_memory(lapidary_model *model,
                                          lapidary_memory *memory) {
  return guarded([&] {
    expect_set(model, "model");
    copy_out(model->model.memory(), memory, "memory");
  });
}

lapidary_status lapidary_model_default_sampling(const lapidary_model *model,
                                                lapidary_sampling *sampling) {
  return guarded([&] {
    expect_set(model, "model");
    copy_out(default_sampling(model->model.facts()), sampling, "sampling");
  });
}

//===----------------------------------------------------------------------===//
// Session
//===----------------------------------------------------------------------===//

static lapidary_session *make_session(lapidary_model *model, size_t function) {
  const schema::Model &facts = model->model.facts();
  expect(facts.kind() == schema::ModelKind::Text, "'",
         facts.name()->string_view(), "' makes embeddings and has no sessions");
  return new lapidary_session{model, Session(model->model, function)};
}

lapidary_status lapidary_session_create(lapidary_model *model,
                                        lapidary_session **out_session) {
  return guarded([&] {
    expect_set(model, "model");
    expect_set(out_session, "out_session");
    *out_session = make_session(model, model->model.default_function());
  });
}

lapidary_status lapidary_session_create_nested(lapidary_model *model,
                                               const char *nested,
                                               lapidary_session **out_session) {
  return guarded([&] {
    expect_set(model, "model");
    expect_set(out_session, "out_session");
    *out_session =
        make_session(model, model->model.find_nested(nested ? nested : ""));
  });
}

void lapidary_session_destroy(lapidary_session *session) { delete session; }

void lapidary_session_reset(lapidary_session *session) {
  session->session.reset();
}

lapidary_status lapidary_session_fork(lapidary_session *session,
                                      lapidary_session **out_session) {
  return guarded([&] {
    expect_set(session, "session");
    expect_set(out_session, "out_session");
    *out_session = new lapidary_session(*session);
  });
}

lapidary_status lapidary_session_truncate(lapidary_session *session,
                                          size_t position) {
  return guarded([&] {
    expect_set(session, "session");
    session->session.truncate(position);
  });
}

lapidary_status lapidary_session_keep_prefix(lapidary_session *session,
                                             const int32_t *tokens,
                                             size_t count, size_t *out_kept) {
  return guarded([&] {
    expect_set(session, "session");
    expect_set(out_kept, "out_kept");
    expect(count > 0, "there are no tokens to keep a prefix of");
    *out_kept = session->session.keep_prefix(token_argument(tokens, count));
  });
}

size_t lapidary_session_position(const lapidary_session *session) {
  return session->session.sequence().position();
}

const int32_t *lapidary_session_tokens(const lapidary_session *session) {
  return session->session.sequence().tokens().data();
}

uint64_t lapidary_session_memory(const lapidary_session *session) {
  return session->session.sequence().bytes();
}

//===----------------------------------------------------------------------===//
// Step
//===----------------------------------------------------------------------===//

/// Checks which session an entry names: one of `model`, not in `seen` yet.
static void check_session(const lapidary_model *model,
                          const lapidary_session *session, size_t index,
                          std::set<const lapidary_session *> &seen) {
  expect(session, "entry ", index, " has no session");
  expect(session->owner == model, "entry ", index,
         " has a session of another model");
  expect(seen.insert(session).second, "entry ", index,
         " has the session of an earlier one");
}

static StepEntry check_entry(const lapidary_model *model,
                             const lapidary_step_entry &entry, size_t index) {
  expect(!entry.states || model->model.stepper().state_width() > 0, "entry ",
         index, " asks for states, but the model gives none");
  expect(entry.tokens && entry.token_count > 0, "entry ", index,
         " has no tokens");
  expect(entry.logits_mode >= LAPIDARY_LOGITS_NONE &&
             entry.logits_mode <= LAPIDARY_LOGITS_ALL,
         "entry ", index, " has the unknown logits mode ",
         int(entry.logits_mode));
  expect(entry.logits || entry.logits_mode == LAPIDARY_LOGITS_NONE, "entry ",
         index, " asks for logits but has no place for them");
  std::span tokens(entry.tokens, entry.token_count);
  Session &session = entry.session->session;
  StepEntry checked{&session.sequence(), tokens, entry.logits_mode,
                    entry.logits};
  if (entry.next && entry.logits_mode == LAPIDARY_LOGITS_NONE)
    checked = session.make_entry(tokens);
  checked.states = entry.states;
  return checked;
}

/// The token after those of an entry whose step is done.
static int32_t choose_next(const lapidary_step_entry &entry) {
  Session &session = entry.session->session;
  if (entry.logits_mode == LAPIDARY_LOGITS_NONE)
    return session.choose();
  size_t rows =
      entry.logits_mode == LAPIDARY_LOGITS_ALL ? entry.token_count : 1;
  return session.sample(entry.logits +
                        (rows - 1) * session.model().facts().vocabulary());
}

lapidary_status lapidary_step(lapidary_model *model,
                              const lapidary_step_entry *entries,
                              size_t count) {
  return guarded([&] {
    expect_set(model, "model");
    expect(entries || count == 0, "argument 'entries' is NULL");
    std::vector<StepEntry> checked;
    std::set<const lapidary_session *> sessions;
    for (size_t i = 0; i < count; i++) {
      check_session(model, entries[i].session, i, sessions);
      checked.push_back(check_entry(model, entries[i], i));
    }
    model->model.step(checked);
    for (size_t i = 0; i < count; i++)
      if (entries[i].next)
        *entries[i].next = choose_next(entries[i]);
  });
}

lapidary_status lapidary_session_step(lapidary_session *session,
                                      const int32_t *tokens, size_t count,
                                      lapidary_logits logits_mode,
                                      float *logits) {
  if (!session)
    return note(LAPIDARY_INVALID_ARGUMENT, "argument 'session' is NULL");
  lapidary_step_entry entry{session, tokens, count, logits_mode,
                            logits,  NULL,   NULL};
  return lapidary_step(session->owner, &entry, 1);
}

lapidary_status lapidary_session_next(lapidary_session *session,
                                      const int32_t *tokens, size_t count,
                                      int32_t *out_token) {
  return guarded([&] {
    expect_set(session, "session");
    expect_set(out_token, "out_token");
    expect(tokens && count > 0, "there are no tokens to append");
    StepEntry entry = session->session.make_entry({tokens, count});
    session->owner->model.step({&entry, 1});
    *out_token = session->session.choose();
  });
}

lapidary_status lapidary_encode(lapidary_session *session,
                                const int32_t *tokens, size_t count,
                                float *states) {
  return guarded([&] {
    expect_set(session, "session");
    expect(count > 0, "there are no tokens to encode");
    session->owner->model.encode(session->session.sequence(),
                                 token_argument(tokens, count), states);
  });
}

lapidary_status lapidary_draft(lapidary_model *model,
                               const lapidary_draft_entry *entries,
                               size_t count) {
  return guarded([&] {
    expect_set(model, "model");
    expect(entries || count == 0, "argument 'entries' is NULL");
    std::vector<DraftEntry> checked;
    std::set<const lapidary_session *> sessions;
    for (size_t i = 0; i < count; i++) {
      const lapidary_draft_entry &entry = entries[i];
      check_session(model, entry.session, i, sessions);
      expect(entry.states && entry.logits && entry.next_states, "entry ", i,
             " has no states, or no place for what it asks for");
      checked.push_back({&entry.session->session.sequence(), entry.token,
                         entry.states, entry.logits, entry.next_states});
    }
    model->model.draft(checked);
  });
}

//===----------------------------------------------------------------------===//
// Sampling
//===----------------------------------------------------------------------===//

lapidary_status
lapidary_session_set_sampling(lapidary_session *session,
                              const lapidary_sampling *sampling) {
  return guarded([&] {
    expect_set(session, "session");
    expect_set(sampling, "sampling");
    lapidary_sampling defaults = LAPIDARY_SAMPLING_INIT;
    session->session.set_sampling(copy_in(sampling, defaults, "sampling"));
  });
}

lapidary_status lapidary_session_set_allowed(lapidary_session *session,
                                             const uint32_t *mask,
                                             size_t words) {
  return guarded([&] {
    expect_set(session, "session");
    size_t expected = (session->owner->model.facts().vocabulary() + 31) / 32;
    expect(!mask || words == expected, "the mask has ", words,
           " words of 32 bits; expected ", expected);
    session->session.set_allowed({mask, mask ? words : 0});
  });
}

lapidary_status lapidary_session_sample(lapidary_session *session,
                                        const float *logits,
                                        int32_t *out_token) {
  return guarded([&] {
    expect_set(session, "session");
    expect_set(logits, "logits");
    expect_set(out_token, "out_token");
    *out_token = session->session.sample(logits);
  });
}

//===----------------------------------------------------------------------===//
// Text
//===----------------------------------------------------------------------===//

lapidary_status lapidary_tokenize(const lapidary_model *model, const char *text,
                                  size_t size, lapidary_tokenize_mode mode,
                                  int32_t *tokens, size_t capacity,
                                  size_t *out_count) {
  return guarded([&] {
    expect_set(model, "model");
    bool special = mode == LAPIDARY_TOKENIZE_SPECIAL;
    fill(model->model.tokenizer().encode(text_argument(text, size),
                                         special ? text::Mode::special
                                                 : text::Mode::text),
         tokens, capacity, out_count);
  });
}

lapidary_status lapidary_detokenize(const lapidary_model *model,
                                    const int32_t *tokens, size_t count,
                                    lapidary_tokenize_mode mode, char *text,
                                    size_t capacity, size_t *out_size) {
  return guarded([&] {
    expect_set(model, "model");
    fill(model->model.tokenizer().decode(token_argument(tokens, count),
                                         mode == LAPIDARY_TOKENIZE_SPECIAL),
         text, capacity, out_size);
  });
}

static void give_text(const std::string &text, const char **out_text,
                      size_t *out_size) {
  *out_text = text.data();
  *out_size = text.size();
}

lapidary_status lapidary_session_decode(lapidary_session *session,
                                        int32_t token, const char **out_text,
                                        size_t *out_size) {
  return guarded([&] {
    expect_set(session, "session");
    expect_set(out_text, "out_text");
    expect_set(out_size, "out_size");
    give_text(session->session.decode(token), out_text, out_size);
  });
}

lapidary_status lapidary_session_decode_end(lapidary_session *session,
                                            const char **out_text,
                                            size_t *out_size) {
  return guarded([&] {
    expect_set(session, "session");
    expect_set(out_text, "out_text");
    expect_set(out_size, "out_size");
    give_text(session->session.end_decoding(), out_text, out_size);
  });
}

static std::vector<text::Message>
check_messages(const lapidary_message *messages, size_t count) {
  expect(messages || count == 0, "argument 'messages' is NULL");
  std::vector<text::Message> checked;
  for (size_t i = 0; i < count; i++) {
    expect(messages[i].role, "message ", i, " has no role");
    expect(messages[i].content || messages[i].content_size == 0, "message ", i,
           " has no content");
    checked.emplace_back(
        messages[i].role,
        text_argument(messages[i].content, messages[i].content_size));
  }
  return checked;
}

lapidary_status lapidary_render_chat(const lapidary_model *model,
                                     const lapidary_message *messages,
                                     size_t message_count, int add_answer_start,
                                     int32_t *tokens, size_t capacity,
                                     size_t *out_count) {
  return guarded([&] {
    expect_set(model, "model");
    const Model &opened = model->model;
    std::string error;
    std::optional<text::Prompt> prompt = opened.chat_template().render(
        check_messages(messages, message_count),
        {.add_generation_prompt = add_answer_start != 0}, error);
    expect(prompt.has_value(), error);
    fill(opened.tokenizer().encode(*prompt), tokens, capacity, out_count);
  });
}

//===----------------------------------------------------------------------===//
// Generation
//===----------------------------------------------------------------------===//

const char *lapidary_stop_reason_name(lapidary_stop_reason reason) {
  switch (reason) {
  case LAPIDARY_STOP_EOS:
    return "eos";
  case LAPIDARY_STOP_STRING:
    return "stop";
  case LAPIDARY_STOP_MAX_TOKENS:
    return "length";
  case LAPIDARY_STOP_CONTEXT_FULL:
    return "context";
  case LAPIDARY_STOP_CALLBACK:
    return "callback";
  }
  return "unknown";
}

lapidary_status lapidary_generate(lapidary_session *session,
                                  const int32_t *tokens, size_t count,
                                  const lapidary_generate_options *options,
                                  lapidary_generation *result) {
  return guarded([&] {
    expect_set(session, "session");
    expect(count > 0, "there are no tokens to generate from");
    lapidary_generate_options defaults = LAPIDARY_GENERATE_OPTIONS_INIT;
    lapidary_generate_options chosen = copy_in(options, defaults, "options");
    expect(chosen.stop_strings || chosen.stop_string_count == 0,
           "option 'stop_strings' is NULL");
    lapidary_generation generation =
        generate(session->session, token_argument(tokens, count), chosen);
    if (result)
      copy_out(generation, result, "result");
  });
}

//===----------------------------------------------------------------------===//
// Embedding
//===----------------------------------------------------------------------===//

static void expect_embeds(const lapidary_model *model) {
  expect_set(model, "model");
  const schema::Model &facts = model->model.facts();
  expect(facts.kind() == schema::ModelKind::Embedding, "'",
         facts.name()->string_view(),
         "' continues texts and makes no embeddings");
}

lapidary_status
lapidary_tokenize_for_embedding(const lapidary_model *model, const char *prompt,
                                const char *text, size_t size, int32_t *tokens,
                                size_t capacity, size_t *out_count) {
  return guarded([&] {
    expect_embeds(model);
    fill(
        tokenize_for_embedding(model->model, prompt, text_argument(text, size)),
        tokens, capacity, out_count);
  });
}

lapidary_status lapidary_embed(lapidary_model *model,
                               const lapidary_embed_entry *entries,
                               size_t count, float *embeddings) {
  return guarded([&] {
    expect_embeds(model);
    expect(entries || count == 0, "argument 'entries' is NULL");
    expect(embeddings || count == 0, "argument 'embeddings' is NULL");
    std::vector<std::span<const int32_t>> texts;
    for (size_t i = 0; i < count; i++) {
      expect(entries[i].tokens && entries[i].token_count > 0, "entry ", i,
             " has no tokens");
      texts.emplace_back(entries[i].tokens, entries[i].token_count);
    }
    embed(model->model, texts, embeddings);
  });
}

//===----------------------------------------------------------------------===//
// Measuring
//===----------------------------------------------------------------------===//

void lapidary_model_set_profiling(lapidary_model *model, int on) {
  model->model.set_profiling(on != 0);
}

size_t lapidary_model_profile_count(const lapidary_model *model) {
  size_t count = 0;
  for (const schema::Program *program :
       *model->model.artifact().root().programs())
    count += program->commands()->size();
  return count;
}

static const char *name_of(schema::Arithmetic arithmetic) {
  switch (arithmetic) {
  case schema::Arithmetic::None:
    return "";
  case schema::Arithmetic::F32:
    return "f32";
  case schema::Arithmetic::BF16:
    return "bf16";
  case schema::Arithmetic::Int8:
    return "int8";
  }
  return "";
}

static lapidary_profile_entry describe_command(Model &model, size_t program,
                                               size_t index) {
  const schema::Artifact &root = model.artifact().root();
  const schema::Program &facts = *root.programs()->Get(program);
  const schema::Command &command = *facts.commands()->Get(index);
  CommandProfile measured = model.profile(program, index);
  lapidary_profile_entry entry = LAPIDARY_PROFILE_ENTRY_INIT;
  entry.program = facts.name()->c_str();
  entry.label = text_or_empty(command.label());
  entry.kernel = root.kernels()->Get(command.kernel())->name()->c_str();
  entry.runs = measured.runs;
  entry.seconds = measured.seconds;
  entry.weight_bytes = measured.work.weight_bytes;
  entry.kv_bytes = measured.work.kv_bytes;
  entry.flops = measured.work.flops;
  entry.arithmetic = name_of(command.arithmetic());
  return entry;
}

lapidary_status lapidary_model_get_profile(lapidary_model *model, size_t index,
                                           lapidary_profile_entry *entry) {
  return guarded([&] {
    expect_set(model, "model");
    const auto &programs = *model->model.artifact().root().programs();
    size_t command = index;
    for (size_t program = 0; program < programs.size(); program++) {
      size_t commands = programs[program]->commands()->size();
      if (command < commands) {
        copy_out(describe_command(model->model, program, command), entry,
                 "entry");
        return;
      }
      command -= commands;
    }
    fail(LAPIDARY_INVALID_ARGUMENT, "there is no command ", index);
  });
}

size_t lapidary_model_limit_count(const lapidary_model *model) {
  return model->model.executor().limit_count();
}

lapidary_status lapidary_model_measure_limit(lapidary_model *model,
                                             size_t index,
                                             lapidary_limit *limit) {
  return guarded([&] {
    expect_set(model, "model");
    CommandProfile measured = model->model.measure_limit(index);
    const schema::Program &program = *model->model.artifact().limits()[index];
    lapidary_limit result = LAPIDARY_LIMIT_INIT;
    result.name = text_or_empty(program.commands()->Get(0)->label());
    result.seconds = measured.seconds;
    result.bytes = measured.work.weight_bytes;
    result.flops = measured.work.flops;
    copy_out(result, limit, "limit");
  });
}
