// markdown: a handler that makes HTML of the Markdown that is posted to it, line by line as it comes.
//
//   clang-22 --target=wasm32-wasi -Wno-deprecated -O2 --no-wasm-opt -mexec-model=reactor -Isdk/c
//       examples/functions/markdown.c -o markdown.wasm
//
// Of Markdown it knows headings, lists, paragraphs, *emphasis*, **strong emphasis** and `code`.
#include <stdbool.h>

#include "wherry.h"

enum { kLongestLine = 8192 };

static char line[kLongestLine + 1];
static size_t length;
static bool in_list, in_paragraph;

static void print_escaped(char c) {
  if (c == '<') wherry_print("&lt;");
  else if (c == '>') wherry_print("&gt;");
  else if (c == '&') wherry_print("&amp;");
  else wherry_write(&c, 1);
}

// Opens and closes marks in turn; what is open at the line's end is closed there.
static void print_inline(const char *text) {
  static const struct {
    const char *mark, *open, *close;
  } kMarks[] = {{"**", "<strong>", "</strong>"}, {"*", "<em>", "</em>"}, {"`", "<code>", "</code>"}};
  bool is_open[3] = {false, false, false};
  while (*text) {
    size_t mark = 0;
    while (mark < 3 && strncmp(text, kMarks[mark].mark, strlen(kMarks[mark].mark)) != 0) mark++;
    if (mark == 3) {
      print_escaped(*text++);
      continue;
    }
    wherry_print(is_open[mark] ? kMarks[mark].close : kMarks[mark].open);
    is_open[mark] = !is_open[mark];
    text += strlen(kMarks[mark].mark);
  }
  for (size_t mark = 3; mark-- > 0;) {
    if (is_open[mark]) wherry_print(kMarks[mark].close);
  }
}

static void end_block(void) {
  if (in_list) wherry_print("</ul>\n");
  if (in_paragraph) wherry_print("</p>\n");
  in_list = in_paragraph = false;
}

static void print_line(void) {
  line[length] = 0;
  length = 0;
  size_t level = strspn(line, "#");
  if (level >= 1 && level <= 6 && line[level] == ' ') {
    end_block();
    wherry_printf("<h%d>", (int)level);
    print_inline(line + level + 1);
    wherry_printf("</h%d>\n", (int)level);
  } else if (strncmp(line, "- ", 2) == 0) {
    if (!in_list) {
      end_block();
      wherry_print("<ul>\n");
      in_list = true;
    }
    wherry_print("<li>");
    print_inline(line + 2);
    wherry_print("</li>\n");
  } else if (line[strspn(line, " \t\r")] == 0) {
    end_block();
  } else {
    if (in_list) end_block();
    wherry_print(in_paragraph ? "\n" : "<p>");
    in_paragraph = true;
    print_inline(line);
  }
}

int wherry_handle(void) {
  if (strcmp(wherry_method(), "POST") != 0) {
    wherry_status(405);
    wherry_set_header("Allow", "POST");
    return wherry_print("post some Markdown\n");
  }
  wherry_set_header("Content-Type", "text/html; charset=utf-8");
  char piece[4096];
  int32_t count;
  while ((count = wherry_request_read(piece, sizeof piece)) > 0) {
    for (int32_t i = 0; i < count; i++) {
      if (piece[i] == '\n') print_line();
      else if (length < kLongestLine) line[length++] = piece[i];
    }
  }
  if (count < 0) return 1;
  if (length > 0) print_line();
  end_block();
  return 0;
}
