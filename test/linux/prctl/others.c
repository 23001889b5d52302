/* prctl(2): PDEATHSIG, DUMPABLE, KEEPCAPS, NO_NEW_PRIVS, TIMERSLACK, and their errors. */
#include "../check.h"
#include <sys/prctl.h>

int main(void) {
  int number = -1;
  SHOW(prctl(PR_GET_PDEATHSIG, &number));
  SHOW(number);
  SHOW(prctl(PR_SET_PDEATHSIG, 65));
  SHOW(prctl(PR_SET_PDEATHSIG, SIGUSR2));
  SHOW(prctl(PR_GET_PDEATHSIG, &number));
  SHOW(number);
  SHOW(prctl(PR_SET_DUMPABLE, 0));
  SHOW(prctl(PR_GET_DUMPABLE));
  SHOW(prctl(PR_SET_DUMPABLE, 1));
  SHOW(prctl(PR_GET_DUMPABLE));
  SHOW(prctl(PR_SET_DUMPABLE, 2));
  SHOW(prctl(PR_SET_KEEPCAPS, 2));
  SHOW(prctl(PR_GET_KEEPCAPS));
  SHOW(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
  SHOW(prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0));
  SHOW(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
  SHOW(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
  SHOW(prctl(PR_SET_TIMERSLACK, 12345));
  SHOW(prctl(PR_GET_TIMERSLACK));
  IN_CHILD("child") {
    SHOW(prctl(PR_GET_PDEATHSIG, &number));
    SHOW(number);
    SHOW(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
  }
}
