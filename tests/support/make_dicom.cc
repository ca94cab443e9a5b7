// make_dicom.cc - writes generated DICOM files below a directory, for scripts and benchmarks.
//
//   OUT/study<S>/series<R>/<I>.dcm, and OUT/broken-<kind>.dcm for --broken
#include <cstdio>
#include <cstdlib>
#include <filesystem>
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
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& name = arguments[i];
    if (name == "--constant") {
      options.spec.noise = false;
      continue;
    }
    if (i + 1 == arguments.size()) throw std::invalid_argument(name + " needs a value");
    const std::string& value = arguments[++i];
    if (name == "--out")
      options.out = value;
    else if (name == "--studies")
      options.studies = std::stoi(value);
    else if (name == "--series")
      options.series = std::stoi(value);
    else if (name == "--instances")
      options.instances = std::stoi(value);
    else if (name == "--modality")
      options.spec.modality = value;
    else if (name == "--frames")
      options.spec.frames = std::stoi(value);
    else if (name == "--rows")
      options.spec.rows = std::stoi(value);
    else if (name == "--cols")
      options.spec.columns = std::stoi(value);
    else if (name == "--private-bytes")
      options.spec.private_bytes = std::stoul(value);
    else if (name == "--transfer-syntax")
      options.spec.transfer_syntax = value;
    else if (name == "--label-prefix")
      options.label_prefix = value;
    else if (name == "--project")
      options.project = value;
    else if (name == "--broken")
      options.broken.push_back(value);
    else if (name == "--seed")
      options.spec.seed = std::stoull(value);
    else
      throw std::invalid_argument("unknown option " + name);
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
