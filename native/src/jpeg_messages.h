#pragma once

// libjpeg's messages. libjxl's extras install an error manager that drops them; jpeg_std_error, which they
// start from, is ours (libjpeg's own is renamed by the build), so they are noted here.
namespace eitherside {

// The worst warning of the JPEG file last read, or an empty string. Stray bytes between segments don't count.
const char* jpeg_warning();

// To be called when libjpeg is done: its error manager is gone.
void forget_jpeg_errors();

// What libjpeg's fatal error says, for a longjmp out of it; false where libjpeg isn't at work.
bool note_jpeg_error();

}  // namespace eitherside
