#pragma once

#include <optional>
#include <vector>

#include "call.h"
#include "edit_steps.h"
#include "flat_file.h"
#include "light.h"
#include "recode.h"

namespace eitherside {

// A JPEG XL file whose frames are edited as they are read, one after the other, and written anew.
class EditedPicture {
 public:
  // `facts` are the file's, as JxlReader::read_facts() gives them.
  EditedPicture(Call& call, Bytes file, const JxlFacts& facts, const EditSteps& steps)
      : call_(call), file_(file), stored_(facts), steps_(steps) {}

  // Checks that the steps fit the picture.
  bool open();
  // As JPEG XL, with all channels; frames are encoded as they come, so that only one is in memory.
  bool write(const EncodeRequest& request, const MetadataInput& metadata, Buffer* file);
  // In another format.
  bool write(FlatFile* flat, Buffer* file);

  size_t width() const { return to_.width; }
  size_t height() const { return to_.height; }
  size_t frames() const { return frames_; }

 private:
  bool changes_light() const;
  PixelRequest request_for_jxl() const;
  // How samples come for those that are wanted: deeper where light changes.
  PixelRequest decoded_as(const PixelRequest& wanted) const;
  // Called with the first frame.
  bool start(const JxlReader& reader, const PixelRequest& wanted);
  void describe(const JxlReader& reader, const PixelRequest& wanted);
  bool edit(const JxlReader& reader, Frame* frame);
  bool turn(size_t bytes, Buffer* samples);

  Call& call_;
  Bytes file_;
  const JxlFacts& stored_;
  const EditSteps& steps_;
  // Size of a frame as it comes, turned, and edited.
  Resampler::Size from_ = {0, 0};
  Resampler::Size turned_ = {0, 0};
  Resampler::Size to_ = {0, 0};
  std::optional<Light> light_;
  // Of the samples that are written.
  JxlPixelFormat format_ = {};
  // What is told of the edited picture; which planes of a frame it keeps, and their channels in it.
  JxlFacts facts_;
  std::vector<size_t> kept_;
  std::vector<uint32_t> channels_;
  size_t frames_ = 0;
};

}  // namespace eitherside
