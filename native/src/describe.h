#pragma once

#include <jxl/codestream_header.h>
#include <jxl/color_encoding.h>

#include "codestream.h"
#include "json.h"

namespace eitherside {

// The object that `inspect` and `decode` tell a colour space by. `encoding` is nullptr where only an ICC
// profile says what the colours are; `icc_bytes` is absent where the profile was not reached.
void describe_colour(Json json, const JxlColorEncoding* encoding, std::optional<uint64_t> icc_bytes,
                     bool icc_embedded);

// An Exif block, from its TIFF header on: its size, null where that is not known, and its orientation.
void describe_exif(Json json, Bytes tiff, std::optional<uint64_t> size);

// The orientation that an Exif block asks for, from 1 to 8; 0 where it says nothing.
uint32_t exif_orientation(Bytes tiff);

const char* name_of(JxlExtraChannelType type);

// Everything that a frame's header and table of contents tell.
void describe_frame(Json json, const CodestreamFrame& frame, const jxl::ImageMetadata& image);

// A frame's duration in seconds.
double seconds_of(const jxl::FrameHeader& header, const jxl::ImageMetadata& image);

// A gain map bundle (jxl/gain_map.h). False where it is damaged.
bool describe_gain_map(Json json, Bytes bundle);

}  // namespace eitherside
