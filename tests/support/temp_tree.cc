#include "support/temp_tree.hpp"

#include <unistd.h>

#include <cstdlib>
#include <stdexcept>
#include <utility>

#include "base/text.hpp"

namespace xnatarchive {
namespace {

constexpr std::uint64_t kReadMax = std::uint64_t{1} << 30;

void Require(const Status& status) {
  if (!status.ok()) throw std::runtime_error("temp tree: " + status.ToString());
}

template <typename T>
T Require(Result<T> result) {
  Require(result.status());
  return std::move(result).value();
}

std::string MakeTemporaryDirectory(std::string base) {
  const char* usual = std::getenv("TMPDIR");
  if (base.empty() && usual != nullptr) base = usual;
  std::string path = (base.empty() ? "/tmp" : base) + "/xa-test-XXXXXX";
  if (mkdtemp(path.data()) == nullptr) throw std::runtime_error("temp tree: mkdtemp failed");
  return path;
}

}  // namespace

TempTree::TempTree(FileSystem& fs, const std::string& base)
    : path_(MakeTemporaryDirectory(base)),
      real_(Require(Directory::Open(PosixFileSystem(), path_))),
      dir_(Require(Directory::Open(fs, path_))) {
  path_ = real_.path();
}

TempTree::~TempTree() {
  const Result<std::vector<DirectoryEntry>> entries = real_.List("");
  if (entries.ok()) {
    for (const DirectoryEntry& entry : *entries) {
      IgnoreError(real_.RemoveTree(entry.name), "a destructor; /tmp is cleaned by others too");
    }
  }
  rmdir(path_.c_str());
}

void TempTree::Write(std::string_view path, std::string_view bytes) {
  Require(real_.MakeDirectories(ParentPath(path)));
  Require(real_.RemoveTree(path));
  Require(real_.WriteNew(path, bytes));
}

void TempTree::MakeDirectories(std::string_view path) { Require(real_.MakeDirectories(path)); }

void TempTree::Symlink(std::string_view target, std::string_view path) {
  Require(real_.MakeDirectories(ParentPath(path)));
  const std::string link = JoinPath(path_, path);
  if (symlink(std::string(target).c_str(), link.c_str()) != 0) {
    throw std::runtime_error("temp tree: symlink failed");
  }
}

std::string TempTree::Read(std::string_view path) const {
  return Require(real_.ReadFile(path, kReadMax));
}

bool TempTree::Exists(std::string_view path) const { return Require(real_.Exists(path)); }

void TempTree::Remove(std::string_view path) { Require(real_.RemoveTree(path)); }

std::string TempTree::Dump(std::string_view path) const {
  std::string dump;
  Require(real_.Walk(path, [&](const WalkEntry& entry) {
    const std::string full = JoinPath(path, entry.path);
    dump += entry.path;
    if (entry.info.kind == FileKind::kRegular) {
      std::uint64_t hash = Fnv1a(Read(full));
      std::string hex(16, '0');
      for (auto digit = hex.rbegin(); digit != hex.rend(); ++digit, hash >>= 4) {
        *digit = "0123456789abcdef"[hash & 15];
      }
      dump += ' ' + std::to_string(entry.info.size) + ' ' + hex;
    } else if (entry.info.kind == FileKind::kDirectory) {
      dump += '/';
    } else if (entry.info.kind == FileKind::kSymlink) {
      char target[4096];
      const ssize_t size = readlink(JoinPath(path_, full).c_str(), target, sizeof target);
      dump += " -> " + std::string(target, static_cast<std::size_t>(size < 0 ? 0 : size));
    } else {
      dump += " ?";
    }
    dump += '\n';
    return Status();
  }));
  return dump;
}

}  // namespace xnatarchive
