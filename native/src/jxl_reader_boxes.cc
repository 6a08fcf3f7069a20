#include <jxl/decode.h>
#include <string.h>

#include <algorithm>

#include "jxl_reader.h"

// The boxes of a JPEG XL file, and the JPEG file that they may hold.
namespace eitherside {
namespace {

constexpr size_t kBoxStep = 65536;

}  // namespace

void JxlReader::end_box() {
  if (box_ == nullptr) return;
  box_used_ = box_->size() - JxlDecoderReleaseBoxBuffer(decoder_.get());
  box_->resize(box_used_);
  box_ = nullptr;
}

bool JxlReader::on_box() {
  JxlDecoder* d = decoder_.get();
  end_box();
  JxlBoxType outer;
  JxlBoxType inner;
  uint64_t size = 0;
  if (JxlDecoderGetBoxType(d, outer, JXL_FALSE) != JXL_DEC_SUCCESS ||
      JxlDecoderGetBoxType(d, inner, JXL_TRUE) != JXL_DEC_SUCCESS ||
      JxlDecoderGetBoxSizeRaw(d, &size) != JXL_DEC_SUCCESS) {
    return fail("corrupt", "a box header cannot be read");
  }
  facts_.boxes.push_back({std::string(inner, 4), size, memcmp(outer, "brob", 4) == 0});
  if (!request_.want_metadata) return true;
  if (memcmp(inner, "Exif", 4) == 0) box_ = &metadata_.exif;
  if (memcmp(inner, "xml ", 4) == 0) box_ = &metadata_.xmp;
  if (memcmp(inner, "jumb", 4) == 0) box_ = &metadata_.jumbf;
  if (box_ != nullptr && !box_->empty()) box_ = nullptr;
  if (box_ == nullptr) return true;
  box_->resize(kBoxStep);
  return JxlDecoderSetBoxBuffer(d, box_->data(), box_->size()) == JXL_DEC_SUCCESS ||
         fail("internal", "the decoder refused a buffer for a box");
}

bool JxlReader::grow_box() {
  JxlDecoder* d = decoder_.get();
  if (box_ == nullptr)
    return call_.fail("internal", "the decoder wants room for a box that was not asked for");
  const size_t used = box_->size() - JxlDecoderReleaseBoxBuffer(d);
  if (used + box_->size() > memory_left())
    return call_.fail("memory_limit", "a metadata box does not fit the call's memory ceiling");
  box_->resize(2 * box_->size());
  return JxlDecoderSetBoxBuffer(d, box_->data() + used, box_->size() - used) == JXL_DEC_SUCCESS ||
         fail("internal", "the decoder refused a buffer for a box");
}

bool JxlReader::grow_jpeg() {
  JxlDecoder* d = decoder_.get();
  const size_t used = jpeg_->size() == 0 ? 0 : jpeg_->size() - JxlDecoderReleaseJPEGBuffer(d);
  const size_t size = std::max(bytes_.size() + bytes_.size() / 2 + 4096, 2 * jpeg_->size());
  if (!jpeg_->resize(size)) return fail("memory_limit", "no memory for the JPEG file");
  return JxlDecoderSetJPEGBuffer(d, jpeg_->data() + used, size - used) == JXL_DEC_SUCCESS ||
         fail("internal", "the decoder refused a buffer for the JPEG file");
}

bool JxlReader::end_jpeg() {
  const size_t used = jpeg_->size() - JxlDecoderReleaseJPEGBuffer(decoder_.get());
  return jpeg_->resize(used) || fail("memory_limit", "no memory for the JPEG file");
}

}  // namespace eitherside
