#include "codestream.h"

#include "fault.h"
#include "lib/jxl/dec_bit_reader.h"
#include "lib/jxl/fields.h"
#include "lib/jxl/icc_codec.h"
#include "lib/jxl/toc.h"

namespace eitherside {
namespace {

// libjxl refuses more.
constexpr uint64_t kMostTocEntries = 65536;

// A reader that is closed however its scope ends, as libjxl wants it.
class Bits {
 public:
  Bits(Bytes bytes, size_t skip) : reader_(jxl::Bytes(bytes.data(), bytes.size())) { reader_.SkipBits(skip); }
  ~Bits() {
    (void)reader_.AllReadsWithinBounds();
    (void)reader_.Close();
  }
  Bits(const Bits&) = delete;
  Bits& operator=(const Bits&) = delete;

  jxl::BitReader* get() { return &reader_; }
  // What a status of libjxl means: where it read beyond the end it read zeros, and nothing else it says
  // counts.
  Reach reach(const jxl::Status& status) {
    if (!reader_.AllReadsWithinBounds() || status.code() == jxl::StatusCode::kNotEnoughBytes) {
      return Reach::cut;
    }
    return status ? Reach::whole : Reach::corrupt;
  }

 private:
  jxl::BitReader reader_;
};

uint64_t divided_up(uint64_t a, uint64_t b) { return (a + b - 1) / b; }

// libjxl counts groups in 32 bits here, which a frame's claimed size may overflow.
void count_groups(const jxl::FrameHeader& header, CodestreamFrame* frame) {
  const jxl::FrameDimensions size = header.ToFrameDimensions();
  frame->groups = divided_up(size.xsize, size.group_dim) * divided_up(size.ysize, size.group_dim);
  frame->dc_groups =
      divided_up(size.xsize_blocks, size.group_dim) * divided_up(size.ysize_blocks, size.group_dim);
  const uint64_t passes = header.passes.num_passes;
  frame->toc_entries = frame->groups == 1 && passes == 1 ? 1 : 2 + frame->dc_groups + frame->groups * passes;
}

}  // namespace

bool CodestreamFrame::displayed() const {
  const bool regular = header.frame_type == jxl::kRegularFrame || header.frame_type == jxl::kSkipProgressive;
  return !preview && regular && (header.is_last || header.animation_frame.duration > 0);
}

Codestream::Codestream(Bytes bytes) : bytes_(bytes), memory_(*memory_manager()) {}

Reach Codestream::read_header() {
  if (bytes_.size() < 2) return Reach::cut;
  if (bytes_[0] != 0xFF || bytes_[1] != jxl::kCodestreamMarker) {
    note("the codestream lacks its signature");
    return Reach::corrupt;
  }
  Bits bits(bytes_, 16);
  jxl::CodecMetadata& m = metadata_;
  Reach reach = bits.reach(jxl::Bundle::Read(bits.get(), &m.size));
  if (reach == Reach::whole) reach = bits.reach(jxl::Bundle::Read(bits.get(), &m.m));
  if (reach != Reach::whole) return reach;
  m.transform_data.nonserialized_xyb_encoded = m.m.xyb_encoded;
  reach = bits.reach(jxl::Bundle::Read(bits.get(), &m.transform_data));
  at_ = bits.get()->TotalBitsConsumed() / 8;
  bits_ahead_ = bits.get()->TotalBitsConsumed() % 8;
  return reach;
}

Reach Codestream::read_profile() {
  Bits bits(bytes_.subspan(static_cast<size_t>(at_)), bits_ahead_);
  if (metadata_.m.color_encoding.WantICC()) {
    jxl::ICCReader reader(&memory_);
    jxl::PaddedBytes icc(&memory_);
    Reach reach = bits.reach(reader.Init(bits.get()));
    if (reach == Reach::whole) reach = bits.reach(reader.Process(bits.get(), &icc));
    if (reach != Reach::whole) return reach;
    icc_.assign(icc.data(), icc.data() + icc.size());
  } else {
    const jxl::IccBytes& icc = metadata_.m.color_encoding.ICC();
    if (icc.empty() && !metadata_.m.color_encoding.CreateICC()) clear_notes();
    icc_.assign(icc.begin(), icc.end());
  }
  const Reach reach = bits.reach(bits.get()->JumpToByteBoundary());
  at_ += bits.get()->TotalBitsConsumed() / 8;
  return reach;
}

Reach Codestream::read_frame(bool preview, const std::function<bool(const CodestreamFrame&)>& visit,
                             bool* last) {
  jxl::FrameHeader header(&metadata_);
  header.nonserialized_is_preview = preview;
  CodestreamFrame frame = {header, preview, at_, 0, 0, 0, 0, 0, false, false};
  Bits bits(bytes_.subspan(static_cast<size_t>(at_)), 0);
  Reach reach = bits.reach(jxl::ReadFrameHeader(bits.get(), &header));
  if (reach != Reach::whole) return reach;
  count_groups(header, &frame);
  if (frame.toc_entries > kMostTocEntries) {
    note("a frame has too many sections: %llu", frame.toc_entries);
    return Reach::corrupt;
  }
  std::vector<uint32_t> sizes;
  std::vector<jxl::coeff_order_t> permutation;
  const auto entries = static_cast<size_t>(frame.toc_entries);
  reach = bits.reach(jxl::ReadToc(&memory_, entries, bits.get(), &sizes, &permutation));
  if (reach != Reach::whole) return reach;
  frame.toc_permuted = !permutation.empty();
  frame.header_bytes = bits.get()->TotalBitsConsumed() / 8;
  frame.bytes = frame.header_bytes;
  for (const uint32_t size : sizes) frame.bytes += size;
  frame.complete = frame.bytes <= bytes_.size() - at_;
  if (frame.complete) at_ += frame.bytes;
  *last = !preview && header.is_last;
  if (!visit(frame)) {
    *last = true;
    return Reach::whole;
  }
  return frame.complete ? Reach::whole : Reach::cut;
}

Reach Codestream::read_frames(const std::function<bool(const CodestreamFrame&)>& visit) {
  bool last = false;
  bool preview = metadata_.m.have_preview;
  while (!last) {
    if (at_ == bytes_.size()) return Reach::cut;
    const Reach reach = read_frame(preview, visit, &last);
    if (reach != Reach::whole) return reach;
    preview = false;
  }
  return Reach::whole;
}

}  // namespace eitherside
