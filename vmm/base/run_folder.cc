// SPDX-License-Identifier: Apache-2.0
#include "vmm/base/run_folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include <fmt/format.h>

#include "vmm/base/error.h"
#include "vmm/base/unique_fd.h"

namespace lintel {

std::string default_run_folder() {
  if (geteuid() == 0) return "/run/lintel";
  const char* runtime = std::getenv("XDG_RUNTIME_DIR");
  return runtime != nullptr && *runtime != '\0' ? fmt::format("{}/lintel", runtime) : "";
}

void make_run_folder(const std::string& path) {
  constexpr mode_t kMode = 0700;
  if (mkdir(path.c_str(), kMode) != 0 && errno != EEXIST) {
    throw_errno(errno, "Cannot make the folder {}", path);
  }
  // Whoever can open a file in it can lock that file for ever.
  const UniqueFd folder = open_file(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  struct stat status{};
  if (fstat(folder.get(), &status) != 0) throw_errno(errno, "Cannot look at the folder {}", path);
  if (status.st_uid != geteuid()) {
    throw Error(fmt::format("The folder {} belongs to the user {}, not to the user {}", path,
                            status.st_uid, geteuid()))
        .with_help("remove it");
  }
  if ((status.st_mode & 07777) != kMode && fchmod(folder.get(), kMode) != 0) {
    throw_errno(errno, "Cannot protect the folder {}", path);
  }
}

bool can_name_machine(std::string_view name) {
  return !name.empty() && !name.starts_with('.') && name.find('/') == std::string_view::npos &&
         name != "lock" && name != "bound.json" && name != "bound.json.new" &&
         !name.ends_with(".sock");
}

}  // namespace lintel
