#include "jpeg_messages.h"

#include <stdio.h>
#include <string.h>

#include <jpeglib.h>

#include <jerror.h>

#include "fault.h"

extern "C" jpeg_error_mgr* libjpeg_std_error(jpeg_error_mgr* manager);

namespace eitherside {
namespace {

jpeg_error_mgr* g_manager = nullptr;
char g_warning[JMSG_LENGTH_MAX];

void on_message(j_common_ptr info, int level) {
  if (level >= 0) return;
  ++info->err->num_warnings;
  if (info->err->msg_code == JWRN_EXTRANEOUS_DATA || g_warning[0] != 0) return;
  info->err->format_message(info, g_warning);
}

}  // namespace

const char* jpeg_warning() { return g_warning; }

void forget_jpeg_errors() { g_manager = nullptr; }

bool note_jpeg_error() {
  if (g_manager == nullptr || g_manager->msg_code == 0) return false;
  jpeg_common_struct info = {};
  info.err = g_manager;
  char text[JMSG_LENGTH_MAX];
  g_manager->format_message(&info, text);
  note("%s", text);
  return true;
}

}  // namespace eitherside

extern "C" jpeg_error_mgr* jpeg_std_error(jpeg_error_mgr* manager) {
  libjpeg_std_error(manager);
  manager->emit_message = &eitherside::on_message;
  eitherside::g_manager = manager;
  eitherside::g_warning[0] = 0;
  return manager;
}
