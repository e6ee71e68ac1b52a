/* A place where threads wait until all have come: a barrier that spins, as steps are short.
 *
 * Where the other threads are not running, because something else has their cores, a waiting thread
 * gives its own up after a while.
 */
#include <stdint.h>
#ifdef _WIN32
#include <windows.h>
#define give_way() SwitchToThread()
#else
#include <sched.h>
#define give_way() sched_yield()
#endif

#define SPINS 4096

struct meeting {
  int waiting, round;
};

static inline void meet(struct meeting *place, int threads) {
  if (threads == 1) return;
  int round = __atomic_load_n(&place->round, __ATOMIC_ACQUIRE);
  if (__atomic_add_fetch(&place->waiting, 1, __ATOMIC_ACQ_REL) == threads) {
    __atomic_store_n(&place->waiting, 0, __ATOMIC_RELAXED);
    __atomic_store_n(&place->round, round + 1, __ATOMIC_RELEASE);
    return;
  }
  for (int spins = 0; __atomic_load_n(&place->round, __ATOMIC_ACQUIRE) == round; spins++) {
    if (spins < SPINS) {
#if defined(__x86_64__) || defined(__i386__)
      __builtin_ia32_pause();
#endif
    } else {
      give_way();
    }
  }
}
