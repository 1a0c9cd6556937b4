// Replays a corpus without libFuzzer: every file of the folders given is one input.

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "tests/fuzz/target.hpp"

namespace {

std::vector<std::uint8_t> content_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::vector<char> text((std::istreambuf_iterator<char>(file)),
                               std::istreambuf_iterator<char>());
  std::vector<std::uint8_t> out(text.size());
  std::ranges::transform(text, out.begin(), [](char c) { return static_cast<std::uint8_t>(c); });
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t inputs = 0;
  for (const char* folder : std::span(argv, static_cast<std::size_t>(argc)).subspan(1)) {
    std::vector<std::filesystem::path> paths;
    for (const auto& entry : std::filesystem::directory_iterator(folder))
      if (entry.is_regular_file()) paths.push_back(entry.path());
    std::ranges::sort(paths);
    for (const auto& path : paths) {
      const auto input = content_of(path);
      std::printf("%s\n", path.filename().c_str());
      std::fflush(stdout);  // the last line names the input that crashed
      (void)LLVMFuzzerTestOneInput(input.data(), input.size());
      ++inputs;
    }
  }
  std::printf("%zu inputs\n", inputs);
  return inputs > 0 ? 0 : 1;
}
