/*===- main.c - A program with a language model inside ------------*- C -*-===*\
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Opens an artifact, asks it one question and prints the answer as it is
 * written. Everything that it needs is lapidary.h and liblapidary.a:
 *
 *   lapidary compile CHECKPOINT -o model.lap
 *   cc -c main.c -I PATH/TO/runtime/include
 *   c++ main.o -o embed-c -L build/lib -llapidary -lpthread
 *   ./embed-c model.lap "Why is the sky blue?"
\*===----------------------------------------------------------------------===*/
#include "lapidary.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { max_answer_tokens = 256 };

/* Ends the program with what the library says when `status` is a failure. */
static void check(lapidary_status status) {
  if (status == LAPIDARY_OK)
    return;
  fprintf(stderr, "embed-c: %s\n", lapidary_last_error());
  exit(lapidary_status_exit_code(status));
}

/* The tokens of `question`, by the model's chat template if it has one. The
 * first call asks how many there are, the second one gets them. */
static int32_t *make_prompt(const lapidary_model *model, const char *question,
                            size_t *count) {
  lapidary_model_info info = LAPIDARY_MODEL_INFO_INIT;
  check(lapidary_model_get_info(model, &info));
  size_t size = strlen(question);
  lapidary_message message = {"user", question, size};
  int chat = info.chat_template[0] != '\0';

  if (chat)
    check(lapidary_render_chat(model, &message, 1, 1, NULL, 0, count));
  else
    check(lapidary_tokenize(model, question, size, LAPIDARY_TOKENIZE_TEXT, NULL,
                            0, count));

  int32_t *tokens = malloc((*count + 1) * sizeof(*tokens));
  if (!tokens)
    check(LAPIDARY_OUT_OF_MEMORY);
  if (chat) {
    check(lapidary_render_chat(model, &message, 1, 1, tokens, *count, count));
    return tokens;
  }
  /* A text to be continued begins with bos; the template has written it. */
  size_t begin = info.bos >= 0;
  if (begin)
    tokens[0] = info.bos;
  check(lapidary_tokenize(model, question, size, LAPIDARY_TOKENIZE_TEXT,
                          tokens + begin, *count, count));
  *count += begin;
  return tokens;
}

/* Called for every piece of the answer; returning 0 goes on. */
static int print_text(void *user, int32_t token, const char *text,
                      size_t size) {
  (void)token;
  fwrite(text, 1, size, user);
  fflush(user);
  return 0;
}

int main(int argc, char **argv) {
  if (argc != 3) {
    fprintf(stderr, "usage: embed-c MODEL.lap QUESTION\n");
    return 2;
  }
  lapidary_model *model;
  check(lapidary_model_open(argv[1], NULL, &model));
  lapidary_session *session;
  check(lapidary_session_create(model, &session));

  size_t count;
  int32_t *prompt = make_prompt(model, argv[2], &count);
  lapidary_generate_options options = LAPIDARY_GENERATE_OPTIONS_INIT;
  options.max_tokens = max_answer_tokens;
  options.on_token = print_text;
  options.user = stdout;
  lapidary_generation result = LAPIDARY_GENERATION_INIT;
  check(lapidary_generate(session, prompt, count, &options, &result));

  printf("\n");
  fprintf(stderr, "%zu tokens read in %.3f s, %zu written in %.3f s (%s)\n",
          result.prompt_tokens, result.prompt_seconds, result.generated_tokens,
          result.generate_seconds,
          lapidary_stop_reason_name(result.stop_reason));
  free(prompt);
  lapidary_session_destroy(session);
  lapidary_model_close(model);
  return 0;
}
