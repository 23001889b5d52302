/*
 * Sequences of file operations as a generator of random numbers has them: names that are files, directories or links made,
 * moved, exchanged, linked, removed, written, cut, and given other permissions and times, by paths and by descriptors. After
 * every few the whole tree is looked at. The same numbers give the same sequence everywhere.
 */
#include "../check.h"

#define STEPS 1500
#define FDS 6

static uint64_t state;
static unsigned draw(unsigned below) {
  state = state * 6364136223846793005ULL + 1442695040888963407ULL;
  return (unsigned)(state >> 33) % below;
}

static const char *const names[] = {"a", "b", "c", "d", "e"};
static int fds[FDS];

/* Up to three names deep, sometimes with dots, doubled slashes or one at the end. */
static const char *path(char *text) {
  int depth = 1 + draw(3);
  text[0] = 0;
  if (draw(40) == 0) return strcpy(text, draw(2) ? "." : draw(2) ? ".." : "");
  for (int i = 0; i < depth; i++) {
    if (i) strcat(text, draw(12) ? "/" : "//");
    if (draw(25) == 0) strcat(text, draw(2) ? "./" : "../");
    strcat(text, names[draw(COUNT(names))]);
  }
  if (draw(15) == 0) strcat(text, "/");
  return text;
}

/* Never above the directory of the test, whose names are not the same everywhere. */
static bool leads_out(const char *text) {
  return strncmp(text, "..", 2) == 0 || strstr(text, "../") != NULL;
}

static unsigned long hash_of(int dir, const char *name) {
  char bytes[4096];
  unsigned long hash = 5381;
  int fd = openat(dir, name, O_RDONLY | O_NONBLOCK);
  if (fd < 0) return errno;
  for (ssize_t count; (count = read(fd, bytes, sizeof bytes)) > 0;)
    for (ssize_t i = 0; i < count; i++) hash = hash * 33 + (unsigned char)bytes[i];
  close(fd);
  return hash;
}

static int by_name(const struct dirent **x, const struct dirent **y) { return strcmp((*x)->d_name, (*y)->d_name); }

static void look(const char *base, int depth) {
  struct dirent **list;
  int count = depth > 8 ? 0 : scandir(base, &list, NULL, by_name);
  if (count < 0) {
    say("%*s?%s\n", depth * 2, "", error_name(errno));
    return;
  }
  for (int i = 0; i < count; i++) {
    char name[512], target[256] = "";
    struct stat status;
    if (list[i]->d_name[0] == '.') continue;
    snprintf(name, sizeof name, "%s/%s", base, list[i]->d_name);
    if (lstat(name, &status) < 0) {
      say("%*s%s %s\n", depth * 2, "", list[i]->d_name, error_name(errno));
      continue;
    }
    bool is_directory = S_ISDIR(status.st_mode), is_link = S_ISLNK(status.st_mode);
    if (is_link) readlink(name, target, sizeof target - 1);
    say("%*s%s %o links %ld size %ld %s", depth * 2, "", list[i]->d_name, status.st_mode, (long)status.st_nlink,
        is_directory ? 0 : (long)status.st_size, target);
    if (S_ISREG(status.st_mode)) say("%lx", hash_of(AT_FDCWD, name));
    if (status.st_mtime < 100000) say(" at %ld.%09ld", (long)status.st_mtime, status.st_mtim.tv_nsec);
    say("\n");
    if (is_directory && list[i]->d_type != DT_DIR) say("type %d\n", list[i]->d_type);
    if (is_directory) look(name, depth + 1);
  }
}

static void step(int number) {
  char one[256], two[256], bytes[3000];
  const char *what = "";
  long result = 0;
  int slot = draw(FDS), fd = fds[slot];
  path(one);
  path(two);
  if (leads_out(one) || leads_out(two)) return;
  errno = 0;
  switch (draw(27)) {
    case 0: case 1: what = "mkdir"; result = mkdir(one, 0755); break;
    case 2: what = "rmdir"; result = rmdir(one); break;
    case 3: what = "unlink"; result = unlink(one); break;
    case 4: case 5: what = "rename"; result = rename(one, two); break;
    case 6: what = "noreplace"; result = syscall(SYS_renameat2, AT_FDCWD, one, AT_FDCWD, two, 1); break;
    case 7: what = "exchange"; result = syscall(SYS_renameat2, AT_FDCWD, one, AT_FDCWD, two, 2); break;
    case 8: what = "link"; result = link(one, two); break;
    case 9: what = "symlink"; result = symlink(one, two); break;
    case 10: what = "chmod"; result = chmod(one, (const int[]){0755, 0644, 0600, 0700, 01777, 04755, 02755}[draw(7)]); break;
    case 11: what = "truncate"; result = truncate(one, draw(9000)); break;
    case 12: case 13: case 14: {
      static const int modes[] = {O_RDWR | O_CREAT, O_RDWR | O_CREAT | O_EXCL, O_WRONLY | O_CREAT | O_TRUNC, O_RDONLY,
        O_RDONLY | O_DIRECTORY, O_RDWR | O_CREAT | O_APPEND, O_RDONLY | O_NOFOLLOW, O_PATH, O_PATH | O_NOFOLLOW,
        O_RDWR | O_CREAT | O_NOFOLLOW, O_WRONLY, O_RDONLY | O_CREAT | O_DIRECTORY};
      int flags = modes[draw(COUNT(modes))];
      what = "open";
      result = open(one, flags | O_NONBLOCK, 0644);
      if (result >= 0) {
        close(fd);
        fds[slot] = result;
        result = flags;
      }
      break;
    }
    case 15: case 16: {
      int count = draw(sizeof bytes);
      memset(bytes, 'a' + draw(26), sizeof bytes);
      what = "write";
      result = write(fd, bytes, count);
      break;
    }
    case 17: what = "read"; result = read(fd, bytes, draw(sizeof bytes)); break;
    case 18: {
      /* The end of a directory is what its file system makes of it. */
      struct stat status;
      long offset = (long)draw(12000) - 2000;
      int whence = draw(3);
      what = "lseek";
      result = fstat(fd, &status) == 0 && S_ISDIR(status.st_mode) && whence == SEEK_END ? 0 : lseek(fd, offset, whence);
      break;
    }
    case 19: what = "pwrite"; result = pwrite(fd, "thirteen byte", 13, draw(10000)); break;
    case 20: what = "ftruncate"; result = ftruncate(fd, draw(9000)); break;
    case 21: what = "access"; result = access(one, draw(8)); break;
    case 22: {
      struct timespec times[2] = {{draw(90000), draw(1000000000)}, {draw(90000), draw(1000000000)}};
      if (draw(6) == 0) times[draw(2)].tv_nsec = UTIME_OMIT;
      what = "utimensat";
      result = utimensat(AT_FDCWD, one, times, draw(2) ? AT_SYMLINK_NOFOLLOW : 0);
      break;
    }
    case 23: {
      struct stat status;
      what = "stat";
      result = fstatat(AT_FDCWD, one, &status, draw(2) ? AT_SYMLINK_NOFOLLOW : 0);
      if (result == 0) result = status.st_mode;
      break;
    }
    case 24: what = "readlink"; result = readlink(one, bytes, sizeof bytes); break;
    case 25: what = "fallocate"; result = syscall(SYS_fallocate, fd, draw(3) ? 0 : draw(2) ? 1 : 3, draw(8000), 1 + draw(8000)); break;
    case 26: what = "openat"; result = openat(fd, one, O_RDONLY | O_NONBLOCK); if (result >= 0) close(result), result = 0; break;
  }
  say("%d %s %s %s %d: ", number, what, one, two, slot);
  if (result == -1) say("%s\n", error_name(errno));
  else say("%ld\n", result);
}

int main(int argc, char **argv) {
  state = argc > 1 ? strtoul(argv[1], NULL, 10) : 2024;
  scratch();
  MUST(mkdir("tree", 0755));
  MUST(chdir("tree"));
  for (int i = 0; i < FDS; i++) fds[i] = MUST(open("/dev/null", O_RDWR));
  for (int i = 0; i < STEPS; i++) {
    step(i);
    if (i % 300 == 299) look(".", 0);
  }
  return 0;
}
