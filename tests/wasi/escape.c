// Attempts to leave /box, each counted; the runner checks that nothing outside changed. It has put
// on the host, beside the box: outside/secret, outside/dir/. In the box: file, dir/, loop -> loop,
// and links named after where they lead.
#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include "raw.h"

enum { kBox = 3 };
static int attempts;

// The call must fail, with whatever errno.
#define REFUSED(call)                                                  \
  do {                                                                 \
    attempts++;                                                        \
    int answer = (call);                                               \
    if (answer == 0) {                                                 \
      printf("%s:%d: %s succeeded\n", __FILE_NAME__, __LINE__, #call); \
      exit(1);                                                         \
    }                                                                  \
  } while (0)

// The box is `kBox` itself, not a C library path, so that nothing is normalized on the way.
static const char* const kOutsideFiles[] = {
    "../outside/secret",         // up
    "dir/../../outside/secret",  // down and up
    "./././../outside/secret",
    "dir/../dir/./../../outside/secret",
    "dir//..//..//outside//secret",
    "../box/file",  // out and back in again
    "../box/../outside/secret",
    "../../../../../../../../../../etc/passwd",
    "/etc/passwd",
    "//etc//passwd",
    "/proc/self/root/etc/passwd",
    "/box/file",
    "to_secret",  // -> ../outside/secret
    "./to_secret",
    "to_secret_absolute",  // -> /…/outside/secret
    "to_outside/secret",   // -> ../outside
    "to_outside//secret",
    "to_outside/./secret",
    "to_outside/dir/../secret",
    "dir/../to_outside/secret",
    "to_outside/../outside/secret",
    "to_outside/../box/file",      // out through a link and back
    "to_outside_absolute/secret",  // -> /…/outside
    "to_root/etc/passwd",          // -> /
    "to_root/proc/self/root/etc/passwd",
    "dir/to_above/outside/secret",  // -> ../..
    "dir/to_above/box/file",
    "chain",                        // -> to_secret
    "chain_of_directories/secret",  // -> dir/../to_outside
    "proc/self/root/etc/passwd",    // proc -> /proc, with its magic links
    "proc/self/cwd",
    "proc/self/exe",
    "to_own_descriptor",  // -> /proc/self/fd/0
    "file/../../outside/secret",
    "to_box_absolute/file",  // inside in truth, but absolute links are not followed
    "to_device",             // -> /dev/null
};

static const char* const kOutsideDirectories[] = {"..",
                                                  "../",
                                                  "../.",
                                                  "./..",
                                                  "dir/../..",
                                                  "dir/../../",
                                                  "../outside",
                                                  "../box",
                                                  "to_outside",
                                                  "to_outside/",
                                                  "to_outside/.",
                                                  "to_outside/dir",
                                                  "to_outside/..",
                                                  "to_outside_absolute",
                                                  "to_root",
                                                  "to_root/",
                                                  "to_root/..",
                                                  "dir/to_above",
                                                  "dir/to_above/",
                                                  "chain_of_directories",
                                                  "proc",
                                                  "proc/self/fd",
                                                  "/",
                                                  "//",
                                                  "/..",
                                                  "to_box_absolute"};

#define COUNT(list) (sizeof(list) / sizeof *(list))

static void open_files(void) {
  static const __wasi_oflags_t kFlags[] = {0, TRUNCATE, CREATE, CREATE | TRUNCATE,
                                           CREATE | EXCLUSIVE};
  __wasi_fd_t fd;
  for (size_t i = 0; i < COUNT(kOutsideFiles); i++) {
    const char* path = kOutsideFiles[i];
    for (size_t j = 0; j < COUNT(kFlags); j++) {
      REFUSED(__wasi_path_open(kBox, FOLLOW, path, kFlags[j], READ, 0, 0, &fd));
      REFUSED(__wasi_path_open(kBox, FOLLOW, path, kFlags[j], WRITE, 0, 0, &fd));
      REFUSED(__wasi_path_open(kBox, 0, path, kFlags[j], READ | WRITE, 0, APPEND, &fd));
    }
    REFUSED(__wasi_path_open(kBox, FOLLOW, path, DIRECTORY, 0, 0, 0, &fd));
    __wasi_filestat_t status;
    REFUSED(__wasi_path_filestat_get(kBox, FOLLOW, path, &status));
    REFUSED(__wasi_path_filestat_set_times(kBox, FOLLOW, path, 0, 0,
                                           __WASI_FSTFLAGS_ATIM | __WASI_FSTFLAGS_MTIM));
    REFUSED(__wasi_path_filestat_set_times(kBox, FOLLOW, path, 0, 0, __WASI_FSTFLAGS_MTIM_NOW));
  }
}

static void open_directories(void) {
  __wasi_fd_t fd;
  __wasi_filestat_t status;
  char path[64];
  for (size_t i = 0; i < COUNT(kOutsideDirectories); i++) {
    const char* name = kOutsideDirectories[i];
    REFUSED(__wasi_path_open(kBox, FOLLOW, name, DIRECTORY, 0, kAllRights, 0, &fd));
    REFUSED(__wasi_path_open(kBox, FOLLOW, name, 0, READ, kAllRights, 0, &fd));
    REFUSED(__wasi_path_filestat_get(kBox, FOLLOW, name, &status));
    REFUSED(__wasi_path_filestat_set_times(kBox, FOLLOW, name, 0, 0, __WASI_FSTFLAGS_MTIM));
    // And what would be in them.
    snprintf(path, sizeof path, "%s/new", name);
    REFUSED(__wasi_path_create_directory(kBox, path));
    REFUSED(__wasi_path_symlink("x", kBox, path));
    REFUSED(__wasi_path_rename(kBox, "file", kBox, path));
    REFUSED(__wasi_path_link(kBox, 0, "file", kBox, path));
    REFUSED(__wasi_path_open(kBox, 0, path, CREATE, WRITE, 0, 0, &fd));
    snprintf(path, sizeof path, "%s/secret", name);
    REFUSED(__wasi_path_unlink_file(kBox, path));
    REFUSED(__wasi_path_rename(kBox, path, kBox, "stolen"));
    REFUSED(__wasi_path_link(kBox, 0, path, kBox, "stolen"));
    REFUSED(__wasi_path_filestat_get(kBox, 0, path, &status));
    snprintf(path, sizeof path, "%s/dir", name);
    REFUSED(__wasi_path_remove_directory(kBox, path));
    REFUSED(__wasi_path_rename(kBox, path, kBox, "stolen"));
    uint8_t target[64];
    __wasi_size_t used;
    snprintf(path, sizeof path, "%s/link", name);
    REFUSED(__wasi_path_readlink(kBox, path, target, sizeof target, &used));
  }
}

// The directory itself, and what is above it, as a name: there is none to remove or replace.
static void the_box_itself(void) {
  static const char* const kNames[] = {".",      "./",       "..",        "../", "../box",
                                       "dir/..", "dir/../.", "dir/../..", "../."};
  for (size_t i = 0; i < COUNT(kNames); i++) {
    REFUSED(__wasi_path_remove_directory(kBox, kNames[i]));
    REFUSED(__wasi_path_unlink_file(kBox, kNames[i]));
    REFUSED(__wasi_path_rename(kBox, kNames[i], kBox, "stolen"));
    REFUSED(__wasi_path_rename(kBox, "dir", kBox, kNames[i]));
    REFUSED(__wasi_path_link(kBox, 0, kNames[i], kBox, "stolen"));
    REFUSED(__wasi_path_create_directory(kBox, kNames[i]));
    REFUSED(__wasi_path_symlink("x", kBox, kNames[i]));
  }
  // A link that leads to the box's own parent directory, as the target of what follows a slash.
  REFUSED(__wasi_path_remove_directory(kBox, "dir/to_above/"));
  REFUSED(__wasi_path_unlink_file(kBox, "to_outside/"));
  REFUSED(__wasi_path_remove_directory(kBox, "to_outside/"));
  REFUSED(__wasi_path_rename(kBox, "to_outside/", kBox, "stolen"));
  REFUSED(__wasi_path_rename(kBox, "dir", kBox, "to_outside/"));
  REFUSED(__wasi_path_create_directory(kBox, "to_outside/"));
  REFUSED(__wasi_path_link(kBox, 0, "to_secret/", kBox, "stolen"));
}

// Each refused for being absolute, before anything is looked up.
static void absolute(void) {
  __wasi_fd_t fd;
  __wasi_filestat_t status;
  FAILS(__wasi_path_open(kBox, 0, "/etc/passwd", 0, READ, 0, 0, &fd), PERM);
  FAILS(__wasi_path_open(kBox, 0, "/box/file", 0, READ, 0, 0, &fd), PERM);
  FAILS(__wasi_path_filestat_get(kBox, 0, "//etc/passwd", &status), PERM);
  FAILS(__wasi_path_create_directory(kBox, "/tmp/x"), PERM);
  FAILS(__wasi_path_symlink("/etc/passwd", kBox, "absolute"), PERM);
  FAILS(__wasi_path_symlink("//etc/passwd", kBox, "absolute"), PERM);
  FAILS(__wasi_path_rename(kBox, "file", kBox, "/tmp/x"), PERM);
  attempts += 7;
}

// A link made by the guest leads no further than one that was there, also when it is moved.
static void own_links(void) {
  __wasi_fd_t fd;
  static const char* const kTargets[] = {"../outside/secret",
                                         "dir/../../outside/secret",
                                         "to_outside/secret",
                                         "./../outside/secret",
                                         "to_secret",
                                         "dir/to_above/outside/secret",
                                         "proc/self/root/etc/passwd",
                                         "own"};
  for (size_t i = 0; i < COUNT(kTargets); i++) {
    OK(__wasi_path_symlink(kTargets[i], kBox, "own"));
    REFUSED(__wasi_path_open(kBox, FOLLOW, "own", 0, READ, 0, 0, &fd));
    REFUSED(__wasi_path_open(kBox, FOLLOW, "own", CREATE | TRUNCATE, WRITE, 0, 0, &fd));
    REFUSED(__wasi_path_link(kBox, FOLLOW, "own", kBox, "stolen"));
    // Linked, the link is still a link.
    OK(__wasi_path_link(kBox, 0, "own", kBox, "second"));
    REFUSED(__wasi_path_open(kBox, FOLLOW, "second", 0, READ, 0, 0, &fd));
    OK(__wasi_path_unlink_file(kBox, "second"));
    OK(__wasi_path_unlink_file(kBox, "own"));
  }
  OK(__wasi_path_symlink("../outside/made", kBox, "dangling"));
  REFUSED(__wasi_path_open(kBox, FOLLOW, "dangling", CREATE, WRITE, 0, 0, &fd));
  REFUSED(__wasi_path_open(kBox, FOLLOW, "dangling", CREATE | EXCLUSIVE, WRITE, 0, 0, &fd));
  REFUSED(__wasi_path_create_directory(kBox, "dangling"));
  REFUSED(__wasi_path_create_directory(kBox, "dangling/"));
  OK(__wasi_path_rename(kBox, "file", kBox, "dangling"));  // replaces the link itself
  OK(__wasi_path_rename(kBox, "dangling", kBox, "file"));
  // Harmless two levels down, harmful after moving up.
  OK(__wasi_path_create_directory(kBox, "dir/deep"));
  OK(__wasi_path_symlink("../../file", kBox, "dir/deep/moving"));
  OK(__wasi_path_open(kBox, FOLLOW, "dir/deep/moving", 0, READ, 0, 0, &fd));
  OK(__wasi_path_rename(kBox, "dir/deep/moving", kBox, "moving"));
  REFUSED(__wasi_path_open(kBox, FOLLOW, "moving", 0, READ, 0, 0, &fd));
  // Also when its directory moves.
  OK(__wasi_path_symlink("../../file", kBox, "dir/deep/inner"));
  OK(__wasi_path_rename(kBox, "dir/deep", kBox, "deep"));
  REFUSED(__wasi_path_open(kBox, FOLLOW, "deep/inner", 0, READ, 0, 0, &fd));
  // Parents that are links of the guest's own, one behind the other.
  OK(__wasi_path_symlink("..", kBox, "up"));
  OK(__wasi_path_symlink("up/..", kBox, "up_twice"));
  REFUSED(__wasi_path_open(kBox, FOLLOW, "up/outside/secret", 0, READ, 0, 0, &fd));
  REFUSED(__wasi_path_open(kBox, FOLLOW, "up", DIRECTORY, 0, 0, 0, &fd));
  REFUSED(__wasi_path_open(kBox, FOLLOW, "up_twice", DIRECTORY, 0, 0, 0, &fd));
  REFUSED(__wasi_path_rename(kBox, "file", kBox, "up/outside/stolen"));
  REFUSED(__wasi_path_unlink_file(kBox, "up/outside/secret"));
  FAILS(__wasi_path_open(kBox, FOLLOW, "loop", 0, READ, 0, 0, &fd), LOOP);
}

// Directories opened deeper: their own parent is outside of what they give access to.
static void descriptors(void) {
  __wasi_fd_t deep, fd;
  OK(__wasi_path_open(kBox, 0, "dir", DIRECTORY, 0, kAllRights, 0, &deep));
  FAILS(__wasi_path_open(deep, 0, "../file", 0, READ, 0, 0, &fd), PERM);
  REFUSED(__wasi_path_open(deep, FOLLOW, "to_above", DIRECTORY, 0, 0, 0, &fd));
  REFUSED(__wasi_path_rename(deep, "../file", deep, "stolen"));
  REFUSED(__wasi_path_link(kBox, 0, "file", deep, "../../outside/stolen"));
  REFUSED(__wasi_path_rename(kBox, "file", deep, "../../outside/stolen"));
  REFUSED(__wasi_path_rename(deep, "../../outside/secret", kBox, "stolen"));
  // Moved elsewhere while open.
  OK(__wasi_path_create_directory(kBox, "away"));
  OK(__wasi_path_rename(kBox, "dir", kBox, "away/dir"));
  REFUSED(__wasi_path_open(deep, FOLLOW, "..", DIRECTORY, 0, 0, 0, &fd));
  REFUSED(__wasi_path_open(deep, FOLLOW, "../../file", 0, READ, 0, 0, &fd));
  REFUSED(__wasi_path_open(deep, FOLLOW, "to_above/file", 0, READ, 0, 0, &fd));
  REFUSED(__wasi_path_open(deep, FOLLOW, "../../../outside/secret", 0, READ, 0, 0, &fd));
  OK(__wasi_path_rename(kBox, "away/dir", kBox, "dir"));
  // At the box's own number it is no more than it was.
  OK(__wasi_fd_renumber(deep, kBox));
  REFUSED(__wasi_path_open(kBox, FOLLOW, "../file", 0, READ, 0, 0, &fd));
  REFUSED(__wasi_path_open(kBox, FOLLOW, "..", DIRECTORY, 0, 0, 0, &fd));
  REFUSED(__wasi_path_open(kBox, FOLLOW, "../../outside/secret", 0, READ, 0, 0, &fd));
  REFUSED(__wasi_fd_fdstat_set_rights(kBox, ~0ull, ~0ull));
}

// The calls with lengths of their own: a zero byte cannot cut a path, and a long path is no
// shortcut.
#define RAW(name, ...)            \
  int32_t raw_##name(__VA_ARGS__) \
      __attribute__((import_module("wasi_snapshot_preview1"), import_name(#name)))
RAW(path_create_directory, int32_t, const char*, int32_t);
RAW(path_unlink_file, int32_t, const char*, int32_t);
RAW(path_rename, int32_t, const char*, int32_t, int32_t, const char*, int32_t);
RAW(path_symlink, const char*, int32_t, int32_t, const char*, int32_t);
RAW(path_open, int32_t, int32_t, const char*, int32_t, int32_t, int64_t, int64_t, int32_t,
    __wasi_fd_t*);

static void lengths(void) {
  __wasi_fd_t fd;
  FAILS(raw_path_create_directory(kBox, "zero\0/../../outside/x", 21), INVAL);
  FAILS(raw_path_create_directory(kBox, "zero\0", 5), INVAL);
  FAILS(raw_path_unlink_file(kBox, "\0../outside/secret", 18), INVAL);
  FAILS(raw_path_rename(kBox, "file", 4, kBox, "../outside/x\0", 13), INVAL);
  FAILS(raw_path_symlink("x\0/etc", 6, kBox, "zero", 4), INVAL);
  FAILS(raw_path_open(kBox, 1, "../outside/secret\0.txt", 22, 0, READ, 0, 0, &fd), INVAL);
  FAILS(raw_path_open(kBox, 1, "file", 0, 0, READ, 0, 0, &fd), NOENT);
  FAILS(raw_path_open(kBox, 1, "file", -1, 0, READ, 0, 0, &fd), FAULT);
  attempts += 8;
  // So many steps down and up that counting them could wrap, and one more.
  static char path[4096];
  size_t at = 0;
  for (int i = 0; i < 400; i++) at += (size_t)sprintf(path + at, "dir/../");
  strcpy(path + at, "../outside/secret");
  REFUSED(__wasi_path_open(kBox, FOLLOW, path, 0, READ, 0, 0, &fd));
  strcpy(path + at, "file");
  OK(__wasi_path_open(kBox, FOLLOW, path, 0, READ, 0, 0, &fd));
  for (at = 0; at < 4000; at += 3) memcpy(path + at, "../", 3);
  strcpy(path + at, "etc/passwd");
  REFUSED(__wasi_path_open(kBox, FOLLOW, path, 0, READ, 0, 0, &fd));
  REFUSED(__wasi_path_create_directory(kBox, path));
}

// Through the C library, whose paths begin with the name of a directory that was given.
static void library(void) {
  REFUSED(open("/box/../outside/secret", O_RDONLY) >= 0 ? 0 : 1);
  REFUSED(open("/box/to_secret", O_RDONLY) >= 0 ? 0 : 1);
  REFUSED(open("/etc/passwd", O_RDONLY) >= 0 ? 0 : 1);
  REFUSED(open("/boxes", O_CREAT | O_WRONLY, 0666) >= 0 ? 0 : 1);
  REFUSED(opendir("/box/to_outside") != NULL ? 0 : 1);
  REFUSED(opendir("/") != NULL ? 0 : 1);
  REFUSED(chdir("/box/..") == 0 && open("outside/secret", O_RDONLY) >= 0 ? 0 : 1);
}

int main(void) {
  open_files();
  open_directories();
  the_box_itself();
  absolute();
  own_links();
  lengths();
  library();
  __wasi_fd_t fd;
  OK(__wasi_path_open(kBox, 0, "file", 0, READ, 0, 0, &fd));  // all the while still there
  CHECK(holds(fd, "file\n"));
  descriptors();
  printf("%d attempts to escape, all refused\n", attempts);
  return 0;
}
