#include "decode_answer.h"
#include "direct.h"
#include "functions.h"
#include "packed.h"

namespace eitherside {
namespace {

// Gives a picture of another format as it is, where that is what is asked for, which `*done` tells.
bool decode_direct(Call& call, const Packed& packed, Format format, const PixelRequest& request, bool* done) {
  Direct direct(call, packed);
  bool failed = false;
  *done = direct.start(request, false, &failed);
  if (failed || !*done) return !failed;
  Frame frame;
  frame.facts = direct.frame().facts;
  frame.stage = direct.frame().stage;
  frame.width = direct.frame().width;
  frame.height = direct.frame().height;
  if (!direct.take(&frame.samples)) return false;
  DecodeAnswer answer(call, format);
  answer.begin();
  return answer.add(direct.reader(), std::move(frame)) && answer.finish(direct.reader(), request, true);
}

// Decodes a JPEG XL file, which came from a file in the format given, into the call's outputs.
bool decode_jxl(Call& call, Bytes bytes, Format format, const PixelRequest& request) {
  JxlReader reader(call, bytes);
  DecodeAnswer answer(call, format);
  answer.begin();
  const auto sink = [&](Frame&& frame) { return answer.add(reader, std::move(frame)); };
  if (!reader.read_frames(request, sink)) return false;
  if (!reader.ready()) {
    return call.fail_input("truncated", "image", "the %zu bytes do not hold the whole header of the image",
                           bytes.size());
  }
  return answer.finish(reader, request, reader.complete());
}

bool decode_file(Call& call, Bytes bytes, const PixelRequest& request) {
  const Format format = sniff_input(call, bytes);
  if (format == Format::unknown) return false;
  if (format == Format::jxl) return decode_jxl(call, bytes, format, request);
  // What is not given as it is goes through a lossless JPEG XL file: one piece of code blends frames, turns,
  // converts types and colours.
  Buffer file;
  {
    Packed packed;
    bool done = false;
    if (!read_packed(call, format, bytes, &packed)) return false;
    if (!decode_direct(call, packed, format, request, &done)) return false;
    if (done) return true;
    EncodeRequest lossless;
    lossless.distance = 0;
    lossless.effort = 1;
    if (!encode_packed(call, packed, lossless, false, &file)) return false;
  }
  return decode_jxl(call, {file.data(), file.size()}, format, request);
}

// Decodes a file that arrives in pieces. One that is not JPEG XL is collected and decoded at its end.
class DecodeStream : public Pushed {
 public:
  DecodeStream(Call& call, const PixelRequest& request)
      : call_(call), request_(request), answer_(call, Format::jxl) {}

  bool push(Bytes piece, bool last) override {
    if (reader_ != nullptr) return push_jxl(piece, last);
    // Growing keeps two copies for a moment.
    if (2 * (collected_.size() + piece.size()) > memory_left()) {
      return call_.fail("memory_limit", "the file does not fit the call's memory ceiling");
    }
    collected_.insert(collected_.end(), piece.begin(), piece.end());
    const JxlSignature signature = JxlSignatureCheck(collected_.data(), collected_.size());
    if (signature == JXL_SIG_CODESTREAM || signature == JXL_SIG_CONTAINER) {
      reader_ = std::make_unique<JxlReader>(call_, Bytes());
      const auto sink = [this](Frame&& frame) { return answer_.add(*reader_, std::move(frame)); };
      const std::vector<uint8_t> beginning = std::move(collected_);
      return reader_->begin(request_, sink) && push_jxl(beginning, last);
    }
    return !last || decode_file(call_, collected_, request_);
  }

 private:
  bool push_jxl(Bytes piece, bool last) {
    answer_.begin();
    if (!reader_->feed(piece, last)) return false;
    const bool is_news = !answer_.is_empty() || (reader_->ready() && !told_header_);
    if (!is_news && !last) return true;
    told_header_ = true;
    return answer_.finish(*reader_, request_, last);
  }

  Call& call_;
  PixelRequest request_;
  DecodeAnswer answer_;
  std::unique_ptr<JxlReader> reader_;
  std::vector<uint8_t> collected_;
  bool told_header_ = false;
};

}  // namespace

bool decode(Call& call) {
  PixelRequest request;
  return read_pixel_request(call, &request) && decode_file(call, call.input("image"), request);
}

std::unique_ptr<Pushed> open_decode(Call& call) {
  PixelRequest request;
  if (!read_pixel_request(call, &request)) return nullptr;
  if (request.prefix) {
    call.fail_option("prefix", "what is pushed is taken as it comes; 'prefix' is for a call with a prefix");
    return nullptr;
  }
  return std::make_unique<DecodeStream>(call, request);
}

}  // namespace eitherside
