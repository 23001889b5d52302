/*
 * The memory-mapping course's program: prints its own /proc/self/maps through stdio, with a heading.
 * Lesson: the file's text and data, the heap, mappings of malloc, the stack: all of it are mappings, each with a line.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(void) {
  /* Large enough for malloc to make a mapping of its own. */
  char *large = malloc(1 << 20);
  if (large == NULL) return 1;
  memset(large, 1, 1 << 20);

  FILE *maps = fopen("/proc/self/maps", "r");
  if (maps == NULL) {
    perror("fopen /proc/self/maps");
    return 1;
  }
  printf("%-40s %-6s %-8s %s\n", "Address Range", "Perms", "Offset", "Pathname");
  printf("%s\n", "-----------------------------------------------------------");
  char line[256];
  while (fgets(line, sizeof line, maps) != NULL) printf("%s", line);
  fclose(maps);
  free(large);
  return 0;
}
