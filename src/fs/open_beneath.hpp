// open_beneath.hpp - opening a path that can not leave a directory, whatever happens to the tree.
//
// A check of the path before the open is a race: somebody swaps a directory for a link between the
// two. Only the open itself can be safe, and only the kernel's resolver does it in one call.
#ifndef XNATARCHIVE_FS_OPEN_BENEATH_HPP_
#define XNATARCHIVE_FS_OPEN_BENEATH_HPP_

namespace xnatarchive {

/// Opens `path` beneath `dirfd`, meeting no symbolic link on the way: -ELOOP for a link, -EXDEV
/// for an absolute path or one that leaves. openat2 where the kernel has it (5.6), else the chain.
/// `flags` must not hold O_NOFOLLOW.
int OpenBeneath(int dirfd, const char* path, int flags, unsigned mode) noexcept;

/// The same for older kernels and sandboxes: one openat(O_NOFOLLOW) for each component. Any ".."
/// is refused.
int OpenBeneathByChain(int dirfd, const char* path, int flags, unsigned mode) noexcept;

}  // namespace xnatarchive

#endif  // XNATARCHIVE_FS_OPEN_BENEATH_HPP_
