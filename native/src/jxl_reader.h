#pragma once

#include <jxl/decode_cxx.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "call.h"
#include "colour_plan.h"
#include "frame_target.h"
#include "jxl_facts.h"
#include "pixel_request.h"

namespace eitherside {

// Reads a JPEG XL file with libjxl's decoder (jxl/decode.h), handling every status that it can give.
class JxlReader {
 public:
  using FrameSink = std::function<bool(Frame&&)>;

  JxlReader(Call& call, Bytes bytes) : call_(call), bytes_(bytes) {}

  // Headers, frame headers and boxes; no pixels.
  bool read_facts();

  // The image header, whatever the image's size, and where the bytes go as far the boxes before the first
  // frame.
  bool read_header();
  bool reached_frame() const { return reached_frame_; }

  // Pixels. `sink` gets each frame, in the format of `format()`; with a prefix also what is seen of the last.
  bool read_frames(const PixelRequest& request, const FrameSink& sink);

  // The same without the extra channels.
  bool read_pixels(const PixelRequest& request,
                   const std::function<bool(const FrameFacts&, Buffer&&)>& frame);

  // Pixels of a file that arrives in pieces: begin() once, then feed() each piece. `sink` may get a frame
  // several times, at last with the stage full.
  bool begin(const PixelRequest& request, const FrameSink& sink);
  bool feed(Bytes piece, bool last);

  // The JPEG file inside, bit for bit. `*found` is false where the file has no reconstruction data.
  bool read_jpeg(Buffer* jpeg, bool* found);

  const JxlFacts& facts() const { return facts_; }
  const Metadata& metadata() const { return metadata_; }
  const JxlPixelFormat& format() const { return request_.format; }
  // Numbers of the extra channels that frames have buffers for.
  const std::vector<uint32_t>& extra() const { return extra_; }
  // What the samples' colours are: their profile (facts() has it, too), and their brightest luminance.
  const std::vector<uint8_t>& icc() const { return facts_.icc; }
  float intensity_target() const { return plan_.intensity_target(); }
  // Whether the header and the colours are known, and whether every frame wanted was given in full.
  bool ready() const { return ready_; }
  bool complete() const { return complete_; }
  // Whether the samples are other than those that the decoder gives.
  bool changes_samples() const { return finisher_ != nullptr; }
  // A file that was read in place of a larger picture tells that one's size.
  void stand_for(uint32_t width, uint32_t height) {
    facts_.info.xsize = width;
    facts_.info.ysize = height;
  }
  // Size of the samples, but for layers, which have their own.
  uint32_t width() const;
  uint32_t height() const;

 private:
  enum class Step { done, more, failed };

  bool start(int events);
  bool start_pixels();
  // Runs the decoder until it is done or wants more bytes. Each handler below ends the call where it returns
  // false.
  Step advance();
  bool handle(JxlDecoderStatus status);
  bool run();
  bool on_basic_info();
  bool on_colour();
  bool on_frame();
  bool on_out_buffer();
  bool on_progression();
  bool on_full_image();
  bool on_preview_buffer();
  bool read_extra_channels();
  bool choose_format();
  bool choose_extra();
  bool check_request();
  bool check_depth();
  bool make_finisher();
  FrameTarget::Setup target_setup() const;
  // Gives the frame in work; `is_final` where nothing more of it is wanted.
  bool deliver(Stage stage, bool is_final);
  bool check_delivered();
  // Gives what is seen of the frame that the bytes end in, if anything is.
  bool deliver_partial();
  bool is_last_wanted() const;
  bool on_box();
  bool grow_box();
  void end_box();
  bool grow_jpeg();
  bool end_jpeg();
  bool fail(const char* code, const char* what) { return call_.fail_with_note(code, what); }
  bool fail_truncated();
  bool done_early() const;

  Call& call_;
  Bytes bytes_;
  JxlDecoderPtr decoder_;
  JxlFacts facts_;
  Metadata metadata_;
  PixelRequest request_;
  FrameSink sink_;
  FrameFacts frame_;
  std::vector<uint32_t> extra_;
  ColourPlan plan_;
  std::unique_ptr<RowFinisher> finisher_;
  std::unique_ptr<FrameTarget> target_;
  size_t delivered_ = 0;
  // How far the frame in work has come, and whether further than what was last given of it.
  Stage reached_ = Stage::header;
  bool progressed_ = false;
  uint64_t fed_ = 0;
  uint64_t shown_at_ = 0;
  std::vector<uint8_t> pending_;
  bool want_pixels_ = false;
  bool want_partial_ = false;
  bool header_only_ = false;
  bool has_header_ = false;
  bool ready_ = false;
  bool reached_frame_ = false;
  bool stopped_ = false;
  bool complete_ = false;
  bool closed_ = false;
  Buffer* jpeg_ = nullptr;
  bool jpeg_found_ = false;
  std::vector<uint8_t>* box_ = nullptr;
  size_t box_used_ = 0;
};

}  // namespace eitherside
