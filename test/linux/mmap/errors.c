/* mmap(2), ERRORS: what each wrong argument gives. */
#include "../check.h"

int main(void) {
  scratch();
  int both = file_of_pages("data", 1);
  int reads = MUST(open("data", O_RDONLY));
  int writes = MUST(open("data", O_WRONLY));
  int directory = MUST(open(".", O_RDONLY | O_DIRECTORY));
  int place = MUST(open("data", O_PATH));
  int ends[2];
  MUST(pipe(ends));
  MAPS(mmap(NULL, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  MAPS(mmap(NULL, PAGE, PROT_READ, MAP_ANONYMOUS, -1, 0));
  MAPS(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, -1, 0));
  MAPS(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, 999, 0));
  MAPS(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, place, 0));
  MAPS(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, directory, 0));
  MAPS(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, ends[0], 0));
  WORKS(syscall(SYS_mmap, NULL, PAGE, PROT_READ, MAP_PRIVATE, both, 1));
  WORKS(syscall(SYS_mmap, NULL, PAGE, PROT_READ, MAP_PRIVATE, both, PAGE / 2));
  MAPS(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, writes, 0));
  MAPS(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, writes, 0));
  MAPS(mmap(NULL, PAGE, PROT_WRITE, MAP_SHARED, writes, 0));
  MAPS(mmap(NULL, PAGE, RW, MAP_SHARED, reads, 0));
  MAPS(mmap(NULL, PAGE, PROT_WRITE, MAP_SHARED, reads, 0));
  MAPS(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, reads, 0));
  MAPS(mmap(NULL, PAGE, RW, MAP_PRIVATE, reads, 0));
  MAPS(mmap((void *)(PAGE + 1), PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
  WORKS(syscall(SYS_mmap, 0x7ffffffff000, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
  WORKS(syscall(SYS_mmap, NULL, 1L << 47, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  WORKS(syscall(SYS_mmap, NULL, -PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  WORKS(syscall(SYS_mmap, NULL, 2 * PAGE, PROT_READ, MAP_PRIVATE, both, 0x7ffffffffffff000));
  MAPS(mmap(NULL, PAGE, PROT_READ, MAP_SHARED_VALIDATE | 0x200000, both, 0));
  MAPS(mmap(NULL, PAGE, PROT_READ, MAP_SHARED_VALIDATE | MAP_SYNC, both, 0));
  MAPS(mmap(NULL, PAGE, PROT_READ, MAP_SHARED_VALIDATE | MAP_ANONYMOUS, -1, 0));
}
