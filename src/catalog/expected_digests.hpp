// expected_digests.hpp - what a catalog says the bytes of a file are.
#ifndef XNATARCHIVE_CATALOG_EXPECTED_DIGESTS_HPP_
#define XNATARCHIVE_CATALOG_EXPECTED_DIGESTS_HPP_

#include "archive/session_inventory.hpp"
#include "digest/digest.hpp"
#include "xnatarchive/catalog.hpp"

namespace xnatarchive {

/// The digests in `entry` that hold for `file`. XNAT, which knows the MD5 alone, renews that when a
/// file was changed through it: where SIZE or MTIME say that XXH3 was not written for the file as
/// it is, the MD5 alone counts, if there is one.
Digests ExpectedDigests(const CatalogEntry& entry, const SessionFile& file);

/// The cheapest that proves a file to be what is expected: XXH3, else MD5; kNone when nothing is.
Checksum CheapestCheck(const Digests& expected);

/// Whether every digest that is both expected and found is the same, in any case.
bool Agree(const Digests& expected, const Digests& found);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_CATALOG_EXPECTED_DIGESTS_HPP_
