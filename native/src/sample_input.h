#pragma once

#include <vector>

#include "encode_request.h"
#include "frame_input.h"
#include "jxl_writer.h"

namespace eitherside {

// An image as encode's options and inputs describe it. It refers to the call's inputs.
struct SampleInput {
  ImageInput image;
  std::vector<FrameInput> frames;
  MetadataInput metadata;
  // Samples that had to be brought to another type.
  std::vector<Buffer> narrowed;
};

// Reads and checks what encode is given.
bool read_sample_input(Call& call, SampleInput* input);

}  // namespace eitherside
