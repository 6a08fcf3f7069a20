#pragma once

#include <jxl/codestream_header.h>
#include <jxl/color_encoding.h>
#include <jxl/decode_cxx.h>
#include <jxl/types.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "call.h"
#include "colour_converter.h"

namespace eitherside {

// One displayed frame, as its header tells.
struct FrameFacts {
  double seconds = 0;
  uint32_t ticks = 0;
  std::string name;
};

struct BoxFacts {
  std::string type;
  uint64_t size = 0;
  bool compressed = false;
};

// An extra channel of the codestream.
struct ExtraChannelFacts {
  JxlExtraChannelInfo info = {};
  std::string name;
};

// What is known of a JPEG XL file before, or without, its pixels.
struct JxlFacts {
  JxlBasicInfo info = {};
  bool has_encoding = false;
  JxlColorEncoding encoding = {};
  std::vector<uint8_t> icc;
  std::vector<ExtraChannelFacts> extra_channels;
  std::vector<FrameFacts> frames;
  std::vector<BoxFacts> boxes;
};

struct Metadata {
  std::vector<uint8_t> exif;
  std::vector<uint8_t> xmp;
  std::vector<uint8_t> jumbf;
};

// How pixels are wanted from a JPEG XL file.
struct PixelRequest {
  // Sample type and channels; 0 channels takes what the file has, with alpha.
  JxlPixelFormat format = {0, JXL_TYPE_UINT8, JXL_LITTLE_ENDIAN, 0};
  bool automatic_type = false;
  // Integer samples in 0 to 2^bits_per_sample - 1 of the file instead of the full range of the type.
  bool codestream_depth = false;
  bool keep_orientation = false;
  bool srgb = false;
  bool unpremultiply = false;
  bool first_frame_only = false;
  bool want_metadata = false;
};

// Reads a JPEG XL file with libjxl's decoder (jxl/decode.h), handling every status that it can give.
class JxlReader {
 public:
  JxlReader(Call& call, Bytes bytes) : call_(call), bytes_(bytes) {}

  // Headers, frame headers and boxes; no pixels.
  bool read_facts();

  // The image header, whatever the image's size, and where the bytes go as far the boxes before the first
  // frame.
  bool read_header();
  bool reached_frame() const { return reached_frame_; }

  // Pixels. For each displayed frame `frame` gets the interleaved samples, in the format of `format()`.
  bool read_pixels(const PixelRequest& request,
                   const std::function<bool(const FrameFacts&, Buffer&&)>& frame);

  // The JPEG file inside, bit for bit. `*found` is false where the file has no reconstruction data.
  bool read_jpeg(Buffer* jpeg, bool* found);

  const JxlFacts& facts() const { return facts_; }
  const Metadata& metadata() const { return metadata_; }
  const JxlPixelFormat& format() const { return request_.format; }
  // The colour profile of the samples that read_pixels gave.
  const std::vector<uint8_t>& icc() const { return facts_.icc; }

 private:
  bool start(int events);
  // Runs the decoder until it is done. Each handler below ends the call where it returns false.
  bool run();
  bool on_basic_info();
  bool on_colour();
  bool on_frame();
  bool on_out_buffer();
  bool on_full_image();
  // Makes the decoder give floats in the file's colours, and what on_full_image() needs to convert them to
  // sRGB.
  bool prepare_conversion();
  bool set_black_buffer();
  // The decoded floats as sRGB samples of the type asked for.
  bool convert(Buffer* converted);
  bool on_box();
  bool grow_box();
  void end_box();
  bool grow_jpeg();
  bool choose_format();
  bool fail(const char* code, const char* what) { return call_.fail_with_note(code, what); }
  bool fail_truncated();
  bool done_early() const;

  Call& call_;
  Bytes bytes_;
  JxlDecoderPtr decoder_;
  JxlFacts facts_;
  Metadata metadata_;
  PixelRequest request_;
  std::function<bool(const FrameFacts&, Buffer&&)> sink_;
  FrameFacts frame_;
  Buffer samples_;
  size_t delivered_ = 0;
  // What the decoder gives: request_.format, or floats where samples are still to be converted to sRGB.
  JxlPixelFormat decoded_format_ = {};
  std::unique_ptr<ColourConverter> converter_;
  Buffer black_;
  bool want_pixels_ = false;
  bool header_only_ = false;
  bool has_header_ = false;
  bool reached_frame_ = false;
  bool closed_ = false;
  Buffer* jpeg_ = nullptr;
  bool jpeg_found_ = false;
  std::vector<uint8_t>* box_ = nullptr;
  size_t box_used_ = 0;
};

}  // namespace eitherside
