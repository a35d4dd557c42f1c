//===- main.cpp - A program that is one model -------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// `lapidary compile --emit exe` puts an artifact and a FileTrailer behind a
// copy of this program, which then needs nothing but the kernel it runs on.
#include "runtime/include/lapidary.h"
#include "runtime/standalone/arguments.h"
#include "runtime/text/utf8.h"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <memory>
#include <unistd.h>
#include <vector>

using namespace lapidary::standalone;

namespace {

struct ModelCloser {
  void operator()(lapidary_model *model) const { lapidary_model_close(model); }
};
struct SessionCloser {
  void operator()(lapidary_session *session) const {
    lapidary_session_destroy(session);
  }
};
using ModelPtr = std::unique_ptr<lapidary_model, ModelCloser>;
using SessionPtr = std::unique_ptr<lapidary_session, SessionCloser>;

} // namespace

static volatile std::sig_atomic_t interrupted = 0;

static void on_interrupt(int signal) {
  interrupted = 1;
  // A second Ctrl-C ends the program at once.
  std::signal(signal, SIG_DFL);
}

static void check(lapidary_status status) {
  if (status != LAPIDARY_OK)
    throw Failure(lapidary_status_exit_code(status), lapidary_last_error());
}

static std::string own_path() {
  char path[4096];
  ssize_t size = readlink("/proc/self/exe", path, sizeof(path));
  if (size < 0)
    throw Failure(3, "cannot find this program's own file: " +
                         std::string(std::strerror(errno)));
  return std::string(path, size);
}

static std::string read_standard_input() {
  std::string text;
  char buffer[1 << 16];
  while (size_t count = std::fread(buffer, 1, sizeof(buffer), stdin))
    text.append(buffer, count);
  if (std::ferror(stdin))
    throw Failure(1, "cannot read standard input");
  return text;
}

static std::string read_prompt(const Arguments &arguments) {
  std::string text =
      arguments.from_input ? read_standard_input() : arguments.prompt;
  if (text.empty())
    throw Failure(1, "the prompt is empty");
  if (!lapidary::text::is_well_formed(text))
    throw Failure(1, "the prompt is not UTF-8");
  return text;
}

static std::vector<int32_t> to_chat_tokens(lapidary_model *model,
                                           const std::string &text) {
  lapidary_message message = {"user", text.data(), text.size()};
  size_t count = 0;
  check(lapidary_render_chat(model, &message, 1, 1, nullptr, 0, &count));
  std::vector<int32_t> tokens(count);
  check(lapidary_render_chat(model, &message, 1, 1, tokens.data(),
                             tokens.size(), &count));
  return tokens;
}

static std::vector<int32_t> to_tokens(lapidary_model *model,
                                      const std::string &text, int32_t bos) {
  size_t count = 0;
  check(lapidary_tokenize(model, text.data(), text.size(),
                          LAPIDARY_TOKENIZE_TEXT, nullptr, 0, &count));
  size_t start = bos >= 0;
  std::vector<int32_t> tokens(start + count, bos);
  check(lapidary_tokenize(model, text.data(), text.size(),
                          LAPIDARY_TOKENIZE_TEXT, tokens.data() + start, count,
                          &count));
  return tokens;
}

static void set_sampling(lapidary_model *model, lapidary_session *session,
                         const Arguments &arguments) {
  lapidary_sampling sampling = LAPIDARY_SAMPLING_INIT;
  check(lapidary_model_default_sampling(model, &sampling));
  if (arguments.temperature)
    sampling.temperature = *arguments.temperature;
  sampling.seed = arguments.seed;
  check(lapidary_session_set_sampling(session, &sampling));
}

static int print_text(void *, int32_t, const char *text, size_t size) {
  std::fwrite(text, 1, size, stdout);
  return std::fflush(stdout) != 0 || interrupted;
}

static void answer(const Arguments &arguments) {
  std::string text = read_prompt(arguments);
  lapidary_open_options open_options = LAPIDARY_OPEN_OPTIONS_INIT;
  open_options.threads = arguments.threads;
  lapidary_model *opened = nullptr;
  check(lapidary_model_open(own_path().c_str(), &open_options, &opened));
  ModelPtr model(opened);
  lapidary_model_info info = LAPIDARY_MODEL_INFO_INIT;
  check(lapidary_model_get_info(opened, &info));
  std::vector<int32_t> tokens = arguments.chat
                                    ? to_chat_tokens(opened, text)
                                    : to_tokens(opened, text, info.bos);
  lapidary_session *created = nullptr;
  check(lapidary_session_create(opened, &created));
  SessionPtr session(created);
  set_sampling(opened, created, arguments);

  lapidary_generate_options options = LAPIDARY_GENERATE_OPTIONS_INIT;
  options.max_tokens = arguments.max_tokens;
  options.on_token = print_text;
  std::signal(SIGINT, on_interrupt);
  check(lapidary_generate(created, tokens.data(), tokens.size(), &options,
                          nullptr));
  std::puts("");
  if (interrupted)
    throw Failure(130, "");
  if (std::fflush(stdout) != 0 && errno != EPIPE)
    throw Failure(1, "cannot write to standard output: " +
                         std::string(std::strerror(errno)));
}

int main(int argc, char **argv) {
  std::signal(SIGPIPE, SIG_IGN);
  const char *slash = std::strrchr(argv[0], '/');
  const char *name = slash ? slash + 1 : argv[0];
  try {
    std::optional<Arguments> arguments =
        parse_arguments({argv + 1, argv + argc});
    if (arguments)
      answer(*arguments);
    else
      std::printf(usage_text, name, name);
    return 0;
  } catch (const Failure &failure) {
    if (*failure.what())
      std::fprintf(stderr, "%s: error: %s\n", name, failure.what());
    return failure.exit_code();
  } catch (const std::bad_alloc &) {
    std::fprintf(stderr, "%s: error: the system has no more memory\n", name);
    return 3;
  } catch (const std::exception &error) {
    std::fprintf(stderr, "%s: this is a bug in Lapidary: %s\n", name,
                 error.what());
    return 70;
  }
}
