#pragma once
#include <signal.h>

#include <atomic>
#include <mutex>

namespace graft::callbacks::detail {

/// Catches SIGINT (Ctrl-C) while an object of this class lives; the last one that goes puts the old handler back. The
/// first signal is only counted, a second meets the default handler and ends the process. Where SIGINT is ignored, as
/// in a job that a shell runs in the background, it stays ignored.
class Interrupts {
 public:
  Interrupts() : before_(count()) {
    const std::lock_guard lock(mutex());
    if (users()++ == 0) ::sigaction(SIGINT, nullptr, &old());
    if (old().sa_handler == SIG_IGN) return;
    struct sigaction action {};
    action.sa_handler = [](int) { counter().fetch_add(1); };
    // The first signal resets the handler, and calls that wait for a file go on.
    action.sa_flags = static_cast<int>(SA_RESETHAND) | SA_RESTART;
    ::sigemptyset(&action.sa_mask);
    ::sigaction(SIGINT, &action, nullptr);
  }
  ~Interrupts() {
    const std::lock_guard lock(mutex());
    if (--users() == 0) ::sigaction(SIGINT, &old(), nullptr);
  }
  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;

  /// A signal has come since this object was made.
  bool raised() const { return count() != before_; }

 private:
  static unsigned count() { return counter().load(); }
  // Constant-initialized, so that the handler may use it at any time.
  static std::atomic<unsigned>& counter() {
    static constinit std::atomic<unsigned> signals{0};
    static_assert(std::atomic<unsigned>::is_always_lock_free, "a signal handler may not wait for a lock");
    return signals;
  }
  static std::mutex& mutex() {
    static std::mutex one;
    return one;
  }
  static int& users() {
    static int n = 0;
    return n;
  }
  static struct sigaction& old() {
    static struct sigaction action {};
    return action;
  }

  unsigned before_;
};

}  // namespace graft::callbacks::detail
