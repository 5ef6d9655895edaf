// SPDX-License-Identifier: Apache-2.0
// Unpacked kernels, kept between runs. Any number of processes may use one folder at once.
//
// The folder has an image for each kernel, named by the kernel file's SHA-256, and a symbolic link
// to it for each kernel file that was seen, named by what stat(2) says of the file: hashing ten
// megabytes takes longer than loading the image.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "firmware/boot/byte_source.h"
#include "firmware/boot/bzimage.h"
#include "firmware/boot/kernel_image.h"

namespace lintel::boot {

// $XDG_CACHE_HOME/lintel/kernels (XDG Base Directory Specification), or empty without a home.
std::string default_kernel_cache_directory();

class KernelCache {
 public:
  // The folder is made when it is first needed; empty: nothing is kept.
  explicit KernelCache(std::string directory);

  // The image of the kernel in `file`, from the folder or made now. Where the folder cannot be
  // written, the image lives as long as the object. Of a kernel that we cannot unpack or do not
  // understand, the image is a refusal. Throws Error if the file cannot be read.
  KernelImage get(const FileSource& file, const BzImage& kernel) const;

  // Forgets a damaged image.
  void remove(const KernelImage& image) const;

 private:
  std::string image_path(const std::string& hash) const;
  std::string link_path(const FileSource& file) const;
  KernelImage make(const std::string& hash, std::span<const std::byte> content,
                   const BzImage& kernel) const;
  void link(const std::string& hash, const FileSource& file) const;
  void prune() const;

  std::string directory_;
};

}  // namespace lintel::boot
