/* How threads wait for each other.
 *
 * In a step, at a meeting: a barrier that spins, as steps are short. Where the other threads are not
 * running, because something else has their cores, a waiting thread gives its own up after a while.
 *
 * Between two calls, each by a bell of its own: it spins for a little longer than Python takes from
 * one epoch to the next, and then sleeps, as waking up takes longer than many an epoch.
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
#define exchange(place, value) __atomic_exchange_n(place, value, __ATOMIC_ACQ_REL)
static inline int replace(counter *place, counter old, counter value) { /* whether it was the old */
  return __atomic_compare_exchange_n(place, &old, value, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}
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
#define exchange(place, value) _InterlockedExchange(place, value)
#define replace(place, old, value) (_InterlockedCompareExchange(place, value, old) == (old))
#if defined(_M_ARM64)
#define relax() __yield()
#else
#define relax() _mm_pause()
#endif
#endif

#define SPINS 4096
#define SPINS_BEFORE_SLEEP 16384

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

enum { SILENT, ASLEEP, RINGS };

struct bell {
  counter state;
  PyThread_type_lock lock; /* held by whoever sleeps */
};

static inline void ring(struct bell *bell) {
  if (exchange(&bell->state, RINGS) == ASLEEP) PyThread_release_lock(bell->lock);
}

static inline void hear(struct bell *bell) {
  for (int spins = 0; spins < SPINS_BEFORE_SLEEP && load(&bell->state) != RINGS; spins++) relax();
  if (replace(&bell->state, SILENT, ASLEEP)) PyThread_acquire_lock(bell->lock, WAIT_LOCK);
  store(&bell->state, SILENT);
}
