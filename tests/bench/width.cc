// Native libjxl with narrower vectors than the processor has: what 128 bits, as WebAssembly has them, take
// away.
//
//   g++ -O2 -std=c++17 -o width tests/bench/width.cc -ljxl -lhwy        (Debian 13: libjxl-dev, libhwy-dev)
//   ./width RUNS decode:FILE.jxl
//   ./width RUNS encode:SAMPLES:WIDTH:HEIGHT:TYPE:COLOUR:EFFORT:DISTANCE ...
//
// SAMPLES is a file of interleaved RGB samples, TYPE u8 or u16, COLOUR srgb or rec2020_pq, a distance of 0 is
// lossless. One thread; the widths take turns, the least of RUNS is told. It needs a libjxl that links
// Highway dynamically, as the widths are limited by hwy::SetSupportedTargetsForTest (hwy/targets.h).

#include <hwy/highway.h>
#include <hwy/targets.h>
#include <jxl/decode.h>
#include <jxl/decode_cxx.h>
#include <jxl/encode.h>
#include <jxl/encode_cxx.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using Bytes = std::vector<uint8_t>;
using Words = std::vector<std::string>;

struct Width {
  const char* name;
  int64_t best;
};

// Lower bits are better targets; those below `best` are switched off.
constexpr Width kWidths[] = {{"SSE4, 128 bits", HWY_SSE4}, {"AVX2, 256 bits", HWY_AVX2}, {"all", 1}};

void require(bool holds, const char* what) {
  if (!holds) throw std::runtime_error(what);
}

Bytes read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  require(file.good(), "a file cannot be read");
  return Bytes(std::istreambuf_iterator<char>(file), {});
}

JxlPixelFormat format_of(bool deep) {
  return {3, deep ? JXL_TYPE_UINT16 : JXL_TYPE_UINT8, JXL_LITTLE_ENDIAN, 0};
}

void encode(const Bytes& samples, const Words& words) {
  const bool deep = words.at(4) == "u16";
  const float distance = std::stof(words.at(7));
  const JxlEncoderPtr encoder = JxlEncoderMake(nullptr);
  JxlBasicInfo info;
  JxlEncoderInitBasicInfo(&info);
  info.xsize = std::stoul(words.at(2));
  info.ysize = std::stoul(words.at(3));
  info.num_color_channels = 3;
  info.bits_per_sample = deep ? 16 : 8;
  info.uses_original_profile = distance == 0 ? JXL_TRUE : JXL_FALSE;
  require(JxlEncoderSetBasicInfo(encoder.get(), &info) == JXL_ENC_SUCCESS, "the shape does not fit");
  JxlColorEncoding colour;
  JxlColorEncodingSetToSRGB(&colour, JXL_FALSE);
  if (words.at(5) == "rec2020_pq") {
    colour.primaries = JXL_PRIMARIES_2100;
    colour.transfer_function = JXL_TRANSFER_FUNCTION_PQ;
  }
  require(JxlEncoderSetColorEncoding(encoder.get(), &colour) == JXL_ENC_SUCCESS, "the colours do not fit");
  JxlEncoderFrameSettings* frame = JxlEncoderFrameSettingsCreate(encoder.get(), nullptr);
  JxlEncoderFrameSettingsSetOption(frame, JXL_ENC_FRAME_SETTING_EFFORT, std::stoi(words.at(6)));
  if (distance == 0) {
    JxlEncoderSetFrameLossless(frame, JXL_TRUE);
  } else {
    JxlEncoderSetFrameDistance(frame, distance);
  }
  const JxlPixelFormat format = format_of(deep);
  require(JxlEncoderAddImageFrame(frame, &format, samples.data(), samples.size()) == JXL_ENC_SUCCESS,
          "the samples do not fit");
  JxlEncoderCloseInput(encoder.get());
  Bytes file(samples.size() + (1U << 20U));
  uint8_t* next = file.data();
  size_t left = file.size();
  require(JxlEncoderProcessOutput(encoder.get(), &next, &left) == JXL_ENC_SUCCESS, "encoding failed");
}

void decode(const Bytes& file, const Words&) {
  const JxlDecoderPtr decoder = JxlDecoderMake(nullptr);
  JxlDecoderSubscribeEvents(decoder.get(), JXL_DEC_BASIC_INFO | JXL_DEC_FULL_IMAGE);
  JxlDecoderSetInput(decoder.get(), file.data(), file.size());
  JxlDecoderCloseInput(decoder.get());
  JxlBasicInfo info;
  Bytes samples;
  for (;;) {
    const JxlDecoderStatus status = JxlDecoderProcessInput(decoder.get());
    if (status == JXL_DEC_SUCCESS) return;
    require(status != JXL_DEC_ERROR && status != JXL_DEC_NEED_MORE_INPUT, "decoding failed");
    if (status == JXL_DEC_BASIC_INFO) JxlDecoderGetBasicInfo(decoder.get(), &info);
    if (status != JXL_DEC_NEED_IMAGE_OUT_BUFFER) continue;
    const JxlPixelFormat format = format_of(info.bits_per_sample > 8);
    size_t size = 0;
    JxlDecoderImageOutBufferSize(decoder.get(), &format, &size);
    samples.resize(size);
    JxlDecoderSetImageOutBuffer(decoder.get(), &format, samples.data(), size);
  }
}

void limit_to(int64_t available, const Width& width) {
  hwy::SetSupportedTargetsForTest(available & ~(width.best - 1));
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
}

void compare(const std::string& text, int runs, int64_t available) {
  Words words;
  std::istringstream parts(text);
  for (std::string word; std::getline(parts, word, ':');) words.push_back(word);
  const auto call = words.at(0) == "encode" ? encode : decode;
  const Bytes input = read(words.at(1));
  double least[std::size(kWidths)] = {};
  for (int run = 0; run < runs; ++run) {
    for (size_t i = 0; i < std::size(kWidths); ++i) {
      limit_to(available, kWidths[i]);
      const auto began = std::chrono::steady_clock::now();
      call(input, words);
      const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - began;
      least[i] = run == 0 ? took.count() : std::min(least[i], took.count());
    }
  }
  std::printf("%s:", text.c_str());
  for (size_t i = 0; i < std::size(kWidths); ++i) std::printf("  %s %.1f ms", kWidths[i].name, least[i]);
  std::puts("");
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 3) {
    std::fprintf(
        stderr, "usage: width RUNS decode:FILE|encode:SAMPLES:WIDTH:HEIGHT:TYPE:COLOUR:EFFORT:DISTANCE...\n");
    return 2;
  }
  try {
    const int64_t available = hwy::SupportedTargets();
    for (int i = 2; i < count; ++i) compare(arguments[i], std::stoi(arguments[1]), available);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "width: %s\n", error.what());
    return 1;
  }
  return 0;
}
