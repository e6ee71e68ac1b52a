/* A place where threads wait until all have come: a barrier that spins, as steps are short.
 *
 * Where the other threads are not running, because something else has their cores, a waiting thread
 * gives its own up after a while.
 */
#if defined(_WIN32)
#define WIN32_LEAN_AND_MEAN
#include <windows.h>
#undef near /* keywords of 16-bit compilers, which nobody needs */
#undef far
#define give_way() SwitchToThread()
#else
#include <sched.h>
#define give_way() sched_yield()
#endif

/* Counters that threads share: GCC's and Clang's operations, or those of Windows. */
#if defined(__GNUC__)
typedef int counter;
#define load(place) __atomic_load_n(place, __ATOMIC_ACQUIRE)
#define store(place, value) __atomic_store_n(place, value, __ATOMIC_RELEASE)
#define increment(place) __atomic_add_fetch(place, 1, __ATOMIC_ACQ_REL)
#else
typedef LONG counter;
#define load(place) ReadAcquire(place)
#define store(place, value) WriteRelease(place, value)
#define increment(place) InterlockedIncrement(place)
#endif

/* Tells the processor that this thread spins, so that the other one on its core gets more of it. */
#if defined(_MSC_VER)
#define relax() YieldProcessor()
#elif defined(__x86_64__) || defined(__i386__)
#define relax() __builtin_ia32_pause()
#elif defined(__aarch64__) || defined(__arm__)
#define relax() __asm__ __volatile__("yield")
#else
#define relax() (void)0
#endif

#define SPINS 4096

struct meeting {
  counter waiting, round;
};

static inline void meet(struct meeting *place, int threads) {
  if (threads == 1) return;
  counter round = load(&place->round);
  if (increment(&place->waiting) == threads) {
    store(&place->waiting, 0);
    store(&place->round, round + 1);
    return;
  }
  for (int spins = 0; load(&place->round) == round; spins++) {
    if (spins < SPINS)
      relax();
    else
      give_way();
  }
}
