#pragma once
#include <chrono>
#include <exception>
#include <fstream>
#include <initializer_list>
#include <iostream>
#include <span>
#include <string>
#include <vector>

// What the driver and a program that it measures say to each other. The program prepares itself and prints "ready".
// Then it answers every line "run" by "seconds" and a number for each part that it measures, until its input ends.
namespace benchmark {

/// The time of one call: the mean over at least `least` seconds of calls.
template <class F>
double seconds_per_call(F&& f, double least = 0.5) {
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  for (int calls = 1;; ++calls) {
    f();
    const double passed = std::chrono::duration<double>(Clock::now() - start).count();
    if (passed >= least) return passed / calls;
  }
}

/// measure() gives the seconds of every part.
template <class F>
void serve(F&& measure) {
  std::cout << "ready" << std::endl;
  for (std::string line; std::getline(std::cin, line);) {
    std::cout << "seconds";
    for (const double seconds : measure()) std::cout << ' ' << seconds;
    std::cout << std::endl;
  }
}

/// Results for the driver to compare: the bare numbers. To be closed before "ready" is said.
class ResultFile {
 public:
  explicit ResultFile(const std::string& path) : file_(path, std::ios::binary) {}
  void write(std::span<const float> values) {
    file_.write(reinterpret_cast<const char*>(values.data()), static_cast<std::streamsize>(values.size_bytes()));
  }
  void close() { file_.close(); }

 private:
  std::ofstream file_;
};

/// main() of a program: the exit status of f(arguments), and the text of an exception.
template <class F>
int run_program(int argc, char** argv, std::size_t arguments, const char* usage, F&& f) {
  const std::vector<std::string> given(argv + 1, argv + argc);
  if (given.size() != arguments) {
    std::cerr << "usage: " << argv[0] << ' ' << usage << '\n';
    return 2;
  }
  try {
    f(given);
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "error: " << error.what() << '\n';
    return 1;
  }
}

}  // namespace benchmark
