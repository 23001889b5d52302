/* readdir(3) of a directory of 500 files: all there, once each, in two halves by telldir(3) and seekdir(3). */
#include "../check.h"

int main(void) {
  enum { FILES = 500 };
  static int seen[FILES];
  scratch();
  char name[32];
  for (int i = 0; i < FILES; i++) {
    snprintf(name, sizeof name, "file-%d", i);
    close(MUST(open(name, O_WRONLY | O_CREAT, 0600)));
  }
  DIR *dir = opendir(".");
  int number, others = 0, halfway = 0;
  long position = 0;
  for (struct dirent *entry; (entry = readdir(dir));) {
    if (sscanf(entry->d_name, "file-%d", &number) == 1) seen[number]++;
    else others++;
    if (++halfway == FILES / 2) position = telldir(dir);
  }
  int once = 0;
  for (int i = 0; i < FILES; i++) once += seen[i] == 1;
  SHOW(once);
  SHOW(others);
  seekdir(dir, position);
  int rest = 0;
  while (readdir(dir)) rest++;
  SHOW(rest);
  rewinddir(dir);
  IS(readdir(dir) != NULL);
  closedir(dir);
}
