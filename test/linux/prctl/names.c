/* prctl(2): PR_SET_NAME and PR_GET_NAME; the name is cut to 15 bytes, and a child has it, too. */
#include "../check.h"
#include <sys/prctl.h>

int main(void) {
  char name[16];
  SHOW(prctl(PR_SET_NAME, "a-rather-long-name-of-it"));
  SHOW(prctl(PR_GET_NAME, name));
  say("[%s]\n", name);
  SHOW(prctl(PR_SET_NAME, ""));
  SHOW(prctl(PR_GET_NAME, name));
  say("[%s]\n", name);
  MUST(prctl(PR_SET_NAME, "of the parent"));
  IN_CHILD("child") {
    MUST(prctl(PR_GET_NAME, name));
    say("[%s]\n", name);
    MUST(prctl(PR_SET_NAME, "of the child"));
  }
  MUST(prctl(PR_GET_NAME, name));
  say("[%s]\n", name);
  SHOW(prctl(PR_SET_NAME, 8));
  SHOW(prctl(PR_GET_NAME, 8));
  SHOW(prctl(12345));
}
