#include <emscripten/emscripten.h>
#include <errno.h>
#include <string.h>
#include <time.h>
#include <wasi/api.h>

// What the C library would ask a host for. A call sees its options and inputs alone: there are no files, no
// environment, and the time stands still.
extern "C" {

double emscripten_get_now() { return 0; }
double emscripten_date_now() { return 0; }

void _gmtime_js(time_t, tm* result) {
  memset(result, 0, sizeof(tm));
  result->tm_mday = 1;
  result->tm_year = 70;
  result->tm_wday = 4;
}

void _tzset_js(long* timezone, int* daylight, char* standard_name, char* daylight_name) {
  *timezone = *daylight = 0;
  strcpy(standard_name, "UTC");
  strcpy(daylight_name, "UTC");
}

__wasi_errno_t __wasi_environ_sizes_get(__wasi_size_t* count, __wasi_size_t* size) {
  *count = *size = 0;
  return 0;
}
__wasi_errno_t __wasi_environ_get(uint8_t**, uint8_t*) { return 0; }

__wasi_errno_t __wasi_fd_read(__wasi_fd_t, const __wasi_iovec_t*, size_t, __wasi_size_t* read) {
  *read = 0;
  return __WASI_ERRNO_BADF;
}

__wasi_errno_t __wasi_fd_seek(__wasi_fd_t, __wasi_filedelta_t, __wasi_whence_t, __wasi_filesize_t*) {
  return __WASI_ERRNO_BADF;
}
__wasi_errno_t __wasi_fd_close(__wasi_fd_t) { return __WASI_ERRNO_BADF; }

int __syscall_openat(int, intptr_t, int, ...) { return -ENOENT; }
int __syscall_fcntl64(int, int, ...) { return -EBADF; }
int __syscall_ioctl(int, int, ...) { return -EBADF; }
int __syscall_unlinkat(int, intptr_t, int) { return -ENOENT; }
int __syscall_rmdir(intptr_t) { return -ENOENT; }

}  // extern "C"
