// Functions of a server that go over to release code once it is made: one after the other, in the
// background.
#pragma once

#include <condition_variable>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "base/log.h"
#include "base/result.h"
#include "cli/modules.h"
#include "host/code.h"

namespace wherry::cli {

// add() is safe from many threads. The first one starts the thread that does the work; the
// destructor ends it, and the compiler that it waits for.
class Upgrades {
 public:
  using MakeFunction = std::function<Result<host::Code>(ModulePointer module)>;

  static Result<std::unique_ptr<Upgrades>> create(Log log);
  ~Upgrades();

  // What became of it is logged. Nothing is done for a function that nobody holds any more.
  void add(std::unique_ptr<ReleaseCode> release, const std::string& name,
           std::weak_ptr<host::CurrentCode> function, MakeFunction make_function);

 private:
  struct Job {
    std::unique_ptr<ReleaseCode> release;
    std::string name;
    std::weak_ptr<host::CurrentCode> function;
    MakeFunction make_function;
  };

  Upgrades(Log log, std::unique_ptr<Cancellation> cancellation)
      : log_(std::move(log)), cancellation_(std::move(cancellation)) {}
  void work();
  void upgrade(const Job& job);
  Result<host::Code> make(const Job& job);

  const Log log_;
  const std::unique_ptr<Cancellation> cancellation_;
  std::mutex mutex_;
  std::condition_variable added_;
  std::list<Job> jobs_;
  bool is_ending_ = false;
  std::thread thread_;
};

}  // namespace wherry::cli
