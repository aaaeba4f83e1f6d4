#pragma once
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <graft/core/error.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace graft::io {

namespace detail {

/// A file without a name, that ends with the object.
class NamelessFile {
 public:
  NamelessFile() : file_(std::tmpfile(), std::fclose) {
    if (!file_) raise<FileError>("a temporary file cannot be made: ", std::strerror(errno), ".");
    ::fcntl(descriptor(), F_SETFD, FD_CLOEXEC);
  }
  explicit NamelessFile(std::string_view text) : NamelessFile() {
    const bool written =
        std::fwrite(text.data(), 1, text.size(), file_.get()) == text.size() && std::fflush(file_.get()) == 0;
    if (!written)
      raise<FileError>("a temporary file of ", text.size(), " bytes cannot be written: ", std::strerror(errno), ".");
    std::rewind(file_.get());
  }

  int descriptor() const { return ::fileno(file_.get()); }
  std::string text() const {
    std::string all;
    char part[4096];
    std::rewind(file_.get());
    while (const std::size_t n = std::fread(part, 1, sizeof part, file_.get())) all.append(part, n);
    return all;
  }

 private:
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
};

}  // namespace detail

/// Runs a program, looked for in PATH, with `input` on its standard input, and returns what it writes to its standard
/// output. No shell is between: arguments reach the program as they are. Throws FileError with `remedy` if the program
/// cannot be started, and with what it complained of if it ends with a status that is not 0.
inline std::string run_program(const std::vector<std::string>& command, std::string_view input,
                               const std::string& remedy) {
  const detail::NamelessFile in(input), out, complaints;
  std::vector<char*> arguments;
  for (const std::string& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, in.descriptor(), STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, out.descriptor(), STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, complaints.descriptor(), STDERR_FILENO);
  pid_t child = 0;
  const int failure = ::posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (failure != 0)
    raise<FileError>("The program '", command[0], "' cannot be started: ", std::strerror(failure), ". ", remedy);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0)
    if (errno != EINTR) raise<FileError>("The program '", command[0], "' was lost: ", std::strerror(errno), ".");
  if (status != 0) raise<FileError>("The program '", command[0], "' failed (status ", status, "): ", complaints.text());
  return out.text();
}

}  // namespace graft::io
