// Bytes read and not yet used, in memory that does not move while a read is under way.
#pragma once

#include <cstring>
#include <memory>
#include <span>
#include <string_view>

namespace wherry::http {

class InputBuffer {
 public:
  std::string_view view() const { return {data_.get() + begin_, end_ - begin_}; }
  bool empty() const { return begin_ == end_; }
  void consume(size_t bytes) { begin_ += bytes; }

  // Room to read into, in a buffer of this size or, if more than that waits in it, of the present
  // one; none if that is full. No read may be under way.
  std::span<char> room(size_t size_bytes) {
    if (begin_ == end_) begin_ = end_ = 0;
    if (size_bytes > size_ || (size_bytes < size_ && end_ - begin_ <= size_bytes / 2)) {
      move_to(size_bytes);
    } else if (begin_ > 0 && size_ - end_ < size_ / 2) {
      std::memmove(data_.get(), data_.get() + begin_, end_ - begin_);
      end_ -= begin_;
      begin_ = 0;
    }
    return {data_.get() + end_, size_ - end_};
  }
  void commit(size_t bytes) { end_ += bytes; }

 private:
  void move_to(size_t size_bytes) {
    auto data = std::make_unique_for_overwrite<char[]>(size_bytes);
    if (end_ > begin_) std::memcpy(data.get(), data_.get() + begin_, end_ - begin_);
    data_ = std::move(data);
    size_ = size_bytes;
    end_ -= begin_;
    begin_ = 0;
  }

  std::unique_ptr<char[]> data_;
  size_t size_ = 0, begin_ = 0, end_ = 0;
};

}  // namespace wherry::http
