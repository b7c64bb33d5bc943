// What came of it: targets × events, for people, programs and browsers.
#pragma once

#include <string>
#include <vector>

namespace wherry::verify {

struct Cell {
  enum class State { kSame, kDifferent, kNotSent };
  State state = State::kSame;
  std::string difference;  // kDifferent; of kNotSent, why
};

struct Row {
  std::string target;
  bool is_run = false;
  std::string where;        // on what, or why not
  std::vector<Cell> cells;  // one an event, if it was run
};

struct Matrix {
  std::string function;
  std::vector<std::string> events;
  std::vector<Row> rows;

  bool has_difference() const;
};

std::string text_of(const Matrix& matrix);
std::string json_of(const Matrix& matrix);
std::string html_of(const Matrix& matrix);

}  // namespace wherry::verify
