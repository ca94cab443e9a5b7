#include "fs/near_directory.hpp"

#include <doctest/doctest.h>

#include "support/temp_tree.hpp"

namespace xnatarchive {

TEST_SUITE("fs.near_directory") {
  TEST_CASE("each call does what Directory's does, whichever directory came before") {
    TempTree tree;
    for (const char* path : {"a/1", "a/2", "b/1", "top"}) tree.Write(path, path);
    NearDirectory from;
    NearDirectory to;
    const Directory& root = tree.dir();
    CHECK(from.Exists(root, "a/1").value());
    CHECK_FALSE(from.Exists(root, "a/3").value());
    CHECK_FALSE(from.Exists(root, "gone/3").value());
    CHECK(from.Exists(root, "top").value());
    CHECK(from.Stat(root, "b/1")->size == 3);
    CHECK(from.Rename(root, "a/1", to, root, "b/2", RenameMode::kNoReplace).ok());
    CHECK(from.Link(root, "a/2", to, root, "b/3").ok());
    CHECK(from.RemoveFile(root, "a/2").ok());
    CHECK(from.Rename(root, "top", to, root, "b/1", RenameMode::kReplace).ok());
    CHECK(tree.Read("b/1") == "top");
    CHECK(tree.Read("b/2") == "a/1");
    CHECK(tree.Read("b/3") == "a/2");
    CHECK_FALSE(tree.Exists("a/2"));
  }

  TEST_CASE("one name in two trees is two files") {
    TempTree one;
    TempTree two;
    one.Write("d/f", "1");
    two.Write("d/f", "22");
    NearDirectory near;
    CHECK(near.Stat(one.dir(), "d/f")->size == 1);
    CHECK(near.Stat(two.dir(), "d/f")->size == 2);
  }

  TEST_CASE("a failure names the whole path: of what is missing, or what is in the way") {
    TempTree tree;
    tree.Write("a/1", "");
    tree.Write("b/2", "");
    tree.Symlink("a", "link");
    NearDirectory from;
    NearDirectory to;
    const Directory& root = tree.dir();
    CHECK(from.Stat(root, "a/gone").status().path() == "a/gone");
    CHECK(from.Stat(root, "gone/x").status().path() == "gone/x");
    CHECK(from.Stat(root, "link/1").status().reason() == "fs.unsafe-path");
    const Status missing = from.Rename(root, "a/gone", to, root, "b/3", RenameMode::kNoReplace);
    CHECK(missing.code() == Code::kNotFound);
    CHECK(missing.path() == "a/gone");
    const Status taken = from.Link(root, "a/1", to, root, "b/2");
    CHECK(taken.code() == Code::kAlreadyExists);
    CHECK(taken.path() == "b/2");
  }

  TEST_CASE("a directory that was moved is meant until it is forgotten") {
    TempTree tree;
    tree.Write("a/1", "");
    NearDirectory near;
    const Directory& root = tree.dir();
    CHECK(near.Exists(root, "a/1").value());
    CHECK(root.Rename("a", root, "b", RenameMode::kNoReplace).ok());
    CHECK(near.Exists(root, "a/1").value());
    near.Forget();
    CHECK_FALSE(near.Exists(root, "a/1").value());
    CHECK(near.Exists(root, "b/1").value());
  }
}

}  // namespace xnatarchive
