// recording_disk.cc - disks that remember every write and flush, in order: files of a FUSE mount,
// to be mounted by a loop device. What a power cut would leave is made from the record.
//
//   recording_disk MOUNTPOINT LOG IMAGE...
//
// Serves each IMAGE as MOUNTPOINT/disk0, disk1, ... from memory; the images stay as they are. What
// is written to MOUNTPOINT/mark becomes a mark in the record. Runs until it is unmounted or its
// parent dies. One record: four little-endian numbers (kind 1 write, 2 flush, 3 mark: 32 bits;
// disk: 32 bits; size: 64 bits; offset: 64 bits), and then the bytes.
#define FUSE_USE_VERSION 31
#include <fcntl.h>
#include <fuse.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace {

enum class Kind : std::uint32_t { kWrite = 1, kFlush = 2, kMark = 3 };

struct Disk {
  char* bytes;
  std::size_t size;
};

struct Header {
  Kind kind;
  std::uint32_t disk;
  std::uint64_t size;
  std::uint64_t offset;
};

// FUSE runs with one thread, so that the record has one order.
std::vector<Disk> disks;
std::FILE* record = nullptr;

constexpr int kMark = -1;
constexpr int kNothing = -2;

/// The number of the disk, kMark, or kNothing.
int Find(const char* path) {
  if (std::strcmp(path, "/mark") == 0) return kMark;
  if (std::strncmp(path, "/disk", 5) != 0) return kNothing;
  const int number = std::atoi(path + 5);
  return number < static_cast<int>(disks.size()) ? number : kNothing;
}

/// Nobody may believe in a record with a hole.
void Record(Kind kind, int disk, std::size_t size, off_t offset, const char* bytes) {
  const Header header = {kind, static_cast<std::uint32_t>(disk), size,
                         static_cast<std::uint64_t>(offset)};
  const bool written = std::fwrite(&header, sizeof header, 1, record) == 1 &&
                       std::fwrite(bytes, 1, size, record) == size && std::fflush(record) == 0;
  if (!written) std::abort();
}

int GetAttributes(const char* path, struct stat* info, fuse_file_info*) {
  std::memset(info, 0, sizeof *info);
  if (std::strcmp(path, "/") == 0) {
    info->st_mode = S_IFDIR | 0755;
    info->st_nlink = 2;
    return 0;
  }
  const int found = Find(path);
  if (found == kNothing) return -ENOENT;
  info->st_mode = S_IFREG | 0644;
  info->st_nlink = 1;
  if (found >= 0) info->st_size = static_cast<off_t>(disks[static_cast<std::size_t>(found)].size);
  return 0;
}

int Open(const char*, fuse_file_info* file) {
  file->direct_io = 1;  // no page cache in between: a write arrives when the loop device makes it
  return 0;
}

int Read(const char* path, char* buffer, std::size_t size, off_t offset, fuse_file_info*) {
  const int found = Find(path);
  if (found < 0) return 0;
  const Disk& disk = disks[static_cast<std::size_t>(found)];
  const auto begin = std::min(static_cast<std::size_t>(offset), disk.size);
  size = std::min(size, disk.size - begin);
  std::memcpy(buffer, disk.bytes + begin, size);
  return static_cast<int>(size);
}

int Write(const char* path, const char* bytes, std::size_t size, off_t offset, fuse_file_info*) {
  const int found = Find(path);
  if (found < 0) {
    Record(Kind::kMark, 0, size, 0, bytes);
    return static_cast<int>(size);
  }
  const Disk& disk = disks[static_cast<std::size_t>(found)];
  if (static_cast<std::size_t>(offset) + size > disk.size) return -ENOSPC;
  std::memcpy(disk.bytes + offset, bytes, size);
  Record(Kind::kWrite, found, size, offset, bytes);
  return static_cast<int>(size);
}

int Sync(const char* path, int, fuse_file_info*) {
  const int found = Find(path);
  if (found >= 0) Record(Kind::kFlush, found, 0, 0, "");
  return 0;
}

int Truncate(const char*, off_t, fuse_file_info*) { return 0; }  // "mark" is opened to be replaced

bool Load(const char* image) {
  const int fd = open(image, O_RDONLY | O_CLOEXEC);
  struct stat info = {};
  if (fd < 0 || fstat(fd, &info) != 0) return false;
  const auto size = static_cast<std::size_t>(info.st_size);
  void* bytes = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
  close(fd);
  if (bytes == MAP_FAILED) return false;
  disks.push_back({static_cast<char*>(bytes), size});
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    std::fprintf(stderr, "usage: recording_disk MOUNTPOINT LOG IMAGE...\n");
    return 2;
  }
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  record = std::fopen(argv[2], "wb");
  bool ready = record != nullptr;
  for (int i = 3; i < argc; ++i) ready = ready && Load(argv[i]);
  if (!ready) {
    std::perror("recording_disk");
    return 1;
  }
  fuse_operations operations = {};
  operations.getattr = GetAttributes;
  operations.open = Open;
  operations.read = Read;
  operations.write = Write;
  operations.fsync = Sync;
  operations.truncate = Truncate;
  std::string foreground = "-f";
  std::string one_thread = "-s";
  char* arguments[] = {argv[0], argv[1], foreground.data(), one_thread.data(), nullptr};
  return fuse_main(4, arguments, &operations, nullptr);
}
