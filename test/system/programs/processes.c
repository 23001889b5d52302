/* Arguments, the heap, fork, pipes and wait through the C library. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv) {
  char *heap = malloc(300000);
  memset(heap, argc, 300000);
  printf("%s %d %zu\n", argv[1], argc, strlen(argv[2]));
  int ends[2];
  if (pipe(ends)) return 1;
  fflush(stdout);
  if (fork() == 0) {
    close(ends[0]);
    heap[0]++;
    FILE *out = fdopen(ends[1], "w");
    for (int i = 0; i < 20000; i++) fprintf(out, "line %d\n", i * heap[0]);
    exit(fclose(out) ? 6 : 5);
  }
  close(ends[1]);
  FILE *in = fdopen(ends[0], "r");
  char line[64];
  int lines = 0;
  unsigned sum = 0;
  while (fgets(line, sizeof line, in)) {
    lines++;
    sum = sum * 31 + atoi(line + 5);
  }
  int status = 0;
  wait(&status);
  printf("%d lines, %u; parent %d, child %d\n", lines, sum, heap[299999], WEXITSTATUS(status));
  errno = 0;
  int nobody = wait(NULL);
  printf("%d %s\n", nobody, strerror(errno));
  heap = realloc(heap, 5000000);
  printf("%d\n", heap[299998]);
  free(heap);
  return 4;
}
