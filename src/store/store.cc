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
  if (!number.has_value() || *number < 0) return std::nullopt;
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

Status Store::Transaction(const std::function<Status(Store&)>& work) {
  return connection_->Transaction([&] { return work(*this); });
}

Result<std::string> Store::NextId(Sequence sequence) {
  return connection_->Write([&](soci::session& sql) -> Result<std::string> {
    const std::string site =
        SelectOne<std::string>(sql, "SELECT value FROM settings WHERE name = 'site_id'")
            .value_or(kDefaultSite);
    std::string digits = std::to_string(NextNumber(sql, SequenceName(sequence)));
    if (digits.size() < kDigitsMin) digits.insert(0, kDigitsMin - digits.size(), '0');
    return IdPrefix(sequence, site) + digits;
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
