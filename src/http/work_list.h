// Work that threads hand to each other without a lock: whoever hands it over never waits for one
// who takes, though that be a thread of low priority that got no further.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <utility>

namespace wherry::http {

// push() from any thread, take_all() from one at a time.
class WorkList {
 public:
  WorkList() = default;
  WorkList(const WorkList&) = delete;
  ~WorkList() {
    std::deque<std::function<void()>> dropped;
    take_all(dropped);
  }

  void push(std::function<void()> work) {
    Node* node = new Node{std::move(work), first_.load()};
    while (!first_.compare_exchange_weak(node->next, node)) {
    }
  }

  bool is_empty() const { return first_.load() == nullptr; }

  // Puts all behind what is in `to`, in the order in which it was pushed.
  void take_all(std::deque<std::function<void()>>& to) {
    size_t at = to.size();
    for (Node* node = first_.exchange(nullptr); node != nullptr;) {
      to.insert(to.begin() + static_cast<ptrdiff_t>(at), std::move(node->work));
      delete std::exchange(node, node->next);
    }
  }

 private:
  struct Node {
    std::function<void()> work;
    Node* next;
  };
  std::atomic<Node*> first_{nullptr};  // the latest
};

}  // namespace wherry::http
