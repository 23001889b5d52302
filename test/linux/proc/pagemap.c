/* proc(5), /proc/self/pagemap: which pages are present; copy-on-write and shared memory by the frames, where a user may see them. */
#include "../check.h"

static uint64_t entry(const void *address) {
  uint64_t value = 0;
  int fd = MUST(open("/proc/self/pagemap", O_RDONLY));
  MUST(pread(fd, &value, 8, (uintptr_t)address / PAGE * 8));
  MUST(close(fd));
  return value;
}
#define PRESENT(address) ((int)(entry(address) >> 63))
#define FILE_OR_SHARED(address) ((int)(entry(address) >> 61 & 1))

int main(void) {
  char *private = MUST_MAP(mmap(NULL, 3 * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  char *shared = MUST_MAP(mmap(NULL, 2 * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  MUST(madvise(private, 3 * PAGE, MADV_NOHUGEPAGE));
  SHOW(PRESENT(private));
  private[0] = 1;
  shared[0] = 1;
  SHOW(PRESENT(private));
  SHOW(PRESENT(private + PAGE));
  SHOW(PRESENT(shared));
  SHOW(PRESENT(shared + PAGE));
  SHOW(FILE_OR_SHARED(private));
  SHOW(FILE_OR_SHARED(shared));
  MUST(madvise(private, PAGE, MADV_DONTNEED));
  SHOW(PRESENT(private));
  uint64_t *frames = MUST_MAP(mmap(NULL, PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  private[2 * PAGE] = 1;
  IN_CHILD("child") {
    shared[0] = 2;
    frames[0] = entry(shared), frames[1] = entry(private + 2 * PAGE);
    private[2 * PAGE] = 2;
    frames[2] = entry(private + 2 * PAGE);
  }
  const uint64_t frame = (1ull << 55) - 1;
  /* A user sees zeros; then nothing can be told apart. */
  bool visible = (entry(shared) & frame) != 0;
  IS((frames[0] & frame) == (entry(shared) & frame));
  IS(!visible || (frames[1] & frame) == (entry(private + 2 * PAGE) & frame));
  IS(!visible || (frames[2] & frame) != (entry(private + 2 * PAGE) & frame));
  uint64_t bytes;
  SHOW(pread(MUST(open("/proc/self/pagemap", O_RDONLY)), &bytes, 7, 0));
}
