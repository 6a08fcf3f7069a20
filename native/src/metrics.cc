#include "metrics.h"

#include <jxl/cms.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "fault.h"
#include "lib/extras/metrics.h"
#include "lib/jxl/butteraugli/butteraugli.h"
#include "lib/jxl/enc_butteraugli_comparator.h"
#include "lib/jxl/enc_comparator.h"
#include "lib/jxl/enc_image_bundle.h"
#include "lib/jxl/image_bundle.h"
#include "lib/jxl/luminance.h"
#include "parallel.h"
#include "tools/no_memory_manager.h"
#include "tools/ssimulacra2.h"

// libjxl's tools allocate through this one; so their memory is counted, too.
JxlMemoryManager* jpegxl::tools::NoMemoryManager() {
  return const_cast<JxlMemoryManager*>(eitherside::memory_manager());
}

namespace eitherside {
namespace {

using jpegxl::tools::NoMemoryManager;
using jxl::ColorEncoding;
using jxl::Image3F;
using jxl::ImageBundle;
using jxl::ImageF;
using jxl::Status;

// Butteraugli and SSIMULACRA 2 work on images of at least this width and height.
constexpr size_t kLeastSide = 8;

Status read_colours(const Image& image, ColorEncoding* colours) {
  if (image.icc.empty()) return colours->FromExternal(image.encoding);
  return colours->SetICC({image.icc.begin(), image.icc.end()}, JxlGetDefaultCms());
}

// An image as libjxl's encoder holds it.
struct Bundle {
  jxl::ImageMetadata metadata;
  ImageBundle image{NoMemoryManager(), &metadata};

  Status fill(const Image& from);
  Status scale_to(float intensity_target);
};

// Copies the samples into planes. Small images grow to kLeastSide by repeating their last row and column, as
// libjxl's ButteraugliDiffmap() does.
Status Bundle::fill(const Image& from) {
  ColorEncoding& colour = metadata.color_encoding;
  JXL_RETURN_IF_ERROR(read_colours(from, &colour));
  metadata.SetFloat32Samples();
  jxl::SetIntensityTarget(&metadata);
  if (from.intensity_target > 0) metadata.SetIntensityTarget(from.intensity_target);
  const bool has_alpha = from.channels % 2 == 0;
  if (has_alpha) metadata.SetAlphaBits(32);
  const size_t width = std::max(from.width, kLeastSide);
  const size_t height = std::max(from.height, kLeastSide);
  JXL_ASSIGN_OR_RETURN(Image3F planes, Image3F::Create(NoMemoryManager(), width, height));
  ImageF alpha;
  if (has_alpha) {
    JXL_ASSIGN_OR_RETURN(alpha, ImageF::Create(NoMemoryManager(), width, height));
  }
  for (size_t y = 0; y < height; ++y) {
    const float* row = from.samples + std::min(y, from.height - 1) * from.width * from.channels;
    for (size_t x = 0; x < width; ++x) {
      const float* pixel = row + std::min(x, from.width - 1) * from.channels;
      const float a = has_alpha ? pixel[from.channels - 1] : 1.0F;
      const float divide = from.premultiplied && a > 0 ? a : 1.0F;
      for (size_t c = 0; c < 3; ++c) planes.PlaneRow(c, y)[x] = pixel[from.channels < 3 ? 0 : c] / divide;
      if (has_alpha) alpha.Row(y)[x] = a;
    }
  }
  JXL_RETURN_IF_ERROR(image.SetFromImage(std::move(planes), colour));
  return !has_alpha || image.SetAlpha(std::move(alpha));
}

// Makes 1.0 stand for another luminance, so that equal samples are equal light.
Status Bundle::scale_to(float intensity_target) {
  const float scale = metadata.IntensityTarget() / intensity_target;
  if (scale == 1.0F) return true;
  JXL_RETURN_IF_ERROR(
      image.TransformTo(ColorEncoding::LinearSRGB(image.IsGray()), *JxlGetDefaultCms(), thread_pool()));
  for (size_t c = 0; c < 3; ++c) {
    for (size_t y = 0; y < image.ysize(); ++y) {
      float* row = image.color()->PlaneRow(c, y);
      std::transform(row, row + image.xsize(), row, [scale](float v) { return v * scale; });
    }
  }
  metadata.SetIntensityTarget(intensity_target);
  return true;
}

Status draw_heat_map(const ImageF& map, Buffer* picture) {
  const double good = jxl::ButteraugliFuzzyInverse(1.5);
  const double bad = jxl::ButteraugliFuzzyInverse(0.5);
  JXL_ASSIGN_OR_RETURN(Image3F heat, jxl::CreateHeatMapImage(map, good, bad));
  if (!picture->resize(map.xsize() * map.ysize() * 3)) return false;
  uint8_t* to = picture->data();
  for (size_t y = 0; y < map.ysize(); ++y) {
    for (size_t x = 0; x < map.xsize(); ++x) {
      for (size_t c = 0; c < 3; ++c) {
        const float value = heat.PlaneRow(c, y)[x];
        *to++ = static_cast<uint8_t>((value > 0 ? std::min(value, 1.0F) : 0.0F) * 255.0F + 0.5F);
      }
    }
  }
  return true;
}

Status find_butteraugli(const Bundle& a, const Bundle& b, const Image& size, const Metrics& wanted,
                        Scores* scores) {
  jxl::ButteraugliParams parameters;
  const auto& transfer = a.metadata.color_encoding.Tf();
  if (wanted.intensity_target > 0) {
    parameters.intensity_target = wanted.intensity_target;
  } else if (transfer.IsPQ() || transfer.IsHLG()) {
    parameters.intensity_target = a.metadata.IntensityTarget();
  }
  const JxlCmsInterface& cms = *JxlGetDefaultCms();
  jxl::JxlButteraugliComparator comparator(parameters, cms);
  float score = 0;
  ImageF map;
  JXL_RETURN_IF_ERROR(jxl::ComputeScore(a.image, b.image, &comparator, cms, &score, &map, thread_pool()));
  JXL_RETURN_IF_ERROR(map.ShrinkTo(size.width, size.height));
  scores->butteraugli = jxl::ButteraugliScoreFromDiffmap(map, &parameters);
  scores->butteraugli_3norm = jxl::ComputeDistanceP(map, parameters, 3);
  return !wanted.heat_map || draw_heat_map(map, &scores->heat_map);
}

Status find_ssimulacra2(const Bundle& a, const Bundle& b, const Image& size, Scores* scores) {
  scores->ssimulacra2 = std::numeric_limits<double>::quiet_NaN();
  if (size.width < kLeastSide || size.height < kLeastSide) return true;
  JXL_ASSIGN_OR_RETURN(const Msssim dark, ComputeSSIMULACRA2(a.image, b.image, 0.1F));
  scores->ssimulacra2 = dark.Score();
  if (!a.image.HasAlpha() && !b.image.HasAlpha()) return true;
  JXL_ASSIGN_OR_RETURN(const Msssim bright, ComputeSSIMULACRA2(a.image, b.image, 0.9F));
  scores->ssimulacra2 = std::min(scores->ssimulacra2, bright.Score());
  return true;
}

// Mean square of the differences of two images in sRGB, on a background.
double mean_square(const ImageBundle& a, const ImageBundle& b, const Image& size, float background) {
  double sum = 0;
  for (size_t c = 0; c < 3; ++c) {
    for (size_t y = 0; y < size.height; ++y) {
      const float* of_a = a.color().ConstPlaneRow(c, y);
      const float* of_b = b.color().ConstPlaneRow(c, y);
      const float* alpha_a = a.HasAlpha() ? a.alpha()->ConstRow(y) : nullptr;
      const float* alpha_b = b.HasAlpha() ? b.alpha()->ConstRow(y) : nullptr;
      for (size_t x = 0; x < size.width; ++x) {
        const double over_a = alpha_a == nullptr ? 1.0 : alpha_a[x];
        const double over_b = alpha_b == nullptr ? 1.0 : alpha_b[x];
        const double difference = over_a * (of_a[x] - background) - over_b * (of_b[x] - background);
        sum += difference * difference;
      }
    }
  }
  return sum / (3.0 * static_cast<double>(size.width) * static_cast<double>(size.height));
}

Status find_psnr(const Bundle& a, const Bundle& b, const Image& size, Scores* scores) {
  const JxlCmsInterface& cms = *JxlGetDefaultCms();
  jxl::ImageMetadata metadata_a = a.metadata;
  jxl::ImageMetadata metadata_b = b.metadata;
  ImageBundle store_a(NoMemoryManager(), &metadata_a);
  ImageBundle store_b(NoMemoryManager(), &metadata_b);
  const ImageBundle* srgb_a = nullptr;
  const ImageBundle* srgb_b = nullptr;
  JXL_RETURN_IF_ERROR(jxl::TransformIfNeeded(a.image, ColorEncoding::SRGB(a.image.IsGray()), cms,
                                             thread_pool(), &store_a, &srgb_a));
  JXL_RETURN_IF_ERROR(jxl::TransformIfNeeded(b.image, ColorEncoding::SRGB(b.image.IsGray()), cms,
                                             thread_pool(), &store_b, &srgb_b));
  double error = mean_square(*srgb_a, *srgb_b, size, 0);
  if (a.image.HasAlpha() || b.image.HasAlpha()) {
    error = std::max(error, mean_square(*srgb_a, *srgb_b, size, 1));
  }
  scores->psnr = error == 0 ? std::numeric_limits<double>::infinity() : -10 * std::log10(error);
  return true;
}

Status measure_all(const Image& a, const Image& b, const Metrics& wanted, Scores* scores) {
  Bundle first;
  Bundle second;
  JXL_RETURN_IF_ERROR(first.fill(a));
  JXL_RETURN_IF_ERROR(second.fill(b));
  JXL_RETURN_IF_ERROR(second.scale_to(first.metadata.IntensityTarget()));
  if (wanted.butteraugli) JXL_RETURN_IF_ERROR(find_butteraugli(first, second, a, wanted, scores));
  if (wanted.psnr) JXL_RETURN_IF_ERROR(find_psnr(first, second, a, scores));
  if (wanted.ssimulacra2) JXL_RETURN_IF_ERROR(find_ssimulacra2(first, second, a, scores));
  return true;
}

}  // namespace

bool measure_difference(Call& call, const Image& a, const Image& b, const Metrics& wanted, Scores* scores) {
  if (a.width == 0 || a.height == 0 || a.width != b.width || a.height != b.height) {
    return call.fail("bad_input", "images of %zu x %zu and of %zu x %zu pixels cannot be compared", a.width,
                     a.height, b.width, b.height);
  }
  const FaultScope scope("internal");
  clear_notes();
  return static_cast<bool>(measure_all(a, b, wanted, scores)) ||
         call.fail_with_note("unsupported", "the images cannot be compared");
}

bool same_colours(const Image& a, const Image& b) {
  ColorEncoding of_a;
  ColorEncoding of_b;
  if (!read_colours(a, &of_a) || !read_colours(b, &of_b) || !of_a.SameColorEncoding(of_b)) return false;
  // Of some profiles libjxl knows no fields to compare.
  const bool known = of_a.HaveFields() && !of_a.Tf().IsUnknown();
  return known || of_a.ICC() == of_b.ICC();
}

}  // namespace eitherside
