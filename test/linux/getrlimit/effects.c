/* getrlimit(2): what happens at the limits of file size, core, address space, stack and processor time. */
#include "../check.h"
#include <sys/resource.h>

static void handler(int number) { say("%s\n", signal_name(number)); }

static void limit(int resource, rlim_t value) {
  struct rlimit limit = {value, RLIM_INFINITY};
  MUST(prlimit(0, resource, NULL, &limit));
  limit.rlim_cur = value;
  MUST(setrlimit(resource, &limit));
}

int main(void) {
  scratch();
  int fd = MUST(open("data", O_RDWR | O_CREAT, 0600));
  limit(RLIMIT_FSIZE, 10);
  signal(SIGXFSZ, handler);
  SHOW(write(fd, "12345678", 8));
  SHOW(write(fd, "12345678", 8));
  SHOW(write(fd, "12345678", 8));
  SHOW(ftruncate(fd, 11));
  SHOW(pwrite(fd, "x", 1, 10));
  IN_CHILD("child") {
    signal(SIGXFSZ, SIG_DFL);
    MUST(write(fd, "x", 1));
  }
  limit(RLIMIT_AS, 64 << 20);
  MAPS(mmap(NULL, 128 << 20, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  MAPS(mmap(NULL, 128 << 20, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  MAPS(mmap(NULL, 1 << 20, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  IN_CHILD("processor time") {
    struct rlimit seconds = {1, 1};
    MUST(setrlimit(RLIMIT_CPU, &seconds));
    for (;;)
      ;
  }
}
