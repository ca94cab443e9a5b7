#include "rest_answers.hpp"

#include <cstdlib>

#include "html.hpp"

namespace page {

std::vector<Row> Answer::Rows() const {
  std::vector<Row> rows;
  if (!json.is_object() || !json.contains("ResultSet")) return rows;
  for (const Json& object : json["ResultSet"].value("Result", Json::array())) {
    Row& row = rows.emplace_back();
    for (const auto& [name, value] : object.items()) {
      if (value.is_string()) row.emplace(name, value.get<std::string>());
    }
  }
  return rows;
}

const std::string& Cell(const Row& row, std::string_view column) {
  static const std::string none;
  const auto at = row.find(column);
  return at == row.end() ? none : at->second;
}

std::uint64_t NumberCell(const Row& row, std::string_view column) {
  return std::strtoull(Cell(row, column).c_str(), nullptr, 10);
}

std::string TextOf(const Json& json, const char* name) {
  if (!json.is_object() || !json.contains(name) || !json[name].is_string()) return {};
  return json[name].get<std::string>();
}

std::uint64_t NumberOf(const Json& json, const char* name) {
  if (!json.is_object() || !json.contains(name) || !json[name].is_number_unsigned()) return 0;
  return json[name].get<std::uint64_t>();
}

Answer RestAnswers::Ask(const char* method, const std::string& path, Pairs& query) const {
  query.emplace_back("format", "json");
  xnatarchive::RestRequest request;
  request.method = method;
  request.path = path;
  request.query = Query(query);
  request.user = user_;
  request.origin = origin_;
  const xnatarchive::RestResponse response = service_.Handle(request);
  Answer answer;
  answer.status = response.status;
  if (!response.stream) answer.json = Json::parse(response.text, nullptr, false);
  if (answer.json.is_discarded()) answer.json = nullptr;
  if (!answer.ok()) {
    answer.reason = TextOf(answer.json, "reason");
    answer.message = TextOf(answer.json, "message");
  }
  return answer;
}

}  // namespace page
