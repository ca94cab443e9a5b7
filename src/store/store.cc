#include "store/store.hpp"

#include <utility>

#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "store/connection.hpp"
#include "store/next_number.hpp"

namespace xnatarchive {
namespace {

constexpr char kDefaultSite[] = "XNAT";
constexpr std::size_t kDigitsMin = 5;
/// No site has archived so many; what has a greater number has it from somewhere else.
constexpr std::int64_t kNumberMax = 999'999'999'999'999;

std::string SequenceName(Sequence sequence) {
  return sequence == Sequence::kExperiment ? "experiment" : "subject";
}
std::string IdPrefix(Sequence sequence, std::string_view site) {
  return std::string(site) + (sequence == Sequence::kExperiment ? "_E" : "_S");
}

}  // namespace

std::optional<std::int64_t> SequenceNumber(Sequence sequence, std::string_view site,
                                           std::string_view id) {
  const std::string prefix = IdPrefix(sequence, site);
  if (!StartsWith(id, prefix) || id.size() < prefix.size() + kDigitsMin) return std::nullopt;
  const std::optional<std::int64_t> number = ParseInt(id.substr(prefix.size()));
  if (!number.has_value() || *number < 0 || *number > kNumberMax) return std::nullopt;
  return number;
}

Store::Store(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}
Store::Store(Store&&) noexcept = default;
Store& Store::operator=(Store&&) noexcept = default;
Store::~Store() = default;

Result<Store> Store::Open(const std::string& url, const StoreOptions& options) {
  XNA_ASSIGN_OR_RETURN(auto connection, Connection::Open(url, options));
  return Store(std::move(connection));
}

void Store::MakeRoom() { connection_->MakeRoom(); }

Status Store::Transaction(const std::function<Status(Store&)>& work) {
  return connection_->Transaction([&] { return work(*this); });
}

Result<std::string> Store::NextId(Sequence sequence) {
  return connection_->Write([&](soci::session& sql) -> Result<std::string> {
    const std::string site =
        SelectOne<std::string>(sql, "SELECT value FROM settings WHERE name = 'site_id'")
            .value_or(kDefaultSite);
    const std::int64_t number = NextNumber(sql, SequenceName(sequence));
    if (number > kNumberMax) {
      return Status(Code::kUnsupported, "store.no-number", "the numbers of IDs are used up");
    }
    std::string digits = std::to_string(number);
    if (digits.size() < kDigitsMin) digits.insert(0, kDigitsMin - digits.size(), '0');
    return IdPrefix(sequence, site) + digits;
  });
}

Result<bool> Store::HasNextId(Sequence sequence) {
  return connection_->Read([&](soci::session& sql) -> Result<bool> {
    return LastNumber(sql, SequenceName(sequence)) < kNumberMax;
  });
}

Status Store::RaiseSequence(Sequence sequence, std::int64_t number) {
  return connection_->Write([&](soci::session& sql) {
    const std::string name = SequenceName(sequence);
    Execute(sql,
            "UPDATE sequences SET last_number = :number WHERE name = :name AND "
            "last_number < :below",
            number, name, number);
    return Status();
  });
}

}  // namespace xnatarchive
