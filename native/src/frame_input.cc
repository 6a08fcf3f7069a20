#include "frame_input.h"

namespace eitherside {
namespace {

const FrameInput& frame_at(void* self) { return *static_cast<const FrameInput*>(self); }

const void* rectangle(const FrameInput& frame, const Plane& plane, size_t x, size_t y, size_t* row_offset) {
  const size_t pixel = plane.format.num_channels * bytes_of(plane.format.data_type);
  *row_offset = frame.width * pixel;
  return plane.samples.empty() ? nullptr : plane.samples.data() + y * *row_offset + x * pixel;
}

}  // namespace

size_t bytes_of(JxlDataType type) { return type == JXL_TYPE_UINT8 ? 1 : (type == JXL_TYPE_FLOAT ? 4 : 2); }

JxlChunkedFrameInputSource source_of(const FrameInput* frame) {
  return {
      const_cast<FrameInput*>(frame),
      [](void* self, JxlPixelFormat* format) { *format = frame_at(self).colour.format; },
      [](void* self, size_t x, size_t y, size_t, size_t, size_t* row_offset) {
        return rectangle(frame_at(self), frame_at(self).colour, x, y, row_offset);
      },
      [](void* self, size_t index, JxlPixelFormat* format) { *format = frame_at(self).extra[index].format; },
      [](void* self, size_t index, size_t x, size_t y, size_t, size_t, size_t* row_offset) {
        return rectangle(frame_at(self), frame_at(self).extra[index], x, y, row_offset);
      },
      [](void*, const void*) {}};
}

}  // namespace eitherside
