#include <jxl/decode.h>

#include <algorithm>

#include "channel_names.h"
#include "jxl_reader.h"

// The samples of a JPEG XL file.
namespace eitherside {
namespace {

// More frames than a file can have.
constexpr size_t kAllFrames = size_t{1} << 30;

JxlDataType smallest_type(uint32_t bits, uint32_t exponent_bits) {
  if (exponent_bits > 0 || bits > 16) return JXL_TYPE_FLOAT;
  return bits > 8 ? JXL_TYPE_UINT16 : JXL_TYPE_UINT8;
}

JxlDataType larger(JxlDataType a, JxlDataType b) { return size_of(a) < size_of(b) ? b : a; }

bool is_integer(JxlDataType type) { return type == JXL_TYPE_UINT8 || type == JXL_TYPE_UINT16; }

// The value of an integer sample that stands for 1.
float most_of(JxlDataType type, bool codestream_depth, uint32_t bits) {
  if (!codestream_depth) bits = type == JXL_TYPE_UINT8 ? 8 : 16;
  return static_cast<float>((1U << std::min(bits, 16U)) - 1);
}

bool is_named(const ExtraChannelFacts& channel, const std::string& name) {
  const JxlExtraChannelType type = channel_type_named(name);
  return name == channel.name || (type != JXL_CHANNEL_UNKNOWN && type == channel.info.type);
}

}  // namespace

bool JxlReader::read_pixels(const PixelRequest& request,
                            const std::function<bool(const FrameFacts&, Buffer&&)>& frame) {
  return read_frames(request, [&](Frame&& given) { return frame(given.facts, std::move(given.samples)); });
}

bool JxlReader::read_frames(const PixelRequest& request, const FrameSink& sink) {
  request_ = request;
  sink_ = sink;
  return start_pixels() && run() && (request.prefix || check_delivered());
}

bool JxlReader::check_delivered() {
  if (delivered_ > 0) return true;
  if (request_.start > 0) {
    return call_.fail_option("start", "the image has no frame %zu: they are counted from 0", request_.start);
  }
  return fail("corrupt", "the file holds no frame");
}

bool JxlReader::begin(const PixelRequest& request, const FrameSink& sink) {
  request_ = request;
  sink_ = sink;
  want_partial_ = true;
  return start_pixels();
}

bool JxlReader::start_pixels() {
  want_pixels_ = true;
  const bool pauses = want_partial_ || request_.prefix || request_.dc_only;
  int events = JXL_DEC_BASIC_INFO | JXL_DEC_COLOR_ENCODING;
  events |= request_.preview ? JXL_DEC_PREVIEW_IMAGE : JXL_DEC_FRAME | JXL_DEC_FULL_IMAGE;
  if (request_.want_metadata) events |= JXL_DEC_BOX;
  if (pauses && !request_.preview) events |= JXL_DEC_FRAME_PROGRESSION;
  if (!start(events)) return false;
  JxlDecoder* d = decoder_.get();
  const auto flag = [](bool value) { return value ? JXL_TRUE : JXL_FALSE; };
  if (JxlDecoderSetKeepOrientation(d, flag(request_.keep_orientation)) != JXL_DEC_SUCCESS ||
      JxlDecoderSetUnpremultiplyAlpha(d, flag(request_.unpremultiply)) != JXL_DEC_SUCCESS ||
      JxlDecoderSetRenderSpotcolors(d, flag(request_.render_spot)) != JXL_DEC_SUCCESS ||
      JxlDecoderSetCoalescing(d, flag(request_.coalesce)) != JXL_DEC_SUCCESS ||
      (pauses && JxlDecoderSetProgressiveDetail(d, request_.dc_only ? kDC : kPasses) != JXL_DEC_SUCCESS) ||
      (request_.want_metadata && JxlDecoderSetDecompressBoxes(d, JXL_TRUE) != JXL_DEC_SUCCESS)) {
    return fail("internal", "the decoder refused its settings");
  }
  if (request_.start > 0) JxlDecoderSkipFrames(d, request_.start);
  return true;
}

uint32_t JxlReader::width() const {
  if (!request_.region.everything()) return request_.region.width;
  const JxlBasicInfo& info = facts_.info;
  if (!request_.preview) return info.xsize;
  return target_setup().is_transposed ? info.preview.ysize : info.preview.xsize;
}

uint32_t JxlReader::height() const {
  if (!request_.region.everything()) return request_.region.height;
  const JxlBasicInfo& info = facts_.info;
  if (!request_.preview) return info.ysize;
  return target_setup().is_transposed ? info.preview.xsize : info.preview.ysize;
}

bool JxlReader::choose_format() {
  const JxlBasicInfo& info = facts_.info;
  JxlPixelFormat& format = request_.format;
  if (format.num_channels == 0) format.num_channels = info.num_color_channels + (info.alpha_bits > 0 ? 1 : 0);
  if (format.num_channels < 3 && info.num_color_channels == 3) {
    return call_.fail_option("channels", "a colour image cannot be decoded to %u channels; it takes 3 or 4",
                             format.num_channels);
  }
  if (!choose_extra()) return false;
  if (request_.automatic_type) {
    format.data_type = smallest_type(info.bits_per_sample, info.exponent_bits_per_sample);
    for (const uint32_t i : extra_) {
      const JxlExtraChannelInfo& channel = facts_.extra_channels[i].info;
      format.data_type =
          larger(format.data_type, smallest_type(channel.bits_per_sample, channel.exponent_bits_per_sample));
    }
  }
  return check_depth();
}

bool JxlReader::check_depth() {
  const JxlBasicInfo& info = facts_.info;
  const JxlDataType type = request_.format.data_type;
  if (!is_integer(type) || info.exponent_bits_per_sample > 0) request_.codestream_depth = false;
  if (!request_.codestream_depth) return true;
  uint32_t bits = info.bits_per_sample;
  for (const uint32_t i : extra_) bits = std::max(bits, facts_.extra_channels[i].info.bits_per_sample);
  return bits <= 8 * size_of(type) ||
         call_.fail_option("range", "samples of %u bits do not fit the type; take the full range", bits);
}

bool JxlReader::choose_extra() {
  // Alpha that is interleaved is the first.
  bool interleaves_alpha = request_.format.num_channels % 2 == 0;
  for (uint32_t i = 0; i < facts_.extra_channels.size(); ++i) {
    const ExtraChannelFacts& channel = facts_.extra_channels[i];
    const bool is_interleaved = channel.info.type == JXL_CHANNEL_ALPHA && interleaves_alpha;
    if (is_interleaved) interleaves_alpha = false;
    const bool wanted = std::any_of(
        request_.extra.begin(), request_.extra.end(),
        [&](const std::string& name) { return name == "*" ? !is_interleaved : is_named(channel, name); });
    if (wanted) extra_.push_back(i);
  }
  for (const std::string& name : request_.extra) {
    const bool found = name == "*" || std::any_of(extra_.begin(), extra_.end(), [&](uint32_t i) {
                         return is_named(facts_.extra_channels[i], name);
                       });
    if (!found) {
      return call_.fail_option("extra", "the image has no extra channel of the name or type '%s'",
                               name.c_str());
    }
  }
  return true;
}

bool JxlReader::check_request() {
  const JxlBasicInfo& info = facts_.info;
  if (request_.preview && info.have_preview != JXL_TRUE) {
    return call_.fail_option("frames", "the image has no preview");
  }
  return check_region(call_, "region", request_.region, info.xsize, info.ysize);
}

bool JxlReader::make_finisher() {
  const JxlBasicInfo& info = facts_.info;
  const JxlPixelFormat& format = request_.format;
  const bool has_alpha = format.num_channels % 2 == 0 && info.alpha_bits > 0;
  const bool comes_premultiplied = info.alpha_premultiplied == JXL_TRUE && !request_.unpremultiply;
  const bool multiplies = has_alpha && request_.premultiply && !comes_premultiplied;
  if (plan_.converter() == nullptr && !multiplies) return true;
  finisher_ = std::make_unique<RowFinisher>(RowFinisher::Setup{
      format, most_of(format.data_type, request_.codestream_depth, info.bits_per_sample), plan_.converter(),
      has_alpha && comes_premultiplied, has_alpha && (request_.premultiply || comes_premultiplied)});
  if (!finisher_->needs_black()) return true;
  for (const ExtraChannelFacts& channel : facts_.extra_channels) {
    if (channel.info.type == JXL_CHANNEL_BLACK) return true;
  }
  return call_.fail_input("unsupported", "image",
                          "the colour profile is CMYK, but the image has no black channel");
}

FrameTarget::Setup JxlReader::target_setup() const {
  const bool depth = request_.codestream_depth;
  const bool turns = !request_.keep_orientation && facts_.info.orientation >= JXL_ORIENT_TRANSPOSE;
  FrameTarget::Setup setup = {
      request_.format, depth && finisher_ == nullptr, request_.region, finisher_.get(), 0, turns, {},
      request_.rows};
  for (uint32_t i = 0; i < facts_.extra_channels.size(); ++i) {
    if (facts_.extra_channels[i].info.type == JXL_CHANNEL_BLACK) {
      setup.black = i;
      break;
    }
  }
  for (const uint32_t i : extra_) {
    const uint32_t bits = facts_.extra_channels[i].info.bits_per_sample;
    setup.extra.push_back({i, most_of(request_.format.data_type, depth, bits)});
  }
  return setup;
}

bool JxlReader::on_out_buffer() {
  reached_ = Stage::header;
  progressed_ = false;
  target_ = std::make_unique<FrameTarget>(call_, target_setup());
  const JxlLayerInfo& layer = frame_.header.layer_info;
  return target_->attach(decoder_.get(), layer.xsize, layer.ysize);
}

bool JxlReader::on_preview_buffer() {
  frame_ = {};
  target_ = std::make_unique<FrameTarget>(call_, target_setup());
  return target_->attach_preview(decoder_.get(), width(), height());
}

bool JxlReader::is_last_wanted() const {
  const size_t wanted = request_.first_frame_only ? 1 : request_.count;
  return request_.preview || frame_.header.is_last == JXL_TRUE || (wanted > 0 && delivered_ + 1 >= wanted);
}

bool JxlReader::on_progression() {
  reached_ = reached_ == Stage::header ? Stage::dc : Stage::pass;
  progressed_ = true;
  if (!request_.dc_only || !is_last_wanted()) return true;
  // Without what is needed for a coarse picture the frame goes on to the full one.
  if (JxlDecoderFlushImage(decoder_.get()) != JXL_DEC_SUCCESS) return true;
  return deliver(Stage::dc, true);
}

bool JxlReader::on_full_image() { return deliver(Stage::full, true); }

bool JxlReader::deliver_partial() {
  if (target_ == nullptr || request_.preview) return true;
  // Between the decoder's own steps, as often as a half more of the file has come.
  const bool is_due = request_.prefix || progressed_ || fed_ > shown_at_ + shown_at_ / 2;
  if (!is_due || JxlDecoderFlushImage(decoder_.get()) != JXL_DEC_SUCCESS) return true;
  progressed_ = false;
  shown_at_ = fed_;
  if (reached_ == Stage::header) reached_ = Stage::dc;
  return deliver(reached_, false);
}

bool JxlReader::deliver(Stage stage, bool is_final) {
  Frame frame;
  frame.facts = frame_;
  frame.stage = stage;
  frame.width = target_->width();
  frame.height = target_->height();
  if (!target_->take(is_final, &frame.samples)) return false;
  frame.extra.resize(extra_.size());
  for (size_t i = 0; i < extra_.size(); ++i) {
    if (!target_->take_extra(i, is_final, &frame.extra[i])) return false;
  }
  if (is_final) {
    target_.reset();
    if (is_last_wanted()) {
      complete_ = true;
      stopped_ = !request_.want_metadata;
      // What follows is read for its boxes alone.
      JxlDecoderSkipFrames(decoder_.get(), kAllFrames);
    }
    ++delivered_;
  }
  return sink_(std::move(frame));
}

}  // namespace eitherside
