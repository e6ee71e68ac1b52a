/* A place where threads wait until all have come: a barrier that spins, as steps are short.
 *
 * Where the other threads are not running, because something else has their cores, a waiting thread
 * gives its own up after a while.
 */
#if defined(_WIN32) /* windows.h would bring types and macros with names that others have */
__declspec(dllimport) int __stdcall SwitchToThread(void);
#define give_way() SwitchToThread()
#else
#include <sched.h>
#define give_way() sched_yield()
#endif

/* Counters that threads share, and a hint that this thread spins: of GCC and Clang, or of MSVC, which
 * has no load that is portable to ARM but one that changes nothing. */
#if defined(__GNUC__)
typedef int counter;
#define load(place) __atomic_load_n(place, __ATOMIC_ACQUIRE)
#define store(place, value) __atomic_store_n(place, value, __ATOMIC_RELEASE)
#define increment(place) __atomic_add_fetch(place, 1, __ATOMIC_ACQ_REL)
#if defined(__x86_64__) || defined(__i386__)
#define relax() __builtin_ia32_pause()
#elif defined(__aarch64__)
#define relax() __asm__ __volatile__("yield")
#else
#define relax() (void)0
#endif
#else
#include <intrin.h>
typedef long counter;
#define load(place) _InterlockedOr(place, 0)
#define store(place, value) _InterlockedExchange(place, value)
#define increment(place) _InterlockedIncrement(place)
#if defined(_M_ARM64)
#define relax() __yield()
#else
#define relax() _mm_pause()
#endif
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
