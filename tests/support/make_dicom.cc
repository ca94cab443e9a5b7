// make_dicom.cc - writes generated DICOM files below a directory, for scripts and benchmarks.
//
//   OUT/study<S>/series<R>/<I>.dcm, and OUT/broken-<kind>.dcm for --broken
#include <cstdio>
#include <filesystem>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/dicom_generator.hpp"

namespace xnatarchive {
namespace {

constexpr char kUsage[] =
    "usage: make_dicom --out DIR [--studies N] [--series N] [--instances N] [--modality M]\n"
    "  [--frames N] [--rows R] [--cols C] [--constant] [--private-bytes N]\n"
    "  [--transfer-syntax implicit|explicit|big-endian|deflated|rle|jpeg]\n"
    "  [--label-prefix L]   Patient ID, and so the session label: L1, L2, ...\n"
    "  [--project P]        \"Project:P Subject:L<n>_S Session:L<n>\" as Patient Comments\n"
    "  [--broken KIND]      one broken file more; may be repeated\n"
    "  [--seed S]\n";

struct Options {
  std::string out;
  int studies = 1;
  int series = 1;
  int instances = 1;
  std::string label_prefix = "S";
  std::string project;
  std::vector<std::string> broken;
  DicomSpec spec;
};

Options ParseOptions(const std::vector<std::string>& arguments) {
  Options options;
  DicomSpec& spec = options.spec;
  using Value = const std::string&;
  const std::map<std::string, std::function<void(Value)>> setters = {
      {"--out", [&](Value v) { options.out = v; }},
      {"--studies", [&](Value v) { options.studies = std::stoi(v); }},
      {"--series", [&](Value v) { options.series = std::stoi(v); }},
      {"--instances", [&](Value v) { options.instances = std::stoi(v); }},
      {"--modality", [&](Value v) { spec.modality = v; }},
      {"--frames", [&](Value v) { spec.frames = std::stoi(v); }},
      {"--rows", [&](Value v) { spec.rows = std::stoi(v); }},
      {"--cols", [&](Value v) { spec.columns = std::stoi(v); }},
      {"--private-bytes", [&](Value v) { spec.private_bytes = std::stoul(v); }},
      {"--transfer-syntax", [&](Value v) { spec.transfer_syntax = v; }},
      {"--label-prefix", [&](Value v) { options.label_prefix = v; }},
      {"--project", [&](Value v) { options.project = v; }},
      {"--broken", [&](Value v) { options.broken.push_back(v); }},
      {"--seed", [&](Value v) { spec.seed = std::stoull(v); }},
  };
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& name = arguments[i];
    if (name == "--constant") {
      spec.noise = false;
      continue;
    }
    const auto setter = setters.find(name);
    if (setter == setters.end()) throw std::invalid_argument("unknown option " + name);
    if (i + 1 == arguments.size()) throw std::invalid_argument(name + " needs a value");
    setter->second(arguments[++i]);
  }
  if (options.out.empty()) throw std::invalid_argument("--out is missing");
  return options;
}

void WriteFile(const std::string& path, const std::string& bytes) {
  std::FILE* file = std::fopen(path.c_str(), "wb");
  const bool written =
      file != nullptr && std::fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size();
  if (file == nullptr || std::fclose(file) != 0 || !written) {
    throw std::runtime_error("cannot write " + path);
  }
}

void Run(const Options& options) {
  DicomSpec spec = options.spec;
  for (spec.study = 1; spec.study <= options.studies; ++spec.study) {
    const std::string label = options.label_prefix + std::to_string(spec.study);
    spec.values[0x00100020] = label;
    if (!options.project.empty()) {
      spec.values[0x00104000] =
          "Project:" + options.project + " Subject:" + label + "_S Session:" + label;
    }
    for (spec.series = 1; spec.series <= options.series; ++spec.series) {
      const std::string directory = options.out + "/study" + std::to_string(spec.study) +
                                    "/series" + std::to_string(spec.series);
      std::filesystem::create_directories(directory);
      DicomSeries series(spec);
      for (int instance = 1; instance <= options.instances; ++instance) {
        WriteFile(directory + "/" + std::to_string(instance) + ".dcm", series.Instance(instance));
      }
    }
  }
  std::filesystem::create_directories(options.out);
  for (const std::string& kind : options.broken) {
    WriteFile(options.out + "/broken-" + kind + ".dcm", MakeBroken(kind, options.spec));
  }
}

}  // namespace
}  // namespace xnatarchive

int main(int argc, char** argv) {
  try {
    xnatarchive::Run(xnatarchive::ParseOptions(std::vector<std::string>(argv + 1, argv + argc)));
    return 0;
  } catch (const std::invalid_argument& error) {
    std::fprintf(stderr, "make_dicom: %s\n%s", error.what(), xnatarchive::kUsage);
    return 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "make_dicom: %s\n", error.what());
    return 1;
  }
}
